"""What can be done with one printed paper or a whole printed dispatch: look at it as printed, print it anew, give up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from certificates.lifecycle import CERTIFICATE
from core import clock
from core.errors import Refused
from core.models import Clerk
from core.roles import APPROVE, DISPATCH
from core.web import Deed, Done, Step, list_url
from core.web.forms import ReasonForm
from core.web.steps import step_page
from mailing.bundling import pulls, reprint
from mailing.bundling.sending import cancel
from mailing.lifecycle import DISPATCH as DISPATCH_LIFECYCLE
from mailing.models import Dispatch, Envelope, ReturnedMail, Tracking
from mailing.pages.returns import pdf_response
from mailing.post import pages


class ShowPage(Step):
    """The page as it was printed, out of the recorded file."""

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        try:
            data = pages.shown_page(document, by=cast(Clerk, request.user), on=clock.today())
        except Refused as refused:
            return step_page(request, page, document, self, refusals=refused.reasons, status=409)
        return pdf_response(data, f"{document}.pdf")


def _not_printed(document: Any, clerk: Clerk) -> str:
    return "" if pages.enclosure_of(document) is not None else pages.why_unseen(document.status)


SHOW = ShowPage(name="as-printed", label="印刷したとおりに見る", blocked=_not_printed)


def _not_to_reprint(document: Any, clerk: Clerk) -> str:
    if document.status != "printed":
        return "再印刷は、印刷してから発送するまでの間だけできます。"
    return ""


def _reprint(document: Any, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    made = reprint.reprint(document, reason=told["reason"], by=by, on=on)
    if not made:
        return Done("無効にしました。この方の分は、もう要らないため作り直していません。", document)
    if made[0].status == "proposed":
        return Done("無効にして、新しい番号で作り直しました。別の担当者が承認してください。", made[0])
    return Done("無効にして、新しい番号で作り直しました。次の封入計画に入ります。", made[0])


REPRINT = Deed(
    name="reprint",
    label="書損として再印刷する",
    permission=DISPATCH,
    blocked=_not_to_reprint,
    act=_reprint,
    form=ReasonForm,
    effects=lambda document, clerk: (
        "今の番号は無効になり、引抜きの一覧に出ます。封筒から抜いて、引き抜いたことを確かめてください。",
        "同じ内容のものを新しい番号で作ります。操作記録に再印刷と残ります。",
        "用紙の受払を記録しているときは、この一枚を書損にします。",
    ),
)


def _no_reprint_waits(document: Any, clerk: Clerk) -> str:
    if document.status != "proposed" or not reprint.is_reprint(document):
        return "承認を待つ再印刷ではありません。"
    return ""


def _approve(document: Any, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    reprint.approve(document=document, by=by, on=on)
    return Done("再印刷を承認しました。次の封入計画に入ります。", document)


APPROVE_REPRINT = Deed(
    name="approve-reprint",
    label="再印刷を承認する",
    permission=CERTIFICATE.by_verb["approve"].permission,
    blocked=_no_reprint_waits,
    act=_approve,
    effects=lambda document, clerk: ("「承認済み」となり、次の封入計画に入ります。",),
)


def _cancel(dispatch: Dispatch, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    printed = dispatch.status != "assembled"
    cancel(dispatch, reason=told["reason"], by=by, on=on)
    if not printed:
        return Done("発送を取り消しました。書類は、次の封入計画に入ります。", dispatch)
    return Done(
        "発送を取り消し、新しい番号で作り直しました。証は、別の担当者がこの画面で再印刷分を承認してください。", dispatch
    )


def _not_to_cancel(dispatch: Dispatch, clerk: Clerk) -> str:
    if dispatch.status in DISPATCH_LIFECYCLE.by_verb["cancel"].sources:
        return ""
    return DISPATCH_LIFECYCLE.why_not(dispatch.status, "cancel")


def _cancel_effects(dispatch: Dispatch, clerk: Clerk) -> list[str]:
    if dispatch.status == "assembled":
        return ["封筒の計画をやめます。書類は、そのまま次の封入計画に入ります。"]
    return [
        "印刷した証とお知らせはすべて無効になり、同じ内容のものを新しい番号で作り直します。",
        "印刷した後に資格がなくなった方など、要らなくなった分は作り直しません。",
        "印刷した紙は必ず裁断してください。印刷ファイルは記録として残ります。",
    ]


CANCEL = Deed(
    name="cancel",
    label="発送を取り消す",
    permission=DISPATCH,
    blocked=_not_to_cancel,
    act=_cancel,
    form=ReasonForm,
    effects=_cancel_effects,
)


def _none_waits(dispatch: Dispatch, clerk: Clerk) -> str:
    return (
        ""
        if reprint.waiting_of(dispatch)
        else "承認を待つ再印刷はありません。再印刷は、証やお知らせの画面の「書損として再印刷する」で依頼します。"
    )


def _approve_all(dispatch: Dispatch, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    approved = reprint.approve(dispatch=dispatch, by=by, on=on)
    return Done(f"再印刷分を {approved:,}枚承認しました。次の封入計画に入ります。", dispatch)


APPROVE_REPRINTS = Deed(
    name="approve-reprints",
    label="再印刷分を承認する",
    permission=APPROVE,
    blocked=_none_waits,
    act=_approve_all,
    effects=lambda dispatch, clerk: (
        f"この発送の書損・引抜き・取消しで作り直した {reprint.waiting_of(dispatch):,}枚を承認します。",
    ),
)


def post_panel(request: HttpRequest, dispatch: Dispatch) -> str:
    """How far the dispatch's envelopes are in the post."""
    if dispatch.status not in (*pulls.OPEN, "sent"):
        return ""
    numbers = Tracking.objects.filter(dispatch=dispatch, resend__isnull=True)
    back = ReturnedMail.objects.filter(envelope__dispatch=dispatch)
    return format_html(
        '<p class="leading-relaxed mb-6">引受番号 {}件、配達済み {}件、返戻 {}件（対応待ち {}件）。　'
        '<a class="text-primary-700 underline" href="{}">封筒の一覧</a>　'
        '<a class="text-primary-700 underline" href="{}">引受番号を読み取る</a></p>',
        numbers.count(),
        numbers.filter(delivered_on__isnull=False).count(),
        back.count(),
        back.filter(resolved_on__isnull=True).count(),
        list_url(Envelope, dispatch__id__exact=dispatch.pk),
        reverse("admin:mailing_tracking_scan"),
    )
