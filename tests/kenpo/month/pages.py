"""What the tests of the month's pages press and read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.kenpo.reading import japanese, page_of

ON = date(2026, 11, 10)
OWN = {"hanako", "taro", "haruko", "kansa", "arrived.csv", "v1_other_insurer.csv"}
Desk = dict[str, Client]


def said(answer: Any) -> str:
    return japanese(answer, OWN)


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("fund_2026-11*.csv"))


def hand_in(browser: Client, *files: Path | SimpleUploadedFile, **told: str) -> Any:
    uploads = [SimpleUploadedFile(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files]
    asked = {"profile": "example-v1", "files": uploads, **told}
    return browser.post(reverse("month_receive"), asked, follow=True)


def press(browser: Client, document: Any, step: str, **told: str) -> Any:
    return browser.post(page_of(document, step), told, follow=True)


DAYS = {"decided_on": "2026-11-10", "issue_on": "2026-11-10"}


def start(browser: Client, **days: str) -> Any:
    return browser.post(reverse("month_run") + "?month=2026-11", {**DAYS, **days}, follow=True)
