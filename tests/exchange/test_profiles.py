"""A layout is data: those shipped are whole, and one that contradicts itself is not taken."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput
from exchange import profiles
from exchange.profiles.checks import check_profiles


@pytest.fixture
def data() -> dict[str, Any]:
    return deepcopy(tomllib.loads((profiles.FOLDER / "example-v1.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", profiles.names())
def test_every_shipped_layout_is_whole_and_says_it_is_not_official(name: str) -> None:
    layout = profiles.load(name)
    assert [c.field for c in layout.row] == list(profiles.ROW_FIELDS)
    assert "正式な形式ではない" in layout.label


def test_an_unknown_name_lists_those_there_are() -> None:
    for name in ("official", "../example-v1", ""):
        with pytest.raises(BadInput, match="example-cp932・example-v1"):
            profiles.load(name)


def test_the_other_encoding_is_the_one_to_try() -> None:
    assert [p.name for p in profiles.others(profiles.load("example-v1"))] == ["example-cp932"]
    assert [p.name for p in profiles.others(profiles.load("example-cp932"))] == ["example-v1"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("06130488_20261031.csv", {"insurer": "06130488", "as_of": "20261031"}),
        ("06130488_20261103_daily.csv", {"insurer": "06130488", "as_of": "20261103", "kind": "daily"}),
        ("x06130488_20261031.csv", {}),
        ("06130488_20261031.csv.bak", {}),
    ],
)
def test_a_name_tells_only_when_it_fits_wholly(name: str, told: dict[str, str]) -> None:
    assert profiles.load("example-cp932").told_by_name(name) == told
    assert profiles.load("example-v1").told_by_name(name) == {}


def spoil(data: dict[str, Any], what: str) -> None:
    rows = data["row"]
    match what:
        case "unknown key":
            data["seperator"] = ";"
        case "encoding":
            data["encoding"] = "latin-1"
        case "quoting":
            data["quoting"] = "all"
        case "date format":
            data["date_format"] = "YYYYMM"
        case "kind":
            data["kind"] = "yearly"
        case "field missing":
            rows.pop()
        case "field twice":
            rows.append({**rows[-1], "position": 13})
        case "parser of another field":
            rows[4]["parser"] = "identifier"
        case "position missing":
            rows[-1]["position"] = 14
        case "code unknown to us":
            rows[6]["codes"]["9"] = "maybe"
        case "codes missing":
            del rows[6]["codes"]
        case "no trailer":
            del data["trailer"]
        case "no header":
            del data["header"]
        case "no records":
            del data["records"]
        case "pattern":
            data["file_name"] = "(?P<month>[0-9]+)"


@pytest.mark.parametrize(
    "what",
    [
        "unknown key",
        "encoding",
        "quoting",
        "date format",
        "kind",
        "field missing",
        "field twice",
        "parser of another field",
        "position missing",
        "code unknown to us",
        "codes missing",
        "no trailer",
        "no header",
        "no records",
        "pattern",
    ],
)
def test_a_layout_that_contradicts_itself_is_not_built(data: dict[str, Any], what: str) -> None:
    profiles.build("good", data)
    spoil(data, what)
    with pytest.raises((KeyError, TypeError, ValueError)):
        profiles.build("spoilt", data)


def test_the_system_check_names_a_spoilt_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_profiles() == []
    (tmp_path / "spoilt.toml").write_text('label = "x"', encoding="utf-8")
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    assert [(e.id, "spoilt" in e.msg) for e in check_profiles()] == [("exchange.E001", True)]
