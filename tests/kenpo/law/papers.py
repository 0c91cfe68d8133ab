"""Until when a route or a paper is good, when it has to be back, and what a society may set."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from certificates.decisions import ruling
from certificates.documents.elderly_face import ElderlyFace
from certificates.models import Deregistration, LegacyCard
from certificates.recovery import cards
from certificates.recovery.duties import due_day
from certificates.requests import deregistration
from certificates.rules import monthly
from certificates.rules import monthly_v1 as rules_v1
from certificates.rules.codes import Limit
from certificates.rules.facts import FundRow, HeldCard, MemberFacts
from certificates.rules.law import law_on
from certificates.rules.matters import Matter
from certificates.rules.validity import validity
from core.calendar import last_day_of_years, month_end_after, wareki
from core.errors import BadInput, Refused
from kenpo.intake.load import oddities
from kenpo.intake.load.findings import Findings
from mailing.models import Dispatch, Enclosure
from mailing.planning import leaving
from mailing.services import assemble
from members.models import MynaStatus
from members.policy import Policy, build
from tests.certificates.test_answer import IN_HAND
from tests.certificates.test_layouts import PLAIN
from tests.certificates.test_matters import told
from tests.kenpo.law import ON, Ask, SetUp, facts_of, form, law, number
from tests.mailing.build import Office

ACCEPTED = date(2026, 11, 5)
BORN = date(1990, 4, 1)
STARTS = (date(2026, 11, 10), date(2028, 2, 29))
YEARS = range(3, 8)


def registered_meanwhile(office: Office) -> Ask:
    """Who registered before the print and can use the card until the next month's paper needs no certificate."""
    expiries = [date(2026, month, day) for month, day in ((7, 31), (8, 1), (8, 31), (9, 1))]
    members = [office.household(str(n))[0] for n, _ in enumerate(expiries)]
    office.certify(members)
    for member, expiry in zip(members, expiries, strict=True):
        MynaStatus.objects.create(
            person=member.person,
            as_of=date(2026, 11, 8),
            source="daily",
            state="registered",
            registered_on=date(2022, 4, 1),
            e_certificate_expires_on=expiry,
        )
    (made,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=made)
    enclosed = dict(Enclosure.objects.values_list("certificate__member", "pk"))

    def ask() -> tuple[Any, ...]:
        rule = [monthly.expiry_last_day(expiry, law()) >= month_end_after(ON, 1) for expiry in expiries]
        found = leaving.find(dispatch, on=ON)
        return rule, ["registered" in found.get(enclosed[member.pk], ()) for member in members]

    return ask


def deregistered(office: Office) -> Ask:
    row = FundRow("registered", date(2026, 10, 31), registered_on=date(2023, 4, 1), expires_on=date(2035, 4, 1))
    facts = MemberFacts(date(2020, 4, 1), BORN, row=row, deregistered_on=(ACCEPTED,))

    def ask() -> tuple[Any, ...]:
        words = form("deregistration")
        months = 1 if "翌月末" in words else number(r"月の(\d+)か月後の月末", words)
        return (
            monthly.myna(facts, law(), on=ON).last_day,
            rules_v1.myna(facts, law()).last_day,
            deregistration.effect_on(ACCEPTED),
            deregistration.last_day(Deregistration(accepted_on=ACCEPTED), None),
            month_end_after(ACCEPTED, months),
        )

    return ask


def _odd_papers() -> set[tuple[str, int | None]]:
    """Column and line of the loaded papers that look odd."""
    odd = Findings(100)
    with connection.cursor() as cursor:
        oddities.look_at_papers(cursor, odd, on=ON)
    return {(found.column or "", found.line) for found in odd.kept() if found.column != "effective_on"}


