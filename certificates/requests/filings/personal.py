"""What stands on the face of a person, and where the person lives: name, birth date, sex, address, flags."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from certificates.decisions.coming import face_keys
from certificates.requests.filings import finding, papers, persons
from certificates.requests.filings.case import Case
from members.models import Member, Person


def waits(case: Case) -> date:
    """None of these is dated on the cover, so each waits for its day."""
    return case.effective_on


@contextmanager
def faces_watched(case: Case, covers: list[int]) -> Iterator[None]:
    """Withdraws the papers of the covers whose face is another after the block."""
    if case.paperless.issuperset(covers) and case.effective_on > case.law.legacy_card_last_day:
        yield
        return
    before = face_keys(covers)
    yield
    papers.faces_changed(case, before, face_keys(covers))


def check_name(case: Case) -> None:
    told = ("name", "name_kana", "printed_name", "printed_name_ends")
    if all(case.value(name) is None for name in told):
        case.refuse("変わった項目がありません。新しい氏名・フリガナ・通称名のどれかを入れてください。", "printed_name")
    if case.value("name") and not case.value("name_kana"):
        case.odd("フリガナがありません。基金の情報との突合は、フリガナも照らし合わせます。")
    if case.value("printed_name") and case.value("printed_name_ends"):
        case.refuse("通称名と「通称名をやめる」の両方があります。どちらかにしてください。", "printed_name")


def change_name(case: Case) -> None:
    """An insured person's name stands on the whole family's faces."""
    values = {name: case.value(name) for name in ("name", "name_kana", "printed_name") if case.value(name)}
    if case.value("printed_name_ends"):
        values["printed_name"] = ""
    _change(case, values)


def check_birth_date(case: Case) -> None:
    new, first = case.value("birth_date"), case.cover.person.covers.order_by("acquired_on").first()
    if first is not None and new > first.acquired_on:
        case.odd("生年月日が最初の資格取得日より後になります。資格取得日も確認してください。")


def change_birth_date(case: Case) -> None:
    _change(case, {"birth_date": case.value("birth_date")})


def check_sex(case: Case) -> None:
    if case.value("sex") is None and case.value("sex_on_back") is None:
        case.refuse("変わった項目がありません。性別か「性別を裏面に記載」を入れてください。", "sex")


def change_sex(case: Case) -> None:
    told = {name: case.value(name) for name in ("sex", "sex_on_back")}
    _change(case, {name: value for name, value in told.items() if value is not None})


def _change(case: Case, values: dict[str, object]) -> None:
    person = case.cover.person
    with faces_watched(case, finding.faces_of([person.pk], on=case.on)):
        persons.change_person(case, person, values, who=case.cover)


def check_address(case: Case) -> None:
    told = ("address", "mailing_address", "safe_address", "mailing_ends", "resident")
    if all(case.value(name) is None for name in told):
        case.refuse("変わった項目がありません。新しい住所を入れてください。", "address")
    if case.value("mailing_address") and case.value("mailing_ends"):
        case.refuse("送付先と「送付先をやめる」の両方があります。どちらかにしてください。", "mailing_address")
    household = case.found["household"] = _household(case)
    persons.odd_addresses(case, household)


def change_address(case: Case) -> None:
    """Nothing of it stands on the face; what is printed to the old place comes up on the list of what to pull."""
    resident = case.value("resident")
    household = case.found["household"]
    known = case.found["addresses"]
    persons.write_addresses(case, household, case.effective_on, known=known)
    if resident is not None:
        for person in household:
            persons.change_person(case, person, {"resident": resident})


def _household(case: Case) -> list[Person]:
    """The person, and with ``family`` the dependents who move along."""
    covers: list[Member] = [case.cover]
    if case.value("family"):
        covers += finding.dependents(case.cover, after=case.on)
    return [member.person for member in covers]


def check_flags(case: Case) -> None:
    if all(case.value(flag) is None for flag in persons.FLAGS):
        case.refuse("変わった項目がありません。申し出のあった項目を 1 か 0 で入れてください。", "nondisclosure")


def change_flags(case: Case) -> None:
    """Who may not be looked up has no マイナ保険証 any more and is decided anew. Source: rules.md §4 ④."""
    person = case.cover.person
    told = {flag: case.value(flag) for flag in persons.FLAGS if case.value(flag) is not None}
    hidden_before = person.nondisclosure
    persons.change_person(case, person, told, who=case.cover)
    if person.nondisclosure and not hidden_before:
        decide_person_anew(case, person)


def decide_person_anew(case: Case, person: Person) -> None:
    """Decides the person's running covers anew."""
    running = finding.faces_of([person.pk], on=case.on)
    own = Member.objects.filter(pk__in=running, person=person).values_list("pk", flat=True)
    papers.decide_anew(case, own)
