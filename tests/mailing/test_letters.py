"""送付状: what lies in the envelope, until when and why; nothing of a family beside a protected person's paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pypdfium2 import PdfDocument

from certificates.models import Decision, EligibilityCertificate, Ruling
from certificates.rules.facts import MemberFacts, as_json
from core.transitions import advance_many
from mailing.models import Dispatch, Enclosure
from mailing.papers import files, letters
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch
from members.models import Address, Member, MynaStatus, Person
from tests.mailing.build import DECIDED_ON, ON, Office
from tests.mailing.test_sending import leaves

pytestmark = pytest.mark.django_db

WITHOUT = "同封のないご家族は、マイナ保険証を使える方か、期限内の資格確認書をお持ちの方です。"
DUE = date(2026, 11, 12)
LEAVERS = "11月6日より後に退職した方、扶養から外れた方の分は、使わずに返してください。"


def printed_now(office: Office) -> Dispatch:
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


def rows(dispatch: Dispatch) -> list[list[tuple[str, ...]]]:
    return [
        [(row.name, row.document, row.last_day, row.reason) for row in face.enclosed.rows]
        for face in letters.sheets(dispatch)
        if face.enclosed
    ]


def notes(dispatch: Dispatch) -> list[tuple[str, ...]]:
    return [tuple(note.text for note in face.enclosed.notes) for face in letters.sheets(dispatch) if face.enclosed]


def read(dispatch: Dispatch) -> str:
    pdf = PdfDocument(files.folder(dispatch) / "addresses-0001.pdf")
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def test_each_paper_with_its_last_day_and_reason(office: Office) -> None:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    dispatch = printed_now(office)
    paper = ("資格確認書", "令和13年11月5日まで", "マイナ保険証の利用登録がないため")
    assert rows(dispatch) == [[("山田 太郎", *paper), ("山田 花子", *paper)]]
    assert notes(dispatch) == [(LEAVERS,)]  # nobody of the household is without
    said = read(dispatch)
    assert "第1製作所" in said and "山田 太郎 様" in said and LEAVERS in said
    assert prove_dispatch(dispatch)["status"] == "proved"


def test_a_successor_says_which_comes_first(office: Office) -> None:
    (member,) = office.household("0001")
    (first,) = office.certify([member])
    EligibilityCertificate.objects.filter(pk=first).update(valid_through=date(2026, 11, 30))
    (then,) = office.certify([member], sequence=1)
    EligibilityCertificate.objects.filter(pk=then).update(effective_on=date(2026, 12, 1))
    dispatch = printed_now(office)
    ((one, two),) = rows(dispatch)
    assert (one[2], two[2:]) == (
        "令和8年11月30日まで",
        ("令和8年12月1日から 令和13年11月5日まで", "前の資格確認書に続けてお使いいただくため"),
    )
    assert notes(dispatch)[0][0].startswith("同じ方に資格確認書が二枚あるときは")


def test_a_protected_person_reads_neither_the_ground_nor_of_a_family(office: Office) -> None:
    (member,) = office.household("0001", nondisclosure=True)
    Address.objects.create(
        person=member.person, use="safe", postal_code="530-0001", address="大阪市北区一丁目", valid_from=DECIDED_ON
    )
    office.certify([member])
    dispatch = printed_now(office)
    assert [row[0][3] for row in rows(dispatch)] == ["当組合が必要と認めたため"]
    assert notes(dispatch) == [(LEAVERS,)]


def test_after_a_pull_the_letter_is_drawn_without_the_paper(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    leaves(office, "0001-01")
    confirm(printed, by=office.clerk, on=ON)
    assert [row[0] for row in rows(printed)[0]] == ["山田 太郎"]
    assert "山田 花子" not in read(printed)
    assert prove_dispatch(printed)["status"] == "proved"


def test_an_envelope_pulled_whole_keeps_its_page_with_a_warning(printed: Dispatch, office: Office) -> None:
    before = [face.code for face in letters.sheets(printed)]
    leaves(office, "0003-00")
    confirm(printed, by=office.clerk, on=ON)
    faces = letters.sheets(printed)
    assert [face.code for face in faces] == before
    (empty,) = (face for face in faces if not face.sheets)
    assert (empty.recipient, empty.address) == ("", "")
    assert empty.enclosed is not None and "発送しません" in empty.enclosed.title


@pytest.mark.parametrize("kind", ["cover", "address"])
def test_another_reason_on_the_paper_is_a_difference(
    printed: Dispatch, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    EligibilityCertificate.objects.update(ground="unsettled")
    from mailing.proof import lists

    found: list[Any] = [one for one in lists(printed) if one.file.startswith(files.file_name(kind, 1)[:5])]
    assert bool(found) == (kind == "address")
    assert all(one.field.endswith("_reason") for one in found)


def decided(office: Office, certificate: int, reason: str, detail: str = "", **facts: Any) -> None:
    """The certificate was issued for another reason, with these facts."""
    mine = EligibilityCertificate.objects.get(pk=certificate)
    told = as_json(replace(MemberFacts(mine.member.acquired_on, mine.member.person.birth_date), **facts))
    Decision.objects.filter(run=office.run, member=mine.member).update(reason=reason, detail=detail, facts=told)
    EligibilityCertificate.objects.filter(pk=certificate).update(ground=reason)


REASONS = [
    ("not_registered", "never", {}, "マイナ保険証の利用登録がないため"),
    ("not_registered", "returned", {}, "マイナンバーカードの返納による"),
    ("not_registered", "deregistered", {}, "マイナ保険証の登録解除による"),
    ("not_registered", "", {}, "資格確認書が必要なため"),
    ("number_unregistered", "", {"number_state": "unregistered"}, "個人番号の登録がないため"),
    ("number_unregistered", "", {"number_state": "mismatch"}, "個人番号の情報が一致しないため"),
    ("e_certificate_expired", "", {}, "電子証明書の期限切れのため"),
    ("assistance_renewal", "", {}, "申請による資格確認書の更新のため"),
    ("unsettled", "", {}, "マイナ保険証の確認がまだ終わらないため"),
    ("new_member", "", {}, "加入されたばかりのため"),
    ("lost_card", "", {}, "申請（カードの紛失）による"),
]


@pytest.mark.parametrize(("reason", "detail", "facts", "said"), REASONS)
def test_a_reason_is_the_one_of_the_decision(
    office: Office, reason: str, detail: str, facts: dict[str, Any], said: str
) -> None:
    (paper,) = office.certify(office.household("0001"))
    decided(office, paper, reason, detail, **facts)
    assert [row[0][3] for row in rows(printed_now(office))] == [said]


def test_a_certificate_of_a_ruling_has_the_reason_of_the_ruling(office: Office) -> None:
    (member,) = office.household("0001")
    (paper,) = office.certify([member])
    ruling = Ruling.objects.create(
        member=member,
        cause="newer_row",
        request="status:1",
        as_of=office.run.as_of,
        decided_on=DECIDED_ON,
        issue_on=DECIDED_ON,
        policy=office.run.policy,
        outcome="issue",
        reason="not_registered",
        detail="returned",
        facts={},
    )
    Decision.objects.all().delete()
    EligibilityCertificate.objects.filter(pk=paper).update(ruling=ruling)
    assert [row[0][3] for row in rows(printed_now(office))] == ["マイナンバーカードの返納による"]


@pytest.mark.parametrize(
    ("effective_on", "said"),
    [
        (DECIDED_ON - timedelta(1), "令和13年11月5日まで"),
        (DECIDED_ON, "令和13年11月5日まで"),
        (DECIDED_ON + timedelta(1), "令和8年11月7日から 令和13年11月5日まで"),
    ],
)
def test_the_first_day_is_named_where_it_is_later_than_the_issue(office: Office, effective_on: date, said: str) -> None:
    (paper,) = office.certify(office.household("0001"))
    EligibilityCertificate.objects.filter(pk=paper).update(effective_on=effective_on)
    assert [row[0][2] for row in rows(printed_now(office))] == [said]


def usable(member: Member) -> None:
    MynaStatus.objects.create(
        person=member.person,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        registered_on=date(2024, 4, 1),
        e_certificate_expires_on=date(2030, 4, 1),
    )


def open_case(office: Office, member: Member, reason: str = "missing_from_file", due_on: date = DUE) -> None:
    facts = as_json(MemberFacts(member.acquired_on, member.person.birth_date))
    Decision.objects.create(run=office.run, member=member, outcome="review", reason=reason, due_on=due_on, facts=facts)


def given(office: Office) -> tuple[Member, Member, Member]:
    """A father with a certificate, his wife and a child."""
    father, wife, child = office.household("0001", ["山田 太郎", "山田 花子", "山田 一郎"])
    office.certify([father])
    return father, wife, child


CHECKING = (
    "マイナ保険証を使えるかどうかを確認しています。令和8年11月12日までにご連絡します。"
    "それまでにわからないときは、資格確認書をお送りします。"
)
USABLE = "マイナ保険証を使える方か、期限内の資格確認書をお持ちの方です。"


def test_the_family_is_spoken_of_as_one_only_where_it_is_true_of_all(office: Office) -> None:
    _, wife, child = given(office)
    usable(wife)
    usable(child)
    assert notes(printed_now(office)) == [(WITHOUT, LEAVERS)]


def test_a_wife_in_review_and_a_newborn_who_waits_are_told_as_being_checked(office: Office) -> None:
    _, wife, child = given(office)
    open_case(office, wife)
    open_case(office, child, "number_pending")
    dispatch = printed_now(office)
    assert notes(dispatch) == [(f"山田 花子さん、山田 一郎さんは、{CHECKING}", LEAVERS)]
    assert WITHOUT not in read(dispatch)
    assert prove_dispatch(dispatch)["status"] == "proved"


def test_one_who_is_checked_leaves_the_other_told_by_name(office: Office) -> None:
    _, wife, child = given(office)
    usable(wife)
    open_case(office, child)
    assert notes(printed_now(office)) == [(f"山田 花子さんは、{USABLE}", f"山田 一郎さんは、{CHECKING}", LEAVERS)]


def test_what_was_ruled_since_is_open_no_more(office: Office) -> None:
    _, wife, child = given(office)
    usable(child)
    open_case(office, wife)
    usable(wife)
    Ruling.objects.create(
        member=wife,
        cause="newer_row",
        request=f"decision:{Decision.objects.get(member=wife).pk}",
        as_of=office.run.as_of,
        decided_on=ON,
        issue_on=ON,
        policy=office.run.policy,
        outcome="not_needed",
        reason="myna_usable",
        facts={},
    )
    assert notes(printed_now(office)) == [(WITHOUT, LEAVERS)]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("approved", "山田 花子さんの資格確認書は、別の封筒でお届けします。"),
        ("sent", "山田 花子さんの資格確認書は、別の封筒でお届けします。"),
        ("returned", "山田 花子さんの資格確認書は、郵便で当組合に戻っています。お届け先を当組合へお知らせください。"),
        ("expired", "山田 花子さんについては、別にご連絡します。"),
    ],
)
def test_paper_that_is_elsewhere_is_told_where_it_is(office: Office, status: str, said: str) -> None:
    father, wife, child = office.household("0001", ["山田 太郎", "山田 花子", "山田 一郎"])
    usable(child)
    (hers,) = office.certify([wife])
    steps = {
        "approved": [],
        "sent": ["print", "send"],
        "returned": ["print", "send", "return"],
        "expired": ["print", "send", "expire"],
    }[status]
    for verb in steps:
        more = {"sent_on": ON, "arrives_on": ON + timedelta(3)} if verb == "send" else {}
        why = {"reason": "あて所不明"} if verb == "return" else {}
        advance_many(EligibilityCertificate.objects.filter(pk=hers), verb, by=office.clerk, on=ON, **why, **more)
    office.certify([father])
    dispatch = printed_now(office) if status != "approved" else None
    if dispatch is None:
        numbers = assemble(office.run, by=office.clerk, on=ON).dispatches
        dispatch = Dispatch.objects.get(pk=numbers[0])
        Enclosure.objects.filter(certificate=hers).update(active=False)
        print_dispatch(dispatch, by=office.clerk, on=ON)
    assert notes(dispatch) == [(f"山田 一郎さんは、{USABLE}", said, LEAVERS)]


@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
@pytest.mark.parametrize("has_route", [True, False])
def test_a_letter_neither_names_nor_counts_a_protected_member(office: Office, flag: str, has_route: bool) -> None:
    _, wife, child = given(office)
    usable(child)
    if has_route:
        usable(wife)
    Person.objects.filter(pk=wife.person_id).update(**{flag: True})
    assert notes(printed_now(office)) == [(f"山田 一郎さんは、{USABLE}", LEAVERS)]


def test_somebody_without_cover_on_the_day_is_not_spoken_of(office: Office) -> None:
    _, wife, child = given(office)
    Member.objects.filter(pk=wife.pk).update(lost_on=ON)
    usable(child)
    assert notes(printed_now(office)) == [(WITHOUT, LEAVERS)]


def test_a_student_away_from_home_reads_nothing_of_the_family(office: Office) -> None:
    _father, _wife, child = office.household("0001", ["山田 太郎", "山田 花子", "山田 一郎"], coverage_kind="voluntary")
    office.address(child, "mailing", "大阪市北区梅田一丁目")
    office.certify([child])
    assert notes(printed_now(office)) == [(LEAVERS,)]


def test_a_name_without_glyph_keeps_nobodys_paper_back(office: Office) -> None:
    father, wife = office.household("0001", ["山田 太郎", "山\U000e0fff田 花子"])
    office.certify([father])
    open_case(office, wife)
    assert notes(printed_now(office)) == [(f"ご家族のお一人は、{CHECKING}", LEAVERS)]
