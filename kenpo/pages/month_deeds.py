"""The month's buttons: run, go on in spite of a gate, approve, draft, enclose, print, close; hold one person back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count
from unfold.widgets import UnfoldAdminTextInputWidget

from certificates.decisions import holding
from certificates.decisions.services import who_ran
from certificates.lifecycle import RUN_MONTH
from certificates.models import EligibilityCertificate, Run
from certificates.rules.codes import Ground, by_number
from core.background import begin
from core.calendar import wareki_month
from core.models import Clerk, Job
from core.roles import APPROVE, DISPATCH, FORCE, RUN
from core.web import Deed, Done, OfficeForm
from core.web.forms import ReasonForm, day_field, text_field
from core.web.steps import lifecycle_deed
from exchange import incoming as exchange
from exchange.lifecycle import EXCHANGE_FILE
from exchange.models import ExchangeFile
from kenpo.month.closing import close_month, held_back, still_open
from kenpo.month.month import Order
from kenpo.month.work import month_key
from mailing.models import Dispatch
from mailing.planning.days import DayLimit
from members.models import Insurer

ASKED = "受け付けました。"
NOT_APPROVED = "この月はまだ承認されていません。承認してから行ってください。"


class DaysForm(OfficeForm):
    """The days of the month's decision; both are today unless asked otherwise."""

    decided_on = day_field("判定日", help_text="この日の時点で判定します。")
    issue_on = day_field("交付日", help_text="資格確認書に記す交付年月日。判定日以後の日。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        begun = isinstance(self.document, Run) and self.document.month.replace(day=1) != self.on.replace(day=1)
        for name in ("decided_on", "issue_on"):
            self.initial.setdefault(name, getattr(self.document, name) if begun else self.on)


class WithoutFileForm(DaysForm):
    """The same, and why the month's file is awaited no longer."""

    reason = text_field("月次ファイルを待たない理由", help_text="この月の説明と操作記録に残ります。")


def begin_run(insurer: Insurer, order: Order, by: Clerk) -> Job:
    """Starts the month's decision in the background.

    Raises:
        BadInput: the days do not lie in the month.
    """
    order.check()
    asked = {
        "month": order.month.isoformat(),
        "decided_on": order.decided_on.isoformat(),
        "issue_on": order.issue_on.isoformat(),
        "force_reason": order.force_reason,
        "without_file": order.without_file,
    }
    return begin(month_key(insurer, order.month), by=by, order=asked)


def _resume(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    order = Order(run.month, told["decided_on"], told["issue_on"])
    return Done(ASKED, begin_run(run.insurer, order, by))


def _not_to_resume(run: Run, clerk: Clerk) -> str:
    if run.status in ("open", "held", "applied", "decided"):
        return ""
    return f"この月の判定は「{run.get_status_display()}」まで済んでいます。"


RUN_EFFECTS = (
    "届いた月次ファイルを加入者と突き合わせ、前月との差を確かめてから反映し、全員を判定します。",
    "前月と大きく違うときは、何も変えずに止まり、別の担当者の確認を待ちます。",
    "交付する人の資格確認書は「承認待ち」になり、別の担当者が承認するまで印刷しません。",
)
WITHOUT_FILE_EFFECTS = (
    "届いていない月次ファイルを待たずに、これまでに届いている情報だけで全員を判定します。",
    "すべての説明に、いつまでの情報で判定したかが書かれます。",
    "ファイルが届いたら、訂正のファイルとして受け付けます。別の担当者が受け入れると、変わる人だけを判定し直します。",
    *RUN_EFFECTS[2:],
)
RESUME = Deed(
    name="resume",
    label="月次判定をもう一度行う",
    permission=RUN,
    blocked=_not_to_resume,
    act=_resume,
    form=DaysForm,
    effects=lambda run, clerk: RUN_EFFECTS,
    button="月次判定を行う",
)


def _not_to_force(run: Run, clerk: Clerk) -> str:
    if run.status != "held":
        return "この月は止まっていません。"
    if run.run_by_id == clerk.pk:
        return "止まった月を続けるには、実行した担当者とは別の担当者の確認が要ります。"
    return ""


def _force(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    without = run.without_file_reason or None
    order = Order(run.month, run.decided_on, run.issue_on, force_reason=told["reason"], without_file=without)
    return Done(ASKED, begin_run(run.insurer, order, by))


FORCED = Deed(
    name="force",
    label="理由を書いて続ける",
    permission=FORCE,
    blocked=_not_to_force,
    act=_force,
    form=ReasonForm,
    effects=lambda run, clerk: (
        *run.held_reasons,
        "上の点を確かめたうえで続けます。反映と判定が行われ、理由とあなたの名前が操作記録に残ります。",
        "ファイルが誤りのときは続けず、「支払基金のファイル」の画面で「受け付けない」にして、正しいファイルを受け付けてください。",
    ),
)


def _not_to_approve(run: Run, clerk: Clerk) -> str:
    if run.status != "proposed":
        return RUN_MONTH.why_not(run.status, "approve")
    if clerk.pk in who_ran(run):
        return "判定を実行した担当者は承認できません。別の担当者が承認してください。"
    return ""


def _approve_effects(run: Run, clerk: Clerk) -> list[str]:
    proposed = run.certificates.filter(status="proposed")
    counted = dict(proposed.values_list("ground").annotate(papers=Count("pk")).order_by())
    elderly = run.elderly_certificates.filter(status="proposed").count()
    held = holding.held_back(run).count()
    return [
        f"資格確認書 {sum(counted.values()):,}枚を「承認済み」にします。",
        *(f"{ground.label}：{counted[ground]:,}枚" for ground in sorted(map(Ground, counted), key=by_number)),
        *([f"高齢受給者証 {elderly:,}枚を「承認済み」にします。"] if elderly else []),
        *([f"交付を止めた {held:,}人の分は含みません。"] if held else []),
        "承認すると、お知らせの作成と封入の計画ができるようになります。",
    ]


def _approve(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    return Done(ASKED, begin(f"approve {run.pk}", by=by, order=_about(run, on)))


def _about(run: Run, on: date) -> dict[str, Any]:
    return {"run": run.pk, "on": on.isoformat()}


APPROVED = Deed(
    name="approve",
    label="承認する",
    permission=APPROVE,
    blocked=_not_to_approve,
    act=_approve,
    effects=_approve_effects,
)


def _needs_approval(run: Run, clerk: Clerk) -> str:
    return "" if run.status in ("approved", "closed") else NOT_APPROVED


def _draft(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    return Done(ASKED, begin(f"draft_notices {run.month:%Y-%m}", by=by, order=_about(run, on)))


DRAFT = Deed(
    name="draft",
    label="お知らせを作成する",
    permission=DISPATCH,
    blocked=_needs_approval,
    act=_draft,
    effects=lambda run, clerk: (
        "新しく加入した人、氏名や番号、負担割合が変わった人の「資格情報のお知らせ」を、運用設定に従って作成します。",
        "もう一度行っても、すでに作成した人の分は増えません。",
    ),
)


class PerDayForm(OfficeForm):
    """How much leaves on one day."""

    per_day = forms.IntegerField(
        label="1日に発送する枚数の上限",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="空なら日を分けません。一つの束の封筒と同じ世帯の封筒は、できるだけ同じ日にまとめます。",
        error_messages={"invalid": "数字で入れてください。"},
    )
    first = day_field("発送の最初の日", required=False, help_text="枚数の上限を入れたときだけ。空なら今日から。")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean()
        if told.get("first") and told.get("per_day") is None and "per_day" not in self.errors:
            self.add_error("per_day", "最初の日を決めるときは、1日の枚数も入れてください。")
        return told


def _assemble(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    asked = _about(run, on)
    if told["per_day"] is not None:
        limit = DayLimit.checked(told["per_day"], told["first"], on=on)
        asked |= {"per_day": limit.per_day, "first": limit.first.isoformat()}
    return Done(ASKED, begin(f"assemble {run.pk}", by=by, order=asked))


ASSEMBLE = Deed(
    name="assemble",
    label="封入を計画する",
    permission=DISPATCH,
    blocked=_needs_approval,
    act=_assemble,
    form=PerDayForm,
    effects=lambda run, clerk: (
        "承認済みの証と作成したお知らせを、世帯ごとの封筒と発送にまとめます。まだ印刷はしません。",
        "送付先や字形を確かめる必要がある人の分は保留し、理由を示します。直してからもう一度行うと入ります。",
    ),
)


def _nothing_to_print(run: Run, clerk: Clerk) -> str:
    if Dispatch.objects.filter(run=run, status__in=("assembled", "printed")).exists():
        return ""
    return "印刷や照合を待つ発送はありません。「封入を計画する」を行うと、ここに出ます。"


def _print(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    return Done(ASKED, begin(f"print_month {run.pk}", by=by, order=_about(run, on)))


PRINT = Deed(
    name="print-all",
    label="まとめて印刷・照合する",
    permission=DISPATCH,
    blocked=_nothing_to_print,
    act=_print,
    effects=lambda run, clerk: (
        "この月の発送の印刷ファイルをすべて作り、全ページを読み直して、いまのデータと比べます。",
        "違いのあった発送は「照合済み」にせず、理由を示します。ほかの発送は先へ進みます。",
        "一つずつ行うときは、それぞれの発送の画面から行ってください。",
    ),
)


def _close(run: Run, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    close_month(run, by=by, on=on)
    left = held_back(run)[:1]
    return Done("".join([f"{wareki_month(run.month)}を締めました。", *left]), run)


CLOSE = Deed(
    name="close",
    label="月を締める",
    permission=APPROVE,
    act=_close,
    blocked=lambda run, clerk: "\n".join(still_open(run)),
    effects=lambda run, clerk: (
        "この月の発送がすべて終わったことを記録します。締めたあとは元に戻せません。",
        *held_back(run),
    ),
)


def _not_to_hold(certificate: EligibilityCertificate, clerk: Clerk) -> str:
    if certificate.run is None or certificate.status != "proposed" or certificate.run.status != "proposed":
        return "交付を止められるのは、月次判定の資格確認書が承認を待つ間だけです。"
    return ""


def _hold(certificate: EligibilityCertificate, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    assert certificate.run is not None
    holding.hold_back(certificate.run, [certificate.member_id], reason=told["reason"], by=by, on=on)
    return Done("交付を止めました。", certificate)


HOLD_EFFECTS = (
    "承認を待つ資格確認書は無効になります。「今日使える手段がない人」には判定待ちとして残ります。",
    "次の月次判定で、あらためて判定されます。急ぐときは、止めた資格確認書の画面で「判定をやり直す」を行ってください。",
)
HOLD = Deed(
    name="hold-back",
    label="交付を止める",
    permission=APPROVE,
    blocked=_not_to_hold,
    act=_hold,
    form=ReasonForm,
    effects=lambda certificate, clerk: HOLD_EFFECTS,
)


def _again(certificate: EligibilityCertificate, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    return Done("判定をやり直しました。", holding.decide_again(certificate, by=by, on=on))


AGAIN = Deed(
    name="decide-again",
    label="判定をやり直す",
    permission=RUN,
    act=_again,
    blocked=lambda certificate, clerk: holding.why_not_again(certificate),
    effects=lambda certificate, clerk: (
        "今日わかっていることで、月次判定と同じ決まりで判定します。",
        "交付するときは新しい番号の資格確認書が「承認待ち」になり、別の担当者が個別判定の画面で承認します。",
    ),
)


def _reject(file: ExchangeFile, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    exchange.reject(file, by=by, on=on, reason=told["reason"])
    return Done("受け付けないこととしました。正しいファイルを受け付けてください。", file)


REJECT = lifecycle_deed(
    EXCHANGE_FILE,
    "reject",
    _reject,
    effects=lambda file, clerk: (
        "このファイルは月次判定に使われません。同じ基準日の別のファイルを受け付けられるようになります。",
    ),
)


def _not_to_accept(file: ExchangeFile, clerk: Clerk) -> str:
    if not file.waiting_correction:
        return "受け入れられるのは、受入れを待つ訂正のファイルだけです。"
    if file.received_by_id == clerk.pk:
        return "訂正のファイルを受け付けた担当者は受け入れられません。別の担当者が受け入れてください。"
    return ""


def _accept_effects(file: ExchangeFile, clerk: Clerk) -> tuple[str, ...]:
    changed = file.counts.get("difference", {}).get("changed", 0)
    return (
        f"反映済みの月次ファイルをこのファイルに替えます。状態の変わる人は{changed:,}人です。",
        "その人たちを今日わかっていることで判定し直します。交付するときは、資格確認書が「承認待ち」になります。",
        "マイナ保険証が使えるとわかった人の、まだ印刷していない職権の資格確認書は無効にします。印刷したものは引抜きの一覧に出ます。",
        "だれがどう変わるかは、ファイルの画面の「訂正で変わる人を見る」で確かめられます。",
    )


def _accept(file: ExchangeFile, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    done = exchange.accept_correction(file.pk, by=by, on=on)
    changed, withdrawn = done.counts["difference"]["changed"], done.counts.get("withdrawn", 0)
    also = f"要らなくなった資格確認書{withdrawn:,}枚を無効にしました。" if withdrawn else ""
    return Done(f"訂正を受け入れました。状態の変わった人は{changed:,}人です。{also}", done)


ACCEPT = Deed(
    name="accept-correction",
    label="訂正を受け入れる",
    permission=RUN,
    act=_accept,
    blocked=_not_to_accept,
    effects=_accept_effects,
)
