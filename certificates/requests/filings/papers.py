"""What a filing does to paper: void before it is posted, take back what is in hand, decide anew who lost a route.

Works on sets of covers, so that one person and a whole employer go the same way. Source: rules.md §9.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from certificates.decisions import ruling
from certificates.decisions.coming import face_keys
from certificates.decisions.granting import Grant, asked_anew, granted_among
from certificates.lifecycle import LIVE_STATES
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, LegacyCard, Recovery, Ruling
from certificates.recovery import begin_duties, due_day, open_duties, wait_for_replacements
from certificates.requests.filings.case import Case
from certificates.rules.codes import Basis, Ground
from core.transitions import advance_many

UNPOSTED = ("proposed", "approved", "printed")
PAPERS: tuple[tuple[Any, str], ...] = (
    (EligibilityCertificate, "certificate"),
    (ElderlyBeneficiaryCertificate, "elderly_certificate"),
)
Cause, ReturnTo = Recovery.Cause, Recovery.ReturnTo


@dataclass(frozen=True, slots=True)
class Duty:
    """Why papers come back and from which day they are no longer right.

    ``supersede`` says that others take their place (no loss of cover); ``return_to`` is given where the
    filing knows better than the cause.
    """

    cause: str
    since: date
    supersede: bool = False
    return_to: str = ""


def withdraw(case: Case, members: Collection[int], duty: Duty, *, faces: Mapping[int, str] | None = None) -> set[int]:
    """Withdraws every paper of these covers; answers the covers that lost a 資格確認書 or a card they still had.

    ``faces``: the faces that are right from now on, by cover: a 資格確認書 that shows its own, or one that is to come, stays.

    Not posted and reaching past ``since``: void. In hand and still good on that day: a duty to give it
    back, never a second one. Come back by post: it is with us already. What others take the place of on a day
    to come stays right until then, also where it is still to be posted.
    """
    without: set[int] = set()
    if not case.paperless.issuperset(members):
        held = [one for one in _held(members) if faces is None or not one.shows(faces)]
        for model, fk in PAPERS:
            touched = withdraw_papers(case, model, fk, [one for one in held if one.paper == fk], duty)
            if fk == "certificate":
                without |= touched
    return without | take_back_cards(case, members, duty.since)


class Held(NamedTuple):
    """A paper that is out or may still go out."""

    paper: str
    pk: int
    member: int
    status: str
    first: date
    last: date
    face_key: str = ""
    coming: bool = False

    def shows(self, faces: Mapping[int, str]) -> bool:
        """Whether it has the face of its cover, or one that is still to come and is seen to apart from this."""
        return self.coming or self.face_key == faces.get(self.member)


_HELD = """
    SELECT 'certificate', id, member_id, status, effective_on, valid_through, face_key, coming_id IS NOT NULL
    FROM certificates_eligibilitycertificate
    WHERE member_id = ANY(%(members)s) AND status = ANY(%(states)s)
    UNION ALL
    SELECT 'elderly_certificate', id, member_id, status, effective_on, valid_through, '', false
    FROM certificates_elderlybeneficiarycertificate
    WHERE member_id = ANY(%(members)s) AND status = ANY(%(states)s) ORDER BY 1, 2
