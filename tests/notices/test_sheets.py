"""Who shares a sheet, and what happens to the others when one must come off it."""

from __future__ import annotations

from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from core.errors import Refused
from core.transitions import advance_many
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, pull_list
from members.models import Member
from members.services import policy_on
from notices.face import HouseholdFace, NoticeFace
from notices.models import EligibilityNotice
from notices.services import advance_sheets, draft_first_round, returned, void
from notices.services import sheets as sheet_faces
from tests.mailing import build
from tests.mailing.build import ON, Office
from tests.notices.play import dispatches, drafted, joined, leave, now, posted, printed, rule, say, sheets

FAMILY = ("山田 太郎", "山田 花子", "山田 一郎", "山田 二郎", "山田 三郎")


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office(notice_unit="household", notice_channel="home")


def family(office: Office, number: str = "0001", size: int = 3, **more: object) -> list[Member]:
    return joined(office, number, *FAMILY[:size], **more)


def flat(found: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(found))


@pytest.mark.parametrize(
    ("most", "sizes"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (4, [4, 1]), (5, [4, 1]), (20, [4, 1])]
)
def test_a_household_shares_sheets_up_to_the_number(office: Office, most: int, sizes: list[int]) -> None:
    rule(max_persons_per_notice=most)
    family(office, size=5)
    drafted(office)
    assert [len(sheet) for sheet in sheets()] == sizes
    assert flat(sheets()) == [f"0001-{n:02d}" for n in range(5)]


def test_two_households_never_share(office: Office) -> None:
    family(office, "0001", 2)
    family(office, "0002", 2)
    drafted(office)
    assert sheets() == [["0001-00", "0001-01"], ["0002-00", "0002-01"]]


def test_by_person_nobody_shares(office: Office) -> None:
    rule(notice_unit="person")
    family(office)
    drafted(office)
    assert [len(sheet) for sheet in sheets()] == [1, 1, 1]


@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
def test_a_protected_person_stands_alone(office: Office, flag: str) -> None:
    members = family(office)
    say(members[1], **{flag: True})
    drafted(office)
    assert sheets() == [["0001-00", "0001-02"], ["0001-01"]]


def test_with_a_protected_insured_person_everybody_stands_alone(office: Office) -> None:
    members = family(office)
    say(members[0], nondisclosure=True)
    drafted(office)
    assert sheets() == [["0001-00"], ["0001-01"], ["0001-02"]]
    assert not EligibilityNotice.objects.filter(addressed_to__isnull=False).exists()


def test_who_gets_post_elsewhere_stands_alone_unless_the_employer_hands_it_out(office: Office) -> None:
    members = family(office)
    office.address(members[2], "mailing", "札幌市中央区")
    drafted(office)
    assert sheets() == [["0001-00", "0001-01"], ["0001-02"]]
    EligibilityNotice.objects.filter(leader__isnull=False).delete()
    EligibilityNotice.objects.all().delete()
    rule(notice_channel="establishment")
    drafted(office)
    assert sheets() == [["0001-00", "0001-01", "0001-02"]]


@pytest.mark.parametrize(
    ("name", "reason"), [("山\U000e0fff", "missing_glyph"), ("ア" * 150, "does_not_fit"), ("ア" * 41, "")]
)
def test_for_a_name_that_cannot_be_printed_the_family_does_not_wait(office: Office, name: str, reason: str) -> None:
    members = family(office)
    say(members[1], name=name)
    drafted(office)
    assert sheets() == ([["0001-00", "0001-02"], ["0001-01"]] if reason else [["0001-00", "0001-01", "0001-02"]])
    assert assemble(office.run, by=office.clerk, on=ON).held == ({reason: 1} if reason else {})


def faces(office: Office) -> list[NoticeFace | HouseholdFace]:
    leaders = EligibilityNotice.objects.filter(leader__isnull=True).exclude(status="voided").order_by("id")
    found = sheet_faces([n.pk for n in leaders], policy_on(office.insurer, build.DECIDED_ON))
    return [found[n.pk] for n in leaders]


