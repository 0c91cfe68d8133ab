"""The button that puts a dispatch's cards on A4 sheets, with what a printer's drift asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from core.background import begin, does
from core.errors import BadInput
from core.models import Clerk
from core.paper.grid import Offset, read_offset
from core.roles import DISPATCH
from core.web import Deed, Done, OfficeForm
from core.web.forms import text_field
from mailing.bundling import imposing
from mailing.models import Dispatch

_HELP = "右へ何ミリ、下へ何ミリの順に入れます。左や上へ動かすときは - を付けます。"


class OffsetForm(OfficeForm):
    """How far each side is moved; what was used last stands there already."""

    front = text_field("表のずれの補正（ミリ）", help_text=_HELP)
    back = text_field("裏のずれの補正（ミリ）", help_text=_HELP + "裏を見た向きで数えます。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        front, back = imposing.offsets_in_use()
        self.initial.update(front=str(front), back=str(back))

    def clean_front(self) -> Offset:
        return self._offset("front")

    def clean_back(self) -> Offset:
        return self._offset("back")

    def _offset(self, name: str) -> Offset:
        try:
            return read_offset(self.cleaned_data[name])
        except BadInput as bad:
            raise forms.ValidationError(str(bad)) from None


@does("impose_cards")
def _impose_now(asked: Mapping[str, Any], by: Clerk) -> None:
    imposing.impose(
        Dispatch.objects.get(pk=asked["dispatch"]),
        front=Offset(*asked["front"]),
        back=Offset(*asked["back"]),
        by=by,
        on=date.fromisoformat(asked["on"]),
    )


def _impose(dispatch: Dispatch, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    order = {"dispatch": dispatch.pk, "front": told["front"], "back": told["back"], "on": on.isoformat()}
    return Done("受け付けました。", begin(f"impose_cards {dispatch.pk}", by=by, order=order))


IMPOSE = Deed(
    name="impose",
    label="A4に面付けする",
    permission=DISPATCH,
    act=_impose,
    form=OffsetForm,
    blocked=lambda dispatch, clerk: imposing.why_not(dispatch),
    effects=lambda dispatch, clerk: (
        "照合したカードを、A4の用紙に10枚ずつ、トンボを付けて並べます。カードの内容と番号は変わりません。",
        "できた用紙を読み直し、一枚でも場所や内容が違えば渡しません。できた用紙は「印刷ファイルを開く」に出ます。",
        "引き抜いた分は載せず、その場所に「抜取り」と印刷します。",
        "カード用の印刷機で一枚ずつ印刷するときは、面付けは要りません。同じカードを両方で印刷しないでください。",
    ),
)
