"""Until when somebody is covered, and which share somebody pays: by age, term, pay and wish."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from certificates.decisions.elderly import elderly_answers, sharing
from certificates.decisions.gaps import covered
from certificates.documents.optional_items import Wished
from certificates.requests import filings
from certificates.rules.copayment import Told, copayment_percent, share_from
from certificates.rules.elderly import ElderlyFacts, Income, share_on
from certificates.rules.facts import MemberFacts
from certificates.rules.law import law_on
from exchange.incoming.joining import recount
from exchange.models import ExchangeFile
from kenpo.intake.load import columns, municipal
from kenpo.intake.load.findings import Findings
from mailing.papers import faces
from members.models import Member
from members.policy import build
from notices import causes
from notices.causes import Asking
from tests.kenpo.law import ON, Ask, SetUp, facts_of, form, law, number
from tests.mailing.build import Office

LOST_ON = date(2026, 10, 15)


class Insured(NamedTuple):
    """An insured person, as the rule about the share reads it."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None = 300_000
    relieved: bool = False


def _born(office: Office, births: Sequence[date], **more: Any) -> list[Member]:
    members = [office.household(str(n), **more)[0] for n, _ in enumerate(births)]
    for member, born in zip(members, births, strict=True):
        member.person.birth_date = born
        member.person.save()
    return members


def _missing(office: Office, days: Sequence[date]) -> Ask:
    """Nobody is named by the files of these days: whoever is covered by the rule counts as missing."""
    files = [
        ExchangeFile.objects.create(insurer=office.insurer, kind="monthly", as_of=day, sha256=f"{day}", profile="v1")
        for day in days
    ]
    members = list(Member.objects.all())

    def ask() -> tuple[Any, ...]:
        recount(files)
        by_rule = [sum(covered(facts_of(office, member, day), day, law_on(day)) for member in members) for day in days]
        return by_rule, [file.counts["missing"] for file in files]

    return ask


def too_old_to_be_missed(office: Office) -> Ask:
    """The fund's file of a day misses nobody whose cover has ended by age; born on a leap day, and abroad too."""
    births = [date(year, month, day) for year in (1950, 1951) for month, day in ((10, 31), (11, 1), (11, 2))]
    leap = date(1952, 2, 29)
    _born(office, [*births, leap])
    _born(office, [date(1940, 1, 1)], symbol="2", resident=False)
    return _missing(
        office,
        [
            date(2026, 10, 30),
            date(2026, 10, 31),
            date(2026, 11, 1),
            date(2027, 2, 27),
            date(2027, 2, 28),
            date(2028, 2, 27),
            date(2028, 2, 28),
            date(2028, 2, 29),
        ],
    )


def term_is_over(office: Office) -> Ask:
    """任意継続 ends with its years for the insured person and the family, begun on a leap day too."""
    for n, day in enumerate((date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 3, 1))):
        for member in office.household(str(n), ("山田 太郎", "山田 花子"), coverage_kind="voluntary"):
            member.acquired_on = day
            member.save()
    return _missing(office, [date(2026, 2, 26), date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)])


def _filed(member: Member, kind: str, effective_on: date, received_on: date = ON, **data: str) -> filings.Preview:
    told = filings.FilingData(kind, member, {"effective_on": effective_on.isoformat(), **data}, received_on)
    return filings.preview(told, on=ON)


def _odd(member: Member, received_on: date, pattern: str) -> int:
    """The number in what looks odd about going on voluntarily; 0 where nothing does."""
    shown = _filed(member, "voluntary", LOST_ON, received_on, new_number="7")
    return next((number(pattern, odd) for odd in shown.oddities if re.search(pattern, odd)), 0)


def filed_too_late(office: Office) -> Ask:
    (member,) = office.household("1")
    member.lost_on = LOST_ON
    member.save()
    days = [LOST_ON + timedelta(n) for n in range(18, 23)]

    def ask() -> tuple[Any, ...]:
        within = law().voluntary_within_days
        rule = [within if (day - LOST_ON).days >= within else 0 for day in days]
        return rule, [_odd(member, day, r"喪失日から(\d+)日を過ぎて") for day in days]

    return ask


def insured_too_short(office: Office) -> Ask:
    begun = [date(2026, month, day) for month in (7, 8) for day in (14, 15, 16)]
    members = [office.household(str(n))[0] for n, _ in enumerate(begun)]
    for member, day in zip(members, begun, strict=True):
        member.acquired_on, member.lost_on = day, LOST_ON
        member.save()

    def ask() -> tuple[Any, ...]:
        months = law().voluntary_insured_months
        rule = [months if day > LOST_ON.replace(month=LOST_ON.month - months) else 0 for day in begun]
        return rule, [_odd(member, ON, r"期間が(\d+)か月に足りません") for member in members]

    return ask


def seventy(office: Office) -> Ask:
    """Whose share is decided from this month on: the 高齢受給者証 that is due, the notice that tells of it."""
    births = [date(year, month, day) for year in (1956, 1958) for month, day in ((10, 1), (10, 2), (11, 1), (11, 2))]
    members = _born(office, births)
    office.certify(members)
    policy = build("toyobo", {"share_on_face": False})

    def ask() -> tuple[Any, ...]:
        first = [share_from(born, law()) for born in births]
        due = elderly_answers(office.insurer, ON, through=ON)
        told = {one.member_id for one in causes.monthly(office.run, policy, on=ON)["share_change"]}
        return (
            ([day <= ON for day in first], [day == ON.replace(day=1) for day in first]),
            (
                [bool(due[member.pk].due) if member.pk in due else False for member in members],
                [member.pk in told for member in members],
            ),
        )

    return ask


