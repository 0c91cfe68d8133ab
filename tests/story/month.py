"""Plays an invented month through the commands, as operators do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.conftest import Answer, run_command
from tools import invent

MONTH, DAY = date(2026, 11, 1), "2026-11-10"


def invent_and_load(folder: Path, *, members: int = 400, preset: str = "toyobo", seed: int = 1) -> None:
    """An invented society in the database, with two clerks and the month's files staged."""
    invent.write(folder, members=members, seed=seed, month=MONTH, preset=preset)
    for name in ("hanako", "taro"):
        assert run_command("clerk", name).code == 0
    assert run_command("load", folder).code == 0
    for file in sorted(folder.glob("fund_2026-11*.csv")):
        answer = run_command("receive", file)
        assert answer.code == 0, answer.err


def play(folder: Path) -> list[Answer]:
    """Every command of the month in order; each must exit 0. Answers what each said."""
    said = [
        run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY),
        run_command("approve_month", "2026-11", "--by", "taro"),
        run_command("draft_notices", "2026-11", "--by", "hanako"),
    ]
    assembled = run_command("assemble", "2026-11", "--by", "hanako")
    said.append(assembled)
    for dispatch in assembled.json["dispatches"]:
        said += [
            run_command("print_dispatch", dispatch, "--by", "hanako"),
            run_command("prove_dispatch", dispatch),
            run_command("pull_list", dispatch, "--confirm", "--by", "hanako"),
            run_command("seal_dispatch", dispatch, "--by", "hanako"),
            run_command("send_dispatch", dispatch, "--by", "hanako", "--on", DAY),
        ]
    for answer in said:
        assert answer.code == 0, answer.err
    return said


def everything_stored() -> dict[str, Any]:
    """A snapshot of decisions, certificates and what was posted, without database ids."""
    from certificates.models import Decision, EligibilityCertificate
    from mailing.models import Enclosure

    certificates = EligibilityCertificate.objects.order_by("serial")
    return {
        "decisions": list(
            Decision.objects.order_by("member_id").values_list(
                "member_id", "outcome", "reason", "detail", "need_from", "effective_on", "valid_through", "limit"
            )
        ),
        "certificates": list(
            certificates.values_list("serial", "member_id", "sequence", "effective_on", "valid_through", "status")
        ),
        "enclosures": Enclosure.objects.count(),
    }
