"""A clerk's days at the pages: applications, deregistrations, filings and inquiries, from intake to the approved paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates import applications, deregistration, filings, inquiries, ruling
from certificates.admin.filing_form import form_of
from certificates.applications.intake import Form
from certificates.filings import Kind
from certificates.filings.table import HANDLERS
from certificates.loading import load
from certificates.models import (
    Application,
    Deregistration,
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Filing,
    Inquiry,
    Recovery,
    Ruling,
)
from core.calendar import read_day
from core.models import Clerk, Event
from core.transitions import advance
from exchange import outgoing
from exchange.models import OutgoingFile
from mailing.models import Dispatch
from members.models import Establishment, Insurer, Member, MynaStatus, Person
from tests.builders import Folder
from tests.kenpo.reading import latin_words, searched, text_of

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 10)
DOCUMENTS = (
    Application, Deregistration, Inquiry, Filing, Ruling, ElderlyBeneficiaryCertificate, Recovery,
    EligibilityCertificate, OutgoingFile,
)  # fmt: skip
MOST_QUERIES = 12


def url(document: Any, step: str = "change") -> str:
    meta = document._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{step}", args=[document.pk])


def list_of(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


@pytest.fixture
def office(tmp_path: Path) -> Folder:
    """A family of three and somebody alone; nobody has a マイナ保険証 unless a test says so."""
    folder = Folder(tmp_path / "in")
    folder.establishment("0001", symbol="101").establishment("0002", symbol="102", name="架空物流株式会社")
    folder.insured("1").dependent("1", "01")
    folder.dependent(
        "1",
        "02",
        relationship="長男",
        name="山田 次郎",
        name_kana="ヤマダ ジロウ",
        sex="1",
        birth_date="2015-05-05",
    )
    folder.insured("2", name="佐藤 一", name_kana="サトウ ハジメ", birth_date="1975-06-07")
    load(folder.write(), on=ON)
    return folder


@pytest.fixture
def desk(office: Folder, home: Path) -> Iterator[dict[str, Client]]:
    """Browsers of two clerks, an approver and an auditor, by name."""
    browsers = {}
    for name, role in (("uketsuke", "clerk"), ("shonin", "approver"), ("kansa", "auditor")):
        browser = Client()
        browser.force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
        browsers[name] = browser
    yield browsers


def member(number: str = "1", branch: str = "00") -> Member:
    return Member.objects.get(number=number, branch_number=branch, lost_on=None)


def registered(one: Member, as_of: date = date(2026, 10, 31)) -> None:
    MynaStatus.objects.create(
        person=one.person, as_of=as_of, source="monthly", state="registered", registered_on=date(2023, 4, 1),
        e_certificate_expires_on=date(2030, 1, 1),
    )  # fmt: skip


def apply_for(browser: Client, one: Member, ground: str = "lost_card", **told: str) -> Any:
    paper = {
        "received_on": "2026-11-10", "via": "establishment", "ground": ground, "applicant": "insured",
        "proxy_relationship": "", **told,
    }  # fmt: skip
    return browser.post(url(one, "application"), paper, follow=True)


def test_an_application_is_taken_in_granted_by_another_and_its_certificate_approved(
    desk: dict[str, Client],
) -> None:
    page = said(apply_for(desk["uketsuke"], member()))
    application = Application.objects.get()
    assert "申請を受け付けました。" in page and "交付を決める" in page
    assert (application.kind, application.ground, application.received_by.username) == (
        "issue", "lost_card", "uketsuke",
    )  # fmt: skip

    asked = desk["shonin"].get(url(application, "grant"))
    assert "発行番号を採り" in said(asked)
    assert not EligibilityCertificate.objects.exists()

    page = said(desk["shonin"].post(url(application, "grant"), follow=True))
    assert "交付を決め、資格確認書を承認しました。" in page
    made = EligibilityCertificate.objects.get()
    assert (made.status, made.ground) == ("approved", "lost_card")
    assert made.serial in page


def test_who_took_the_form_in_and_grants_it_leaves_the_approval_to_another(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    application = Application.objects.get()
    assert "別の担当者が行います" in said(desk["uketsuke"].get(url(application, "grant")))
    desk["uketsuke"].post(url(application, "grant"))
    found = Ruling.objects.get()

    own = desk["uketsuke"].post(url(found, "approve"))
    assert own.status_code == 409
    assert "個別判定をした担当者は承認できません。" in said(own)
    assert EligibilityCertificate.objects.get().status == "proposed"

    page = said(desk["shonin"].post(url(found, "approve"), follow=True))
    assert "資格確認書1枚を承認しました。" in page
    assert EligibilityCertificate.objects.get().status == "approved"


def test_a_ruling_reads_its_sentence_out(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    desk["shonin"].post(url(Application.objects.get(), "grant"))
    page = said(desk["kansa"].get(url(Ruling.objects.get())))
    assert "判定の説明" in page and "申請" in page
    assert not latin_words(page, data={"uketsuke", "shonin", "kansa"})


def test_a_wish_is_refused_in_the_words_of_the_letter_after_the_fund_was_asked(
    desk: dict[str, Client],
) -> None:
    one = member()
    registered(one)
    apply_for(desk["uketsuke"], one, ground="anyone")
    application = Application.objects.get()

    answer = desk["shonin"].post(url(application, "refuse"))
    assert answer.status_code == 409
    assert "支払基金へ個別照会をしてください" in said(answer)
    answer = desk["shonin"].post(url(application, "grant"))
    assert answer.status_code == 409 and "今回は交付できません。" in said(answer)

    desk["shonin"].post(url(application, "inquiry"))
    told = {
        "registration": "registered",
        "as_of": "2026-11-10",
        "registered_on": "2023-04-01",
        "expires_on": "2030-01-01",
    }
    page = said(desk["shonin"].post(url(Inquiry.objects.get(), "answer"), told, follow=True))
    assert "回答を受けました。" in page

    page = said(desk["shonin"].get(url(application, "refuse")))
    assert "送る文面" in page and "利用登録の解除を申請できます（理由は問いません）。" in page
    page = said(desk["shonin"].post(url(application, "refuse"), follow=True))
    application.refresh_from_db()
    assert application.status == "refused" and application.refusal_text in page.replace("\n", "")
    assert not EligibilityCertificate.objects.exists()


def test_a_bad_form_says_what_is_wrong_beside_each_field(desk: dict[str, Client]) -> None:
    answer = apply_for(
        desk["uketsuke"], member(), received_on="2026-12-01", applicant="proxy", ground="", via="fax"
    )
    errors = answer.context["form"].errors
    assert set(errors) == {"ground", "via"}
    assert all(not latin_words(text, data={"fax"}) for texts in errors.values() for text in texts)

    answer = apply_for(desk["uketsuke"], member(), received_on="2026-12-01", applicant="proxy")
    assert answer.context["form"].errors == {
        "received_on": ["受付日が先の日付です。受け付けた日を確認してください。"],
        "proxy_relationship": ["代理人の続柄を書いてください。"],
    }
    assert not Application.objects.exists()


def test_an_application_goes_back_for_what_is_missing_and_comes_again(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    application = Application.objects.get()
    empty = desk["uketsuke"].post(url(application, "send-back"), {})
    assert set(empty.context["form"].errors) == {"items"}

    page = said(
        desk["uketsuke"].post(url(application, "send-back"), {"items": ["signature", "fee"]}, follow=True)
    )
    assert "申請者の署名、再交付手数料" in page
    assert "申請は「不備返戻中」のため、「交付を決める」はできません" in page

    desk["uketsuke"].post(url(application, "complete"))
    desk["uketsuke"].post(url(application, "withdraw"))
    application.refresh_from_db()
    assert (application.status, application.items_missing) == ("withdrawn", [])


def test_an_auditor_sees_every_page_and_may_do_nothing(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    application, one = Application.objects.get(), member()
    before = Event.objects.count()

    page = said(desk["kansa"].get(url(application)))
    assert "「交付を決める」は監査の権限ではできません。" in page
    for document in (one, application, Establishment.objects.first(), Insurer.objects.first()):
        for step in admin.site._registry[type(document)].steps:
            if not step.permission:
                continue
            for call in (desk["kansa"].get, desk["kansa"].post):
                answer = call(url(document, step.name))
                assert answer.status_code == 403, step.name
                assert "監査の権限ではできません" in said(answer)
    assert Event.objects.count() == before


def test_a_step_wants_the_forgery_token(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Clerk.objects.get(username="shonin"))
    assert strict.post(url(Application.objects.get(), "grant")).status_code == 403
    assert Application.objects.get().status == "received"


def test_a_deregistration_is_taken_in_and_accepted_with_its_certificate(desk: dict[str, Client]) -> None:
    one = member()
    told = {"received_on": "2026-11-10", "via": "mail"}
    refused = desk["uketsuke"].post(url(one, "deregistration"), told)
    assert "利用登録の有無がわからないため" in said(refused)

    registered(one)
    desk["uketsuke"].post(url(one, "deregistration"), told)
    request = Deregistration.objects.get()
    page = said(desk["shonin"].post(url(request, "accept"), follow=True))
    assert "申請を認め、資格確認書を承認しました。" in page
    assert EligibilityCertificate.objects.get().status == "approved"
    again = desk["shonin"].post(url(request, "accept"))
    assert again.status_code == 409 and "すでに認めています" in said(again)

    empty = desk["uketsuke"].post(url(request, "withdraw"), {"reason": " "})
    assert set(empty.context["form"].errors) == {"reason"}
    desk["uketsuke"].post(url(request, "withdraw"), {"reason": "本人の申出"})
    assert EligibilityCertificate.objects.get().status == "voided"


def stored() -> dict[str, Any]:
    """Everything a filing could touch."""
    return {
        "people": list(Person.objects.order_by("pk").values()),
        "covers": list(Member.objects.order_by("pk").values()),
        "events": Event.objects.count(),
        **{model.__name__: list(model.objects.order_by("pk").values()) for model in DOCUMENTS},
    }


def in_hand(one: Member) -> EligibilityCertificate:
    made = ruling.issue(
        one.pk, cause="application", request=f"test:{one.pk}", ground=applications.intake.Ground.NO_CARD,
        basis=applications.outcome.Basis.APPLICATION, on=ON, by=None,
    )  # fmt: skip
    certificate = made.certificates.get(sequence=0)
    for verb in ("approve", "print", "send"):
        advance(certificate, verb, by=None, on=ON)
    return certificate


RENAMED = {
    "received_on": "2026-11-10", "via": "establishment", "effective_on": "2026-11-01", "name": "鈴木 太郎",
    "name_kana": "スズキ タロウ",
}  # fmt: skip


def file(browser: Client, document: Any, kind: str, told: dict[str, str]) -> Any:
    """The form sent, checked; answers the page that shows what would change."""
    return browser.post(f"{url(document, 'filing')}?kind={kind}", {**told, "stage": "check"})


def save(browser: Client, document: Any, kind: str, shown: Any) -> Any:
    sealed = {"sealed": shown.context["sealed"], "stage": "save"}
    return browser.post(f"{url(document, 'filing')}?kind={kind}", sealed, follow=True)


def test_a_filing_shows_what_it_would_do_before_it_does_anything(desk: dict[str, Client]) -> None:
    family = [member("1", branch) for branch in ("00", "01", "02")]
    serials = [in_hand(one).serial for one in family]
    before = stored()

    shown = file(desk["uketsuke"], family[0], "name_change", RENAMED)

    page = said(shown)
    assert "まだ保存していません。" in page and "鈴木 太郎" in page
    assert all(serial in page for serial in serials), "the whole family's papers carry the name"
    assert "回収します" in page
    assert stored() == before
    assert not latin_words(page, data={"uketsuke", *serials})

    page = said(save(desk["uketsuke"], family[0], "name_change", shown))
    assert "届出を受け付け、反映しました。" in page
    assert Person.objects.get(pk=family[0].person_id).name == "鈴木 太郎"
    assert Recovery.objects.filter(status="open").count() == 3
    assert Filing.objects.get().status == "applied"
    assert not latin_words(page, data={"uketsuke", *serials})


def test_what_was_typed_stands_in_the_form_again_and_saves_for_nobody_else(desk: dict[str, Client]) -> None:
    one = member()
    shown = file(desk["uketsuke"], one, "name_change", RENAMED)
    where = f"{url(one, 'filing')}?kind=name_change"
    assert "鈴木" not in where
    back = desk["uketsuke"].post(where, {"sealed": shown.context["sealed"], "stage": "back"})
    assert 'value="鈴木 太郎"' in back.content.decode()

    for browser, document in ((desk["shonin"], one), (desk["uketsuke"], member("2"))):
        answer = save(browser, document, "name_change", shown)
        assert "入力した内容を読み取れませんでした。" in said(answer)
    assert not Filing.objects.exists()


def test_an_individual_number_is_on_no_page_and_in_no_source(desk: dict[str, Client]) -> None:
    one = member()
    Person.objects.filter(pk=one.person_id).update(individual_number_state="pending")
    told = {
        "received_on": "2026-11-10", "via": "establishment", "effective_on": "2026-11-10", "reason": "filed",
        "individual_number": "123456789018",
    }  # fmt: skip
    shown = file(desk["uketsuke"], one, "individual_number", told)
    assert "123456789018" not in shown.content.decode() and "（入力済み）" in said(shown)
    page = save(desk["uketsuke"], one, "individual_number", shown)
    assert "123456789018" not in page.content.decode() and "届け出あり" in said(page)


def test_a_filing_that_cannot_be_names_the_field_or_the_reason(desk: dict[str, Client]) -> None:
    one = member()
    answer = file(desk["uketsuke"], one, "name_change", {**RENAMED, "effective_on": "2026-02-30"})
    assert set(answer.context["form"].errors) == {"effective_on"}
    answer = file(
        desk["uketsuke"], one, "remuneration", {**RENAMED, "standard_monthly_remuneration_yen": "30万"}
    )
    assert answer.context["form"].errors == {
        "standard_monthly_remuneration_yen": ["円単位の整数を、区切りなしで入れてください。"]
    }
    nothing = {name: text for name, text in RENAMED.items() if not name.startswith("name")}
    answer = file(desk["uketsuke"], one, "name_change", nothing)
    assert "変わった項目がありません。" in said(answer)
    assert not latin_words(said(answer), data={"uketsuke"})
    assert not Filing.objects.exists()


def test_a_filing_of_a_day_to_come_is_kept_until_then(desk: dict[str, Client]) -> None:
    one = member()
    shown = file(desk["uketsuke"], one, "name_change", {**RENAMED, "effective_on": "2026-12-01"})
    assert "令和8年12月1日" in said(shown)
    page = said(save(desk["uketsuke"], one, "name_change", shown))
    assert "令和8年12月1日になると、自動で反映されます。" in page
    assert Filing.objects.get().status == "received"
    early = desk["uketsuke"].post(url(Filing.objects.get(), "apply"))
    assert "まだ先のため" in said(early)
    desk["uketsuke"].post(url(Filing.objects.get(), "withdraw"), {"reason": "届出の取下げ"})
    assert Filing.objects.get().status == "withdrawn"


def test_a_new_employee_is_filed_on_the_employers_page(desk: dict[str, Client]) -> None:
    employer = Establishment.objects.get(code="0001")
    form = desk["uketsuke"].get(f"{url(employer, 'filing')}?kind=acquisition").context["form"]
    assert form["symbol"].value() == "101"
    told = {
        "received_on": "2026-11-10", "via": "establishment", "effective_on": "2026-11-01", "symbol": "101", "number": "9",
        "branch_number": "00", "establishment_code": "0001", "name": "田中 三郎", "name_kana": "タナカ サブロウ", "sex": "1",
        "birth_date": "1990-01-01",
    }  # fmt: skip
    shown = file(desk["uketsuke"], employer, "acquisition", told)
    assert not Member.objects.filter(number="9").exists()
    page = said(save(desk["uketsuke"], employer, "acquisition", shown))
    assert Member.objects.get(number="9").person.name == "田中 三郎" and "田中 三郎" in page


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_filing_has_its_form_in_japanese(desk: dict[str, Client], kind: Kind) -> None:
    documents = {True: [member()], False: [Establishment.objects.first(), Insurer.objects.first()]}
    shown = [
        desk["uketsuke"].get(f"{url(document, 'filing')}?kind={kind}")
        for document in documents[HANDLERS[kind].about_member]
    ]
    forms = [answer for answer in shown if answer.context.get("form")]
    assert len(forms) == 1
    own = {"uketsuke"}
    assert not latin_words(said(forms[0]), data=own)
    assert set(form_of(kind).base_fields) >= set(HANDLERS[kind].required)


@pytest.mark.parametrize(
    "text",
    [
        "令和8年11月10日",
        "R8.11.10",
        "ｒ８／１１／１０",
        "2026-11-10",
        "20261110",
        "2026年11月10日",
        " 令和 8 年 11 月 10 日 ",
    ],
)
def test_a_day_is_read_as_clerks_write_it(text: str) -> None:
    assert read_day(text) == date(2026, 11, 10)


@pytest.mark.parametrize(
    "text", ["平成32年1月1日", "R8.2.30", "8.11.10", "令和0年1月1日", "きのう", "R8.11", "昭和64年1月8日"]
)
def test_a_day_that_is_none_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        read_day(text)


def test_the_first_year_of_an_era_is_read(text: str = "令和元年5月1日") -> None:
    assert read_day(text) == date(2019, 5, 1) == read_day("R1.5.1")


def stories(desk: dict[str, Client]) -> Member:
    """A family with something of every kind."""
    one = member()
    in_hand(one)
    apply_for(desk["uketsuke"], member("1", "01"))
    desk["shonin"].post(url(Application.objects.get(), "grant"))
    shown = file(desk["uketsuke"], one, "loss", {
        "received_on": "2026-11-10", "via": "establishment", "effective_on": "2026-11-21", "reason": "retirement",
    })  # fmt: skip
    save(desk["uketsuke"], one, "loss", shown)
    return one


def test_the_timeline_tells_the_family_by_day(desk: dict[str, Client]) -> None:
    one = stories(desk)
    answer = desk["kansa"].get(url(one.person, "timeline"))
    days = [day.on for day in answer.context["days"]]
    assert days == sorted(days) and days[2:] == [date(2026, 11, 20), date(2026, 11, 26)]
    assert [day.first for day in answer.context["days"]].count(True) == 1
    page = said(answer)
    for name in ("山田 太郎", "山田 花子", "山田 次郎"):
        assert name in page
    for words in (
        "資格を取得",
        "交付の申請（",
        "の内容を反映しました。",
        "はこの日まで使えます。",
        "返納期限",
        "今日（",
    ):
        assert words in page
    assert "佐藤" not in page
    assert url(one.person, "timeline") in desk["kansa"].get(url(one)).content.decode()
    assert url(one.person, "timeline") in desk["kansa"].get(url(one.person)).content.decode()


def everything(clerk: Clerk, people: Iterable[Member]) -> None:
    """One of every kind of document for each of these members, whose card is usable."""
    for place, one in enumerate(people):
        made = applications.receive(one, Form("issue", "lost_card", ON, "mail"), on=ON, by=clerk)
        applications.grant(made, by=clerk, on=ON)
        deregistration.receive(one, received_on=ON, by=clerk, on=ON)
        inquiries.open_for(one, by=clerk, on=ON)
        address = {"effective_on": "2026-11-10", "address": f"大阪市{place}"}
        filings.receive("address", one, address, received_on=ON, via="mail", by=clerk)
        paper = ElderlyBeneficiaryCertificate.objects.create(
            serial=f"9000000000{place:02d}", member=one, cause="turns_70", copayment_percent=20, issued_on=ON,
            effective_on=ON, valid_through=date(2027, 7, 31), face_key="",
        )  # fmt: skip
        outgoing.make_all("inquiry", by=clerk, on=ON)
        Recovery.objects.create(
            elderly_certificate=paper, cause="loss", opened_on=ON, due_on=date(2026, 11, 20)
        )


def of_everybody(count: int) -> None:
    people = list(Member.objects.order_by("pk")[:count])
    for one in people:
        registered(one)
    everything(Clerk.objects.get(username="uketsuke"), people)


def test_lists_and_pages_are_in_japanese_found_by_number_and_kana(desk: dict[str, Client]) -> None:
    of_everybody(4)
    own = {"uketsuke", "kansa"}
    for model in DOCUMENTS:
        page = said(desk["kansa"].get(list_of(model)))
        assert not latin_words(page, data=own), model
        document = model.objects.first()
        page = said(desk["kansa"].get(url(document)))
        assert not latin_words(page, data=own), (model, latin_words(page, data=own))
        for text in ("１０１－２－００", "サトウ"):
            found = searched(desk["kansa"], list_of(model), text).context["cl"].result_list
            assert len(found) == 1, (model, text)


def test_lists_ask_the_database_few_times_whatever_their_length(
    desk: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_everybody(4)
    for model in DOCUMENTS:
        asked = []
        for rows in (1, 4):
            monkeypatch.setattr(admin.site._registry[model], "list_per_page", rows)
            with CaptureQueriesContext(connection) as queries:
                desk["kansa"].get(list_of(model))
            asked.append(len(queries))
        assert asked[0] == asked[1] <= MOST_QUERIES, (model, asked)


def test_every_step_page_opens_or_says_why_not(desk: dict[str, Client]) -> None:
    of_everybody(1)
    own = {"uketsuke", "shonin"}
    documents = [model.objects.first() for model in DOCUMENTS]
    documents += [member(), member().person, Establishment.objects.first(), Insurer.objects.first()]
    for document in documents:
        for step in admin.site._registry[type(document)].steps:
            answer = desk["shonin"].get(step.url(document))
            assert answer.status_code in (200, 409), (document, step.name)
            assert not latin_words(said(answer), data=own), (document, step.name)


def test_the_first_page_names_what_waits_and_leads_there(desk: dict[str, Client]) -> None:
    of_everybody(2)
    page = desk["uketsuke"].get(reverse("admin:index"))
    for queue in page.context["waiting"]:
        listed = desk["uketsuke"].get(queue.url)
        assert listed.status_code == 200 and len(listed.context["cl"].result_list) == queue.count, queue.title
    titles = {queue.title for queue in page.context["waiting"]}
    assert {"反映していない届出", "回答を待つ個別照会", "基金が受け付けていない利用登録解除"} <= titles


def test_what_happened_afterwards_stands_on_the_member_and_the_decision(desk: dict[str, Client]) -> None:
    """Without a month there is nothing to explain, and the page says so by saying nothing."""
    page = said(desk["kansa"].get(url(member())))
    assert "判定の説明" not in page


def test_what_was_granted_is_enclosed_the_same_day_by_who_may_send(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    desk["shonin"].post(url(Application.objects.get(), "grant"))
    page = reverse("admin:mailing_dispatch_day")
    answer = desk["kansa"].post(page)
    assert answer.status_code == 403 and "監査の権限ではできません。" in said(answer)
    assert not Dispatch.objects.exists()
    assert "まだ印刷はしません。" in said(desk["uketsuke"].get(page))
    assert not Dispatch.objects.exists()
    for _ in range(2):
        answer = desk["uketsuke"].post(page, follow=True)
    assert "終わりました。" in said(answer)
    dispatch = Dispatch.objects.get()
    assert url(dispatch) in answer.content.decode()


def test_a_pile_of_papers_is_scanned_and_the_rate_is_told(desk: dict[str, Client]) -> None:
    back = in_hand(member())
    desk["uketsuke"].post(url(back, "report-lost"))
    page = reverse("admin:certificates_recovery_scan")
    assert "令和8年11月に始まった回収はありません。" in said(desk["uketsuke"].get(list_of(Recovery)))
    found = said(desk["kansa"].post(page, {"channel": "mail", "code": back.serial}))
    assert "記録していません。" in found and "監査の権限ではできません。" in found
    found = said(desk["uketsuke"].post(page, {"channel": "mail", "code": back.serial}))
    assert "返ってきたことを記録しました。" in found
