"""Optional items of the face from the database: printed by policy and wish only, proved, pulled when they change."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from certificates.decisions.elderly import elderly_key_sql
from certificates.models import EligibilityCertificate
from core.errors import Refused
from core.paper import readback
from mailing.models import Dispatch
from mailing.papers import contents, files
from mailing.papers.faces import faces
from mailing.proof import expected
from mailing.services import assemble, confirm, differences, print_dispatch, prove_dispatch, pull_list
from members.models import Member, OptionalItem
from members.policy import build as policy_of
from members.querysets import PEOPLE_JOINS
from tests.mailing import build
from tests.mailing.build import DECIDED_ON, ON, Office

DAY = timedelta(1)
ITEMS = ["limit_category", "specific_disease", "establishment_name"]
OPTIONAL = ("establishment_name", "limit_category", "specific_disease")
LIMIT_TEXT = "ウ（発効期日：令和8年8月1日、令和9年7月31日まで）"
DISEASE_TEXT = "抗ウイルス剤を投与している後天性免疫不全症候群（限度額10,000円、発効期日：令和8年8月1日）"


@pytest.fixture
def printing(db: None, home: Path) -> Office:
    """A society that prints every optional item but the address."""
    return build.office(optional_items=ITEMS)


def wish(member: Member, value: str = "u", through: date | None = date(2027, 7, 31)) -> None:
    OptionalItem.objects.create(
        member=member,
        item="limit_category",
        value=value,
        valid_from=date(2026, 8, 1),
        valid_through=through,
        wished_on=date(2026, 7, 20),
    )


def wish_disease(member: Member) -> None:
    OptionalItem.objects.create(
        member=member,
        item="specific_disease",
        value="antiviral",
        limit_yen=10_000,
        valid_from=date(2026, 8, 1),
        wished_on=date(2026, 7, 20),
    )


def face_of(certificate: int, *items: str) -> dict[str, str]:
    """The optional items on the certificate's face under a policy with ``items``."""
    fields = faces([certificate], policy_of("toyobo", {"optional_items": list(items)}))[certificate].fields()
    return {name: fields[name] for name in OPTIONAL if name in fields}


def dispatched(office: Office) -> Dispatch:
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


class TestFace:
    def test_each_item_by_its_own_setting(self, printing: Office) -> None:
        (member,) = printing.household("0001")
        wish(member)
        wish_disease(member)
        (paper,) = printing.certify([member])
        own = {"establishment_name": "第1製作所", "limit_category": LIMIT_TEXT, "specific_disease": DISEASE_TEXT}
        assert face_of(paper, *ITEMS) == own
        assert face_of(paper) == {}
        for item, text in own.items():
            assert face_of(paper, item) == {item: text}

    def test_without_a_wish_nothing_stands_whatever_the_setting(self, printing: Office) -> None:
        (paper,) = printing.certify(printing.household("0001"))
        assert face_of(paper, "limit_category", "specific_disease") == {}

    def test_it_stands_on_the_own_face_only(self, printing: Office) -> None:
        head, child = printing.household("0001", ["山田 太郎", "山田 花子"])
        wish(child)
        papers = printing.certify([head, child])
        assert [face_of(paper, *ITEMS[:2]) for paper in papers] == [{}, {"limit_category": LIMIT_TEXT}]

    @pytest.mark.parametrize(("days", "stands"), [(-1, False), (0, True), (1, True)])
    def test_a_period_that_ended_before_the_issue_is_not_printed(
        self, printing: Office, days: int, stands: bool
    ) -> None:
        (member,) = printing.household("0001")
        wish(member, through=DECIDED_ON + days * DAY)
        (paper,) = printing.certify([member])
        assert bool(face_of(paper, *ITEMS[:1])) is stands

    @pytest.mark.parametrize(("days", "stands"), [(-1, True), (0, True), (1, False)])
    def test_nor_on_a_certificate_that_begins_after_it(self, printing: Office, days: int, stands: bool) -> None:
        (member,) = printing.household("0001")
        wish(member, through=DECIDED_ON + 30 * DAY)
        (paper,) = printing.certify([member])
        EligibilityCertificate.objects.filter(pk=paper).update(effective_on=DECIDED_ON + (30 + days) * DAY)
        assert bool(face_of(paper, *ITEMS[:1])) is stands

    def test_taken_back_it_stands_no_more(self, printing: Office) -> None:
        (member,) = printing.household("0001")
        wish(member)
        OptionalItem.objects.create(member=member, item="limit_category", valid_from=ON, wished_on=ON)
        (paper,) = printing.certify([member])
        assert face_of(paper, *ITEMS[:2]) == {}

    @pytest.mark.parametrize("kind", ["voluntary", "special_retired"])
    def test_who_left_the_employer_has_none_on_the_face(self, printing: Office, kind: str) -> None:
        family = printing.household("0001", ["山田 太郎", "山田 花子"], coverage_kind=kind)
        Member.objects.filter(pk=family[1].pk).update(coverage_kind="regular")
        assert [face_of(paper, *ITEMS) for paper in printing.certify(family)] == [{}, {}]

    def test_a_dependent_has_the_insured_person_s_employer(self, printing: Office) -> None:
        family = printing.household("0001", ["山田 太郎", "山田 花子"], establishment=1)
        names = [face_of(paper, *ITEMS)["establishment_name"] for paper in printing.certify(family)]
        assert names == ["第2製作所"] * 2


