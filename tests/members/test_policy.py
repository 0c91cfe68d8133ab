"""The insurer's settings: the four presets as rules.md §12 lists them, and what cannot be."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from core.errors import BadInput
from members import policy
from members.policy import APPLICATION_GROUNDS, KEYS, PRESETS, Policy, build, from_json, grouped

# Source: rules.md §12, line by line: renesas, toyobo, kyokai, kokuho.
TABLE: dict[str, tuple[Any, Any, Any, Any]] = {
    "form": ("postcard", "postcard", "card", "card"),
    "expiry_scheme": ("years", "years", "annual", "annual"),
    "expiry_years": (5, 5, 5, 1),
    "share_on_face": (True, True, False, True),
    "share_review_day": ("08-31", "08-31", "", "07-31"),
    "accepted_grounds": (("anyone",), APPLICATION_GROUNDS, APPLICATION_GROUNDS, APPLICATION_GROUNDS),
    "recover_on_registration": (False, True, False, False),
    "return_days": (5, 7, 5, 5),
    "notice_scope": ("without_certificate", "everyone", "everyone", "registered_only"),
    "notice_unit": ("household", "person", "person", "household"),
    "notice_on_share_change": (False, True, True, True),
    "notice_reissue": (True, True, True, True),
    "last_four_digits": ("first_round",) * 4,
    "certificate_channel": ("establishment", "establishment", "establishment", "home"),
    "notice_channel": ("home", "establishment", "establishment", "home"),
    "mass_channel": ("home", "establishment", "home", "home"),
    "postal_service": ("recorded",) * 4,
    "max_sheets_per_envelope": (4,) * 4,
    "max_persons_per_notice": (4,) * 4,
    "lead_months": (0,) * 4,
    "new_member_issue": ("after_inquiry",) * 4,
    "inquiry_business_days": (4,) * 4,
    "short_term_months": (3,) * 4,
    "short_term_grounds": (("unsettled", "new_member"),) * 4,
    "legacy_last_day": (*(date(2025, 12, 1),) * 3, date(2025, 7, 31)),
    "scheme": ("society", "society", "society", "municipal"),
    "reminder_days": ((14, 30, 60),) * 4,
    "notice_with_certificate": (True,) * 4,
    "qr": (True,) * 4,
    "optional_items": ((),) * 4,
    "reissue_fee_yen": (0,) * 4,
    "turnaround_days": (10,) * 4,
    "delivery_days": ((10, 3),) * 4,
    "gate_unmatched_percent": (2,) * 4,
    "gate_status_change_percent": (10,) * 4,
    "gate_issue_points": (10,) * 4,
    "gate_registration_drop_points": (3,) * 4,
}


@pytest.mark.parametrize(("column", "name"), list(enumerate(("renesas", "toyobo", "kyokai", "kokuho"))))
def test_a_preset_is_what_the_table_says(column: int, name: str) -> None:
    built = build(name, {})
    assert {key: getattr(built, key) for key in TABLE} == {key: row[column] for key, row in TABLE.items()}


def test_the_annual_schemes_end_on_their_day() -> None:
    assert build("kyokai", {}).expiry_day == "11-30"
    assert build("kokuho", {}).expiry_day == "07-31"


def test_the_table_leaves_out_only_what_depends_on_the_scheme() -> None:
    left_out = {f.name for f in fields(Policy)} - set(TABLE)
    assert left_out == {"expiry_day", "expiry_dates", "minimum_days", "reissue_keeps_expiry"}


def test_every_setting_has_its_name_and_a_default_that_may_be() -> None:
    defaults = Policy()
    assert [f.name for f in fields(Policy)] == list(KEYS)
    assert [key for key, setting in KEYS.items() if not setting.label] == []
    assert {key: setting.check(getattr(defaults, key)) for key, setting in KEYS.items()} == {
        key: getattr(defaults, key) for key in KEYS
    }


def test_every_setting_stands_once_on_the_page_and_has_its_sentence() -> None:
    assert sorted(key for _, keys in grouped() for key in keys) == sorted(KEYS)
    assert [key for key, setting in KEYS.items() if not setting.help] == ["delivery_days"]


def test_every_code_of_a_setting_has_a_word() -> None:
    codes = [(key, code) for key, setting in KEYS.items() for code in getattr(setting, "codes", ())]
    assert len(codes) > 40 and [(key, code) for key, code in codes if KEYS[key].word(code) == code] == []


@pytest.mark.parametrize("name", PRESETS)
def test_settings_are_stored_and_read_back(name: str) -> None:
    built = build(name, {})
    assert from_json(built.as_json()) == built


def test_fixed_dates_are_stored_and_read_back_in_order() -> None:
    built = build("toyobo", {"expiry_scheme": "fixed", "expiry_dates": [date(2028, 7, 31), "2027-07-31"]})
    assert built.expiry_dates == (date(2027, 7, 31), date(2028, 7, 31))
    assert from_json(built.as_json()) == built


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("surprise", 1),
        ("preset", "toyobo"),
        ("form", "a5"),
        ("form", 1),
        ("expiry_years", 6),
        ("expiry_years", 0),
        ("expiry_years", True),
        ("expiry_years", "5"),
        ("expiry_scheme", "monthly"),
        ("share_on_face", "yes"),
        ("share_on_face", 1),
        ("share_review_day", "8-31"),
        ("share_review_day", "02-30"),
        ("share_review_day", 831),
        ("accepted_grounds", "anyone"),
        ("accepted_grounds", ["whoever"]),
        ("short_term_grounds", ["anyone"]),
        ("return_days", -1),
        ("return_days", 5.0),
        ("lead_months", 25),
        ("legacy_last_day", "2025-02-30"),
        ("reminder_days", [14, -1]),
        ("reminder_days", 14),
        ("delivery_days", [10]),
        ("optional_items", ["salary"]),
        ("reissue_fee_yen", "300"),
        ("gate_unmatched_percent", 101),
        ("new_member_issue", "never"),
    ],
)
def test_a_key_or_value_that_cannot_be_is_named(key: str, value: Any) -> None:
    with pytest.raises(BadInput) as bad:
        build("toyobo", {key: value})
    assert [(m.file, m.column) for m in bad.value.mistakes] == [("policy.toml", key)]


@pytest.mark.parametrize("years", [6, 50])
@pytest.mark.parametrize("scheme", ["years", "annual"])
def test_more_than_five_years_cannot_be_saved(scheme: str, years: int) -> None:
    with pytest.raises(BadInput):
        build("kyokai", {"expiry_scheme": scheme, "expiry_years": years})
    assert build("kyokai", {"expiry_scheme": scheme, "expiry_years": 5}).expiry_years == 5


@pytest.mark.parametrize(
    ("scheme", "others"),
    [
        ("years", {"expiry_day": "nonsense", "expiry_dates": "nonsense", "minimum_days": -1}),
        ("annual", {"expiry_day": "03-31", "expiry_dates": 5, "minimum_days": "x"}),
        ("fixed", {"expiry_dates": ["2030-07-31"], "expiry_day": 7, "expiry_years": 99}),
    ],
)
def test_a_key_of_another_scheme_is_ignored(scheme: str, others: dict[str, Any]) -> None:
    assert build("toyobo", {"expiry_scheme": scheme, **others}).expiry_scheme == scheme


def test_a_fixed_scheme_wants_its_dates() -> None:
    with pytest.raises(BadInput) as bad:
        build("toyobo", {"expiry_scheme": "fixed"})
    assert [m.column for m in bad.value.mistakes] == ["expiry_dates"]


def test_all_mistakes_are_listed() -> None:
    with pytest.raises(BadInput) as bad:
        build("toyobo", {"surprise": 1, "form": "a5", "qr": "no"})
    assert {m.column for m in bad.value.mistakes} == {"surprise", "form", "qr"}


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(BadInput) as bad:
        policy.preset_values("nobody")
    assert bad.value.mistakes[0].column == "preset"


def test_days_in_the_post() -> None:
    built = build("toyobo", {"delivery_days": [7, 2]})
    assert (built.arrives_after_days("establishment"), built.arrives_after_days("home")) == (7, 2)


@pytest.mark.parametrize(("day", "taken"), [("02-28", True), ("02-29", False), ("03-01", True)])
@pytest.mark.parametrize("key", ["expiry_day", "share_review_day"])
def test_a_day_that_not_every_year_has_ends_nothing(key: str, day: str, taken: bool) -> None:
    given = {"expiry_scheme": "annual", "expiry_day": "11-30", key: day}
    if taken:
        assert getattr(build("toyobo", given), key) == day
        return
    with pytest.raises(BadInput, match="02-28") as bad:
        build("toyobo", given)
    assert [(m.file, m.column) for m in bad.value.mistakes] == [("policy.toml", key)]
