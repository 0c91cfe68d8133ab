"""The fund's files on the page: refused in words, all or nothing, private while they are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from exchange import incoming as exchange
from exchange.models import ExchangeFile, ExchangeRow
from kenpo.pages import month_upload
from kenpo.pages.month_upload import at_the_desk
from tests.kenpo.month.pages import Desk, files_of, hand_in, said

pytestmark = pytest.mark.django_db


V1 = Path(__file__).parents[2] / "files"


def _cut(whole: bytes) -> bytes:
    return whole[: whole.rstrip().rfind(b"\n") + 1]


def _counting_otherwise(whole: bytes) -> bytes:
    last = whole.rstrip().rfind(b",")
    return whole[: last + 1] + b"3\r\n"


def _other_encoding(whole: bytes) -> bytes:
    return (V1 / "v1_in_shift_jis.csv").read_bytes()


def _other_insurer(whole: bytes) -> bytes:
    return (V1 / "v1_other_insurer.csv").read_bytes()


@pytest.mark.parametrize(
    ("altered", "profile", "expected"),
    [
        (_other_insurer, "example-v1", "当組合のものではありません。"),
        (_counting_otherwise, "example-v1", "と実際の行数"),
        (_other_encoding, "example-v1", "「形式」の欄の「例示用の形式"),
        (_cut, "example-v1", "トレーラーがありません"),
        (_other_encoding, "example-cp932", "「保険者番号」の欄"),
    ],
)
def test_a_refused_file_is_refused_in_words_and_leaves_no_row(
    desk: Desk, folder: Path, altered: Callable[[bytes], bytes], profile: str, expected: str
) -> None:
    data = altered(files_of(folder)[0].read_bytes())
    page = said(hand_in(desk["hanako"], SimpleUploadedFile("arrived.csv", data), profile=profile))
    assert "受け付けていません。このファイルの行は一つも取り込んでいません。" in page
    assert expected in page
    assert "--" not in page
    assert not ExchangeRow.objects.exists()
    assert set(ExchangeFile.objects.values_list("status", flat=True)) <= {"rejected"}


def test_the_same_file_twice_and_none_at_all(desk: Desk, folder: Path) -> None:
    file = files_of(folder)[0]
    hand_in(desk["hanako"], file)
    rows = ExchangeRow.objects.count()
    page = said(hand_in(desk["taro"], file))
    assert "このファイルはすでに受け付けています" in page
    assert ExchangeRow.objects.count() == rows and ExchangeFile.objects.count() == 1
    assert "ファイルを選んでください。" in said(hand_in(desk["hanako"]))


def test_of_several_files_the_good_are_taken_and_the_bad_are_named(desk: Desk, folder: Path) -> None:
    page = said(hand_in(desk["hanako"], files_of(folder)[0], V1 / "v1_other_insurer.csv"))
    assert "受け付けました。" in page and "受け付けていません。" in page
    assert ExchangeFile.objects.filter(status="staged").count() == 1


@pytest.mark.parametrize(("more", "taken"), [(-1, False), (0, True), (1, True)])
def test_a_file_above_the_limit_is_not_even_written(
    desk: Desk, folder: Path, settings: Any, more: int, taken: bool
) -> None:
    file = files_of(folder)[0]
    browser, sizes = desk["hanako"], []

    class Weighed(Client):
        def generic(self, method: str, path: str, data: Any = "", *args: Any, **kwargs: Any) -> Any:
            sizes.append(len(data))
            return super().generic(method, path, data, *args, **kwargs)

    weigher = Weighed()
    weigher.cookies = browser.cookies
    hand_in(weigher, SimpleUploadedFile("x.csv", b"no", "text/csv"), profile="")
    empty = SimpleUploadedFile(file.name, b"no", "text/csv")
    hand_in(weigher, empty)
    size = sizes[-2 if sizes[-1] == 0 else -1] - 2 + len(file.read_bytes())
    settings.UPLOAD_LIMIT_BYTES = size + more
    ExchangeFile.objects.all().delete()
    page = said(hand_in(browser, SimpleUploadedFile(file.name, file.read_bytes(), "text/csv")))
    assert ("受け付けました" in page) is taken
    assert ("ファイルが大きすぎます" in page) is not taken
    assert ExchangeFile.objects.exists() is taken


def test_what_is_handed_in_is_private_while_it_is_read_and_gone_afterwards(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    receive = exchange.receive

    def watched(source: Any, **told: Any) -> Any:
        path = source.temporary_file_path()
        seen.append((path, stat.S_IMODE(os.stat(path).st_mode)))
        return receive(source, **told)

    monkeypatch.setattr(month_upload.exchange, "receive", watched)
    hand_in(desk["hanako"], files_of(folder)[0])
    hand_in(desk["hanako"], V1 / "v1_other_insurer.csv")
    assert [mode for _, mode in seen] == [0o600, 0o600]
    assert not any(os.path.exists(path) for path, _ in seen)


def test_a_sentence_for_commands_names_the_fields_of_the_page() -> None:
    told = at_the_desk("utf-8-sig として読めません。--profile example-cp932（cp932） か --as-of を。<b>")
    assert "--" not in told and "「基準日」の欄" in told and "cp932（独自のもの" in told
    assert "<code>utf-8-sig</code>" in told and "&lt;b&gt;" in told