def _load_papers(cards_of: list[date], papers: list[tuple[date, date]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE load_legacy_card (line int, issued_on date, valid_through date)")
        cursor.execute(
            "CREATE TEMP TABLE load_certificate (line int, issued_on date, effective_on date, valid_through date)"
        )
        cursor.execute("CREATE TEMP TABLE load_deregistration (line int, accepted_on date)")
        for line, day in enumerate(cards_of):
            cursor.execute("INSERT INTO load_legacy_card VALUES (%s, %s, NULL)", [line, day])
        for line, (first, last) in enumerate(papers):
            cursor.execute("INSERT INTO load_certificate VALUES (%s, %s, %s, %s)", [line, ON, first, last])


def _builds(years: int) -> bool:
    try:
        return build("toyobo", {"expiry_years": years}).expiry_years == years
    except BadInput:
        return False


def too_long(office: Office) -> Ask:
    facts = MemberFacts(date(2020, 4, 1), BORN)
    periods = [(first, last_day_of_years(first, years)) for first in STARTS for years in YEARS]
    _load_papers([], periods)

    def ask() -> tuple[Any, ...]:
        rule = []
        for first, last in periods:
            fixed = Policy(expiry_scheme="fixed", expiry_dates=(last,))
            rule.append(validity(facts, first, policy=fixed, law=law()).limit is Limit.LAW_MAXIMUM)
        odd = _odd_papers()
        in_sql = [("valid_through", line) in odd for line, _ in enumerate(periods)]
        return (
            rule,
            in_sql,
            [not _builds(years) for _ in STARTS for years in YEARS],
            [years > Policy().expiry_years for _ in STARTS for years in YEARS],
        )

    return ask


def _hands_back(office: Office, card: LegacyCard, on: date) -> bool:
    try:
        with transaction.atomic():
            cards.hand_back_card(card, by=office.clerk, on=on)
            transaction.set_rollback(True)
    except Refused:
        return False
    return True


def issued_too_late(office: Office) -> Ask:
    days = [date(2024, 12, day) for day in range(1, 5)]
    (member,) = office.household("1")
    card = LegacyCard.objects.create(member=member, issued_on=date(2020, 4, 1))
    _load_papers(days, [])

    def ask() -> tuple[Any, ...]:
        odd = _odd_papers()
        return (
            [monthly.card_last_day(HeldCard(day, None), Policy(), law()) is None for day in days],
            [("issued_on", line) in odd for line, _ in enumerate(days)],
            [_hands_back(office, card, day) for day in days],
        )

    return ask


def card_ends(office: Office) -> Ask:
    days = [date(2025, 12, day) for day in range(1, 5)]
    (member,) = office.household("1")
    member.lost_on = date(2025, 11, 1)
    member.save()
    LegacyCard.objects.create(member=member, issued_on=date(2020, 4, 1))

    def ask() -> tuple[Any, ...]:
        policy = Policy(legacy_last_day=date(2030, 3, 31))
        words = form("hand_back", date(2025, 4, 1))
        return (
            monthly.card_last_day(HeldCard(date(2020, 4, 1), None), policy, law_on(days[0])),
            max(day for day in days if cards.cards_to_collect(day).exists()),
            Policy().legacy_last_day,
            next(day for day in days if wareki(day) in words),
        )

    return ask


def _elderly_notes(*, municipal: bool) -> list[str]:
    face = ElderlyFace(
        ON,
        "1",
        "1",
        "",
        "山田 太郎",
        "ヤマダ タロウ",
        date(1954, 5, 20),
        "1",
        20,
        ON,
        ON,
        PLAIN.insurer,
        "000000000018",
        municipal=municipal,
    )
    return face.notes()


DAYS = r"(\d+)日以内に"


def to_be_returned(office: Office) -> Ask:
    def ask() -> tuple[Any, ...]:
        return (
            (due_day(received_on=ON, lost_on=ON, wrong_on=ON, on=ON) - ON).days,
            number(DAYS, "".join(PLAIN.notes())),
            number(DAYS, "".join(_elderly_notes(municipal=False))),
            number(DAYS, told(Matter.LEFT, papers=[IN_HAND], loss_filed=True)),
        )

    return ask


def told_to_the_town(office: Office) -> Ask:
    def ask() -> tuple[Any, ...]:
        town = replace(PLAIN, municipal=True)
        return (
            law().municipal_notice_days,
            number(DAYS, "".join(town.notes())),
            number(DAYS, "".join(_elderly_notes(municipal=True))),
        )

    return ask


def ex_officio(office: Office) -> Ask:
    (member,) = office.household("1")
    MynaStatus.objects.create(person=member.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
    asked = itertools.count()

    def ask() -> tuple[Any, ...]:
        days = monthly.days_of_run(as_of=date(2026, 10, 31), decided_on=ON)
        decided = monthly.decide(facts_of(office, member), days, build("toyobo", {}), law())
        with transaction.atomic():
            ruled = ruling.rule(member.pk, cause="filing", request=f"test:{next(asked)}", on=ON, by=None)
            transaction.set_rollback(True)
        return str(decided.reason), ruled.reason

    return ask


ASKED: Sequence[tuple[str, SetUp, Mapping[str, Any]]] = (
    ("myna_grace_months", registered_meanwhile, {"recover_on_registration": True}),
    ("deregistration_months", deregistered, {}),
    ("certificate_max_years", too_long, {}),
    ("legacy_card_last_issue", issued_too_late, {}),
    ("legacy_card_last_day", card_ends, {"legacy_last_day": date(2030, 3, 31)}),
    ("return_after_loss_days", to_be_returned, {"return_days": 0}),
    ("municipal_notice_days", told_to_the_town, {}),
    ("ex_officio_until", ex_officio, {}),
)
"""Each value with who sets its boundary up and asks, and the settings that it takes."""
