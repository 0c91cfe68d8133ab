"""What never reaches a page: control characters and halves of characters, in addresses and in forms."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client, RequestFactory

from core.middleware import ReadableText
from tests.kenpo.reading import latin_words, text_of


def answer(request: HttpRequest) -> HttpResponse | None:
    return ReadableText(lambda _: HttpResponse()).process_view(request, None, (), {})


@pytest.mark.parametrize("bad", ["\0", "a\0", "\x01", "\x0b", "\x1b", "\x7f", "\x85"])
def test_a_control_character_is_refused_wherever_it_stands(rf: RequestFactory, bad: str) -> None:
    for request in (
        rf.get("/", {"q": bad}),
        rf.get("/", {bad: "q"}),
        rf.post("/", {"name": ["good", bad]}),
        rf.get(f"/{bad}/"),
    ):
        refused = answer(request)
        assert refused is not None and refused.status_code == 400


def test_half_a_character_is_refused(rf: RequestFactory) -> None:
    request, told = rf.get("/"), QueryDict(mutable=True)
    told["q"] = "\ud842"
    request.GET = told
    refused = answer(request)
    assert refused is not None and refused.status_code == 400


def test_line_ends_tabs_and_real_characters_pass_and_files_are_left_to_their_readers(rf: RequestFactory) -> None:
    assert answer(rf.post("/", {"reason": "一行目\r\n二行目\t𠮷邉\U000e0102"})) is None
    assert answer(rf.post("/", {"file": SimpleUploadedFile("f.csv", b"\0\x01")})) is None


@pytest.mark.django_db
def test_the_page_says_in_japanese_what_to_do(client: Client) -> None:
    refused = client.get("/admin/login/", {"next": "/\0"})
    said = text_of(refused.content.decode())
    assert refused.status_code == 400 and "使えない文字" in said and "入れ直してください" in said
    assert not latin_words(said)
