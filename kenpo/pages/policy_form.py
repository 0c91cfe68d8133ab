"""The form with every setting: typed fields in the office's words, filled with the settings it starts from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import fields
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
from members.policy import CHOICES, LISTS, NUMBERS, Policy
from members.policy_words import NAMES, word

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("制度", ("scheme",)),
    (
        "様式と有効期限",
        (
            "form",
            "expiry_scheme",
            "expiry_years",
            "expiry_day",
            "expiry_dates",
            "minimum_days",
            "lead_months",
            "short_term_months",
            "short_term_grounds",
            "reissue_keeps_expiry",
            "qr",
            "optional_items",
        ),
    ),
    ("負担割合", ("share_on_face", "share_review_day")),
    ("判定と照会", ("new_member_issue", "inquiry_business_days", "legacy_last_day")),
    ("申請", ("accepted_grounds", "turnaround_days", "reissue_fee_yen")),
    ("回収", ("recover_on_registration", "return_days", "reminder_days")),
    (
        "お知らせ",
        (
            "notice_scope",
            "notice_unit",
            "max_persons_per_notice",
            "notice_with_certificate",
            "notice_on_share_change",
            "notice_reissue",
            "last_four_digits",
        ),
    ),
    (
        "送付",
        (
            "certificate_channel",
            "notice_channel",
            "mass_channel",
            "postal_service",
            "max_sheets_per_envelope",
            "delivery_days",
        ),
    ),
    (
        "月次判定を止める差",
        ("gate_unmatched_percent", "gate_status_change_percent", "gate_issue_points", "gate_registration_drop_points"),
    ),
)
# For ``Law.fill``.
HELP: Mapping[str, str] = {
    "scheme": "はじめに決めたものから変えられません。市町村の国民健康保険では、書類は世帯ごとに世帯主へ送ります。",
    "form": "新しく印刷する資格確認書の大きさです。",
    "expiry_scheme": "「発効日から年数」は年数だけ、「毎年決まった日」は年数と月日、「決まった日の一覧」は日付の一覧を使います。",
    "expiry_years": "1年から{law.certificate_max_years}年まで。法律の上限は{law.certificate_max_years}年です。",
    "expiry_day": "「毎年決まった日」のときに使います。例 11月30日",
    "expiry_dates": "「決まった日の一覧」のときに使います。1行に1日ずつ。例 令和10年11月30日",
    "minimum_days": "「決まった日の一覧」のとき、有効期間がこの日数より短くなる期限は使いません。",
    "lead_months": "期限の切れる何か月前の月に次を交付するか。0は、切れる直前の月です。",
    "short_term_months": "短期で交付する資格確認書の月数。その月の末日までになります。",
    "short_term_grounds": "選んだ事由で交付する資格確認書は、短期になります。",
    "reissue_keeps_expiry": "なくした・傷んだ資格確認書の再交付で、前と同じ有効期限にするか。",
    "qr": "発行番号だけを入れたコードを印字するか。",
    "optional_items": "資格確認書に加えて印字する事項です。限度額適用区分と特定疾病は、本人の申出があるときだけ印字します。",
    "share_on_face": "「いいえ」のときは、{law.elderly_age}歳以上の方に高齢受給者証を別に交付します。",
    "share_review_day": "{law.elderly_age}歳以上の方の有効期限を、毎年この日までにします。空欄なら区切りません。例 7月31日",
    "new_member_issue": "まだファイルに載っていない新規の加入者を、照会するか、先に短期で交付するか。",
    "inquiry_business_days": "判定日から数えて、この営業日までに回答がなければ職権で交付します。",
    "legacy_last_day": "前の健康保険証を使えるとみなす最後の日。法律では{law.cards_end}までです。",
    "accepted_grounds": "「希望する人すべて」を選ぶと、ほかの事由がなくても受け付けます。",
    "turnaround_days": "受け付けてから交付するまでの目安の日数です。",
    "reissue_fee_yen": "0なら無料です。",
    "recover_on_registration": "マイナ保険証が使えるようになった方から、資格確認書を返してもらうか。",
    "return_days": "届出を受けてから返納の期限までの日数です。",
    "reminder_days": "返納の期限から数えた日数を、1行に1つずつ。1行ごとに1回督促します。",
    "notice_scope": "資格情報のお知らせを作る相手です。",
    "notice_unit": "「世帯ごと」は、家族を1枚の用紙にまとめます。",
    "max_persons_per_notice": "「世帯ごと」のとき、1枚に載せる人数です。市町村の国民健康保険では、1枚に入る人数まで載せます。",
    "notice_with_certificate": "資格確認書を送る人にも、お知らせを入れるか。",
    "notice_on_share_change": "負担割合が変わったときに、お知らせを作るか。",
    "notice_reissue": "求めに応じてもう一度作るか。",
    "last_four_digits": "お知らせに個人番号の下4桁を印字するか。",
    "certificate_channel": "毎月の資格確認書の送り先です。任意継続と特例退職の方は、いつも自宅です。",
    "notice_channel": "毎月のお知らせの送り先です。",
    "mass_channel": "初回の一斉送付と一斉更新の送り先です。",
    "postal_service": "普通のときは、引受番号がありません。",
    "max_sheets_per_envelope": "これを超える世帯は、封筒を分けます。市町村の国民健康保険では、世帯を分けません。",
    "gate_unmatched_percent": "該当者のない行がこの割合を超えると、その月の判定を止めます。",
    "gate_status_change_percent": "前月と状態の違う人がこの割合を超えると止めます。",
    "gate_issue_points": "交付する人の割合が前月とこれだけ違うと止めます。",
    "gate_registration_drop_points": "利用登録の割合が前月からこれだけ下がると止めます。",
}
YES_NO = (("yes", "はい"), ("no", "いいえ"))
ROUTES = (("delivery_days", "配達にかかる日数（事業所経由）"), ("delivery_days_home", "配達にかかる日数（自宅）"))
_TYPES = {field.name: str(field.type) for field in fields(Policy)}


class MonthDayField(forms.CharField):
    """A day of every year: 11月30日 or 11-30; kept as ``MM-DD``."""

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
        return word("expiry_day", value) if re.fullmatch(r"\d\d-\d\d", value or "") else value


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


def help_of(key: str) -> str:
    """What is said of a setting, with the numbers of today's law; empty where nothing is."""
    return law_on_or_after(clock.today()).fill(HELP.get(key, ""))


