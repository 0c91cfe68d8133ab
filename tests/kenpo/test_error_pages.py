"""What a person reads where there is no page: Japanese, and where to go from there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.views.defaults import bad_request, server_error

from core.models import Clerk
from tests.kenpo.reading import latin_words, text_of

pytestmark = pytest.mark.django_db
NEXT = "はじめの画面を開く"


def told(answer) -> str:
    said = text_of(answer.content.decode())
    assert NEXT in said
    assert latin_words(said) == set()
    return said


def test_no_such_page(client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert "この画面はありません" in told(answer)


def test_not_for_this_role(client: Client) -> None:
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    answer = client.get("/admin/certificates/run/add/")
    assert answer.status_code == 403
    assert "管理者に頼んでください" in told(answer)


def test_a_form_older_than_its_session() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x", "password": "x"})
    assert answer.status_code == 403
    assert "もう一度行ってください" in told(answer)


def test_a_fault_and_an_unreadable_request(rf) -> None:
    said = told(server_error(rf.get("/")))
    assert "途中で止まりました" in said
    assert "何も変わっていません" not in said, "a page may have done a part of it before it broke off"
    assert "読み取れませんでした" in told(bad_request(rf.get("/"), ValueError()))
