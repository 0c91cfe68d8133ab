"""What is taken in, what is refused, and that a broken first attempt can be taken up again."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core import crypto
from core.errors import BadInput, Fault, Refused
from core.models import Clerk, Event
from exchange import incoming, storage
from exchange.incoming import parse
from exchange.models import ExchangeFile, ExchangeRow
from tests.exchange.fund import OCTOBER, ON, SECOND, SEPTEMBER, Line, cp932, insurer, member, receive, v1

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture(autouse=True)
def _society(db: None) -> None:
    insurer()


def rejected_file() -> ExchangeFile:
    file = ExchangeFile.objects.get()
    assert file.status == "rejected"
    assert not file.rows.exists()
    assert file.message
    return file


def test_a_good_file_is_staged_with_its_counts() -> None:
    file = receive(v1([Line(), Line(number="2")]))
    assert (file.status, file.kind, file.as_of, file.row_count) == ("staged", "monthly", OCTOBER, 2)
    assert (file.counts["rows"], file.counts["staged"], file.counts["rejected"]) == (2, 2, 0)
    assert list(file.rows.order_by("line_no").values_list("line_no", flat=True)) == [2, 3]
    assert list(Event.objects.order_by("seq").values_list("verb", flat=True)) == ["receive", "stage"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(end: str, bom: bytes) -> None:
    file = receive(bom + v1([Line()], end=end))
    assert file.rows.get().returned is False
    assert file.counts["rejected"] == 0


def test_cells_are_kept_verbatim_beside_their_keys() -> None:
    row = receive(v1([Line(symbol="１００", number="０００１", kana="ﾔﾏﾀﾞ ｼﾖｳｲﾁ")])).rows.get()
    assert (row.symbol, row.number, row.name_kana) == ("１００", "０００１", "ﾔﾏﾀﾞ ｼﾖｳｲﾁ")
    assert (row.symbol_key, row.number_key, row.name_kana_key) == ("100", "0001", "ヤマダシヨウイチ")


def test_bytes_are_stored_sealed_under_their_hash(home: Path) -> None:
    data = v1([Line()])
    file = receive(data)
    kept = home / "files" / file.path
    assert kept.name == file.sha256
    assert "ヤマダ".encode() not in kept.read_bytes()
    assert b"06130488" not in kept.read_bytes()
    assert b"".join(storage.read(file.path, file.sha256)) == data
    assert [p.name for p in kept.parent.iterdir()] == [file.sha256]
    assert kept.stat().st_mode & 0o077 == 0


def test_stored_bytes_that_changed_are_noticed(home: Path) -> None:
    file = receive(v1([Line()]))
    with (home / "files" / file.path).open("wb") as target:
        crypto.write_frames([v1([Line(number="2")])], target)
    with pytest.raises(Fault):
        list(storage.read(file.path, file.sha256))


def test_the_same_file_twice_is_refused() -> None:
    data = v1([Line()])
    file = receive(data)
    with pytest.raises(Refused, match=f"すでに受け付けています（ファイル番号 {file.pk}）"):
        receive(data)
    assert ExchangeRow.objects.count() == 1


def test_a_second_file_for_the_month_wants_the_first_rejected() -> None:
    first = receive(v1([Line()]))
    other = v1([Line(), Line(number="2")])
    with pytest.raises(Refused, match=f"ファイル番号 {first.pk}.*先にそのファイルを"):
        receive(other)
    incoming.reject(first, by=None, on=ON, reason="取り違え")
    assert receive(other).status == "staged"


def test_postgresql_keeps_one_monthly_file_to_a_month() -> None:
    first = receive(v1([Line()]))
    with pytest.raises(IntegrityError), transaction.atomic():
        second = ExchangeFile.objects.create(sha256="0" * 64, path="x", profile="example-v1")
        ExchangeFile.objects.filter(pk=second.pk).update(
            status="staged", kind="monthly", as_of=first.as_of, insurer=first.insurer
        )


def test_each_insurer_number_has_a_file_of_its_own() -> None:
    insurer(SECOND, main=insurer())
    receive(v1([Line()]))
    assert receive(v1([Line()], number=SECOND)).status == "staged"
    assert [f.insurer.number for f in incoming.monthly_files(OCTOBER) if f.insurer] == ["06130488", SECOND]


def test_another_insurer_is_refused_and_nothing_kept_of_its_rows() -> None:
    with pytest.raises(Refused, match="06139497"):
        receive(v1([Line()], number="06139497"))
    rejected_file()


def test_a_rejected_file_can_be_received_again() -> None:
    data = v1([Line()], number=SECOND)
    with pytest.raises(Refused):
        receive(data)
    insurer(SECOND, main=insurer())
    file = receive(data)
    assert (file.status, file.message, file.rows.count()) == ("staged", "", 1)


@pytest.mark.parametrize(
    ("told", "said"),
    [({"insurer_number": SECOND}, "保険者番号"), ({"as_of": SEPTEMBER}, "基準日"), ({"kind": "daily"}, "種類")],
)
def test_what_the_clerk_says_must_agree_with_the_header(told: dict[str, Any], said: str) -> None:
    insurer(SECOND, main=insurer())
    with pytest.raises(Refused, match=said):
        receive(v1([Line()]), **told)
    rejected_file()


def test_a_monthly_file_speaks_of_a_months_last_day_that_has_come() -> None:
    with pytest.raises(Refused, match="月末"):
        receive(v1([Line()], as_of=date(2026, 10, 30)))
    with pytest.raises(Refused, match="先の日付"):
        receive(v1([Line()]), on=date(2026, 10, 30))


GOOD = v1([Line(), Line(number="2")])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ヘッダー"),
        (v1([Line()], trailer=None), "トレーラーがありません"),
        (GOOD[: len(GOOD) // 2], "項目の数|トレーラー"),
        (v1([Line()], trailer=2), "トレーラーの行数（2）と実際の行数（1）"),
        (GOOD + b"D,1,2,3\n", "トレーラーより後"),
        (GOOD.replace(b"D,100,2", b"X,100,2"), "3行目: 知らない種類"),
        (GOOD.replace(b"D,100,2,", b"D,100,2,,"), "3行目: 項目の数が 13"),
        (GOOD.replace(b"D,100,2,", b"\nD,100,2,"), "3行目: 途中に空の行"),
        (GOOD.split(b"\n", 1)[1], "ヘッダー"),
        (GOOD.replace(b"20261031", b"20261131"), "1行目 「基準日」"),
        (GOOD.replace(b",M\n", b",X\n"), "1行目 「種類」"),
        (GOOD.replace(b"T,2", b"T,two"), "「行数」"),
        (GOOD.decode().encode("cp932"), "2行目: utf-8-sig として.*--profile example-cp932"),
        (GOOD.decode().encode("utf-16"), "として読めない"),
        (GOOD.replace(b"\n", b"\r"), "区切りの形"),
        (b"H" * 200_000, "行の終わり|区切り|ヘッダー"),
    ],
    ids=[
        "empty",
        "no trailer",
        "cut",
        "trailer counts otherwise",
        "row after trailer",
        "unknown record",
        "shifted column",
        "empty line",
        "no header",
        "impossible day",
        "unknown kind",
        "trailer no number",
        "Shift_JIS",
        "UTF-16",
        "CR only",
        "no line end",
    ],
)
def test_broken_structure_is_bad_input_and_keeps_no_row(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        receive(data)
    assert "ヤマダ" not in str(caught.value)
    rejected_file()


def test_a_broken_file_received_again_is_told_the_same() -> None:
    data = v1([Line()], trailer=5)
    for _ in range(2):
        with pytest.raises(BadInput):
            receive(data)
    rejected_file()


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (Line(sex="3"), "性別", "unknown_code"),
        (Line(registered="2"), "利用登録", "unknown_code"),
        (Line(registered="１"), "利用登録", "unknown_code"),
        (Line(returned=""), "返納", "empty"),
        (Line(birth="19800230"), "生年月日", "bad_date"),
        (Line(birth=""), "生年月日", "empty"),
        (Line(expires="2029-01-15"), "電子証明書有効期限", "bad_date"),
        (Line(expires="00000001"), "電子証明書有効期限", "bad_date"),
        (Line(expires="20151231"), "電子証明書有効期限", "outside_window"),
        (Line(expires="20371106"), "電子証明書有効期限", "outside_window"),
        (Line(expires="99991230"), "電子証明書有効期限", "outside_window"),
        (Line(registered_on="00010101"), "利用登録日", "outside_window"),
        (Line(returned_on="20151231"), "返納日", "outside_window"),
        (Line(birth="18680124"), "生年月日", "outside_window"),
        (Line(birth="20261106"), "生年月日", "outside_window"),
        (Line(birth="99991231"), "生年月日", "empty"),
        (Line(expires="２０２９０１１５"), "電子証明書有効期限", "bad_date"),
        (Line(registered_on="99999999"), "利用登録日", "bad_date"),
        (Line(number=""), "番号", "empty"),
        (Line(symbol=" "), "記号", "empty"),
        (Line(kana="　"), "フリガナ", "empty"),
        (Line(kana="ア" * 201), "フリガナ", "too_long"),
        (Line(kana="ヤマダ\0"), "フリガナ", "bad_text"),
        (Line(symbol="1\x010"), "記号", "bad_text"),
        (Line(number="1\u0085\u0080"), "番号", "bad_text"),
    ],
)
def test_a_bad_cell_rejects_its_row_alone(line: Line, column: str, reason: str) -> None:
    file = receive(v1([line, Line(number="2")]))
    bad, good = file.rows.order_by("line_no")
    assert (bad.outcome, bad.reason, bad.column) == ("rejected", reason, column)
    assert column in bad.message
    assert bad.branch_number == "00"
    assert (bad.registered, bad.e_certificate_expires_on) == (None, None)
    assert good.outcome == "staged"
    assert (file.counts["rejected"], file.counts["staged"]) == (1, 1)


def test_blank_dates_are_unknown_and_no_mistake() -> None:
    row = receive(v1([Line(registered_on="", expires="", branch="")])).rows.get()
    assert (row.outcome, row.registered, row.e_certificate_expires_on) == ("staged", True, None)


def test_what_looks_like_markup_or_quotes_is_text() -> None:
    row = receive(v1([Line(symbol='"1\\N')])).rows.get()
    assert (row.outcome, row.symbol) == ("staged", '"1\\N')


@pytest.mark.parametrize(
    ("line", "odd"),
    [
        (Line(birth="20261101"), "birth_after_as_of"),
        (Line(birth="19061030"), "birth_long_ago"),
        (Line(registered_on="20261101"), "registered_after_as_of"),
        (Line(birth="20200601", registered_on="20200531"), "registered_before_birth"),
        (Line(expires="20240331"), "expires_before_registered"),
        (Line(returned="1", returned_on="20261101"), "returned_after_as_of"),
        (Line(returned_on="20261001"), "returned_on_without_return"),
        (Line(birth="20261031", registered_on=""), ""),
    ],
)
def test_an_odd_date_is_loaded_and_listed(line: Line, odd: str) -> None:
    file = receive(v1([line]))
    assert (file.rows.get().outcome, file.rows.get().odd) == ("staged", odd)
    assert file.counts["odd"] == bool(odd)


@pytest.mark.parametrize("filler", ["00000000", "99991231", ""])
def test_what_a_profile_calls_no_date_is_an_empty_cell(filler: str) -> None:
    row = receive(v1([Line(expires=filler, registered_on=filler, returned_on=filler)])).rows.get()
    assert (row.outcome, row.odd) == ("staged", "")
    assert (row.e_certificate_expires_on, row.registered_on, row.returned_on) == (None, None, None)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (Line(expires="20151231", registered_on=""), "rejected"),
        (Line(expires="20160101", registered_on=""), "staged"),
        (Line(expires="20160102", registered_on=""), "staged"),
        (Line(expires="20371104"), "staged"),
        (Line(expires="20371105"), "staged"),
        (Line(expires="20371106"), "rejected"),
        (Line(birth="18680124"), "rejected"),
        (Line(birth="18680125"), "staged"),
        (Line(birth="18680126"), "staged"),
        (Line(birth="20261104", registered_on=""), "staged"),
        (Line(birth="20261105", registered_on=""), "staged"),
        (Line(birth="20261106", registered_on=""), "rejected"),
    ],
)
def test_a_day_outside_its_window_rejects_the_row_alone(line: Line, outcome: str) -> None:
    bad, good = receive(v1([line, Line(number="2")])).rows.order_by("line_no")
    assert (bad.outcome, good.outcome) == (outcome, "staged")
    assert outcome == "staged" or "平成28年1月1日" in bad.get_reason_display()


def test_a_file_of_an_impossible_day_is_refused() -> None:
    with pytest.raises(Refused, match="平成12年1月1日"):
        receive(v1([Line()], as_of=date(1999, 12, 31)))
    assert not ExchangeFile.objects.get().rows.exists()


def test_a_death_between_storing_and_staging_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    data = v1([Line(number=str(n)) for n in range(50)])
    rows = parse.Reading.rows

    def dying(self: parse.Reading, as_of: date, *, on: date) -> Any:
        for seen, row in enumerate(rows(self, as_of, on=on)):
            if seen == 30:
                raise MemoryError
            yield row

    with monkeypatch.context() as patch:
        patch.setattr(parse.Reading, "rows", dying)
        with pytest.raises(MemoryError):
            receive(data)
    file = ExchangeFile.objects.get()
    assert (file.status, file.rows.count()) == ("received", 0)
    assert receive(data).pk == file.pk
    file.refresh_from_db()
    assert (file.status, file.rows.count()) == ("staged", 50)


def test_a_daily_file_that_died_before_it_was_applied_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    member()
    data = v1([Line()], as_of=date(2026, 11, 4), kind="D")

    def dying(*_args: Any, **_more: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("exchange.incoming.receiving.apply_daily", dying)
        with pytest.raises(MemoryError):
            receive(data)
    assert receive(data).status == "applied"
    with pytest.raises(Refused, match="すでに受け付けています"):
        receive(data)


def test_a_layout_without_header_wants_to_be_told() -> None:
    data = cp932([Line()])
    with pytest.raises(BadInput, match=r"--insurer.*\n.*--as-of"):
        receive(data, profile="example-cp932")
    with pytest.raises(BadInput, match="--as-of"):
        receive(data, profile="example-cp932", insurer_number="06130488")
    assert not ExchangeFile.objects.exists()
    file = receive(data, profile="example-cp932", insurer_number="06130488", as_of=OCTOBER)
    assert (file.kind, file.as_of, file.rows.get().line_no) == ("monthly", OCTOBER, 2)


def test_a_files_name_may_tell_and_must_agree() -> None:
    data, name = cp932([Line()]), "06130488_20261031_monthly.csv"
    with pytest.raises(Refused, match="ファイル名の基準日"):
        receive(data, profile="example-cp932", name=name, as_of=SEPTEMBER)
    with pytest.raises(BadInput, match="ファイル名の基準日が暦にありません"):
        receive(data, profile="example-cp932", name="06130488_20261131.csv")
    file = receive(data, profile="example-cp932", name=name)
    assert (file.as_of, file.kind) == (OCTOBER, "monthly")


def test_columns_are_found_by_name_in_any_order() -> None:
    table = [row.split(",") for row in cp932([Line()]).decode("cp932").splitlines()]
    turned = "\r\n".join(",".join(reversed(row)) for row in table).encode("cp932")
    file = receive(turned, profile="example-cp932", insurer_number="06130488", as_of=OCTOBER)
    assert (file.rows.get().symbol, file.rows.get().returned) == ("100", False)


@pytest.mark.parametrize("data", [cp932([Line()]).split(b"\n", 1)[1], b"", v1([Line()])])
def test_without_its_row_of_names_a_file_is_broken(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        receive(data, profile="example-cp932", insurer_number="06130488", as_of=OCTOBER)
    assert "19800115" not in str(caught.value)


def test_an_unknown_profile_lists_those_there_are() -> None:
    with pytest.raises(BadInput, match="example-cp932・example-v1"):
        receive(v1([Line()]), profile="official")


def test_who_may_not_run_may_not_receive() -> None:
    with pytest.raises(Refused, match="監査"):
        receive(v1([Line()]), by=Clerk.objects.create_user("auditor", role="auditor"))
    assert not ExchangeFile.objects.exists()


def test_a_path_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadInput, match="開けません"):
            incoming.receive(path, on=ON)


def test_a_stream_is_read_once_and_in_pieces() -> None:
    class Narrow(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= crypto.FRAME_BYTES
            return super().read(size)

    assert incoming.receive(Narrow(v1([Line()])), on=ON).status == "staged"
