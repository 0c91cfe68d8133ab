"""Writes what a filing says of a human being: name, days, flags, addresses, 個人番号."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from certificates.requests.filings.case import Case
from certificates.requests.filings.fields import FIELDS, NUMBER_INDEX, NUMBER_SEAL
from core.text import kana_key
from members.models import Address, IndividualNumber, NumberState, Person

ENTRY_REQUIRED = ("name", "name_kana", "sex", "birth_date")
ENTRY_OPTIONAL = (
    "printed_name",
    "sex_on_back",
    "resident",
    "individual_number_state",
    "individual_number",
    "nondisclosure",
    "needs_assistance",
    "address_protected",
    "postal_code",
    "address",
    "mailing_postal_code",
    "mailing_address",
    "safe_postal_code",
    "safe_address",
    "person_key",
    "former_insurer_number",
    "former_symbol",
    "former_number",
    "former_branch_number",
)
FLAGS = ("nondisclosure", "needs_assistance", "address_protected")
# use → the values that tell it
ADDRESSES = {
    Address.Use.RESIDENCE: ("postal_code", "address"),
    Address.Use.MAILING: ("mailing_postal_code", "mailing_address"),
    Address.Use.SAFE: ("safe_postal_code", "safe_address"),
}
NUMBER_OF_ANOTHER = (
    "この個人番号は別の方に登録されています。番号を確認してください。"
    "誤った紐付けが疑われるときは「誤った紐付けの疑い」を先に届け出てください。"
)


def check_entry(case: Case, person: Person | None) -> None:
    """Refuses values that cannot be of this person."""
    if person is not None and person.birth_date != case.value("birth_date"):
        case.refuse(
            "登録済みの方と生年月日が違います。個人番号や前の記号・番号が本人のものか確認してください。", "birth_date"
        )
    told, index = case.value("individual_number_state"), case.value(NUMBER_INDEX)
    if index and told not in (None, NumberState.REGISTERED):
        case.refuse(
            "個人番号があるのに、状態が「登録済み」ではありません。どちらかを直してください。", "individual_number"
        )
    if index and person is not None:
        check_number_free(case, index, person)


def check_number_free(case: Case, index: str, person: Person) -> None:
    """Refuses a 個人番号 that is on record for somebody else."""
    if IndividualNumber.objects.filter(blind_index=index).exclude(person=person).exists():
        case.refuse(NUMBER_OF_ANOTHER, "individual_number")


def take_in(case: Case, person: Person | None) -> Person:
    """The person of a new cover: created, or the one on record with what the filing says anew.

    A flag once set stays: only a filing of its own takes it away.
    """
    known: list[Address] | None = None if person is not None else []
    if person is None:
        person = Person.objects.create(
            name=case.value("name"),
            name_kana=case.value("name_kana"),
            name_kana_key=kana_key(case.value("name_kana")),
            printed_name=case.value("printed_name", ""),
            birth_date=case.value("birth_date"),
            sex=case.value("sex"),
            sex_on_back=case.value("sex_on_back", False),
            resident=case.value("resident", True),
            individual_number_state=_entry_state(case),
            **{flag: case.value(flag, False) for flag in FLAGS},
            load_key=case.value("person_key"),
        )
        case.changed("新しい方", "氏名", None, person.name)
    else:
        told = ("name", "name_kana", "printed_name", "sex", "sex_on_back", "resident")
        values = {name: case.value(name) for name in told if case.value(name) is not None}
        values |= {flag: True for flag in FLAGS if case.value(flag)}
        if case.value("individual_number_state") or case.value(NUMBER_INDEX):
            values["individual_number_state"] = _entry_state(case)
        change_person(case, person, values)
    write_addresses(case, [person], min(case.effective_on, case.on), known=known)
    store_number(case, person)
    return person


def _entry_state(case: Case) -> str:
    if told := case.value("individual_number_state"):
        return str(told)
    return NumberState.REGISTERED if case.value(NUMBER_INDEX) else NumberState.PENDING


def change_person(case: Case, person: Person, values: dict[str, Any], who: Any = None) -> bool:
    """Writes the values that differ and notes each; answers whether there was one."""
    fresh = {name: value for name, value in values.items() if getattr(person, name) != value}
    if not fresh:
        return False
    for name, value in fresh.items():
        label = FIELDS[name].label
        case.changed(who or person, label, _shown(person, name), _shown(person, name, value))
        setattr(person, name, value)
    if "name_kana" in fresh:
        person.name_kana_key = kana_key(person.name_kana)
        fresh["name_kana_key"] = person.name_kana_key
    person.save(update_fields=list(fresh))
    return True


def _shown(person: Person, name: str, value: Any = None) -> Any:
    """The value, or the Japanese word of a code."""
    found = getattr(person, name) if value is None else value
    choices = dict(Person._meta.get_field(name).choices or ())
    return choices.get(found, found)


def _told_addresses(case: Case) -> list[tuple[str, str, str]]:
    """Use, postal code and address of each address that the filing tells."""
    told = [
        (str(use), str(case.value(postal_name, "")), str(case.value(address_name)))
        for use, (postal_name, address_name) in ADDRESSES.items()
        if case.value(address_name)
    ]
    if case.value("mailing_ends"):
        # A row without text: from then on post goes home again.
        told.append((str(Address.Use.MAILING), "", ""))
    return told


def _on_record(persons: Collection[Person]) -> list[Address]:
    """These persons' addresses, the newest first."""
    return list(Address.objects.filter(person__in=persons).order_by("-valid_from", "-pk"))


def write_addresses(
    case: Case, persons: Collection[Person], since: date, *, known: list[Address] | None = None
) -> None:
    """Dated addresses that the filing tells, for each of the persons; an equal one adds nothing."""
    told = _told_addresses(case)
    if not told:
        return
    known = _on_record(persons) if known is None else known
    fresh = []
    for person in persons:
        for use, postal_code, address in told:
            mine = (one for one in known if one.person_id == person.pk and one.use == use)
            then = next((one for one in mine if one.valid_from <= since), None)
            if then is not None and (then.postal_code, then.address) == (postal_code, address):
                continue
            case.changed(person, Address.Use(use).label, then.address if then else None, address)
            if then is not None and then.valid_from == since:
                then.postal_code, then.address = postal_code, address
                then.save(update_fields=["postal_code", "address"])
                continue
            fresh.append(Address(person=person, use=use, postal_code=postal_code, address=address, valid_from=since))
    Address.objects.bulk_create(fresh)


def odd_addresses(case: Case, persons: Collection[Person]) -> None:
    """Says where a later address is on record, so that the one filed is not the newest."""
    known = case.found["addresses"] = _on_record(persons)
    for use, _, _ in _told_addresses(case):
        if any(one.use == use and one.valid_from > case.effective_on for one in known):
            case.odd(f"異動日より新しい{Address.Use(use).label}が登録されています。届いた郵便はそちらへ送られます。")


def store_number(case: Case, person: Person) -> bool:
    """Keeps a filed 個人番号 sealed; answers whether it is another than before."""
    index = case.value(NUMBER_INDEX)
    if not index:
        return False
    known = IndividualNumber.objects.filter(person=person).first()
    if known is not None and known.blind_index == index:
        return False
    seal = case.value(NUMBER_SEAL, "").encode("ascii")
    IndividualNumber.objects.update_or_create(person=person, defaults={"blind_index": index, "sealed": seal})
    case.changed(person, "個人番号", "（登録済み）" if known else None, "（新しい番号）" if known else "（登録済み）")
    return True
