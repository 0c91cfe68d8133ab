"""Each kind of document answers everything that is asked of it; a kind that is made up goes the whole way."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from certificates.documents.serials import serial_text
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.errors import Refused
from core.models import Job
from core.paper import readback
from core.paper.book import DUPLEX_LABELS, SIMPLEX, Book
from core.paper.sheet import Box, Sheet
from core.transitions import advance
from kenpo.month.closing import held_back, still_open
from kenpo.pages import job_results
from kenpo.pages import papers as person_page
from kenpo.pages.search import covers_meant
from kenpo.reports import monthly
from mailing.models import ENCLOSED, Dispatch, Enclosure, Envelope, HeldPaper, PaperLot, PrintedFile, ReturnedMail
from mailing.papers import files, kinds
from mailing.papers.kinds import DocumentKind, registry
from mailing.papers.layouts.spots import Spot, Style, fields_of, fit, refusals, spot
from mailing.papers.page import Page
from mailing.planning.assembling import channels
from mailing.planning.leaving import find
from mailing.planning.reading import Round, candidates
from mailing.post import returns
from mailing.post.ledger import Line, ledger
from mailing.printing import ahead
from mailing.proof.pages import Seals, problems
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, pull_list, seal, send
from members.models import Member, Person
from members.policy import PRESETS, Policy, build
from notices.letters.wording import Wording
from notices.services import draft
from tests.mailing.build import MONTH, ON, Office
from tests.notices.play import joined

SERIAL = serial_text(70)
POSTED_ON, BACK_ON = ON + timedelta(1), ON + timedelta(10)
FIELDS = ("serial", "member", "run", "status", "issued_on", "sent_on", "arrives_on")
every_kind = pytest.mark.parametrize("kind", kinds.every(), ids=lambda kind: kind.kind)


class TestProtocol:
    """What the rest of the office asks of a kind, and where a migration has to follow a new one."""

    @every_kind
    def test_its_names_fit_where_they_are_kept(self, kind: DocumentKind) -> None:
        for model in (Dispatch, PrintedFile):
            assert 0 < len(kind.kind) <= model._meta.get_field("kind").max_length
        assert kind.kind.isidentifier() and kind.stem.isidentifier() and kind.alias.isidentifier()
        assert kind.label == kind.model._meta.verbose_name and kind.label and kind.short_label and kind.made_word

    @every_kind
    def test_its_documents_have_what_is_read_of_them(self, kind: DocumentKind) -> None:
        days = ("effective_on", "valid_through") if kind.has_days else ()
        shared = ("leader",) if kind.shared else ()
        for name in (*FIELDS, *days, *shared):
            kind.model._meta.get_field(name)
        assert kind.shared is has_field(kind.model, "leader")

    @every_kind
    def test_its_lifecycle_has_the_verbs_that_move_it(self, kind: DocumentKind) -> None:
        lifecycle: Any = kind.model.lifecycle  # type: ignore[attr-defined]
        begun = kind.ready_verb in lifecycle.beginnings and kind.ready in lifecycle.initial
        assert begun or lifecycle.by_verb[kind.ready_verb].target == kind.ready
        moves = ("print", "send", "return", "resend", "void")
        assert [lifecycle.by_verb[verb].target for verb in moves] == ["printed", "sent", "returned", "sent", "voided"]
        assert kind.ready in lifecycle.by_verb["print"].sources
        assert ("returned" in lifecycle.by_verb["void"].sources) is kind.ends_void

    @every_kind
    @pytest.mark.parametrize("preset", PRESETS)
    def test_the_settings_give_it_a_way_and_a_form(self, kind: DocumentKind, preset: str) -> None:
        policy = build(preset, {})
        form = kind.form(policy)
        assert 0 < len(form) <= Dispatch._meta.get_field("form").max_length
        assert channels(policy)[kind.kind] == kind.channel(policy) and kind.channel(policy) in Dispatch.Channel.values
        assert kind.blank(form) in PaperLot.Form.values and kind.form_words(form)
        assert isinstance(kind.rides_along(policy), bool)

    @every_kind
    def test_every_question_has_an_answer_where_there_is_nothing_yet(self, kind: DocumentKind, office: Office) -> None:
        policy = build("toyobo", {})
        none = Enclosure.objects.none()
        assert dict(kind.faces([], policy)) == {}
        assert not kind.documents().exists() and not kind.inside(none).exists()
        assert not kind.wrong_shares(office.insurer, [], on=ON) and not kind.redrafted([])
        assert [Enclosure.objects.filter(way).exists() for way in kind.about(serial="1")] == [False] * (1 + kind.shared)
        kind.renew(office.insurer, office.run, by=office.clerk, on=ON)
        kind.decide_anew([], by=office.clerk, on=ON)
        assert kind.still_right([], on=ON)
        assert list(candidates(Round(office.insurer, ON, office.run), kind, form=kind.form(policy))) == []
        assert kind.advance([], "print", by=office.clerk, on=ON) == []
        assert kind.reason(None) in Wording("household", ON).raw("reasons")
        assert kind.succeeds(None) is False

    @every_kind
    def test_what_it_draws_reads_back_as_its_pages_say(
        self, kind: DocumentKind, office: Office, tmp_path: Path
    ) -> None:
        joined(office, "0001", "山田 太郎")
        member = office.members["0001-00"]
        office.certify([member])
        issued(office, member)
        draft(office.run, by=office.clerk, on=ON)
        policy = build("toyobo", {})
        form, document = kind.form(policy), kind.documents().get()
        face = kind.faces([document.pk], policy)[document.pk]
        assert kind.check(form, face) == []
        with Book(tmp_path / "book.pdf") as book:
            kind.draw(book, form, face)
        pages = kind.pages(form, face)
        with readback.open_pdf(tmp_path / "book.pdf") as pdf:
            assert len(pdf) == len(pages)
            for number, page in enumerate(pages, start=1):
                with readback.OpenPage(pdf, number) as paper:
                    assert problems(page, paper, {}, Seals(), None) == {}
        shown = {name: field.text for page in pages for name, field in page.fields.items()}
        assert kind.texts(face).items() <= shown.items()
        assert kind.field_label("name") == "氏名" and kind.field_label("nothing") == ""
        assert kind.duplex(form) in DUPLEX_LABELS and (kind.duplex(form) == SIMPLEX) is (len(pages) == 1)
        assert (kind.share(face) is None) or kind.carries_share
        assert kinds.of(document) is kind and kinds.of_model(kind.model) is kind
        assert kind.sheet_id(document) == document.pk

    def test_the_statements_over_every_kind_run(self, office: Office) -> None:
        """Their fragments fit together, whichever kinds there are."""
        office.certify(office.household("0001"))
        (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
        assert find(Dispatch.objects.get(pk=number), on=ON) == {}
        assert {line.kind for line in ledger()} == {"certificate"}
        monthly.report(office.insurer, MONTH, made_on=ON)

    @pytest.mark.parametrize("name", ["kind", "column", "stem", "alias"])
    def test_what_another_kind_has_is_refused(self, name: str, alone: None) -> None:
        class Another(Sample):
            kind, column, stem, alias = "another", "another", "another", "another"

        setattr(Another, name, getattr(kinds.CERTIFICATE, name))
        with pytest.raises(ValueError, match=name):
            kinds.register(Another())


class TestModels:
    """Where a kind stands in the database: these fail until a migration follows a registered kind."""

    def test_enclosures_and_held_documents_have_a_foreign_key_of_each_kind_and_no_other(self) -> None:
        wanted = {kind.column: kind.model for kind in kinds.every()}
        for model, others in ((Enclosure, {"envelope", "file"}), (HeldPaper, {"member"})):
            keys = {f.name: f.related_model for f in model._meta.fields if f.is_relation}
            assert {name: to for name, to in keys.items() if name not in others} == wanted
        assert kinds.columns() == ENCLOSED

    def test_exactly_one_of_them_is_set_and_a_document_lies_in_one_envelope(self) -> None:
        for model, name in ((Enclosure, "enclosure_of_one"), (HeldPaper, "held_paper_of_one")):
            (check,) = (c for c in model._meta.constraints if c.name == name)
            asked = {field for part in check.condition.children for field, _ in part.children}
            assert asked == {f"{column}__isnull" for column in kinds.columns()}
        once = [c for c in Enclosure._meta.constraints if isinstance(c, models.UniqueConstraint) and c.condition]
        assert [c.fields for c in once] == [(column,) for column in kinds.columns()]

    def test_the_choices_of_the_models_are_the_kinds(self) -> None:
        assert dict(Dispatch.Kind.choices) == kinds.labels()
        listed = {code: label for code, label in PrintedFile.Kind.choices if kinds.find(code)}
        assert listed == kinds.labels()


def has_field(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


@dataclass(frozen=True, slots=True)
class SampleFace:
    """What stands on the made-up document."""

    serial: str
    name: str


SHEET = Sheet(148, 105)
STYLES: Mapping[str, Style] = {
    "title": (Box("title", 10, 10, 120, 10), "label_bold", 16, 10, 1, "left"),
    "name": (Box("name", 10, 30, 120, 12), "name", 14, 8, 1, "left"),
    "serial": (Box("serial", 10, 50, 120, 8), "label", 11, 8, 1, "left"),
}
TITLE = "見本の証"


class Sample(DocumentKind):
    """A made-up kind on a sheet of its own: this class, and its registration, is all there is of it.

    It takes the foreign key and the model of the 高齢受給者証, since a test brings no migration.
    """

    kind = "sample"
    column = "elderly"
    model = ElderlyBeneficiaryCertificate
    stem = "samples"
    alias = "s"
    label = TITLE
    issue_sql = "'issued'"

    def form(self, policy: Policy) -> str:
        return "slip"

    def form_words(self, form: str) -> str:
        return "見本の用紙"

    def faces(self, ids: Sequence[int], policy: Policy) -> Mapping[int, SampleFace]:
        rows = self.model._default_manager.filter(pk__in=ids).select_related("member__person")
        return {row.pk: SampleFace(row.serial, row.member.person.name) for row in rows}

    def texts(self, face: SampleFace) -> Mapping[str, str]:
        return {"title": TITLE, "name": face.name, "serial": face.serial}

    def check(self, form: str, face: SampleFace) -> list[Refused]:
        return refusals(self._spots(face))

    def draw(self, book: Book, form: str, face: SampleFace) -> None:
        placed = [fit(one) for one in self._spots(face)]
        pen = book.pen(SHEET)
        for one in placed:
            pen.put(one)
        book.add_page(pen, kind=self.kind, reference=face.serial, fields=fields_of(self._spots(face)))

    def pages(self, form: str, face: SampleFace) -> list[Page]:
        return [Page(SHEET, fields_of(self._spots(face)))]

    def field_label(self, field: str) -> str:
        return {"name": "氏名", "serial": "見本の番号"}.get(field, "")

    def reason(self, facts: Sequence[Any] | None) -> str:
        return "other"

    def _spots(self, face: SampleFace) -> list[Spot]:
        return [spot(STYLES[name], text, title=TITLE) for name, text in self.texts(face).items()]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is the only kind."""
    monkeypatch.setattr(registry, "_REGISTERED", {"certificate": kinds.CERTIFICATE})


