"""What the tests of the month's pages press and read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import Member
from tests.kenpo.reading import latin_words, text_of

ON = date(2026, 11, 10)
OWN = {"hanako", "taro", "haruko", "kansa", "arrived.csv", "v1_other_insurer.csv"}
Desk = dict[str, Client]


def url(document: Any, step: str = "change") -> str:
    meta = document._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{step}", args=[document.pk])


def said(answer: Any) -> str:
    text = text_of(answer.content.decode())
    names = {name for name in Member.objects.values_list("person__name", flat=True) if name.isascii()}
    assert not latin_words(text, data=OWN | names), latin_words(text, data=OWN | names)
    return text


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("fund_2026-11*.csv"))


def hand_in(browser: Client, *files: Path | SimpleUploadedFile, **told: str) -> Any:
    uploads = [
        SimpleUploadedFile(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files
    ]
    asked = {"profile": "example-v1", "files": uploads, **told}
    return browser.post(reverse("month_receive"), asked, follow=True)


def press(browser: Client, document: Any, step: str, **told: str) -> Any:
    return browser.post(url(document, step), told, follow=True)


DAYS = {"decided_on": "2026-11-10", "issue_on": "2026-11-10"}


def start(browser: Client, **days: str) -> Any:
    return browser.post(reverse("month_run") + "?month=2026-11", {**DAYS, **days}, follow=True)