def _field(key: str) -> forms.Field:
    label, told = NAMES[key], help_of(key)
    if key in CHOICES:
        return choice_field(label, [(code, word(key, code)) for code in CHOICES[key]], help_text=told)
    if key in NUMBERS:
        return _number(label, told)
    if key in LISTS:
        return forms.MultipleChoiceField(
            label=label,
            choices=[(code, word(key, code)) for code in LISTS[key]],
            required=False,
            help_text=told,
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        )
    if _TYPES[key] == "bool":
        return choice_field(label, YES_NO, help_text=told)
    if key == "expiry_dates":
        wrong = "暦にある日を、令和10年11月30日、2028-11-30 のどちらかの形で入れてください。"
        return DaysField(label=label, required=False, help_text=told, widget=_area(4), wrong=wrong)
    if key == "reminder_days":
        wrong = "日数を数字で入れてください。"
        return LinesField(label=label, required=False, help_text=told, widget=_area(4), wrong=wrong)
    if key == "legacy_last_day":
        return day_field(label, help_text=told, window=SETTINGS)
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    return MonthDayField(label=label, required=False, help_text=told, widget=widget)


class PolicyForm(SeenForm):
    """Every setting and the day from which it shall apply; ``document`` is the row it starts from."""

    valid_from = day_field("適用開始日", help_text="明日以後の日。過ぎた日の設定は変えられません。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.start = policy.from_json(self.document.values)
        for _, keys in GROUPS:
            for key in keys:
                if key == "delivery_days":
                    self.fields.update({name: _number(label) for name, label in ROUTES})
                else:
                    self.fields[key] = _field(key)
        required = "選んでください。"
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["required"] = required
            elif isinstance(field, DayField):
                field.error_messages["required"] = "入れてください。"
        for key, value in self.start.as_json().items():
            self.initial.setdefault(key, _shown(key, value))
        self.initial["delivery_days"], self.initial["delivery_days_home"] = self.start.delivery_days

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
        for title, keys in GROUPS:
            names = [name for key in keys for name in ([n for n, _ in ROUTES] if key == "delivery_days" else [key])]
            yield title, [self[name] for name in names]

    def values(self) -> dict[str, Any]:
        """Every setting as ``members.policy.build`` reads it; what could not be read keeps the value it starts from."""
        told = self.cleaned_data
        found: dict[str, Any] = {}
        for key, start in self.start.as_json().items():
            value = told.get(key, start)
            if _TYPES[key] == "bool" and isinstance(value, str):
                value = value == "yes"
            found[key] = value
        home = told.get("delivery_days_home", self.start.delivery_days[1])
        found["delivery_days"] = [told.get("delivery_days", self.start.delivery_days[0]), home]
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


def _shown(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return date.fromisoformat(value) if key == "legacy_last_day" else value
