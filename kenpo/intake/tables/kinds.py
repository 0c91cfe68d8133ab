"""The six tables: what each is called, which columns it has, who takes it in, what it is read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Model, QuerySet

from certificates.models import Application, EligibilityCertificate, Filing, LegacyCard
from core.roles import DISPATCH, EDIT
from kenpo.intake.load import findings
from kenpo.intake.tables import columns, standing, taking
from kenpo.intake.tables.columns import INDIVIDUAL_NUMBER, Column
from kenpo.intake.tables.standing import Cells, ReadBack
from kenpo.intake.tables.taking import Take
from mailing.models import Tracking
from members.models import Member


@dataclass(frozen=True, slots=True)
class Kind:
    """One table. ``touches_paper``: what it changes may speak against paper on its way.

    ``capability``: who may take it in and write it out. ``told``: what a clerk should know of it."""

    code: str
    label: str
    model: type[Model]
    columns: tuple[Column, ...]
    take: Take
    rows: Callable[[QuerySet[Model]], Iterator[Cells]]
    back: Callable[[list[Cells]], ReadBack]
    told: str
    capability: str = EDIT
    touches_paper: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are written out: all but the 個人番号."""
        return tuple(one.name for one in self.columns if one.name != INDIVIDUAL_NUMBER)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns if one.required)


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "people",
            "加入者",
            Member,
            columns.PEOPLE,
            taking.through_load(findings.MEMBERS),
            standing.people,
            standing.people_back,
            "一つの資格が一行です。表にない人はそのままで、消えません。",
            touches_paper=True,
        ),
        Kind(
            "filings",
            "届出",
            Filing,
            columns.filings(),
            taking.through_filings,
            standing.filings,
            standing.filings_back,
            "届出一件が一行です。異動日が来ているものは、取り込むとすぐ反映します。証にかかわる処理も続けて行います。",
            touches_paper=True,
        ),
        Kind(
            "applications",
            "申請",
            Application,
            columns.APPLICATIONS,
            taking.through_applications,
            standing.applications,
            standing.applications_back,
            "申請一件が一行です。受け付けるまでを行います。",
        ),
        Kind(
            "legacy-cards",
            "健康保険証",
            LegacyCard,
            columns.LEGACY_CARDS,
            taking.through_load(findings.LEGACY_CARDS),
            standing.legacy_cards,
            standing.legacy_cards_back,
            "手元にある健康保険証一枚が一行です。なくしたもの、返ってきたものは入れません。",
        ),
        Kind(
            "certificates",
            "資格確認書（交付済み）",
            EligibilityCertificate,
            columns.CERTIFICATES,
            taking.through_load(findings.CERTIFICATES),
            standing.certificates,
            standing.certificates_back,
            "すでに加入者が持っている資格確認書一枚が一行です。交付済みとして記録し、印刷はしません。",
        ),
        Kind(
            "tracking",
            "引受番号",
            Tracking,
            columns.TRACKING_NUMBERS,
            taking.through_tracking,
            standing.tracking_numbers,
            standing.tracking_back,
            "封筒一つが一行です。事業所の束には、束のどれか一つの封筒番号を入れます。",
            DISPATCH,
        ),
    )
}