"""


def _held(members: Collection[int]) -> list[Held]:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"members": list(members), "states": [*UNPOSTED, "sent", "returned"]})
        return [Held(*row) for row in cursor.fetchall()]


def withdraw_papers(case: Case, model: Any, fk: str, found: Collection[Held], duty: Duty) -> set[int]:
    """Withdraws these papers of one kind; answers whose they were. See ``withdraw``."""
    touched: set[int] = set()
    ahead = duty.since > case.on
    # Nothing goes out any more for what has ended; before that day a paper that ends in time may, and one whose place
    # others take, unless it begins only then.
    unposted = [
        one.pk
        for one in found
        if one.status in UNPOSTED and (not ahead or (one.first if duty.supersede else one.last) >= duty.since)
    ]
    if unposted:
        note = {"filing": case.request}
        reason = case.reason
        voided = advance_many(
            model.objects.filter(pk__in=unposted), "void", by=case.by, on=case.on, reason=reason, note=note
        )
        case.follows("voided", voided, paper=fk)
        _taken(case, fk, voided)
        touched |= {one.member for one in found if one.pk in set(voided)}
    valid = [one for one in found if one.last >= max(case.on, duty.since) and one.pk not in unposted]
    owed = [one.pk for one in valid if ahead or one.status == "sent"]
    here = [one.pk for one in valid if one.status == "returned"]
    if owed:
        _open_duties(case, model, fk, owed, duty)
        if duty.supersede and not ahead:
            _move(case, model, fk, owed, "supersede", "superseded")
    if here and not ahead:
        _move(case, model, fk, here, "recover", "taken_back")
    return touched | {one.member for one in valid}


def _move(case: Case, model: Any, fk: str, ids: list[int], verb: str, code: str) -> None:
    moved = advance_many(model.objects.filter(pk__in=ids), verb, by=case.by, on=case.on, note={"filing": case.request})
    case.follows(code, moved, paper=fk)
    _taken(case, fk, moved)


def _taken(case: Case, fk: str, papers: Iterable[int]) -> None:
    if fk == "certificate":
        case.withdrawn += papers


def _open_duties(case: Case, model: Any, fk: str, papers: list[int], duty: Duty) -> None:
    """Opens a duty for each paper that has none, or plans it for its day, and notes to whom and by when."""
    ids = open_duties(
        model.objects.filter(pk__in=papers),
        cause=duty.cause,
        received_on=case.received_on,
        lost_on=None if duty.cause == Cause.FACE_CHANGED else duty.since,
        wrong_on=duty.since,
        on=case.on,
        by=case.by,
    )
    opened = Recovery.objects.filter(pk__in=ids)
    if duty.return_to and not case.policy.municipal:
        opened.update(return_to=duty.return_to)
    _note_duties(case, fk, ids)


def _note_duties(case: Case, fk: str, ids: Collection[int]) -> None:
    groups: dict[tuple[str, date, str, date], list[tuple[int, int]]] = {}
    found = Recovery.objects.filter(pk__in=list(ids))
    for pk, paper, *told in found.values_list("pk", f"{fk}_id", "return_to", "due_on", "cause", "opened_on"):
        groups.setdefault(tuple(told), []).append((pk, paper))
    for (to, due, cause, begins), pairs in sorted(groups.items()):
        ahead = {"begins": begins} if begins > case.on else {}
        case.follows(
            "recovery",
            [pk for pk, _ in pairs],
            paper=fk,
            papers=sorted(p for _, p in pairs),
            cause=cause,
            return_to=to,
            due_on=due,
            **ahead,
        )


def put_off(case: Case) -> None:
    """Notes anew the duties that are not due before what takes the paper's place is in hand."""
    noted = [pk for one in case.consequences if one["code"] == "recovery" for pk in one["ids"]]
    moved = set(wait_for_replacements(case.on, duties=noted))
    before, case.consequences = case.consequences, []
    for one in before:
        if one["code"] == "recovery" and moved.intersection(one["ids"]):
            _note_duties(case, one["paper"], one["ids"])
        else:
            case.consequences.append(one)


def take_back_cards(case: Case, members: Collection[int], since: date) -> set[int]:
    """健康保険証 that ceased to be usable by the law's last day are taken back; later ones nobody collects.

    Answers the covers that had one. Source: rules.md §7, seed 000 1-1.
    """
    if since > case.law.legacy_card_last_day:
        return set()
    cards = LegacyCard.objects.filter(member__in=members, status="valid").filter(
        Q(valid_through__isnull=True) | Q(valid_through__gte=since)
    )
    found = dict(cards.values_list("pk", "member_id"))
    if not found:
        return set()
    recovered = advance_many(
        LegacyCard.objects.filter(pk__in=list(found)), "recover", by=case.by, on=case.on, note={"filing": case.request}
    )
    case.follows("card_taken_back", recovered)
    return set(found.values())


def faces_changed(case: Case, before: dict[int, str], after: dict[int, str]) -> None:
    """The consequences of a changed face: those papers are withdrawn, who lost one is decided anew."""
    changed = [member for member in before if after.get(member) != before[member]]
    if case.coming is not None:
        case.coming.update(changed)
    elif changed:
        duty = Duty(Cause.FACE_CHANGED, case.effective_on, supersede=True)
        without = withdraw(case, changed, duty, faces=after)
        decide_anew(case, without - _provided(case, without), replaced=without)


