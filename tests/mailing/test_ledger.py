"""The sums close through every step, and say so where somebody tampered with a row."""

from __future__ import annotations

from datetime import date

import pgtrigger
import pytest
from django.db import connection

from certificates.models import EligibilityCertificate
from certificates.recovery import report_lost
from mailing.models import Dispatch, Enclosure
from mailing.post import returns
from mailing.post.ledger import Line, ledger
from mailing.services import assemble, cancel, confirm, print_dispatch, prove_dispatch, seal, send
from tests.mailing.build import ON, Office

BACK_ON = date(2026, 11, 20)


def line(scope: str = "dispatch", key: str = "") -> Line:
    (found,) = (one for one in ledger() if one.scope == scope and one.key and (not key or one.key == key))
    return found


@pytest.fixture
def sent(printed: Dispatch, office: Office) -> Dispatch:
    """Five printed, one pulled, four sent."""
    member = office.members["0001-01"]
    member.lost_on = ON
    member.save()
    prove_dispatch(printed)
    confirm(printed, by=office.clerk, on=ON)
    seal(printed, by=office.clerk, on=ON)
    send(printed, by=office.clerk, on=ON)
    return printed


def test_it_closes_at_every_step(printed: Dispatch, office: Office) -> None:
    assert line().closes
    for step in (
        lambda: prove_dispatch(printed),
        lambda: seal(printed, by=office.clerk, on=ON),
        lambda: send(printed, by=office.clerk, on=ON),
    ):
        step()
        assert line().closes


def test_what_became_of_each_paper(sent: Dispatch, office: Office) -> None:
    returns.receive(sent.envelopes.get(position=2).code, reason="moved", by=office.clerk, on=BACK_ON)
    report_lost(EligibilityCertificate.objects.filter(status="sent").latest("serial"), by=office.clerk, on=BACK_ON)
    said = [str(equation) for equation in line().equations]
    assert said[0] == "決定 5 ＝ 引抜き 1 ＋ 封入 4"
    assert said[1] == "印刷する分 5 ＝ 印刷 5"
    states = EligibilityCertificate.objects.values_list("status", flat=True)
    returned, lost = sum(s == "returned" for s in states), sum(s == "lost" for s in states)
    assert returned and lost == 1
    rest = 4 - returned - lost
    assert said[2] == "発送 4 ＝ " + (f"配達中・手元 {rest} ＋ " if rest else "") + f"返戻中 {returned} ＋ 滅失 1"
    assert line().closes and line("month", "2026-11-01").closes and line("insurer", "06130488").closes


def test_a_cancelled_plan_and_what_waits_close_too(office: Office) -> None:
    office.certify(office.household("0001"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    assert line().closes
    cancel(dispatch, by=office.clerk, on=ON, reason="やり直し")
    assert line().closes and line().counts["cancelled"] == 1
    again = Dispatch.objects.get(pk=assemble(office.run, by=office.clerk, on=ON).dispatches[-1])
    print_dispatch(again, by=office.clerk, on=ON)
    assert [one.closes for one in ledger()] == [True] * len(ledger())


def tampered(sql: str) -> None:
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (
            "UPDATE certificates_eligibilitycertificate SET status = 'printed' WHERE status = 'sent' AND id = (SELECT max(id)"
            " FROM certificates_eligibilitycertificate)",
            "発送",
        ),
        ("UPDATE mailing_enclosure SET active = false WHERE id = (SELECT max(id) FROM mailing_enclosure)", "決定"),
        (
            "UPDATE mailing_enclosure SET file_id = NULL WHERE id = (SELECT max(id) FROM mailing_enclosure)",
            "印刷する分",
        ),
        ("UPDATE mailing_enclosure SET active = true WHERE NOT active", "発送の操作記録"),
    ],
)
def test_a_row_somebody_changed_is_told(sent: Dispatch, sql: str, name: str) -> None:
    assert not line().broken
    tampered(sql)
    assert name in [equation.name for equation in line().broken]


def test_posted_paper_in_no_envelope_is_told(sent: Dispatch, office: Office) -> None:
    (stray,) = office.certify(office.household("0009"))
    tampered(f"UPDATE certificates_eligibilitycertificate SET status = 'sent' WHERE id = {stray}")
    (total,) = (one for one in ledger() if one.scope == "kind")
    assert [equation.name for equation in total.broken] == ["封筒の記録がない発送済み", "承認"]


def test_the_command_ends_with_one_where_it_does_not_close(sent: Dispatch, command) -> None:  # type: ignore[no-untyped-def]
    good = command("ledger", "2026-11")
    assert (good.code, good.json["broken"]) == (0, 0)
    assert f"発送ごと 発送{sent.pk} 資格確認書：決定 5 ＝ 引抜き 1 ＋ 封入 4" in good.out
    assert command("ledger", "2026-10").json == {"lines": 0, "broken": 0}
    Enclosure.objects.filter(pk=Enclosure.objects.latest("id").pk).update(active=False)
    bad = command("ledger")
    assert bad.code == 1
    assert "合いません 発送ごと" in bad.err
    assert command("ledger", "2026-13").code == 2
