"""Papers that people carry: 資格確認書, 高齢受給者証, and the 健康保険証 of before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from unfold.decorators import display

from certificates import recovery as recovering
from certificates.decisions import elderly
from certificates.lifecycle import CERTIFICATE, ELDERLY
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, LegacyCard, Recovery
from certificates.pages.base import CERTIFICATE_BADGES, KINDS, NO_MONTH, SEARCH_HELP, OfMember, member_condition
from certificates.rules.law import law_on_or_after
from core import clock
from core.lifecycle import Lifecycle
from core.models import Clerk, Event
from core.text import identifier_key, tenths
from core.web import EMPTY, Deed, Done, ReadOnlyTable, lifecycle_deed, link_to
from members.services import municipal


def _report_lost(paper: Any, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    recovering.report_lost(paper, by=by, on=on)
    return Done("滅失届を受け付けました。代わりが要るときは、加入者の画面で再交付の申請を受け付けてください。", paper)


def _lost_deed(lifecycle: Lifecycle) -> Deed:
    return lifecycle_deed(
        lifecycle,
        "report_lost",
        _report_lost,
        effects=lambda paper, clerk: (
            "この証は「滅失」となり、以後は使えない証として扱います。",
            "返していただく記録（回収）があれば、あわせて終わります。",
        ),
    )


def _proposed_by_oneself(paper: ElderlyBeneficiaryCertificate, clerk: Clerk) -> str:
    own = Event.objects.filter(subject=paper._meta.label, subject_id=paper.pk, verb="propose", actor_id=clerk.pk)
    if own.exists():
        return "高齢受給者証を提案した担当者は承認できません。別の担当者が承認してください。"
    return ""


def _approve(paper: Any, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    elderly.approve_elderly(by=by, on=on, ids=[paper.pk])
    return Done("高齢受給者証を承認しました。次は「発送」の一覧の「月次の外の分を封入する」です。", paper)


APPROVE_ELDERLY = lifecycle_deed(
    ELDERLY,
    "approve",
    _approve,
    blocked=_proposed_by_oneself,
    effects=lambda paper, clerk: ("高齢受給者証が「承認済み」となり、印刷できるようになります。",),
)


class RecoveryTable(ReadOnlyTable):
    model = Recovery
    fk_name = "certificate"
    fields = ("cause", "return_to", "opened_on", "due_on", "reminders", "status", "outcome", "open_page")
    badges = {"status": {"open": "warning"}}
    only_if_any = True

    @display(description="回収")
    def open_page(self, recovery: Recovery) -> str:
        return link_to(recovery, "開く")


def elderly_condition(term: str) -> Q:
    return Q(serial=identifier_key(term).replace("-", "")) | member_condition(term)


def certificate_condition(term: str) -> Q:
    return Q(serial=identifier_key(term).replace("-", "")) | member_condition(term)


@admin.register(EligibilityCertificate)
class CertificateAdmin(OfMember):
    list_display = ("serial", "cover_number", "name", "status", "basis", "ground", "effective_on", "valid_through")
    list_filter = ("status", "basis", "ground", "limit", "run")

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """Most ends of a period are those of an employers' scheme."""
        return [name for name in self.list_filter if not (name == "limit" and municipal())]

    related = ("member", "member__person", "run", "ruling__member__person")
    inlines = [RecoveryTable]
    steps = (_lost_deed(CERTIFICATE),)
    ordering = ("-pk",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("serial", "status"),
                    ("cover_link", "person_link"),
                    ("run", "ruling"),
                    ("basis", "kind_words"),
                    "ground",
                    ("issued_on", "effective_on"),
                    ("valid_through", "limit"),
                    ("sent_on", "arrives_on"),
                )
            },
        ),
    )
    badges = {"status": CERTIFICATE_BADGES}
    search_by = staticmethod(certificate_condition)
    search_help_text = "発行番号、" + SEARCH_HELP
    empty_hint = NO_MONTH

    def heading(self, document: EligibilityCertificate) -> str:
        return document.serial

    @display(description="新規・更新")
    def kind_words(self, certificate: EligibilityCertificate) -> str:
        return KINDS.get(certificate.kind, EMPTY)


class ElderlyRecoveryTable(RecoveryTable):
    fk_name = "elderly_certificate"


@admin.register(ElderlyBeneficiaryCertificate)
class ElderlyCertificateAdmin(OfMember):
    list_display = ("serial", "cover_number", "name", "status", "cause", "share", "effective_on", "valid_through")
    list_filter = ("status", "cause", "copayment_percent")
    related = ("member", "member__person", "run", "ruling__member__person")
    inlines = [ElderlyRecoveryTable]
    steps = (APPROVE_ELDERLY, _lost_deed(ELDERLY))
    ordering = ("-pk",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("serial", "status"),
                    ("cover_link", "person_link"),
                    ("run", "ruling"),
                    ("cause", "share"),
                    ("issued_on", "effective_on"),
                    ("valid_through", "limit"),
                    ("sent_on", "arrives_on"),
                )
            },
        ),
    )
    badges = {"status": CERTIFICATE_BADGES}
    search_by = staticmethod(elderly_condition)
    search_help_text = "発行番号、" + SEARCH_HELP

    @property
    def empty_hint(self) -> str:
        age = law_on_or_after(clock.today()).elderly_age
        return f"高齢受給者証はありません。負担割合を資格確認書に載せない運用のとき、{age}歳になる方などの分が出ます。"

    def heading(self, document: ElderlyBeneficiaryCertificate) -> str:
        return document.serial

    @display(description="一部負担金の割合", ordering="copayment_percent")
    def share(self, certificate: ElderlyBeneficiaryCertificate) -> str:
        return tenths(certificate.copayment_percent)


@admin.register(LegacyCard)
class LegacyCardAdmin(OfMember):
    list_display = ("cover_number", "name", "issued_on", "valid_through", "status")
    list_filter = ("status",)
    ordering = ("-pk",)
    fieldsets = ((None, {"fields": (("cover_link", "person_link"), ("issued_on", "valid_through"), "status")}),)
    badges = {"status": {"valid": "info"}}
    empty_hint = "記録された健康保険証はありません。台帳を取り込むと、ここに出ます。"


class CertificateTable(ReadOnlyTable):
    model = EligibilityCertificate
    verbose_name_plural = "資格確認書"
    fields = ("serial_link", "status", "basis", "ground", "effective_on", "valid_through", "limit")
    ordering = ("-effective_on", "-pk")
    badges = {"status": CERTIFICATE_BADGES}

    @display(description="発行番号")
    def serial_link(self, certificate: EligibilityCertificate) -> str:
        return link_to(certificate)


class ElderlyTable(ReadOnlyTable):
    model = ElderlyBeneficiaryCertificate
    verbose_name_plural = "高齢受給者証"
    fields = ("serial_link", "status", "cause", "share", "effective_on", "valid_through")
    ordering = ("-effective_on", "-pk")
    badges = {"status": CERTIFICATE_BADGES}
    only_if_any = True
    share = ElderlyCertificateAdmin.share

    @display(description="発行番号")
    def serial_link(self, certificate: ElderlyBeneficiaryCertificate) -> str:
        return link_to(certificate)


class LegacyCardTable(ReadOnlyTable):
    model = LegacyCard
    fields = ("issued_on", "valid_through", "status")
    only_if_any = True
