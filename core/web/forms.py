"""Forms in the office's look: Japanese labels, one field a line, mistakes of a service put beside their field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core import clock
from core.calendar import read_day, wareki
from core.errors import BadInput
from core.plausible import OFFICE, Window

Choices = Sequence[tuple[str, Any]]
NOT_CHOSEN = "選んでください"


class DayField(forms.DateField):
    """A day in the era calendar or as ISO; shown again in the era calendar."""

    default_error_messages = {
        "invalid": "暦にある日を、令和8年11月10日、R8.11.10、2026-11-10 のどれかの形で入れてください。"
    }

    def __init__(self, *, window: Window = OFFICE, **options: Any) -> None:
        self.window = window
        super().__init__(**options)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.window.holds(value, clock.today()):
            raise forms.ValidationError(self.window.words(clock.today()), code="window")

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return value or None
        try:
            return read_day(str(value))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return wareki(value) if isinstance(value, date) else value


class OfficeForm(forms.Form):
    """A form about one document on one day; mistakes are said in Japanese by the server, not by the browser."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, document: Any, on: date, **options: Any) -> None:
        self.document, self.on = document, on
        super().__init__(data, label_suffix="", **options)
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            field.error_messages["required"] = "選んでください。" if chosen else "入れてください。"


class SeenForm(OfficeForm):
    """A form that begins with what is on record, and knows on its return what that was when it was opened.

    Where the record changed meanwhile nothing is taken: the clerk is told, and what was typed stands beside it.
    """

    SEEN = "seen"
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self._now = hashlib.sha256(json.dumps(self.shown(), ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        self.initial[self.SEEN] = self._now

    def shown(self) -> Any:
        """What the form begins with, as JSON values."""
        raise NotImplementedError

    def changed_meanwhile(self) -> str:
        """What is said where that is another than it was."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get(self.SEEN, self._now) not in ("", self._now):
            self.add_error(None, self.changed_meanwhile())
            # Told once; pressed again, it is meant.
            self.data: Any = self.data.copy()
            self.data[self.SEEN] = self._now
        return cleaned


def day_field(label: str, *, required: bool = True, help_text: str = "", window: Window = OFFICE) -> DayField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "placeholder": "例 令和8年11月10日"})
    return DayField(label=label, required=required, help_text=help_text, widget=widget, window=window)


def text_field(label: str, *, required: bool = True, help_text: str = "") -> forms.CharField:
    # Whatever a browser remembers of one member would be offered on the next one's form.
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=required, help_text=help_text, widget=widget)


def choice_field(
    label: str, choices: Choices, *, required: bool = True, empty: str = NOT_CHOSEN, help_text: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", empty), *choices],
        required=required,
        help_text=help_text,
        widget=UnfoldAdminSelectWidget(),
    )


def several_field(label: str, choices: Choices) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, widget=UnfoldAdminCheckboxSelectMultipleWidget())


class ReasonForm(OfficeForm):
    """The reason a transition asks for. It goes into the log."""

    reason = forms.CharField(
        label="理由",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="操作記録に残ります。氏名・住所など個人の情報は書かないでください。",
    )


def put_mistakes(form: forms.Form, bad: BadInput) -> None:
    """Each mistake beside the field it names, else at the top."""
    for mistake in bad.mistakes:
        column = mistake.column if mistake.column in form.fields else None
        form.add_error(column, mistake.expected)
