"""A society with a family at the telephone: decided, printed and posted, for the tests of the desk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db.models import Count

from certificates.models import EligibilityCertificate
from mailing.models import Dispatch
from members.models import Member
from tests.conftest import run_command
from tests.story.month import DAY, invent_and_load

ON = date.fromisoformat(DAY)


def month_sent(folder: Path, *, members: int = 60) -> None:
    """A month decided, approved, and its first dispatch printed."""
    invent_and_load(folder, members=members)
    for command, *rest in (
        ("run_month", "--by", "hanako", "--on", DAY),
        ("approve_month", "--by", "taro"),
        ("draft_notices", "--by", "hanako"),
        ("assemble", "--by", "hanako"),
    ):
        answer = run_command(command, "2026-11", *rest)
        assert answer.code == 0, answer.err
    for dispatch in Dispatch.objects.order_by("pk"):
        assert run_command("print_dispatch", dispatch.pk, "--by", "hanako").code == 0


def issued() -> Member:
    """Somebody with one printed certificate and a decision of the month."""
    one = Member.objects.annotate(papers=Count("certificates")).filter(papers=1)
    paper = EligibilityCertificate.objects.filter(status="printed", member__decisions__outcome="issue", member__in=one)
    return paper.select_related("member__person").earliest("pk").member


def not_issued() -> Member:
    """Somebody who uses a マイナ保険証, with one cover."""
    found = Member.objects.filter(decisions__reason="myna_usable", lost_on=None).select_related("person")
    return next(m for m in found.order_by("pk") if m.person.covers.count() == 1)
