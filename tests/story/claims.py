"""What the office says of everybody on a day, set against the tables: each claim of a sentence by another reading.

It reads rows and compares; nothing of ``certificates.rules.answer`` or ``kenpo.people.answers`` is used to know what is true.
Source: rules.md §14, §9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from certificates.models import Application, Decision, EligibilityCertificate, Recovery, Ruling
from certificates.rules.answer import Answer, Line
from core.calendar import month_end_after, wareki
from kenpo.people.answers import answers
from members.models import Member, MynaStatus
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS
from members.services import society

UNPOSTED = ("proposed", "approved", "printed")


class Tables:
    """The rows about every cover of a day, read once."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.covers = list(Member.objects.select_related("person", "insured__person").order_by("pk"))
        self.papers = _by_member(EligibilityCertificate.objects.exclude(status__in=("voided", "superseded")))
        duties = Recovery.objects.filter(certificate__isnull=False).exclude(status="closed")
        self.duties: dict[int, set[date]] = defaultdict(set)
        for duty in duties.select_related("certificate"):
            assert duty.certificate is not None
            self.duties[duty.certificate.member_id].add(duty.due_on)
        self.asked = set(Application.objects.filter(status="received").values_list("member_id", flat=True))
        self.rows: dict[int, MynaStatus] = {}
        for row in MynaStatus.objects.filter(as_of__lte=on).exclude(state="absent").order_by("as_of", "pk"):
            self.rows[row.person_id] = row

    def in_hand(self, member: int) -> list[EligibilityCertificate]:
        """Paper that the holder has and may use today."""
        return [
            paper
            for paper in self.papers.get(member, ())
            if paper.status == "sent"
            and paper.arrives_on
            and paper.arrives_on <= self.on
            and paper.effective_on <= self.on <= paper.valid_through
        ]

    def covered(self, cover: Member) -> bool:
        """Whether the day lies in the cover, by what is filed (ages and terms are left to the rules' own tests)."""
        heads = [cover, *([cover.insured] if cover.insured else [])]
        return cover.acquired_on <= self.on and all(c.lost_on is None or c.lost_on > self.on for c in heads)

    def myna_through(self, cover: Member) -> date | None:
        """Last day of the マイナ保険証 by the newest row."""
        row = self.rows.get(cover.person_id)
        if row is None or row.state != "registered" or row.e_certificate_expires_on is None:
            return None
        return month_end_after(row.e_certificate_expires_on, 3)


def _by_member(papers: object) -> dict[int, list[EligibilityCertificate]]:
    found: dict[int, list[EligibilityCertificate]] = defaultdict(list)
    for paper in papers:  # type: ignore[attr-defined]
        found[paper.member_id].append(paper)
    return found


def untrue(on: date) -> list[str]:
    """Every claim that the tables do not bear out, each with the cover's id and the sentence."""
    tables = Tables(on)
    said = answers(society(), tables.covers, on)
    return [
        f"{on} {cover.pk} {claim}: {said[cover.pk].sentence}"
        for cover in tables.covers
        for claim in _claims(tables, cover, said[cover.pk])
    ]


def _claims(tables: Tables, cover: Member, said: Answer) -> Iterator[str]:
    papers, on = tables.papers.get(cover.pk, []), tables.on
    if (said.line is Line.NO_COVER) and tables.covered(cover) and not _ends_by_itself(cover, on):
        yield "covered, yet told that there is no cover"
    if said.line is not Line.NO_COVER and not tables.covered(cover):
        yield "not covered, yet told otherwise"
    if said.line is Line.POSTED and not any(
        paper.sent_on == said.posted_on and paper.status == "sent" and paper.arrives_on == said.in_hand_on
        for paper in papers
    ):
        yield "nothing was posted that day"
    if said.line is Line.PREPARED and not any(paper.status in UNPOSTED for paper in papers):
        yield "nothing is being prepared"
    if said.line is Line.ASKED and cover.pk not in tables.asked:
        yield "nothing was asked for"
    if said.line is Line.OPEN_CASE and not _waits(cover.pk):
        yield "nothing is being asked"
    if said.return_by is not None and said.return_by not in tables.duties[cover.pk]:
        yield "no duty is due that day"
    yield from _usable_claims(tables, cover, said)
    for day in (said.usable_through, said.posted_on, said.in_hand_on, said.return_by, said.answer_by):
        if day is not None and wareki(day) not in said.sentence:
            yield f"the sentence does not name {day}"


def _usable_claims(tables: Tables, cover: Member, said: Answer) -> Iterator[str]:
    through, paper = said.usable_through, tables.in_hand(cover.pk)
    if "お手元の資格確認書が" in said.sentence and through is not None:
        if not any(one.valid_through >= through for one in paper):
            yield "no paper in hand serves so long"
    elif through is not None and "マイナ保険証が" in said.sentence:
        last = tables.myna_through(cover)
        if last is None or last < through:
            yield "the fund's row does not say so"
    if through is not None and cover.lost_on is not None and through >= cover.lost_on:
        yield "usable past the last day of cover"
    silent = said.line in (Line.ASKED, Line.NO_COVER)
    if through is None and paper and not silent and tables.covered(cover):
        yield "paper in hand that is not told"


def _ends_by_itself(cover: Member, on: date) -> bool:
    """Near 75, or 任意継続, where age or term end the cover without a filing; of the insured person for the family too."""
    heads = [cover, *([cover.insured] if cover.insured else [])]
    return any(
        head.coverage_kind == Member.CoverageKind.VOLUNTARY
        or on >= date(head.person.birth_date.year + 75, head.person.birth_date.month, 1)
        for head in heads
    )


def _waits(member: int) -> bool:
    decided = Decision.objects.filter(member=member, outcome__in=("wait", "review")).exists()
    return decided or Ruling.objects.filter(member=member, outcome__in=("wait", "review")).exists()


def duties_off_their_day(on: date) -> list[str]:
    """Duties that are open before their day, or still planned on it."""
    late = Recovery.objects.filter(status="planned", opened_on__lte=on)
    early = Recovery.objects.filter(status="open", opened_on__gt=on)
    return [f"{duty.pk} {duty.status} {duty.opened_on}" for duty in (*late, *early)]


def wrong_without_duty(on: date) -> list[int]:
    """Covers whose paper is out and in date, reads another face than the register, and is not asked back."""
    owed = Recovery.objects.filter(certificate__isnull=False).values("certificate")
    out = EligibilityCertificate.objects.filter(status="sent", valid_through__gte=on, effective_on__lte=on)
    ids = list(out.exclude(pk__in=owed).values_list("pk", flat=True))
    found = EligibilityCertificate.objects.raw(
        f"SELECT c.id, c.member_id FROM certificates_eligibilitycertificate c"
        f" JOIN members_member m ON m.id = c.member_id {PEOPLE_JOINS}"
        f" WHERE c.id = ANY(%s) AND c.face_key <> {FACE_KEY_SQL}",
        [ids],
    )
    return [paper.member_id for paper in found]