def shown_on_the_face(office: Office) -> Ask:
    """Whose certificate shows a share: where it is printed, where it is watched, and where a municipality owes it."""
    births = [date(year, month, day) for year in (1956, 1958) for month, day in ((11, 1), (11, 2))]
    members = _born(office, births)
    papers = dict(zip(office.certify(members), members, strict=True))
    policy = build("toyobo", {})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE load_row (line int, member_id bigint, insurer_id bigint)")
        cursor.execute(
            "CREATE TEMP TABLE load_member (line int, household_key text, household_head text, lost_on date)"
        )
        for line, member in enumerate(members):
            cursor.execute("INSERT INTO load_row VALUES (%s, %s, %s)", [line, member.pk, office.insurer.pk])

    def ask() -> tuple[Any, ...]:
        shown = faces.faces(list(papers), policy)
        watched = {one.member for one in sharing(office.insurer, ON)}
        odd = Findings(100)
        with connection.cursor() as cursor:
            municipal.look_at(cursor, odd, on=ON)
        owed = {found.line for found in odd.kept() if found.column == "copayment_percent"}
        return (
            [share_from(born, law()) <= ON for born in births],
            [shown[paper].copayment_percent is not None for paper in papers],
            [member.pk in watched for member in members],
            [line in owed for line, _ in enumerate(members)],
        )

    return ask


def shares_of_the_elderly(office: Office) -> Ask:
    """The share by pay on each paper that shows it, and what a municipality may tell."""
    pays = [100_000, 279_999, 280_000, 289_999, 290_000]
    born = date(1954, 5, 20)
    members = _born(office, [born] * len(pays))
    for member, yen in zip(members, pays, strict=True):
        member.standard_monthly_remuneration_yen = yen
        member.save()
    office.certify(members)

    def ask() -> tuple[Any, ...]:
        rule = [copayment_percent(born, Insured(born, yen), on=ON, law=law()) for yen in pays]
        due = elderly_answers(office.insurer, ON, through=ON)
        asking = Asking(office.insurer.pk, ON, False, "home")
        told = {one.member_id: one.percent for one in causes.named(asking, [member.pk for member in members])}
        read = columns.share(ON)
        return (
            rule,
            [due[member.pk].due[0].copayment_percent for member in members],
            [told[member.pk] for member in members],
            [int(read(str(percent))) for percent in rule],
        )

    return ask


def said_on_the_form(office: Office) -> Ask:
    """The lower share and the limits of 基準収入額適用."""

    def ask() -> tuple[Any, ...]:
        note = form("relief")
        said = (number(r"とき(?:は)?(\d+)万円未満", note), number(r"合計(\d+)万円未満", note))
        return (law().relief_alone_yen // 10_000, law().relief_family_yen // 10_000), said

    return ask


def shares_of_the_others(office: Office) -> Ask:
    """A child around school entry and somebody at work, in both schemes."""
    days = [date(2026, month, day) for month, day in ((3, 31), (4, 1), (4, 2))]
    people = [
        (born, day) for born in (date(2020, 4, 1), date(2020, 4, 2), date(2019, 4, 1), date(1990, 4, 1)) for day in days
    ]
    parent = date(1985, 6, 1)

    def ask() -> tuple[Any, ...]:
        facts = [ElderlyFacts(MemberFacts(born, born), Income(parent)) for born, _ in people]
        return (
            [copayment_percent(born, Insured(parent), on=day, law=law_on(day)) for born, day in people],
            [Told().on(born, day, law_on(day)) for born, day in people],
            [share_on(one, day, law_on(day)) for one, (_, day) in zip(facts, people, strict=True)],
        )

    return ask


def limits_of_a_disease(office: Office) -> Ask:
    """The amounts that a wish may name, by the rule and by the filing."""
    yen = (10_000, 20_000, 30_000)
    (member,) = office.household("1")
    born = member.person.birth_date

    def ask() -> tuple[Any, ...]:
        wished = [Wished("specific_disease", "kidney", each, ON, None) for each in yen]
        taken = [
            not _filed(member, "optional_items", ON, specific_disease="kidney", specific_disease_yen=str(each)).refusals
            for each in yen
        ]
        return [one.fits(born, ON, law()) for one in wished], taken

    return ask


APART = {"share_on_face": False}
ASKED: Sequence[tuple[str, SetUp, Mapping[str, Any]]] = (
    ("voluntary_years", term_is_over, {}),
    ("voluntary_within_days", filed_too_late, {}),
    ("voluntary_insured_months", insured_too_short, {}),
    ("elderly_age", seventy, APART),
    ("elderly_age", shown_on_the_face, {}),
    ("late_elderly_age", too_old_to_be_missed, {}),
    ("high_income_remuneration_yen", shares_of_the_elderly, APART),
    ("relief_alone_yen", said_on_the_form, {}),
    ("relief_family_yen", said_on_the_form, {}),
    ("preschool_age", shares_of_the_others, {}),
    ("preschool_last_day", shares_of_the_others, {}),
    ("copayment_preschool_percent", shares_of_the_others, {}),
    ("copayment_percent", shares_of_the_others, {}),
    ("copayment_elderly_percent", shares_of_the_elderly, APART),
    ("copayment_elderly_high_percent", shares_of_the_elderly, APART),
    ("specific_disease_yen", limits_of_a_disease, {"optional_items": ["specific_disease"]}),
    ("specific_disease_high_yen", limits_of_a_disease, {"optional_items": ["specific_disease"]}),
)
"""Each value with who sets its boundary up and asks, and the settings that it takes."""
