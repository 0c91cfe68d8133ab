"""A municipal scheme from load to post: households under a 世帯主, no employers, shares as the municipality tells them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from certificates.models import EligibilityCertificate, Recovery
from core.errors import BadInput, Refused
from core.paper.readback import full_text, open_pdf
from core.transitions import advance_many
from kenpo.people.answers import answer_of
from mailing.models import EnclosedRequest, Envelope
from mailing.papers import files
from members.models import Member
from members.services import society
from notices.face import HouseholdFace
from tests.conftest import run_command
from tests.scenarios.office import Office
from tests.scenarios.people import Someone

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"
EMPLOYERS_WORDS = ("事業主", "事業所", "退職", "扶養", "健康保険組合", "当組合", "被保険者証", "任意継続")
FAMILY = (
    ("1980-04-15", "世帯主"),
    ("1982-01-20", "妻"),
    ("2008-05-05", "長男"),
    ("2010-06-06", "長女"),
    ("2013-07-07", "次男"),
    ("1955-08-08", "母"),
)
MONTH, RUN, POSTED = "2026-09", "2026-09-10", "2026-09-11"


def household(office: Office, key: str, people: tuple[tuple[str, str], ...], **cells: str) -> list[Someone]:
    """People of one household; the first is its head."""
    return [
        office.joins(born, relationship=relation, **{**_cells(key, nth, born), **cells})
        for nth, (born, relation) in enumerate(people)
    ]


def _cells(key: str, nth: int, born: str) -> dict[str, str]:
    share = "20" if born < "1956-09" else ""
    return {"household_key": key, "household_head": str(int(not nth)), "copayment_percent": share}


def posted(office: Office, on: str = POSTED) -> None:
    office.approve()
    office.draft_notices(on)
    office.post(on)


def envelopes() -> list[tuple[str, int]]:
    """Recipient and papers of each envelope."""
    found = Envelope.objects.order_by("pk")
    return [(one.recipient, one.enclosures.filter(active=True).count()) for one in found]


def text_of(path: Path) -> str:
    with open_pdf(path) as pdf:
        return "".join(full_text(pdf, page) for page in range(1, len(pdf) + 1))


def printed_text(home: Path) -> str:
    """Everything that was printed."""
    files = sorted((home / "paper").rglob("*.pdf"))
    assert files
    return "".join(map(text_of, files)).replace("\n", "")


def speaks_of_employers(text: str) -> list[str]:
    """Words that only a scheme with employers has; the other law is named apart from ours."""
    found = [word for word in EMPLOYERS_WORDS if word in text]
    return found + (["健康保険法"] if "健康保険法" in text.replace("国民健康保険法", "") else [])


# Households


def test_six_people_of_one_household_get_one_envelope_to_the_head(kokuho: Office) -> None:
    six = household(kokuho, "S1", FAMILY)
    month = kokuho.month(MONTH, on=RUN)
    assert len(month.issued()) == 6
    posted(kokuho)
    assert envelopes() == [(six[0].row["name"], 6)]
    assert {paper.status for who in six for paper in kokuho.certificates(who)} == {"sent"}


def test_six_registered_people_of_one_household_get_one_notice_to_the_head(kokuho: Office) -> None:
    for _ in range(5):  # so that the numbers go from one digit to two
        kokuho.joins("1990-01-01", household_key="", household_head="", copayment_percent="")
    six = [
        kokuho.joins(born, myna=LONG, acquired_on="2026-08-10", **_cells("S1", nth, born))
        for nth, (born, _) in enumerate(FAMILY)
    ]
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    (sheet,) = kokuho.notice_sheets(POSTED)
    assert isinstance(sheet, HouseholdFace)
    assert (sheet.addressee, len(sheet.people)) == (six[0].row["name"], 6)
    assert [person.number for person in sheet.people] == [who.row["number"] for who in six]
    assert envelopes()[-1] == (six[0].row["name"], 1)


def test_a_notice_of_one_person_of_the_household_is_the_head_s_too(kokuho: Office) -> None:
    head = kokuho.joins(**_cells("S1", 0, "1980-04-15"))
    kokuho.joins("1982-01-20", myna=LONG, acquired_on="2026-08-10", **_cells("S1", 1, "1982-01-20"))
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    (sheet,) = kokuho.notice_sheets(POSTED)
    assert sheet.addressee == head.row["name"]
    assert envelopes() == [(head.row["name"], 2)]


def test_two_households_never_share_an_envelope(kokuho: Office) -> None:
    one, two = household(kokuho, "S1", FAMILY[:3]), household(kokuho, "S2", FAMILY[:2])
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    assert envelopes() == [(one[0].row["name"], 3), (two[0].row["name"], 2)]


def test_every_certificate_names_the_head_and_no_kind_of_member(kokuho: Office) -> None:
    head, wife, *_ = household(kokuho, "S1", FAMILY[:3])
    kokuho.month(MONTH, on=RUN)
    for who in (head, wife):
        fields = kokuho.face(who, RUN).fields()
        assert (fields["title"], fields["head_name"]) == ("国民健康保険資格確認書", head.row["name"])
        assert not {"kind", "insured_name", "certified_on"} & fields.keys()


def test_a_head_who_is_not_covered_here_is_named_by_name(kokuho: Office) -> None:
    told = {"household_key": "S1", "household_head": "山川 大樹", "copayment_percent": ""}
    wife, child = kokuho.joins("1982-01-20", **told), kokuho.joins("2010-06-06", **told)
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    assert envelopes() == [("山川 大樹", 2)]
    assert {kokuho.face(who, RUN).head_name for who in (wife, child)} == {"山川 大樹"}


def test_the_name_of_a_covered_head_on_every_row_means_that_person(kokuho: Office) -> None:
    head = kokuho.joins(household_key="S1", household_head="青葉 一郎", copayment_percent="")
    child = kokuho.joins("2010-06-06", household_key="S1", household_head="青葉　一郎", copayment_percent="")
    kokuho.is_at(RUN)
    assert kokuho.member(child).head == kokuho.member(head)
    assert kokuho.member(child).head_name == ""


def test_whoever_is_protected_rides_alone_and_the_family_is_not_told(kokuho: Office) -> None:
    head, wife, child = household(kokuho, "S1", FAMILY[:3])
    kokuho.changes(wife, address_protected="1")
    kokuho.month(MONTH, on=RUN)
    kokuho.approve()
    answer = run_command("assemble", MONTH, "--by", "hanako", "--on", POSTED)
    assert answer.json["held"] == {"protected": 1}
    assert envelopes() == [(head.row["name"], 2)]
    kokuho.files("address", wife, POSTED, on=POSTED, safe_postal_code="100-0001", safe_address="東京都架空1-1")
    kokuho.post(POSTED)
    alone = Envelope.objects.get(recipient=wife.row["name"])
    assert (alone.enclosures.count(), alone.dispatch.to_safe_address) == (1, True)
    (sheet,) = files.folder(alone.dispatch).glob("address*.pdf")
    assert wife.row["name"] in text_of(sheet)
    assert head.row["name"] not in text_of(sheet)
    assert child.row["name"] not in text_of(sheet)


def test_a_household_without_a_head_is_listed_and_each_gets_an_envelope(kokuho: Office) -> None:
    for born in ("1980-04-15", "1982-01-20"):
        kokuho.joins(born, household_key="S1", household_head="0", copayment_percent="")
    kokuho.month(MONTH, on=RUN)
    told = run_command("load", kokuho.path, "--on", RUN)
    assert "世帯主がわかりません" in told.out
    posted(kokuho)
    assert [papers for _, papers in envelopes()] == [1, 1]


def test_two_heads_are_listed(kokuho: Office) -> None:
    for born in ("1980-04-15", "1982-01-20"):
        kokuho.joins(born, household_key="S1", household_head="1", copayment_percent="")
    kokuho.is_at(RUN)
    assert "世帯主が二人います" in run_command("load", kokuho.path, "--on", RUN).out


# A head who moves out


def test_a_new_head_makes_the_household_s_papers_wrong_and_they_are_replaced(kokuho: Office) -> None:
    head, wife, child = household(kokuho, "S1", FAMILY[:3])
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    kokuho.leaves(head, "2026-09-20")
    kokuho.changes(head, household_head="0")
    kokuho.changes(wife, household_head="1")
    kokuho.is_at("2026-09-21")
    for who in (wife, child):
        old, new = kokuho.certificates(who)
        assert (old.status, new.status) == ("superseded", "proposed")
        assert kokuho.face(who, "2026-09-21").head_name == wife.row["name"]
    assert [duty.return_to for who in (head, wife, child) for duty in kokuho.duties(who)] == ["insurer"] * 3


def test_while_no_new_head_is_named_the_household_s_papers_wait(kokuho: Office) -> None:
    head, wife = household(kokuho, "S1", FAMILY[:2])
    kokuho.month(MONTH, on=RUN)
    kokuho.approve()
    kokuho.leaves(head, "2026-09-10")
    kokuho.is_at(POSTED)
    assert "世帯主の資格が終わっています" in run_command("load", kokuho.path, "--on", POSTED).out
    answer = run_command("assemble", MONTH, "--by", "hanako", "--on", POSTED)
    assert answer.json["held"]["head_left"] == 1
    assert kokuho.gaps(POSTED)[wife] == "保留（世帯主の確認中）"
    said = answer_of(society(), [kokuho.member(wife)], date(2026, 9, 11))[1]
    assert (said.line, "世帯主の方を確認している" in said.sentence) == (3, True)
    kokuho.changes(head, household_head="0")
    kokuho.changes(wife, household_head="1")
    kokuho.is_at("2026-09-14")
    assert kokuho.gaps("2026-09-14")[wife] == "承認待ち"


# Shares from 70 on


@pytest.mark.parametrize(("told", "printed"), [("20", "2割"), ("30", "3割")])
def test_the_share_of_a_72_year_old_is_the_one_told_whatever_the_pay(kokuho: Office, told: str, printed: str) -> None:
    who = kokuho.joins("1954-05-05", copayment_percent=told, standard_monthly_remuneration_yen="500000")
    kokuho.month(MONTH, on=RUN)
    assert kokuho.face(who, RUN).fields()["copayment"] == printed


def test_a_share_that_is_not_told_is_listed_and_the_paper_waits_for_it(kokuho: Office) -> None:
    who = kokuho.joins("1954-05-05", copayment_percent="")
    kokuho.month(MONTH, on=RUN)
    assert "負担割合がありません" in run_command("load", kokuho.path, "--on", RUN).out
    kokuho.approve()
    answer = run_command("assemble", MONTH, "--by", "hanako", "--on", POSTED)
    assert (answer.json["held"], envelopes()) == ({"share_missing": 1}, [])
    assert "copayment" not in kokuho.face(who, RUN).fields(), "2割 out of a default"
    assert kokuho.gaps(POSTED)[who] == "保留（負担割合の確認中）"
    assert answer_of(society(), [kokuho.member(who)], date(2026, 9, 11))[1].line == 3
    kokuho.changes(who, copayment_percent="30")
    kokuho.is_at("2026-09-14")
    kokuho.post("2026-09-14")
    assert "3割" in printed_text(kokuho.settings.KENPO_HOME)


@pytest.mark.parametrize(("born", "asked"), [("1956-10-02", False), ("1956-10-01", True), ("1956-09-30", True)])
def test_the_share_is_asked_for_from_the_month_after_70_on(kokuho: Office, born: str, asked: bool) -> None:
    kokuho.joins(born, copayment_percent="")
    kokuho.is_at("2026-10-01")
    out = run_command("load", kokuho.path, "--on", "2026-10-01").out
    assert ("負担割合がありません" in out) is asked


def test_a_notice_waits_for_the_share_too(kokuho: Office) -> None:
    who = kokuho.joins("1954-05-05", myna=LONG, acquired_on="2026-08-10", copayment_percent="")
    kokuho.month(MONTH, on=RUN)
    kokuho.approve()
    kokuho.draft_notices(POSTED)
    answer = run_command("assemble", MONTH, "--by", "hanako", "--on", POSTED)
    assert answer.json["held"] == {"share_missing": 1}
    kokuho.changes(who, copayment_percent="30")
    kokuho.is_at("2026-09-14")
    kokuho.post("2026-09-14")
    assert "3割" in kokuho.notice_face(who, "2026-09-14").fields()["copayment"]


def test_another_share_told_replaces_what_was_posted(kokuho: Office) -> None:
    who = kokuho.joins("1954-05-05", copayment_percent="20")
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    kokuho.changes(who, copayment_percent="30")
    kokuho.is_at("2026-09-20")
    old, new = kokuho.certificates(who)
    assert (old.status, new.status) == ("superseded", "proposed")
    assert kokuho.face(who, "2026-09-20").copayment_percent == 30


def test_a_share_that_is_not_told_any_more_takes_nothing_back(kokuho: Office) -> None:
    who = kokuho.joins("1954-05-05", copayment_percent="20")
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    kokuho.changes(who, copayment_percent="")
    kokuho.is_at("2026-09-20")
    assert run_command("daily", "--on", "2026-09-20").code == 0
    assert [paper.status for paper in kokuho.certificates(who)] == ["sent"]


def test_cover_ends_on_the_day_before_75(kokuho: Office) -> None:
    before, on, after = (kokuho.joins(f"1951-{day}", copayment_percent="20") for day in ("10-01", "09-12", "09-10"))
    month = kokuho.month(MONTH, on=RUN)
    assert month.period(before)[1:] == ("2026-09-30", "turns_75")
    assert month.period(on)[1:] == ("2026-09-11", "turns_75") if month.answer(on)[0] == "issue" else True
    assert month.answer(after) == ("not_covered", "not_covered")


# No employers


def test_the_month_goes_from_load_to_report_without_employers_or_their_words(kokuho: Office, home: Path) -> None:
    six = household(kokuho, "S1", FAMILY)
    kokuho.joins("1954-05-05", copayment_percent="30")
    kokuho.joins("1990-03-03", myna=LONG, acquired_on="2026-08-10", copayment_percent="")
    hidden = kokuho.joins("1975-02-02", nondisclosure="1", copayment_percent="")
    kokuho.month(MONTH, on=RUN)
    assert not (kokuho.path / "establishments.csv").exists()
    kokuho.files("address", hidden, RUN, on=RUN, safe_postal_code="100-0001", safe_address="東京都架空1-1")
    posted(kokuho)
    kokuho.leaves(six[2], "2026-09-20")
    kokuho.is_at("2026-09-21")
    for command in (
        ("daily", "--on", "2026-09-21"),
        ("ledger",),
        ("report", MONTH),
        ("forecast",),
        ("replay", MONTH),
        ("letters", "requests", "--by", "hanako", "--on", "2026-09-21"),
        ("remind", "--by", "hanako", "--on", "2026-10-30"),
    ):
        answer = run_command(*command)
        assert answer.code == 0, (command, answer.err)
        assert speaks_of_employers(answer.out) == [], command
    said = printed_text(home)
    assert "国民健康保険資格確認書" in said
    assert "保険者が必要と認めたため" in said
    assert speaks_of_employers(said) == []
    with (kokuho.path / f"decisions-{MONTH}.csv").open(encoding="utf-8") as rows:
        explained = "".join(row["explanation"] for row in csv.DictReader(rows))
    assert "国民健康保険法" in explained
    assert speaks_of_employers(explained) == []


def test_papers_come_back_to_the_insurer_even_on_death(kokuho: Office) -> None:
    head, wife = household(kokuho, "S1", FAMILY[:2])
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    kokuho.files("death", wife, "2026-09-20", on="2026-09-22")
    kokuho.files("loss", head, "2026-09-22", on="2026-09-22", reason="other")
    assert set(Recovery.objects.values_list("return_to", flat=True)) == {"insurer"}


def test_a_replacement_brings_the_request_to_return_the_former_one(kokuho: Office, home: Path) -> None:
    head, _ = household(kokuho, "S1", FAMILY[:2])
    kokuho.month(MONTH, on=RUN)
    posted(kokuho)
    kokuho.files("name_change", head, "2026-09-14", on="2026-09-14", name="青葉 次郎", name_kana="アオバ ジロウ")
    proposed = EligibilityCertificate.objects.filter(status="proposed")
    advance_many(proposed, "approve", by=kokuho.clerk("taro"), on=date(2026, 9, 15))
    kokuho.post_the_day("2026-09-15")
    assert EnclosedRequest.objects.count() == 2
    assert "前の証を返していただくため" in printed_text(home)


@pytest.mark.parametrize(
    "kind",
    [
        "dependent_added",
        "dependent_removed",
        "establishment_move",
        "rehire",
        "voluntary",
        "special_retired",
        "remuneration",
        "share_relief",
    ],
)
def test_filings_of_employers_are_refused_politely(kokuho: Office, kind: str) -> None:
    who = kokuho.joins(copayment_percent="")
    told = {
        "new_number": "9",
        "new_establishment_code": "0001",
        "standard_monthly_remuneration_yen": "300000",
        "name": "青葉 花",
        "name_kana": "アオバ ハナ",
        "birth_date": "2020-01-01",
        "sex": "2",
        "individual_number_state": "registered",
    }
    with pytest.raises(Refused, match="事業所のある健康保険だけの届です"):
        kokuho.files(kind, who, "2026-09-01", on="2026-09-10", **told)


def test_a_loss_is_no_retirement(kokuho: Office) -> None:
    who = kokuho.joins(copayment_percent="")
    with pytest.raises(Refused, match="理由「退職」はありません"):
        kokuho.files("loss", who, "2026-09-01", on="2026-09-10", reason="retirement")


def test_nothing_comes_in_through_an_establishment(kokuho: Office) -> None:
    who = kokuho.joins(copayment_percent="")
    kokuho.month(MONTH, on=RUN)
    with pytest.raises(BadInput, match="この制度には事業所がありません"):
        kokuho.applies(who, "lost_card", RUN, via="establishment")
    assert kokuho.applies(who, "lost_card", RUN, via="mail").received_via == "mail"


def test_somebody_joins_without_an_employer(kokuho: Office) -> None:
    kokuho.joins(copayment_percent="")
    kokuho.is_at(RUN)
    filing = kokuho.files(
        "acquisition",
        None,
        "2026-09-01",
        on=RUN,
        symbol="101",
        number="77",
        name="新田 学",
        name_kana="ニッタ マナブ",
        birth_date="1990-01-01",
        sex="1",
        individual_number_state="registered",
        resident="1",
        postal_code="530-0003",
        address="大阪府架空1",
    )
    assert filing.status == "applied"
    assert Member.objects.get(number="77").establishment.code == ""


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"kind": "dependent"}, "被扶養者がありません"),
        ({"coverage_kind": "voluntary"}, "regular にしてください"),
        ({"copayment_percent": "25"}, "20 / 30 のどれか"),
    ],
)
def test_rows_that_only_an_employer_s_scheme_has_are_refused(kokuho: Office, cells: dict[str, str], said: str) -> None:
    kokuho.joins(copayment_percent="")
    kokuho.is_at(RUN)
    kokuho.joins("1982-01-20", **cells)
    answer = run_command("load", kokuho._folder.write(), "--on", RUN)
    assert (answer.code, said in answer.err) == (2, True)


def test_the_same_folder_again_changes_nothing(kokuho: Office) -> None:
    household(kokuho, "S1", FAMILY)
    kokuho.is_at(RUN)
    again = run_command("load", kokuho.path, "--on", RUN)
    assert (again.json["added"], again.json["updated"]) == (0, 0)


def test_the_old_cards_end_on_the_last_day_of_july(kokuho: Office) -> None:
    who = kokuho.joins(copayment_percent="")
    kokuho.holds_card(who)
    kokuho.month("2025-07", on="2025-07-10")
    assert [kokuho.has_route(who, f"2025-{day}") for day in ("07-30", "07-31", "08-01")] == [True, True, False]
