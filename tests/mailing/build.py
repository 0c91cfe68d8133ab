"""An invented society with approved certificates, built straight in the database; as large as a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction

from certificates.documents.serials import draw
from certificates.models import Decision, EligibilityCertificate, Run
from certificates.rules.facts import FundRow, MemberFacts, as_json
from core.models import Clerk
from core.transitions import advance, advance_many
from members.models import Address, Establishment, Insurer, Member, Person, Policy
from members.policy import build
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS

MONTH = date(2026, 11, 1)
DECIDED_ON = date(2026, 11, 6)
ON = date(2026, 11, 9)


@dataclass
class Office:
    """The society, its employers, its run and its clerks."""

    insurer: Insurer
    run: Run
    clerk: Clerk
    establishments: list[Establishment]
    serials: int = 0
    people: int = 0
    members: dict[str, Member] = field(default_factory=dict)

    def household(
        self,
        number: str,
        names: Sequence[str] = ("山田 太郎",),
        *,
        establishment: int = 0,
        symbol: str = "1",
        coverage_kind: str = "regular",
        address: str = "東京都千代田区千代田一丁目一番",
        **facts: Any,
    ) -> list[Member]:
        """One insured person and dependents, at one address; ``facts`` hold for every person."""
        found: list[Member] = []
        for place, name in enumerate(names):
            self.people += 1
            person = Person.objects.create(
                name=name,
                name_kana="ヤマダ タロウ",
                name_kana_key="ヤマダタロウ",
                birth_date=date(1990, 4, 1 + place),
                sex="1",
                individual_number_state="registered",
                **facts,
            )
            if address:
                Address.objects.create(
                    person=person, use="residence", postal_code="100-0001", address=address, valid_from=date(2020, 4, 1)
                )
            member = Member.objects.create(
                person=person,
                insurer=self.insurer,
                establishment=self.establishments[establishment],
                symbol=symbol,
                number=number,
                branch_number=f"{place:02d}",
                symbol_key=symbol,
                number_key=number,
                branch_key=f"{place:02d}",
                kind="dependent" if place else "insured",
                relationship="子" if place else "",
                insured=found[0] if place else None,
                coverage_kind=coverage_kind,
                acquired_on=date(2020, 4, 1),
                fund_registered_on=date(2020, 4, 1),
                standard_monthly_remuneration_yen=None if place else 300_000,
            )
            found.append(member)
            self.members[f"{number}-{place:02d}"] = member
        return found

    def certify(self, members: Sequence[Member], *, sequence: int = 0, approved: bool = True) -> list[int]:
        """A certificate of the run for each, with the face of today; approved unless said otherwise."""
        keys = face_keys([m.pk for m in members])
        if not sequence:
            Decision.objects.bulk_create([self._decision(member) for member in members], ignore_conflicts=True)
        made = []
        for member in members:
            self.serials += 1
            made.append(
                EligibilityCertificate(
                    serial=f"{self.serials:012d}",
                    member=member,
                    run=self.run,
                    sequence=sequence,
                    basis="ex_officio",
                    ground="not_registered",
                    issued_on=DECIDED_ON,
                    effective_on=DECIDED_ON,
                    valid_through=date(2031, 11, 5),
                    limit="scheme",
                    face_key=keys[member.pk],
                )
            )
        with transaction.atomic():
            draw(self.insurer, len(made))  # so that what a test has made anew gets serials beyond these
        ids = [c.pk for c in EligibilityCertificate.objects.bulk_create(made, batch_size=2000)]
        if approved:
            advance_many(EligibilityCertificate.objects.filter(pk__in=ids), "approve", by=self.clerk, on=DECIDED_ON)
        return ids

    def _decision(self, member: Member) -> Decision:
        """Why the certificate is issued: the fund says that the person never registered."""
        row = FundRow("not_registered", self.run.as_of, file_id=1, line_no=2)
        facts = MemberFacts(member.acquired_on, member.person.birth_date, row=row)
        return Decision(
            run=self.run, member=member, outcome="issue", reason="not_registered", detail="never", facts=as_json(facts)
        )

    def address(self, member: Member, use: str, address: str) -> None:
        Address.objects.create(
            person=member.person, use=use, postal_code="530-0001", address=address, valid_from=date(2026, 1, 1)
        )


def face_keys(ids: Sequence[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, {FACE_KEY_SQL} FROM members_member m {PEOPLE_JOINS} WHERE m.id = ANY(%s)", [list(ids)]
        )
        return dict(cursor.fetchall())


def office(*, establishments: int = 2, **policy: Any) -> Office:
    """An empty society with an approved run of November 2026."""
    insurer = Insurer.objects.create(
        number="06130488",
        name="甲乙健康保険組合",
        postal_code="100-0002",
        address="東京都千代田区皇居外苑一番一号",
        phone="03-1234-5678",
    )
    values = build("toyobo", policy)
    Policy.objects.create(insurer=insurer, valid_from=date(2024, 12, 2), preset="toyobo", values=values.as_json())
    employers = [
        Establishment.objects.create(insurer=insurer, code=f"{n:03d}", name=f"第{n}製作所", address="大阪市")
        for n in range(1, establishments + 1)
    ]
    clerk = Clerk.objects.create_user("haraguchi", role="clerk")
    run = Run.objects.create(
        insurer=insurer,
        month=MONTH,
        as_of=date(2026, 10, 31),
        decided_on=DECIDED_ON,
        issue_on=DECIDED_ON,
        file_hash="0" * 64,
        policy=values.as_json(),
        run_by=clerk,
    )
    for verb in ("apply", "decide", "propose", "approve"):
        advance(run, verb, by=clerk, on=DECIDED_ON)
    return Office(insurer, run, clerk, employers)