@pytest.fixture
def sample(alone: None) -> DocumentKind:
    """The made-up kind registered behind the certificate, in place of the 高齢受給者証 whose foreign key it takes."""
    made = kinds.register(Sample())
    kinds.register(kinds.NOTICE)
    return made


def issued(office: Office, member: Member) -> Any:
    document = ElderlyBeneficiaryCertificate.objects.create(
        serial=SERIAL,
        member=member,
        run=office.run,
        cause="turns_70",
        copayment_percent=20,
        issued_on=ON,
        effective_on=ON,
        valid_through=date(2031, 7, 31),
        face_key="x" * 64,
    )
    advance(document, "approve", by=office.clerk, on=ON)
    return document


@pytest.fixture
def enclosed(office: Office, sample: DocumentKind) -> Dispatch:
    """A certificate and the made-up document of one person in one envelope."""
    (member,) = office.household("0001")
    office.certify([member])
    EligibilityCertificate.objects.update(serial=serial_text(1))
    issued(office, member)
    assert still_open(office.run)[1:] == ["封入待ち 1-0001-00の資格確認書", "封入待ち 1-0001-00の見本の証"]
    answer = assemble(office.run, by=office.clerk, on=ON)
    assert answer.enclosed == {"certificates": 1, "samples": 1, "notices": 0}
    return Dispatch.objects.get()


