"""A print that breaks off: fonts are looked for before anything is claimed, and afterwards the page says what holds."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest
from django.test import Client

from core import disk
from core.errors import Fault
from core.models import Clerk, Job
from core.paper import fonts
from mailing.models import Dispatch
from mailing.services import assemble, print_dispatch, prove_dispatch
from tests.conftest import run_command
from tests.kenpo.reading import latin_words, page_of, text_of
from tests.mailing.build import ON, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatch(office: Office, clerk: Clerk) -> Dispatch:
    """A dispatch of one certificate, ready to be printed."""
    office.certify(office.household("0001", ["山田 太郎"]))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    return Dispatch.objects.get(pk=number)


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk.os, "fsync", refuses)


def test_without_a_typeface_nothing_is_claimed(
    dispatch: Dispatch, clerk: Clerk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KENPO_FONT_DIRS", str(tmp_path))
    with pytest.raises(Fault, match="書体"):
        print_dispatch(dispatch, by=clerk, on=ON)
    dispatch.refresh_from_db()
    assert dispatch.status == "assembled"
    assert set(dispatch.envelopes.values_list("enclosures__certificate__status", flat=True)) <= {"approved", None}


def test_on_a_full_disk_the_command_says_what_holds_and_a_repeat_finishes(
    dispatch: Dispatch, clerk: Clerk, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as full, caplog.at_level(logging.ERROR):
        fill_disk(full)
        answer = run_command("print_dispatch", dispatch.pk, "--by", clerk.username, "--on", ON.isoformat())
    assert (answer.code, answer.out) == (1, "")
    assert f"{home}/paper/{dispatch.pk}」に空きがありません" in answer.err
    assert f"発送{dispatch.pk}の書類はすでに「印刷済み」" in answer.err
    assert "もう一度印刷してください" in answer.err
    assert f"ENOSPC in {home}/paper/{dispatch.pk}" in caplog.text
    dispatch.refresh_from_db()
    assert dispatch.status == "printed"
    print_dispatch(dispatch, by=clerk, on=ON)
    prove_dispatch(dispatch)
    dispatch.refresh_from_db()
    assert dispatch.status == "proved"


@pytest.mark.parametrize("foreseen", [True, False], ids=["full disk", "unforeseen"])
def test_the_jobs_page_says_what_holds(
    dispatch: Dispatch, clerk: Clerk, monkeypatch: pytest.MonkeyPatch, foreseen: bool
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("山田 太郎")

    if foreseen:
        fill_disk(monkeypatch)
    else:
        monkeypatch.setattr("mailing.printing.printing.draw_lists", breaks)
    clerk.is_staff = True
    clerk.save()
    browser = Client()
    browser.force_login(clerk)
    browser.post(page_of(dispatch, "print"), follow=True)
    job = Job.objects.get(key=f"print_dispatch {dispatch.pk}")
    assert job.state == Job.State.FAILED
    page = text_of(browser.get(page_of(job)).content.decode())
    assert "途中で失敗しました" in page
    assert "すでに「印刷済み」" in page
    assert "記録は残っていません" not in page
    assert "山田" not in page
    if foreseen:
        assert "空きがありません" in page
        assert latin_words(page, data=["suzuki", *str(disk.Path(job.message).parts)]) is not None


def test_what_broke_off_before_the_claim_holds_nothing(dispatch: Dispatch) -> None:
    from mailing.printing.printing import what_holds

    assert what_holds(dispatch) == ""


def test_every_typeface_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: list[str] = []
    monkeypatch.setattr(fonts, "font_file", wanted.append)
    fonts.require_all()
    assert wanted == list(fonts.FILES)
