"""Applications: taken in, sent back, granted or refused by policy in words that can be sent."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.decisions import ruling
from certificates.models import Application, Decision, EligibilityCertificate
from certificates.requests import applications
from certificates.requests.applications.bulk import receive_file
from certificates.requests.applications.intake import Form
from certificates.rules.codes import Basis, Ground
from core.errors import BadInput, Refused
from core.models import Clerk
from core.transitions import advance
from kenpo.intake.load import load
from members.models import Member, MynaStatus
from tests.builders import Folder
from tests.conftest import run_command

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 10)


def _society(tmp_path: Path) -> Member:
    load(Folder(tmp_path / "in").insured("1").write(), on=TODAY)
    return Member.objects.get()


def _fund_says(member: Member, as_of: date, **values: object) -> None:
    MynaStatus.objects.create(person=member.person, as_of=as_of, source="monthly", **values)


def _apply(member: Member, by: Clerk, ground: str = "lost_card", kind: str = "issue") -> Application:
    return applications.receive(member, Form(kind, ground, TODAY, "establishment"), on=TODAY, by=by)


def test_a_lost_card_is_granted_although_the_card_is_registered(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    member = _society(tmp_path)
    _fund_says(member, date(2026, 10, 31), state="registered", e_certificate_expires_on=date(2030, 1, 1))
    application = _apply(member, clerks[0])

    applications.grant(application, by=clerks[1], on=TODAY)

    made = EligibilityCertificate.objects.get(member=member)
    assert (made.basis, made.ground, made.status) == ("application", "lost_card", "approved")
    assert application.due_on == date(2026, 11, 20)


def test_granting_twice_issues_once(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    application = _apply(_society(tmp_path), clerks[0])

    assert applications.grant(application, by=clerks[1], on=TODAY) == applications.grant(
        application, by=clerks[1], on=TODAY
    )
    assert EligibilityCertificate.objects.count() == 1


def test_who_took_the_form_in_leaves_the_approval_to_another(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    application = _apply(_society(tmp_path), clerks[0])

    applications.grant(application, by=clerks[0], on=TODAY)

    assert EligibilityCertificate.objects.get().status == "proposed"


def test_who_only_wishes_one_is_refused_in_the_words_of_the_letter(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    member = _society(tmp_path)
    _fund_says(member, TODAY, state="registered", e_certificate_expires_on=date(2030, 1, 1))
    application = _apply(member, clerks[0], ground="anyone")

    with pytest.raises(Refused, match="マイナ保険証を利用できることを確認した"):
        applications.grant(application, by=clerks[1], on=TODAY)
    applications.refuse(application, by=clerks[1], on=TODAY)

    assert application.refusal == "myna_usable"
    assert application.refusal_text.startswith(
        "令和8年11月10日の情報で、マイナ保険証を利用できることを確認したため、今回は交付できません。"
    )
    assert not EligibilityCertificate.objects.exists()


def test_before_refusing_the_fund_is_asked(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    member = _society(tmp_path)
    _fund_says(member, date(2026, 10, 31), state="registered", e_certificate_expires_on=date(2030, 1, 1))
    application = _apply(member, clerks[0], ground="not_registered")

    with pytest.raises(Refused, match="個別照会"):
        applications.refuse(application, by=clerks[1], on=TODAY)
    MynaStatus.objects.create(person=member.person, as_of=TODAY, source="inquiry", state="not_registered")
    applications.grant(application, by=clerks[1], on=TODAY)

    assert EligibilityCertificate.objects.get().ground == "not_registered"


def test_whoever_holds_a_valid_one_is_pointed_to_the_reissue(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    load(Folder(tmp_path / "in").insured("1").certificate("1").write(), on=TODAY)
    application = _apply(Member.objects.get(), clerks[0])

    with pytest.raises(Refused, match="再交付を申請"):
        applications.grant(application, by=clerks[1], on=TODAY)


@pytest.mark.parametrize(
    ("status", "arrives_on", "code"),
    [
        ("approved", None, "under_way"),
        ("sent", TODAY + timedelta(1), "under_way"),
        ("sent", TODAY, "certificate_in_hand"),
        ("sent", TODAY - timedelta(1), "certificate_in_hand"),
        ("returned", TODAY - timedelta(1), "returned_by_post"),
    ],
)
def test_nobody_is_granted_a_second_one_beside_the_one_under_way(
    tmp_path: Path, clerks: tuple[Clerk, Clerk], status: str, arrives_on: date | None, code: str
) -> None:
    member = _society(tmp_path)
    made = ruling.issue(
        member.pk,
        cause="due",
        request="decision:1",
        ground=Ground.NOT_REGISTERED,
        basis=Basis.EX_OFFICIO,
        on=TODAY,
        by=None,
    )
    certificate = made.certificates.get()
    for verb, reached in (("approve", "approved"), ("print", "printed"), ("send", "sent"), ("return", "returned")):
        if certificate.status != status:
            advance(certificate, verb, by=None, on=TODAY, reason="宛所不明" if verb == "return" else "")
            assert certificate.status == reached
    EligibilityCertificate.objects.update(arrives_on=arrives_on)
    application = _apply(member, clerks[0], "needs_assistance")
    with pytest.raises(Refused):
        applications.grant(application, by=clerks[1], on=TODAY)
    refused = applications.refuse(application, by=clerks[1], on=TODAY)
    assert refused.refusal == code
    assert EligibilityCertificate.objects.count() == 1


def test_a_reissue_ends_the_lost_certificate_and_keeps_its_end(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    load(Folder(tmp_path / "in").insured("1").certificate("1").write(), on=TODAY)
    application = _apply(Member.objects.get(), clerks[0], "lost_certificate", "reissue")

    applications.grant(application, by=clerks[1], on=TODAY)

    old, new = EligibilityCertificate.objects.order_by("pk")
    assert (old.status, new.status) == ("lost", "approved")
    assert new.valid_through == old.valid_through == date(2030, 12, 1)


def test_with_the_lost_certificate_its_successor_is_lost_too(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    folder = Folder(tmp_path / "in").insured("1")
    folder.certificate("1", effective_on="2025-12-02", valid_through="2026-11-30")
    folder.certificate("1", effective_on="2026-12-01", valid_through="2027-11-30")
    load(folder.write(), on=TODAY)
    application = _apply(Member.objects.get(), clerks[0], "lost_certificate", "reissue")
    applications.grant(application, by=clerks[1], on=TODAY)
    statuses = EligibilityCertificate.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["lost", "lost", "approved"]


def test_what_is_missing_goes_back_and_comes_again(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    application = _apply(_society(tmp_path), clerks[0])

    applications.send_back(application, ["signature"], by=clerks[0], on=TODAY)
    with pytest.raises(Refused, match="不備返戻中"):
        applications.grant(application, by=clerks[1], on=TODAY)
    applications.complete(application, by=clerks[0], on=TODAY)

    assert (application.status, application.items_missing) == ("received", [])


@pytest.mark.parametrize(
    ("form", "column"),
    [
        (Form("issue", "lost_certificate", TODAY, "mail"), "ground"),
        (Form("other", "lost_card", TODAY, "mail"), "kind"),
        (Form("issue", "lost_card", TODAY, "pigeon"), "via"),
        (Form("issue", "lost_card", date(2026, 11, 11), "mail"), "received_on"),
        (Form("issue", "lost_card", TODAY, "mail", "proxy"), "proxy_relationship"),
    ],
)
def test_a_bad_form_is_refused_by_column(tmp_path: Path, clerks: tuple[Clerk, Clerk], form: Form, column: str) -> None:
    member = _society(tmp_path)

    with pytest.raises(BadInput) as bad:
        applications.receive(member, form, on=TODAY, by=clerks[0])

    assert [mistake.column for mistake in bad.value.mistakes] == [column]
    assert not Application.objects.exists()


HEAD = "insurer_number,symbol,number,branch_number,kind,ground,received_on,via\n"
GOOD = "06130488,101,1,00,issue,lost_card,2026-11-09,mail\n"
UNKNOWN = "06130488,101,9,00,issue,lost_card,2026-11-09,mail\n"
NO_DAY = "06130488,101,1,00,issue,no_card,2026-11-31,mail\n"


def test_one_bad_row_keeps_the_whole_file_out(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    _society(tmp_path)
    file = tmp_path / "applications.csv"
    file.write_text(HEAD + GOOD + UNKNOWN + NO_DAY, encoding="utf-8")

    with pytest.raises(BadInput) as bad:
        receive_file(file, on=TODAY, by=clerks[0])

    assert [(m.line, m.column) for m in bad.value.mistakes] == [(3, "number"), (4, "received_on")]
    assert not Application.objects.exists()


def test_the_good_rows_can_be_taken_and_taken_again_without_harm(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    _society(tmp_path)
    file = tmp_path / "applications.csv"
    file.write_text(HEAD + GOOD + UNKNOWN, encoding="utf-8")
    arguments = ("applications", file, "--by", "suzuki", "--on", "2026-11-10", "--take-good")

    first, again = run_command(*arguments), run_command(*arguments)

    assert first.json == again.json == {"applications": 1, "bad": 1}
    assert Application.objects.count() == 1


@pytest.mark.parametrize(("length", "bad"), [(19, 0), (20, 0), (21, 1)])
def test_a_relationship_longer_than_its_field_is_told_with_its_place(
    tmp_path: Path, clerks: tuple[Clerk, Clerk], length: int, bad: int
) -> None:
    _society(tmp_path)
    file = tmp_path / "applications.csv"
    head, good = HEAD.rstrip("\n"), GOOD.rstrip("\n")
    file.write_text(f"{head},applicant,proxy_relationship\n{good},proxy,{'子' * length}\n", encoding="utf-8")

    taken = receive_file(file, on=TODAY, by=clerks[0], take_good=True)

    assert [(m.line, m.column) for m in taken.mistakes] == [(2, "proxy_relationship")] * bad
    assert Application.objects.count() == 1 - bad


@pytest.mark.parametrize("day", ["20261109", "2026/11/9", "令和8年11月9日", "R8.11.9", "２０２６-11-09"])
def test_a_day_is_taken_as_the_pages_take_it(tmp_path: Path, clerks: tuple[Clerk, Clerk], day: str) -> None:
    _society(tmp_path)
    file = tmp_path / "applications.csv"
    file.write_text(HEAD + GOOD.replace("2026-11-09", day), encoding="utf-8")

    receive_file(file, on=TODAY, by=clerks[0])

    assert Application.objects.get().received_on == date(2026, 11, 9)


def test_the_same_row_twice_is_one_application(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> None:
    _society(tmp_path)
    file = tmp_path / "applications.csv"
    file.write_text(HEAD + GOOD + "\n" + GOOD.replace("2026-11-09", "20261109"), encoding="utf-8")

    taken = receive_file(file, on=TODAY, by=clerks[0])

    assert (len(taken.applications), taken.already) == (1, [4])
    assert run_command("applications", file, "--by", "suzuki", "--on", "2026-11-10").json["applications"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("number," + HEAD + "9," + GOOD, "applications.csv 1行目 「number」: 同じ名前の列が二つあります"),
        (HEAD + GOOD + GOOD.replace("mail", "ma\0il"), "applications.csv 3行目 「via」: 改行や使えない文字"),
        (HEAD + GOOD + '"' + GOOD, "applications.csv 3行目: 引用符"),
        (HEAD + GOOD + "a,b\n", "applications.csv 3行目: 列の数が見出しと違います。8列のはずが2列"),
        ("", "applications.csv 1行目: ファイルが空です"),
    ],
)
def test_a_file_or_row_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, clerks: tuple[Clerk, Clerk], content: str, said: str
) -> None:
    _society(tmp_path)
    file = tmp_path / "applications.csv"
    file.write_text(content, encoding="utf-8")

    answer = run_command("applications", file, "--by", "suzuki", "--on", "2026-11-10")

    assert (answer.code, Application.objects.count()) == (2, 0)
    assert said in answer.err


def test_the_month_after_leaves_the_person_alone(tmp_path: Path, clerks: tuple[Clerk, Clerk], settings: Any) -> None:
    member = _society(tmp_path)
    applications.grant(_apply(member, clerks[0]), by=clerks[1], on=TODAY)
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261130,20261203,M\nD,101,1,00,ヤマダ タロウ,19800415,1,0,,,0,\nT,1\n", encoding="utf-8"
    )
    settings.KENPO_TODAY = date(2026, 12, 8)
    assert run_command("receive", file).code == 0

    ran = run_command("run_month", "2026-12", "--by", "suzuki")

    assert (ran.code, ran.json["certificates"]) == (0, 0)
    assert Decision.objects.get().reason == "certificate_in_hand"