def lines(kind: str) -> list[Line]:
    return [line for line in ledger() if line.kind == kind]


class TestMadeUpKind:
    """It is planned, printed, verified, posted, returned and counted by what its class says."""

    def test_it_is_printed_and_read_back_on_its_own_sheet(self, enclosed: Dispatch, office: Office) -> None:
        assert print_dispatch(enclosed, by=office.clerk, on=ON)["samples"] == 1
        proof = prove_dispatch(enclosed)
        assert (proof["papers"], proof["status"]) == ({"certificate": 1, "sample": 1}, "proved")
        with (files.folder(enclosed) / files.MANIFEST).open(encoding="utf-8") as manifest:
            row = list(csv.DictReader(manifest))[1]
        assert (row["serial"], row["kind"], row["file"]) == (SERIAL, "sample", "samples-0001.pdf")
        with readback.open_pdf(files.folder(enclosed) / "samples-0001.pdf") as pdf:
            assert "見本の証" in readback.full_text(pdf, 1)
        assert Enclosure.objects.get(elderly__isnull=False).copayment_percent is None

    def test_another_name_than_the_database_s_is_noticed_in_its_words(
        self, enclosed: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Sample.draw
        monkeypatch.setattr(
            Sample, "draw", lambda kind, book, form, face: real(kind, book, form, SampleFace(face.serial, "別人"))
        )
        print_dispatch(enclosed, by=office.clerk, on=ON)
        monkeypatch.undo()
        monkeypatch.setattr(registry, "_REGISTERED", {k.kind: k for k in (kinds.CERTIFICATE, Sample(), kinds.NOTICE)})
        with pytest.raises(Refused, match=r"samples-0001\.pdf 1ページ 「氏名（name）」"):
            prove_dispatch(enclosed)

    def test_lists_and_letters_name_it(self, enclosed: Dispatch, office: Office, tmp_path: Path) -> None:
        ahead.write_lists(office.run, tmp_path, by=office.clerk, on=ON)
        (listed,) = csv.DictReader(next(tmp_path.glob("001-*.csv")).open(encoding="utf-8"))
        assert listed["samples"] == "1"
        print_dispatch(enclosed, by=office.clerk, on=ON)
        assert "資格確認書見本の証書類の合計" in printed_text(enclosed, "covers-0001.pdf")
        assert "見本の証" in printed_text(enclosed, "addresses-0001.pdf")
        (job,) = Job.objects.filter(key__startswith="print_dispatch")
        assert "見本の証：1枚" in list(job_results.RESULTS["print_dispatch"](job.outcome))

    def test_what_keeps_it_back_is_held_under_its_name(self, office: Office, sample: DocumentKind) -> None:
        (member,) = office.household("0001")
        issued(office, member)
        Person.objects.filter(pk=member.person_id).update(name="山田" * 60)
        answer = assemble(office.run, by=office.clerk, on=ON)
        assert answer.held == {"does_not_fit": 1}
        assert held_back(office.run)[1].startswith("保留 1-0001-00の見本の証：印刷する枠に入らない項目があります")

    def test_it_is_pulled_where_its_holder_left(self, enclosed: Dispatch, office: Office) -> None:
        print_dispatch(enclosed, by=office.clerk, on=ON)
        member = office.members["0001-00"]
        member.lost_on = ON
        member.save()
        assert [row.reasons for row in pull_list(enclosed, on=ON)] == [("left",)] * 2
        confirm(enclosed, by=office.clerk, on=ON)
        assert ElderlyBeneficiaryCertificate.objects.get().status == "voided"
        assert all(line.closes for line in lines("sample"))

    def test_posted_returned_and_ended_it_is_counted_everywhere(self, enclosed: Dispatch, office: Office) -> None:
        print_dispatch(enclosed, by=office.clerk, on=ON)
        prove_dispatch(enclosed)
        seal(enclosed, by=office.clerk, on=ON)
        assert send(enclosed, by=office.clerk, on=POSTED_ON)["sent"] == 2
        returned = returns.receive(SERIAL, reason="moved", by=office.clerk, on=BACK_ON).returned
        assert [line.kind_label for line in lines("sample")] == ["見本の証"] * 4
        returns.end_papers(returned, reason="不要", by=office.clerk, on=BACK_ON)
        assert ElderlyBeneficiaryCertificate.objects.get().status == "recovered"
        assert ReturnedMail.objects.get().resolution == ReturnedMail.Resolution.ENDED
        assert all(line.closes for line in ledger())
        table = next(t for t in monthly.report(office.insurer, MONTH, made_on=BACK_ON).tables if "種類" in t.title)
        assert table.rows[1] == ("見本の証", 1, 0, 0, 0, 1)

    def test_a_clerk_finds_it(self, enclosed: Dispatch, office: Office) -> None:
        member = office.members["0001-00"]
        print_dispatch(enclosed, by=office.clerk, on=ON)
        assert list(covers_meant(SERIAL)) == [member]
        shown = person_page.papers_of(member.person, person_page.enclosures_of(member.person))
        (own,) = [paper for paper in shown if paper.name == "見本の証"]
        assert own.picture.startswith("/") and "/sample/" in own.picture
        assert returns.envelope_of(SERIAL) == Envelope.objects.get()


def printed_text(dispatch: Dispatch, name: str) -> str:
    with readback.open_pdf(files.folder(dispatch) / name) as pdf:
        return "".join("".join(readback.full_text(pdf, page + 1).split()) for page in range(len(pdf)))