def test_a_sheet_is_addressed_to_the_insured_person_even_without_that_persons_notice(office: Office) -> None:
    members = family(office)
    for member, day in zip(members, (date(2020, 4, 1), date(2026, 10, 5), date(2026, 10, 6)), strict=True):
        member.fund_registered_on = member.acquired_on = day
        member.save()
    drafted(office)
    (face,) = faces(office)
    assert isinstance(face, HouseholdFace)
    assert face.fields()["addressee"] == "山田 太郎 様"
    assert [person.name for person in face.people] == ["山田 花子", "山田 一郎"]
    assert "登録は令和8年10月6日に終わりました。" in face.sentences()[0]


def test_one_dependent_alone_is_addressed_the_same_way(office: Office) -> None:
    members = family(office, size=2)
    members[0].fund_registered_on = date(2020, 4, 1)
    members[0].save()
    drafted(office)
    (face,) = faces(office)
    assert isinstance(face, NoticeFace)
    assert (face.fields()["addressee"], face.fields()["name"]) == ("山田 太郎 様", "山田 花子")


def test_a_familys_sheet_goes_out_as_one_document(office: Office) -> None:
    family(office)
    drafted(office)
    dispatch = printed(office)
    leave(dispatch, office)
    dispatch.refresh_from_db()
    assert dispatch.counts["notices"] == dispatch.counts["sheets"] == dispatch.counts["sent"] == 1
    assert set(EligibilityNotice.objects.values_list("status", "sent_on")) == {("sent", ON)}


def test_a_sheet_from_which_one_was_taken_is_not_printed(office: Office) -> None:
    family(office)
    drafted(office)
    (dispatch,) = dispatches(office)
    void(EligibilityNotice.objects.get(member__branch_number="01"), by=office.clerk, on=ON, reason="誤り")
    with pytest.raises(Refused, match="印刷する書類が残っていません"):
        print_dispatch(dispatch, by=office.clerk, on=ON)
    dispatch.refresh_from_db()
    assert dispatch.status == "assembled"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sheet_moves_whole_or_is_said_not_to(office: Office, place: int) -> None:
    family(office)
    drafted(office)
    one = EligibilityNotice.objects.order_by("id")[place]
    (leader,) = EligibilityNotice.objects.filter(leader__isnull=True)
    advance_many(EligibilityNotice.objects.filter(pk=one.pk), "void", by=office.clerk, on=ON, reason="誤り")
    assert advance_sheets([leader.pk], "print", by=office.clerk, on=ON) == []


def test_it_rides_with_the_certificates_of_the_household(office: Office) -> None:
    rule(certificate_channel="home")
    members = family(office)
    office.certify(members[:1])
    drafted(office)
    (dispatch,) = dispatches(office)
    assert (dispatch.kind, dispatch.counts["certificates"], dispatch.counts["notices"]) == ("certificate", 1, 1)
    assert dispatch.envelopes.count() == 1


@pytest.mark.parametrize("who", [0, 1, 2])
def test_when_one_leaves_the_sheet_is_pulled_and_the_others_drafted_again(office: Office, who: int) -> None:
    members = family(office)
    drafted(office)
    dispatch = printed(office)
    members[who].lost_on = ON
    members[who].save()
    if who == 0:  # the family leaves with the insured person
        stay: list[str] = []
    else:
        stay = [f"0001-{n:02d}" for n in range(3) if n != who]
    (row,) = pull_list(dispatch, on=ON)
    assert row.reasons == ("left",)
    confirm(dispatch, by=office.clerk, on=ON)
    assert flat(sheets()) == stay
    assert EligibilityNotice.objects.filter(status="voided").count() == 3
    confirm(dispatch, by=office.clerk, on=ON)
    assert flat(sheets()) == stay
    assert drafted(office) == now()
    assert len(dispatches(office)) == (2 if stay else 1)


def test_a_name_changed_after_print_pulls_the_sheet_and_comes_with_the_new_name(office: Office) -> None:
    members = family(office)
    drafted(office)
    dispatch = printed(office)
    say(members[2], name="佐藤 一郎")
    with pytest.raises(Refused, match="3人目の氏名"):
        prove_dispatch(dispatch)
    (row,) = confirm(dispatch, by=office.clerk, on=ON)
    assert row.reasons == ("face_changed",)
    prove_dispatch(dispatch)
    again = dispatches(office)[-1]
    assert again != dispatch
    assert [p.name for p in faces(office)[0].people] == ["山田 太郎", "山田 花子", "佐藤 一郎"]  # type: ignore[union-attr]