class TestKey:
    def test_only_a_wish_changes_the_fingerprint(self, printing: Office) -> None:
        members = printing.household("0001", ["山田 太郎", "山田 花子"])
        before = build.face_keys([one.pk for one in members])
        wish(members[1])
        after = build.face_keys([one.pk for one in members])
        assert after[members[0].pk] == before[members[0].pk]
        assert after[members[1].pk] != before[members[1].pk]

    def test_an_elderly_certificate_carries_no_item_and_stays_right(self, printing: Office) -> None:
        (member,) = printing.household("0001")

        def key() -> str:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {elderly_key_sql('20')} FROM members_member m {PEOPLE_JOINS} WHERE m.id = %s", [member.pk]
                )
                return str(cursor.fetchone()[0])

        before = key()
        wish(member)
        assert key() == before

    def test_fingerprints_from_before_there_were_items_stay_right(self, office: Office) -> None:
        (member,) = office.household("0001")
        texts = (
            "山田 太郎",
            "",
            "ヤマダ タロウ",
            str((date(1990, 4, 1) - date(1900, 1, 1)).days),
            "1",
            "0",
            "1",
            "0001",
            "/",
            "00",
            "/",
            "insured",
            "regular",
            str((date(2020, 4, 1) - date(1900, 1, 1)).days),
            "",
            "06130488",
            "甲乙健康保険組合",
        )
        key = hashlib.sha256(chr(31).join(texts).encode()).hexdigest()
        assert build.face_keys([member.pk]) == {member.pk: key}


class TestPaper:
    def test_items_are_printed_and_proved(self, printing: Office) -> None:
        members = printing.household("0001", ["山田 太郎", "山田 花子"])
        wish(members[0])
        wish_disease(members[1])
        printing.certify(members)
        assert prove_dispatch(dispatched(printing))["status"] == "proved"

    @pytest.mark.parametrize("form", ["card", "a4"])
    def test_on_the_other_forms_as_well(self, db: None, home: Path, form: str) -> None:
        office = build.office(optional_items=ITEMS, form=form)
        members = office.household("0001")
        wish(members[0])
        wish_disease(members[0])
        office.certify(members)
        assert differences(dispatched(office)) == []

    def test_an_address_without_room_keeps_nobody_from_the_certificate(self, db: None, home: Path) -> None:
        office = build.office(optional_items=["address"], form="card")
        short, long = ("東京都千代田区千代田一丁目一番", "鹿児島県大島郡架空町大字架空字上架空ヶ丘弐百参拾四番地" * 3)
        papers = [*office.household("0001", address=short), *office.household("0002", address=long)]
        office.certify(papers)
        dispatch = dispatched(office)
        assert prove_dispatch(dispatch)["status"] == "proved"
        (file,) = files.folder(dispatch).glob("certificates-*.pdf")
        with readback.open_pdf(file) as pdf:
            backs = [readback.full_text(pdf, page) for page in (2, 4)]
        assert [short in back for back in backs] == [True, False] and "鹿児島" not in backs[1]

    def test_a_stale_category_is_found_and_pulled(self, printing: Office) -> None:
        head, child = printing.household("0001", ["山田 太郎", "山田 花子"])
        for member in (head, child):
            wish(member)
        printing.certify([head, child])
        dispatch = dispatched(printing)
        wish(child, "e")
        assert {(d.page, d.field) for d in differences(dispatch) if d.field != "sha256"} == {(3, "limit_category")}
        with pytest.raises(Refused):
            prove_dispatch(dispatch)
        (row,) = pull_list(dispatch, on=ON)
        assert row.reasons == ("face_changed",)
        confirm(dispatch, by=printing.clerk, on=ON)
        assert prove_dispatch(dispatch)["status"] == "proved"

    def test_a_wish_taken_back_is_pulled(self, printing: Office) -> None:
        (member,) = printing.household("0001")
        wish(member)
        printing.certify([member])
        dispatch = dispatched(printing)
        assert pull_list(dispatch, on=ON) == []
        OptionalItem.objects.create(member=member, item="limit_category", valid_from=ON, wished_on=ON)
        assert [row.reasons for row in pull_list(dispatch, on=ON)] == [("face_changed",)]

    def test_the_employer_s_new_name_is_found_by_the_proof(self, printing: Office) -> None:
        printing.certify(printing.household("0001"))
        dispatch = dispatched(printing)
        printing.establishments[0].name = "新製作所"
        printing.establishments[0].save()
        assert "establishment_name" in {d.field for d in differences(dispatch)}

    def test_with_the_items_off_a_wish_leaves_every_byte_as_it_was(self, office: Office) -> None:
        (member,) = office.household("0001")
        office.certify([member])
        dispatch = dispatched(office)
        wish(member)
        wish_disease(member)
        assert differences(dispatch) == []
        file = dispatch.files.get(kind="certificate")
        listed = [item for item in contents.items(dispatch) if item.file_id == file.pk]
        drawn = expected.documents(dispatch, file, listed).data()
        assert drawn == (files.folder(dispatch) / file.name).read_bytes()
