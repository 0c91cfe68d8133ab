"""No list puts what a clerk typed into an address: over every registered page."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from core.models import Clerk
from core.web import ReadOnlyAdmin
from core.web.searching import KEPT
from kenpo.intake.load import load
from members.models import Member
from tests.builders import Folder
from tests.kenpo.desk.pages import ON, list_of
from tests.kenpo.reading import searched, text_of

pytestmark = pytest.mark.django_db

# Django's own page of groups opens to no clerk: roles take the place of groups.
PAGES = {model: page for model, page in admin.site._registry.items() if model is not Group}
NAME = "佐藤 肇子"
PERSONAL = ("name", "kana", "address", "phone", "birth", "individual_number")


@pytest.fixture
def desk(folder: Folder) -> Client:
    folder.insured("1").insured("2", name=NAME, name_kana="サトウ ハジメ", birth_date="1975-06-07")
    load(folder.write(), on=ON)
    browser = Client()
    browser.force_login(Clerk.objects.create_user("uketsuke", role="clerk", is_staff=True))
    return browser


@pytest.mark.parametrize("page", [pytest.param(page, id=str(model)) for model, page in PAGES.items()])
def test_every_page_is_the_office_s_own_and_searches_no_field(page: Any, rf: Any) -> None:
    assert isinstance(page, ReadOnlyAdmin)
    assert tuple(page.search_fields) == ()
    assert page.get_search_fields(rf.get("/")) in ((), ("pk",))
    fields = [each for each in page.list_filter if isinstance(each, str)]
    assert [each for each in fields if any(part in each.split("__")[-1] for part in PERSONAL)] in (
        [],
        ["individual_number_state"],
        ["address_protected"],
        ["individual_number_state", "address_protected"],
    )
    assert page.date_hierarchy is None


def test_no_list_s_address_holds_what_was_typed(desk: Client) -> None:
    for model, page in PAGES.items():
        if page.search_by is None:
            continue
        told = desk.get(list_of(model)).content.decode()
        assert 'method="post" action="?" role="search"' in told, model
        answer = desk.post(f"{list_of(model)}?p=3", {"words": NAME})
        assert answer.status_code == 302, model
        assert answer.url.startswith(f"{list_of(model)}?q=") and len(answer.url.split("=")[1]) == 8
        assert NAME not in unquote(answer.url)


def test_the_words_stand_in_the_box_again_and_the_filters_stay(desk: Client) -> None:
    answer = searched(desk, f"{list_of(Member)}?kind__exact=insured", NAME)
    assert [str(one) for one in answer.context["cl"].result_list] == ["101-2-00"]
    address = answer.redirect_chain[-1][0]
    assert "kind__exact=insured" in address
    assert f'value="{NAME}"' in answer.content.decode()
    answer = searched(desk, address, "")
    assert "q=" not in answer.redirect_chain[-1][0] and len(answer.context["cl"].result_list) == 2


def test_a_name_in_the_address_or_another_clerk_s_address_finds_nobody_and_says_why(desk: Client) -> None:
    theirs = searched(desk, list_of(Member), NAME).redirect_chain[-1][0]
    other = Client()
    other.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    for browser, address in ((desk, f"{list_of(Member)}?q={NAME}"), (other, theirs)):
        answer = browser.get(address)
        assert not answer.context["cl"].result_list
        assert "上の欄にもう一度入れてください。" in text_of(answer.content.decode())


def test_the_session_keeps_the_last_searches_only(desk: Client) -> None:
    for number in range(KEPT + 1):
        searched(desk, list_of(Member), str(number))
    kept = [words for _, words in desk.session["searches"]]
    assert kept == [str(number) for number in range(KEPT, 0, -1)]


def test_typing_wants_the_forgery_token_and_a_clerk(desk: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Clerk.objects.get())
    assert strict.post(list_of(Member), {"words": NAME}).status_code == 403
    assert "/login/" in Client().post(list_of(Member), {"words": NAME}).url
    assert desk.post(list_of(Member), {"action": "delete_selected"}).status_code == 403


def test_the_page_of_groups_is_nobody_s(desk: Client) -> None:
    assert desk.get("/admin/auth/group/").status_code == 404


def test_the_search_over_page_names_is_gone(desk: Client) -> None:
    assert "search-input-command" not in desk.get("/admin/").content.decode()