def test_a_share_that_was_otherwise_after_all_pulls_the_sheet(office: Office) -> None:
    members = family(office)
    say(members[0], birth_date=date(1954, 3, 1))
    drafted(office)
    dispatch = printed(office)
    prove_dispatch(dispatch)
    members[0].standard_monthly_remuneration_yen = 200_000
    members[0].save()
    (row,) = confirm(dispatch, by=office.clerk, on=ON)
    assert row.reasons == ("face_changed",)
    assert EligibilityNotice.objects.exclude(status="voided").get(member=members[0]).copayment_percent == 20


def test_who_became_protected_after_print_is_drafted_alone_and_held(office: Office) -> None:
    members = family(office)
    drafted(office)
    dispatch = printed(office)
    say(members[1], nondisclosure=True)
    (row,) = confirm(dispatch, by=office.clerk, on=ON)
    assert row.reasons == ("protected",)
    assert sheets() == [["0001-00", "0001-02"], ["0001-01"]]
    assert assemble(office.run, by=office.clerk, on=ON).held == {"protected": 1}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"name": "佐藤 花子"}, [["0001-00", "0001-01", "0001-02"]]),
        ({"address_protected": True}, [["0001-00", "0001-02"], ["0001-01"]]),
    ],
)
def test_before_the_envelope_a_sheet_is_made_new_by_itself(
    office: Office, change: dict[str, object], left: list[list[str]]
) -> None:
    members = family(office)
    drafted(office)
    say(members[1], **change)
    assert "face_changed" not in assemble(office.run, by=office.clerk, on=ON).held
    assert sheets() == left
    assert EligibilityNotice.objects.filter(status="voided").count() == 3


def test_who_left_before_the_envelope_is_not_on_the_new_sheet(office: Office) -> None:
    members = family(office)
    drafted(office)
    members[2].lost_on = ON
    members[2].save()
    assemble(office.run, by=office.clerk, on=ON)
    assert sheets() == [["0001-00", "0001-01"]]


def test_made_new_the_round_and_the_month_do_not_mix(office: Office) -> None:
    members = family(office, size=2)
    drafted(office)
    draft_first_round(office.run, by=office.clerk, on=ON)
    assert [len(sheet) for sheet in sheets()] == [2, 2]
    say(members[1], name="佐藤 花子")
    assemble(office.run, by=office.clerk, on=ON)
    assert sheets() == [["0001-00", "0001-01"]] * 2
    for leader in EligibilityNotice.objects.filter(leader__isnull=True).exclude(status="voided"):
        assert {n.cause for n in leader.followers.all()} == {leader.cause}


@pytest.mark.parametrize("who", [0, 1])
def test_making_one_void_leaves_the_others_their_notice(office: Office, who: int) -> None:
    members = family(office)
    drafted(office)
    mine = EligibilityNotice.objects.get(member=members[who])
    with pytest.raises(Refused, match="理由"):
        void(mine, by=office.clerk, on=ON, reason="")
    void(mine, by=office.clerk, on=ON, reason="二重に作成したため")
    assert mine.status == "voided"
    assert sheets() == [[f"0001-{n:02d}" for n in range(3) if n != who]]
    drafted(office)
    assert sheets() == [[f"0001-{n:02d}" for n in range(3) if n != who]]
    with pytest.raises(Refused, match="無効"):
        void(mine, by=office.clerk, on=ON, reason="二重に作成したため")


def test_what_comes_back_comes_back_whole(office: Office) -> None:
    family(office)
    drafted(office)
    posted(office)
    last = EligibilityNotice.objects.order_by("id").last()
    assert last is not None
    assert len(returned(last, by=office.clerk, on=ON, reason="転居先不明")) == 3
    assert set(EligibilityNotice.objects.values_list("status", flat=True)) == {"returned"}


def test_the_number_of_queries_does_not_grow_with_the_households(office: Office) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            drafted(office)
        return len(captured)

    family(office, "0001")
    few = queries()
    for number in range(2, 12):
        family(office, f"{number:04d}")
    assert queries() <= few
