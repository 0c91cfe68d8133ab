"""The demo: one month of an invented society, from the fund's file to posted paper. Safe to repeat."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from certificates.decisions.services import approve_month
from certificates.models import Run
from core import clock
from core.calendar import month_start, wareki_month
from core.errors import Refused
from core.models import Clerk
from core.paper import fonts
from core.secret_files import own_secret
from exchange import incoming as exchange
from exchange.models import ExchangeFile
from kenpo.intake.load import load
from kenpo.month.month import Order, run_month
from kenpo.people.board import gaps
from mailing import services as mailing
from mailing.models import Dispatch
from members.services import society
from notices.services import draft
from tools import invent

MEMBERS, SEED, PRESET = 2_000, 1, "toyobo"
CLERKS = (("hanako", "clerk", "判定する担当者"), ("taro", "approver", "承認する担当者"))

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when the demo plays: its first day, kept with the home, so that a repeat is the same month."""

    folder: Path
    today: date

    @property
    def month(self) -> date:
        return month_start(self.today)


def stage() -> Stage:
    """The home's stage; made on the first call."""
    kept = own_secret(settings.KENPO_HOME / "demo" / "day.json", json.dumps(clock.today().isoformat()))
    return Stage(settings.KENPO_HOME / "demo" / "in", date.fromisoformat(json.loads(kept)))


def clerks() -> list[tuple[Clerk, str]]:
    """The demo's clerks with the password of this home (made once, readable by the owner only)."""
    password = own_secret(settings.KENPO_HOME / "secrets" / "demo-password", secrets.token_urlsafe(9)).decode()
    found = []
    for username, role, _ in CLERKS:
        clerk, created = Clerk.objects.get_or_create(username=username, defaults={"role": role, "is_staff": True})
        if created or not clerk.check_password(password):
            clerk.set_password(password)
            clerk.save()
        found.append((clerk, password))
    return found


def play(say: Say) -> dict[str, Any]:
    """Plays the month and answers its counts; what is done already is not done again."""
    fonts.require_all()
    at = stage()
    (runner, _), (approver, _) = clerks()
    say(f"{wareki_month(at.month)} の一か月を、架空の組合で通します。")
    _load(at, say)
    _receive(at, runner)
    order = Order(at.month, at.today, at.today)
    counts = run_month(order, by=runner)
    say(f"判定: 交付 {counts.get('issue', 0)}人、要確認 {counts.get('review', 0)}人、待ち {counts.get('wait', 0)}人")
    run = Run.objects.get(pk=counts["run"])
    approved = approve_month(run, by=approver, on=at.today)
    say(f"承認: {approved}枚（実行した担当者とは別の担当者）")
    notices = draft(run, by=runner, on=at.today)
    assembly = mailing.assemble(run, by=runner, on=at.today)
    for dispatch in Dispatch.objects.filter(pk__in=assembly.dispatches).order_by("pk"):
        _out(dispatch, at.today, by=runner, say=say)
    return {
        "month": f"{at.month:%Y-%m}",
        "file": counts["file"],
        "decisions": counts["decisions"],
        "certificates": counts["certificates"],
        "notices": notices,
        "dispatches": assembly.dispatches,
        "held": assembly.held,
        "gaps": len(gaps(society(), at.today)),
    }


def _load(at: Stage, say: Say) -> None:
    if not (at.folder / "members.csv").exists():
        invent.write(at.folder, members=MEMBERS, seed=SEED, month=at.month, preset=PRESET)
    loaded = load(at.folder, on=at.today)
    say(f"取込み: 加入者 {loaded['members']}人（うち追加 {loaded['added']}人）")


def _receive(at: Stage, by: Clerk) -> None:
    as_of = at.month - timedelta(days=1)
    standing = ExchangeFile.objects.filter(kind="monthly", as_of=as_of).exclude(status__in=("received", "rejected"))
    if not standing.exists():
        exchange.receive(at.folder / f"fund_{at.month:%Y-%m}.csv", by=by, on=at.today)


def _out(dispatch: Dispatch, on: date, *, by: Clerk, say: Say) -> None:
    """Print, prove, pull, seal and send; each does nothing when it is done."""
    mailing.print_dispatch(dispatch, by=by, on=on)
    mailing.prove_dispatch(dispatch)
    if dispatch.status != "sent":
        mailing.confirm(dispatch, on=on, by=by)
        mailing.seal(dispatch, by=by, on=on)
        mailing.send(dispatch, by=by, on=on)
    dispatch.refresh_from_db()
    if dispatch.status != "sent":
        raise Refused(f"発送{dispatch.pk}は「{dispatch.get_status_display()}」で止まっています。")
    say(f"発送{dispatch.pk}: {dispatch.get_kind_display()} {dispatch.get_channel_display()} → paper/{dispatch.pk}/")