def replace_certificates(case: Case, members: Collection[int]) -> None:
    """The same for what stands on a 資格確認書 alone."""
    if case.coming is not None:
        case.coming.update(members)
        return
    if case.paperless.issuperset(members):
        return
    faces = face_keys(members)
    held = [one for one in _held(members) if one.paper == "certificate" and not one.shows(faces)]
    duty = Duty(Cause.FACE_CHANGED, case.effective_on, supersede=True)
    replace_papers(case, held, duty)


def replace_papers(case: Case, held: Collection[Held], duty: Duty) -> None:
    """Withdraws these 資格確認書 and decides anew who was not provided with another ahead."""
    without = withdraw_papers(case, EligibilityCertificate, "certificate", held, duty)
    decide_anew(case, without - _provided(case, without), replaced=without)


def _provided(case: Case, members: Collection[int]) -> set[int]:
    """Which of these covers have a 資格確認書 that was made ahead and counts from now on."""
    made = EligibilityCertificate.objects.filter(
        Q(coming__isnull=False) | Q(pk__in=case.foreseen),
        member__in=list(members),
        status__in=LIVE_STATES,
        effective_on__lte=case.on,
        valid_through__gte=case.on,
    )
    return set(made.values_list("member_id", flat=True)) if members else set()


def decide_anew(
    case: Case, members: Iterable[int], *, replaced: Collection[int] = (), granted: Mapping[int, Grant] | None = None
) -> None:
    """Decides these covers by the month's rules on today's facts; a certificate is proposed where one is due.

    ``replaced``: those who held paper until now; they get another at once where the rules would wait for the fund.
    ``granted``: what had been granted to whom, by cover; unsaid, what the filing itself took.
    Source: rules.md §1, §4, §8.
    """
    if granted is None:
        granted = granted_among(case.withdrawn)
    rule_on(
        case,
        [
            asked_anew(
                member,
                granted.get(member),
                cause=Ruling.Cause.FILING,
                request=case.request,
                on=case.on,
                replaces=member in replaced,
            )
            for member in sorted(members)
        ],
    )
    put_off(case)


def rule_on(case: Case, questions: Sequence[ruling.Question]) -> None:
    """Rules on these covers and notes each ruling with what it issued."""
    made = ruling.rule_all(questions, on=case.on, by=case.by)
    issued = ruling.issued_by(made)
    for one in made:
        later = one.effective_on is not None and one.from_day is not None and one.effective_on > case.on
        ahead = {"begins": one.effective_on} if later else {}
        case.follows(
            "ruled",
            [one.pk],
            member=one.member_id,
            outcome=one.outcome,
            reason=one.reason,
            told=one.told,
            certificates=issued.get(one.pk, []),
            **ahead,
        )


def issue_as_wanted(case: Case, member: int, ground: str) -> None:
    """Issues at once because the filing asks for it (発行要否). Source: rules.md §8."""
    wish = ruling.Wish(Ground(ground), Basis.APPLICATION)
    rule_on(case, [ruling.Question(member, Ruling.Cause.APPLICATION, case.request, wish=wish)])


def lift_duties(case: Case, members: Collection[int]) -> None:
    """Ends the duties that arose from a loss that is no more; the certificates are good again."""
    causes = (Cause.LOSS, Cause.REMOVED, Cause.DEATH)
    for _, fk in PAPERS:
        duties = Recovery.objects.filter(**{f"{fk}__member__in": members}, cause__in=causes)
        lifted = advance_many(
            duties,
            "close",
            by=case.by,
            on=case.on,
            reason=case.reason,
            note={"filing": case.request},
            closed_on=case.on,
            closed_by=case.by,
            outcome="lifted",
        )
        if lifted:
            case.follows("duties_lifted", lifted, paper=fk)


def redate_duties(case: Case, members: Collection[int], since: date) -> None:
    """Gives the duties of a loss the days of its corrected day."""
    due = due_day(received_on=case.received_on, lost_on=since, wrong_on=since, on=case.on)
    for _, fk in PAPERS:
        duties = Recovery.objects.filter(**{f"{fk}__member__in": members}).exclude(status="closed")
        duties = duties.filter(cause__in=(Cause.LOSS, Cause.REMOVED, Cause.DEATH))
        duties.filter(status="planned").update(opened_on=max(since, case.on))
        ids = list(duties.exclude(due_on=due).values_list("pk", flat=True))
        if ids:
            Recovery.objects.filter(pk__in=ids).update(due_on=due)
            case.follows("duties_redated", ids, paper=fk, due_on=due)
    begin_duties(case.on)
