"""Applications and deregistrations on their pages, from the form to the ruling."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from certificates.models import Application, Deregistration, EligibilityCertificate, Inquiry, Ruling
from core.models import Clerk, Event
from members.models import Establishment, Insurer
from tests.kenpo.desk.pages import apply_for, member, registered, said
from tests.kenpo.reading import latin_words, page_of

pytestmark = pytest.mark.django_db


def test_an_application_is_taken_in_granted_by_another_and_its_certificate_approved(desk: dict[str, Client]) -> None:
    page = said(apply_for(desk["uketsuke"], member()))
    application = Application.objects.get()
    assert "申請を受け付けました。" in page and "交付を決める" in page
    assert (application.kind, application.ground, application.received_by.username) == (
        "issue",
        "lost_card",
        "uketsuke",
    )

    asked = desk["shonin"].get(page_of(application, "grant"))
    assert "発行番号を採り" in said(asked)
    assert not EligibilityCertificate.objects.exists()

    page = said(desk["shonin"].post(page_of(application, "grant"), follow=True))
    assert "交付を決め、資格確認書を承認しました。" in page
    made = EligibilityCertificate.objects.get()
    assert (made.status, made.ground) == ("approved", "lost_card")
    assert made.serial in page


def test_who_took_the_form_in_and_grants_it_leaves_the_approval_to_another(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    application = Application.objects.get()
    assert "別の担当者が行います" in said(desk["uketsuke"].get(page_of(application, "grant")))
    desk["uketsuke"].post(page_of(application, "grant"))
    found = Ruling.objects.get()

    own = desk["uketsuke"].post(page_of(found, "approve"))
    assert own.status_code == 409
    assert "個別判定をした担当者は承認できません。" in said(own)
    assert EligibilityCertificate.objects.get().status == "proposed"

    page = said(desk["shonin"].post(page_of(found, "approve"), follow=True))
    assert "資格確認書1枚を承認しました。" in page
    assert EligibilityCertificate.objects.get().status == "approved"


def test_a_ruling_reads_its_sentence_out(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    desk["shonin"].post(page_of(Application.objects.get(), "grant"))
    page = said(desk["kansa"].get(page_of(Ruling.objects.get())))
    assert "判定の説明" in page and "申請" in page
    assert not latin_words(page, data={"uketsuke", "shonin", "kansa"})


def test_a_wish_is_refused_in_the_words_of_the_letter_after_the_fund_was_asked(desk: dict[str, Client]) -> None:
    one = member()
    registered(one)
    apply_for(desk["uketsuke"], one, ground="anyone")
    application = Application.objects.get()

    answer = desk["shonin"].post(page_of(application, "refuse"))
    assert answer.status_code == 409
    assert "支払基金へ個別照会をしてください" in said(answer)
    answer = desk["shonin"].post(page_of(application, "grant"))
    assert answer.status_code == 409 and "今回は交付できません。" in said(answer)

    desk["shonin"].post(page_of(application, "inquiry"))
    told = {
        "registration": "registered",
        "as_of": "2026-11-10",
        "registered_on": "2023-04-01",
        "expires_on": "2030-01-01",
    }
    page = said(desk["shonin"].post(page_of(Inquiry.objects.get(), "answer"), told, follow=True))
    assert "回答を受けました。" in page

    page = said(desk["shonin"].get(page_of(application, "refuse")))
    assert "送る文面" in page and "利用登録の解除を申請できます（理由は問いません）。" in page
    page = said(desk["shonin"].post(page_of(application, "refuse"), follow=True))
    application.refresh_from_db()
    assert application.status == "refused" and application.refusal_text in page.replace("\n", "")
    assert not EligibilityCertificate.objects.exists()


def test_a_bad_form_says_what_is_wrong_beside_each_field(desk: dict[str, Client]) -> None:
    answer = apply_for(desk["uketsuke"], member(), received_on="2026-12-01", applicant="proxy", ground="", via="fax")
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
    empty = desk["uketsuke"].post(page_of(application, "send-back"), {})
    assert set(empty.context["form"].errors) == {"items"}

    page = said(desk["uketsuke"].post(page_of(application, "send-back"), {"items": ["signature", "fee"]}, follow=True))
    assert "申請者の署名、再交付手数料" in page
    assert "申請は「不備返戻中」のため、「交付を決める」はできません" in page

    desk["uketsuke"].post(page_of(application, "complete"))
    desk["uketsuke"].post(page_of(application, "withdraw"))
    application.refresh_from_db()
    assert (application.status, application.items_missing) == ("withdrawn", [])


def test_an_auditor_sees_every_page_and_may_do_nothing(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    application, one = Application.objects.get(), member()
    before = Event.objects.count()

    page = said(desk["kansa"].get(page_of(application)))
    assert "「交付を決める」は監査の権限ではできません。" in page
    for document in (one, application, Establishment.objects.first(), Insurer.objects.first()):
        for step in admin.site._registry[type(document)].steps:
            if not step.permission:
                continue
            for call in (desk["kansa"].get, desk["kansa"].post):
                answer = call(page_of(document, step.name))
                assert answer.status_code == 403, step.name
                assert "監査の権限ではできません" in said(answer)
    assert Event.objects.count() == before


def test_a_step_wants_the_forgery_token(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Clerk.objects.get(username="shonin"))
    assert strict.post(page_of(Application.objects.get(), "grant")).status_code == 403
    assert Application.objects.get().status == "received"


def test_a_deregistration_is_taken_in_and_accepted_with_its_certificate(desk: dict[str, Client]) -> None:
    one = member()
    told = {"received_on": "2026-11-10", "via": "mail"}
    refused = desk["uketsuke"].post(page_of(one, "deregistration"), told)
    assert "利用登録の有無がわからないため" in said(refused)

    registered(one)
    desk["uketsuke"].post(page_of(one, "deregistration"), told)
    request = Deregistration.objects.get()
    page = said(desk["shonin"].post(page_of(request, "accept"), follow=True))
    assert "申請を認め、資格確認書を承認しました。" in page
    assert EligibilityCertificate.objects.get().status == "approved"
    again = desk["shonin"].post(page_of(request, "accept"))
    assert again.status_code == 409 and "すでに認めています" in said(again)

    empty = desk["uketsuke"].post(page_of(request, "withdraw"), {"reason": " "})
    assert set(empty.context["form"].errors) == {"reason"}
    desk["uketsuke"].post(page_of(request, "withdraw"), {"reason": "本人の申出"})
    assert EligibilityCertificate.objects.get().status == "voided"
