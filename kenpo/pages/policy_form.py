"""The form with every setting: typed fields in the office's words, filled with the settings it starts from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from certificates.rules.law import law_on_or_after
from core import clock
from core.calendar import month_day, read_day, wareki
from core.errors import BadInput
from core.plausible import SETTINGS
from core.web.forms import DayField, SeenForm, choice_field, day_field, put_mistakes
from members import policy
from members.policy import KEYS, grouped
from members.policy.kinds import Choice, Counts, Day, Days, DaysByChannel, Flag, Number, Setting, Several, YearlyDay


class MonthDayField(forms.CharField):
    """A day of every year: 11月30日 or 11-30; kept as ``MM-DD`` and put in words by ``show``."""

    def __init__(self, *, show: Callable[[str], str], **options: Any) -> None:
        self.show = show
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", super().to_python(value)))
        if not text:
            return ""
        found = re.fullmatch(r"(\d{1,2})[-/月](\d{1,2})日?", text)
        try:
            if found is None:
                raise ValueError
            written = f"{int(found[1]):02}-{int(found[2]):02}"
            month_day(written, 2024)
        except ValueError:
            raise forms.ValidationError("暦にある月日を、11月30日、11-30 のどちらかの形で入れてください。") from None
        return written

    def prepare_value(self, value: Any) -> Any:
        return self.show(value) if re.fullmatch(r"\d\d-\d\d", value or "") else value


class LinesField(forms.CharField):
    """One value a line; each is read by ``read`` and shown by ``show``."""

    def __init__(self, *, wrong: str, **options: Any) -> None:
        self.wrong = wrong
        super().__init__(**options)

    def read(self, line: str) -> Any:
        return int(unicodedata.normalize("NFKC", line))

    def show(self, value: Any) -> str:
        return str(value)

    def clean(self, value: Any) -> list[Any]:
        lines = [line.strip() for line in (value or "").splitlines() if line.strip()]
        found = []
        for number, line in enumerate(lines, start=1):
            try:
                found.append(self.read(line))
            except ValueError:
                raise forms.ValidationError(f"{number}行目：{self.wrong}") from None
        return found

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(self.show(each) for each in value) if isinstance(value, (list, tuple)) else value


class DaysField(LinesField):
    """Days in the era calendar, one a line."""

    def read(self, line: str) -> date:
        day = read_day(line)
        SETTINGS.check(day, day)
        return day

    def show(self, value: Any) -> str:
        return wareki(value if isinstance(value, date) else date.fromisoformat(value))


def _area(rows: int) -> UnfoldAdminTextareaWidget:
    return UnfoldAdminTextareaWidget(attrs={"rows": rows, "autocomplete": "off"})


def _number(label: str, help_text: str = "") -> forms.IntegerField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        widget=widget,
        error_messages={"invalid": "数字で入れてください。", "required": "数字で入れてください。"},
    )


def _boxes(label: str, codes: Mapping[str, str], help_text: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(codes.items()),
        required=False,
        help_text=help_text,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )


def help_of(key: str) -> str:
    """What is said of a setting, with the numbers of today's law; empty where nothing is."""
    return law_on_or_after(clock.today()).fill(KEYS[key].help)


def _field(setting: Setting, told: str) -> forms.Field:
    """The field of a setting that has one."""
    label = setting.label
    match setting:
        case Choice():
            return choice_field(label, list(setting.codes.items()), help_text=told)
        case Number():
            return _number(label, told)
        case Several():
            return _boxes(label, setting.codes, told)
        case Flag():
            return choice_field(label, [("yes", setting.word(True)), ("no", setting.word(False))], help_text=told)
        case Days():
            wrong = "暦にある日を、令和10年11月30日、2028-11-30 のどちらかの形で入れてください。"
            return DaysField(label=label, required=False, help_text=told, widget=_area(4), wrong=wrong)
        case Counts():
            wrong = "日数を数字で入れてください。"
            return LinesField(label=label, required=False, help_text=told, widget=_area(4), wrong=wrong)
        case Day():
            return day_field(label, help_text=told, window=SETTINGS)
        case YearlyDay():
            widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
            return MonthDayField(label=label, required=False, help_text=told, widget=widget, show=setting.one)
    raise NotImplementedError(f"no field for {type(setting).__name__}")


def _channel_fields(key: str, setting: DaysByChannel, told: str) -> dict[str, forms.Field]:
    """A number for each channel: the first under the key itself, any other with its channel's code behind it."""
    names = [key if nth == 0 else f"{key}_{code}" for nth, code in enumerate(setting.channels)]
    labels = [f"{setting.label}（{word}）" for word in setting.channels.values()]
    return {name: _number(label, told) for name, label in zip(names, labels, strict=True)}


def _fields(key: str) -> dict[str, forms.Field]:
    """Everything that is asked for a setting, by the names of the fields."""
    setting, told = KEYS[key], help_of(key)
    return _channel_fields(key, setting, told) if isinstance(setting, DaysByChannel) else {key: _field(setting, told)}


class PolicyForm(SeenForm):
    """Every setting and the day from which it shall apply; ``document`` is the row it starts from."""

    valid_from = day_field("適用開始日", help_text="明日以後の日。過ぎた日の設定は変えられません。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.start = policy.from_json(self.document.values)
        self.names: dict[str, list[str]] = {}
        for _, keys in grouped():
            for key in keys:
                asked = _fields(key)
                self.names[key] = list(asked)
                self.fields.update(asked)
        required = "選んでください。"
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["required"] = required
            elif isinstance(field, DayField):
                field.error_messages["required"] = "入れてください。"
        for key, value in self.start.as_json().items():
            for name, shown in zip(self.names[key], _shown(KEYS[key], value), strict=True):
                self.initial.setdefault(name, shown)

    def shown(self) -> Any:
        """The settings that the form starts from."""
        return [self.document.valid_from.isoformat(), self.document.values]

    def changed_meanwhile(self) -> str:
        """From when other settings apply, and what to do."""
        return (
            f"書いている間に、もとの設定が変わりました（いまは{wareki(self.document.valid_from)}からの設定です）。"
            "まだ何も保存していません。値を確かめて、よければもう一度押してください。"
        )

    def groups(self) -> Iterable[tuple[str, list[forms.BoundField]]]:
        """The fields under the headings of the handbook."""
        for title, keys in grouped():
            yield title, [self[name] for key in keys for name in self.names[key]]

    def values(self) -> dict[str, Any]:
        """Every setting as ``members.policy.build`` reads it; what could not be read keeps the value it starts from."""
        told = self.cleaned_data
        found: dict[str, Any] = {}
        for key, start in self.start.as_json().items():
            setting = KEYS[key]
            if isinstance(setting, DaysByChannel):
                found[key] = [told.get(name, days) for name, days in zip(self.names[key], start, strict=True)]
                continue
            value = told.get(key, start)
            found[key] = value == "yes" if isinstance(setting, Flag) and isinstance(value, str) else value
        return found

    def clean(self) -> dict[str, Any]:
        """Each refusal of the settings' own rules beside its field."""
        told = super().clean() or self.cleaned_data
        try:
            policy.build(self.document.preset, self.values())
        except BadInput as bad:
            known = {m.column for m in bad.mistakes} & set(self.errors)
            put_mistakes(self, BadInput([m for m in bad.mistakes if m.column not in known]))
        return dict(told)


def _shown(setting: Setting, value: Any) -> list[Any]:
    """What each field of a setting begins with."""
    match setting:
        case DaysByChannel():
            return list(value)
        case Flag():
            return ["yes" if value else "no"]
        case Day():
            return [setting.read(value)]
    return [value]
