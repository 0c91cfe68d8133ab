"""What a person reads on a page, and which of its words are Latin. For every test that looks at pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from core.models import Clerk
from members.models import Member

_UNSEEN = {"script", "style", "code"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_READ_ALOUD = ("title", "placeholder", "aria-label", "alt")
ICON = "material-symbols-outlined"
ALLOWED = {"kenpo", "CSV", "PDF", "QR", "esc"}  # esc: a key, as it stands on Japanese keyboards


class _Reader(HTMLParser):
    """Collects text and what is read out on hover; icons are drawn from words nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        hidden = tag in _UNSEEN or ICON in (values.get("class") or "")
        if not any(self.open) and not hidden:
            self.said += [values[name] or "" for name in _READ_ALOUD if name in values]
        if tag not in _VOID:
            self.open.append(hidden)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.said.append(data)


def text_of(html: str) -> str:
    """What a person reads on the page, hover texts included."""
    reader = _Reader()
    reader.feed(html)
    return "\n".join(reader.said)


def latin_words(text: str, *, data: Iterable[str] = ()) -> set[str]:
    """Words of two Latin letters or more that are neither allowed nor the office's own ``data``."""
    for each in sorted(filter(None, data), key=len, reverse=True):
        text = text.replace(each, " ")
    words = set(re.findall(r"[A-Za-z0-9_]+", text))
    return {word for word in words if re.fullmatch(r"[A-Za-z_]{2,}", word)} - ALLOWED


def searched(browser: Client, url: str, words: str) -> Any:
    """A list's page after the words were typed into its box."""
    return browser.post(url, {"words": words}, follow=True)


def page_of(document: Any, step: str = "change") -> str:
    """Where a document's page, or the page of one of its steps, stands."""
    meta = document._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{step}", args=[document.pk])


def japanese(answer: Any, own: Iterable[str] = ()) -> str:
    """What a person reads on the page; no Latin word stands there but the office's ``own`` and people's names."""
    text = text_of(answer.content.decode())
    names = {name for name in Member.objects.values_list("person__name", flat=True) if name.isascii()}
    assert not latin_words(text, data={*own, *names}), latin_words(text, data={*own, *names})
    return text


def browser_of(name: str) -> Client:
    """A browser of the named clerk; kansa is an auditor."""
    role = "auditor" if name == "kansa" else "clerk"
    clerk, _ = Clerk.objects.update_or_create(username=name, defaults={"role": role, "is_staff": True})
    browser = Client()
    browser.force_login(clerk)
    return browser
