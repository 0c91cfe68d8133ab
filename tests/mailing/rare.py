"""A society as large as wanted, part of it with names of rare characters, and changes after the print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import cycle
from random import Random

from certificates.models import EligibilityCertificate
from core.paper.fonts import typeface
from mailing.models import Dispatch, Enclosure
from members.models import Member, MynaStatus
from tests.mailing.build import ON, Office

PLAIN = ("山田 太郎", "佐藤 花子", "鈴木 一郎", "高橋 由美", "田中 健")
SIZES = (1, 2, 3, 1, 4, 2)


def rare_names(random: Random) -> Iterator[str]:
    """Names of variation sequences, of characters beyond the first plane, and of compatibility kanji."""
    face = typeface("name")
    sequences = sorted(face.sequences)
    beyond = sorted(c for c in face.characters if "\U00020000" <= c <= "\U0003ffff")
    compatible = sorted(c for c in face.characters if "\uf900" <= c <= "\ufaff")
    while True:
        yield f"{random.choice(sequences)}{random.choice(compatible)} {random.choice(beyond)}{random.choice(sequences)}"


def populate(office: Office, certificates: int, rare: int, *, random: Random) -> list[int]:
    """Households of one to four until there are so many certificates, ``rare`` of them for rare names."""
    unusual, sizes, made = rare_names(random), cycle(SIZES), 0
    every = certificates // rare
    members: list[Member] = []
    while made < certificates:
        size = min(next(sizes), certificates - made)
        names = [next(unusual) if (made + n) % every == 0 else PLAIN[(made + n) % len(PLAIN)] for n in range(size)]
        house = office.household(f"{made + 1:07d}", names, establishment=len(members) % len(office.establishments))
        members += house
        made += size
    return office.certify(members)


def change(dispatch: Dispatch, count: int, *, random: Random) -> dict[str, str]:
    """Gives a third of ``count`` people each another name, an end of cover or a card; what must be pulled, and why.

    Dependents and single people only, so that nobody else's paper is touched.
    """
    enclosed = Enclosure.objects.filter(envelope__dispatch=dispatch).values_list("certificate_id")
    free = EligibilityCertificate.objects.filter(pk__in=enclosed, member__dependents__isnull=True)
    chosen = random.sample(list(free.select_related("member__person").order_by("serial")), count)
    expected = {}
    for number, certificate in enumerate(chosen):
        expected[certificate.serial] = (_rename, _end, _register)[number % 3](certificate.member)
    return expected


def _rename(member: Member) -> str:
    member.person.name = "改名 \u9089\U000e0110子"
    member.person.save()
    return "face_changed"


def _end(member: Member) -> str:
    member.lost_on = ON
    member.save()
    return "left"


def _register(member: Member) -> str:
    MynaStatus.objects.create(
        person=member.person,
        as_of=date(2026, 11, 8),
        source="daily",
        state="registered",
        registered_on=date(2026, 11, 7),
        e_certificate_expires_on=date(2030, 1, 31),
    )
    return "registered"
