"""The form of each kind of filing, made from what the kind needs and may carry (certificates.requests.filings.table)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from certificates.requests.filings import FilingData, Kind, LossReason
from certificates.requests.filings.fields import FIELDS, NUMBER, as_text
from certificates.requests.filings.service import content_key
from certificates.requests.filings.table import HANDLERS, Handler
from certificates.requests.via import ways
from certificates.rules.filing_days import form_day
from certificates.rules.law import law_on_or_after
from core import clock, plausible
from core.errors import BadInput
from core.web.forms import NOT_CHOSEN, OfficeForm, choice_field, day_field, put_mistakes, text_field
from members.models import Member
from members.services import municipal

CONFIRM_HELP = "届書に書かれていれば入れてください。登録と違うときは、別の方の届でないか知らせます。"
KEPT_BY_FORM = ("received_on", "via")
NOT_TOLD = "届け出なし"


class FilingForm(OfficeForm):
    """One kind's form. What only confirms the person comes last."""

    kind: Kind

    def clean(self) -> dict[str, Any]:
        """Checks the values as the filing's service will, each mistake beside its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                content_key(self.told(), on=self.on)
            except BadInput as bad:
                put_mistakes(self, bad)
        return cleaned

    @property
    def usual(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self._folded]

    @property
    def seldom(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in self._folded]

    @property
    def seldom_open(self) -> bool:
        """Whether something among the folded fields is filled in or wrong."""
        return any(field.errors or field.value() for field in self.seldom if field.name != "insurer_number")

    @property
    def _folded(self) -> tuple[str, ...]:
        return tuple(name for name, one in FIELDS.items() if one.seldom) if HANDLERS[self.kind].new_person else ()

    def told(self) -> FilingData:
        """What the form says, for the service."""
        told = self.cleaned_data
        data = {name: as_text(value) for name, value in told.items() if name not in KEPT_BY_FORM}
        member = self.document if HANDLERS[self.kind].about_member else None
        return FilingData(
            str(self.kind), member, {n: text for n, text in data.items() if text}, told["received_on"], told["via"]
        )

    def said(self) -> list[tuple[str, Any]]:
        """Label and value of everything filled in but the day; the 個人番号 is not shown again."""
        return [
            (self.fields[name].label, self._shown(name))
            for name in self.fields
            if name != "effective_on" and self.cleaned_data.get(name)
        ]

    def _shown(self, name: str) -> Any:
        field, value = self.fields[name], self.cleaned_data[name]
        if name == NUMBER:
            return "（入力済み）"
        return dict(field.choices).get(value, value) if isinstance(field, forms.ChoiceField) else value


def form_of(kind: Kind) -> type[FilingForm]:
    """The form of a kind: receipt and day, what it needs, what it may carry, what confirms the person."""
    handler, ours = HANDLERS[kind], municipal()
    label, help_text = form_day(kind)
    help_text = _by_law(help_text)
    fields: dict[str, forms.Field] = {
        "received_on": day_field("受付日"),
        "via": choice_field("受付方法", ways(municipal=ours)),
        # Which day is asked depends on the reason, so that comes first.
        **({"reason": _field(handler, "reason", required=True)} if kind.day.by_reason else {}),
        "effective_on": day_field(label, help_text=help_text, window=plausible.COVER),
    }
    for name in (*handler.required, *handler.may_carry):
        if name not in fields and not FIELDS[name].only_in_files and (name != "reason" or handler.reasons):
            fields[name] = _field(handler, name, required=name in handler.required)
    if ours:
        _without_employers(fields)
    for name in set(handler.may_carry) - {*handler.required, *handler.optional}:
        fields[name].label, fields[name].help_text = f"確認用：{fields[name].label}", CONFIRM_HELP
    return type("KindForm", (FilingForm,), {"kind": kind, **fields})


def _by_law(help_text: str) -> str:
    """The help with the numbers of today's law."""
    return law_on_or_after(clock.today()).fill(help_text)


def _without_employers(fields: dict[str, forms.Field]) -> None:
    """Leaves out what a municipal scheme does not know."""
    for name in [name for name in fields if name in FIELDS and FIELDS[name].of_employers]:
        del fields[name]
    reason = fields.get("reason")
    if isinstance(reason, forms.ChoiceField):
        reason.choices = [each for each in reason.choices if each[0] != LossReason.RETIREMENT]


def _field(handler: Handler, name: str, *, required: bool) -> forms.Field:
    asked = FIELDS[name]
    label, help_text = asked.label, "" if required and name == "reason" else _by_law(asked.help)
    if asked.window is not None:
        return day_field(label, required=required, help_text=help_text, window=asked.window)
    if asked.choices:
        choices = handler.reasons if name == "reason" else asked.choices
        empty = NOT_CHOSEN if required else NOT_TOLD
        return choice_field(label, choices, required=required, empty=empty, help_text=help_text)
    return text_field(label, required=required, help_text=help_text)


def initial_of(document: Any, on: date) -> dict[str, Any]:
    """What the page already knows: today, the usual way, and the numbers of an employer or society."""
    initial = {"received_on": on, "via": ways(municipal=municipal())[0][0]}
    if not isinstance(document, Member):
        insurer = getattr(document, "insurer", document)
        initial["insurer_number"] = insurer.number
        if insurer is not document:
            initial |= {"establishment_code": document.code, "symbol": document.symbol}
    return initial
