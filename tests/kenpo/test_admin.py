"""The office's pages: everything is shown, found and explained in Japanese, and nothing can be changed by a form."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import kenpo.urls  # noqa: F401 - the desk registers its pages there
from certificates.models import Decision, EligibilityCertificate, Run
from certificates.requests.contacts import Call, record_contact
from core.models import Clerk, Event
from core.roles import ROLES
from core.transitions import advance
from core.web import ReadOnlyAdmin, day_html
from exchange.models import ExchangeFile
from mailing.models import Dispatch, Envelope, ReturnedMail
from mailing.post import tracking
from mailing.printing import stock
from members.models import ConfirmedText, Establishment, Insurer, Member, Person, Policy, PolicyDraft, PrintedForm
from notices.models import LetterWording
from tests.conftest import run_command
from tests.kenpo.desk.pages import everything
from tests.kenpo.reading import latin_words, page_of, searched, text_of
from tests.story.month import DAY, invent_and_load

pytestmark = pytest.mark.django_db

PAGES = [model for model, page in admin.site._registry.items() if isinstance(page, ReadOnlyAdmin)]
MOST_QUERIES = 12
# The log names its records by one query a kind: lines about one kind are asked for, and their notes may name others.
NARROWED = {Event: {"subject": "certificates.EligibilityCertificate"}}


def list_of(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def own_words() -> set[str]:
    """Names the office itself gave: they may be Latin."""
    rows = [
        *Person.objects.values_list("name", "printed_name", "name_kana"),
        *Establishment.objects.values_list("name"),
    ]
    return {text for row in rows for text in row} | set(Clerk.objects.values_list("username", flat=True))


@pytest.fixture
def month(tmp_path: Path, settings, client: Client) -> Client:
    """An auditor at the pages of a society whose month is decided."""
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent_and_load(tmp_path, members=120)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    return client


@pytest.fixture
def office(month: Client, home: Path) -> Client:
    """The same month, approved, with letters, envelopes, one printed dispatch, and one of every request."""
    for command, *by in (("approve_month", "taro"), ("draft_notices", "hanako"), ("assemble", "hanako")):
        assert run_command(command, "2026-11", "--by", *by).code == 0
    assert run_command("print_dispatch", Dispatch.objects.earliest("pk").pk, "--by", "hanako").code == 0
    usable = Decision.objects.filter(reason="myna_usable", member__lost_on=None).select_related("member__person")
    hanako = Clerk.objects.get(username="hanako")
    everything(hanako, [usable.earliest("pk").member])
    after_sealing(hanako)
    return month


def after_sealing(by: Clerk) -> None:
    """What the month itself does not leave: mail that came back, blank paper, a name printed in another form, drafts."""
    on, envelope = date.fromisoformat(DAY), Envelope.objects.earliest("pk")
    tracking.enter([(envelope.code, "131-12-38385-2")], by=by, on=on)
    ReturnedMail.objects.create(envelope=envelope, reason="moved", returned_on=on, received_by=by)
    stock.receive_lot("postcard", "10月分", 500, received_on=on, by=by, on=on)
    call = Call(token=uuid4(), caller="self", topic="not_arrived", follow_up_by=on)
    record_contact(envelope.insured.person, call, by=by, on=on)
    person = Person.objects.earliest("pk")
    PrintedForm.objects.create(
        person=person,
        field="name",
        registered=person.name,
        form=person.name,
        reason="本人の申出",
        clerk=by,
        recorded_on=on,
    )
    ConfirmedText.objects.create(person=person, label="氏名", text=person.name, reason="届書", clerk=by, recorded_on=on)
    Dispatch.objects.create(
        insurer=envelope.dispatch.insurer,
        kind="elderly",
        channel="home",
        form="elderly",
        assembled_on=on,
        assembled_by=by,
        counts={},
    )
    base, later = Policy.objects.earliest("pk"), date(2027, 4, 1)
    PolicyDraft.objects.create(base=base, valid_from=later, values=base.values, drafted_by=by, drafted_on=on)
    LetterWording.objects.create(
        letter="household", key="title", valid_from=later, value="書類のお届け", drafted_by=by, drafted_on=on
    )


def test_every_list_and_every_page_is_shown_in_japanese(office: Client) -> None:
    own = own_words()
    assert len(PAGES) >= 25
    for model in PAGES:
        answer = office.get(list_of(model))
        assert answer.status_code == 200, model
        assert not latin_words(text_of(answer.content.decode()), data=own), model
        document = model._default_manager.first()
        assert document is not None, f"the month leaves no {model}"
        answer = office.get(page_of(document))
        assert answer.status_code == 200, model
        assert not latin_words(text_of(answer.content.decode()), data=own), model


def test_an_empty_office_says_in_japanese_what_to_do_next(client: Client) -> None:
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    for url in [reverse("admin:index"), reverse("gaps"), *map(list_of, PAGES)]:
        answer = client.get(url)
        assert answer.status_code == 200, url
        words = latin_words(text_of(answer.content.decode()), data={"kansa"})
        assert not words, url
    assert "今月の仕事" in client.get(list_of(Run)).content.decode()


def test_a_list_asks_the_database_few_times_whatever_its_length(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[type, dict[int, int]] = {model: {} for model in PAGES}
    for rows in (3, 30):
        for model in PAGES:
            monkeypatch.setattr(admin.site._registry[model], "list_per_page", rows)
            with CaptureQueriesContext(connection) as queries:
                answer = office.get(list_of(model), NARROWED.get(model, {}))
            asked[model][rows] = len(queries)
            assert len(answer.context["cl"].result_list) == min(rows, answer.context["cl"].result_count)
    # The log names its records, one question a kind of record: more kinds on a page, not more rows.
    grown = {model: counts for model, counts in asked.items() if counts[3] != counts[30]}
    assert set(grown) <= {Event, *NARROWED}, grown
    assert {model: counts for model, counts in asked.items() if counts[30] > MOST_QUERIES + 10 * (model is Event)} == {}


def find(client: Client, model: type, text: str) -> list[int]:
    answer = searched(client, list_of(model), text)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.fixture
def yamada(month: Client) -> Member:
    """A member whose number, kana and name are easy to type in many ways."""
    insured = Member.objects.filter(kind="insured").first()
    person = Person.objects.create(
        name="山田　京子",
        name_kana="ヤマダ キョウコ",
        name_kana_key="ヤマダキヨウコ",
        birth_date=date(1980, 1, 1),
        sex="2",
        individual_number_state="registered",
    )
    return Member.objects.create(
        person=person,
        insurer=insured.insurer,
        establishment=insured.establishment,
        symbol="Ｋ-９",
        number="７７７７７",
        branch_number="00",
        symbol_key="K-9",
        number_key="77777",
        branch_key="00",
        kind="insured",
        coverage_kind="regular",
        acquired_on=date(2020, 4, 1),
    )


@pytest.mark.parametrize(
    "text",
    [
        "K-9-77777-00",
        "Ｋ－９－７７７７７－００",
        "k-9 77777",
        "K-9・77777・00",
        "記号K-9番号77777",
        "77777",
        "ヤマダ",
        "ﾔﾏﾀﾞ ｷｮｳ",
        "やまだきよう",
        "ヤマダ　キヨウコ",
        "山田 京子",
        "山田京子",
    ],
)
def test_a_member_is_found_however_it_is_typed(month: Client, yamada: Member, text: str) -> None:
    assert yamada.pk in find(month, Member, text)
    assert yamada.person_id in find(month, Person, text)


def test_a_wrong_branch_or_name_finds_nobody(month: Client, yamada: Member) -> None:
    assert find(month, Member, "K-9-77777-01") == []
    assert find(month, Person, "ヤマダ タロウジロウ") == []
    assert find(month, Member, "・") == []


def test_decisions_and_certificates_are_found_by_number_and_serial(month: Client) -> None:
    certificate = EligibilityCertificate.objects.filter(run__isnull=False).select_related("member").first()
    member = certificate.member
    assert find(month, Decision, f"{member.symbol} {member.number} {member.branch_number}") == list(
        Decision.objects.filter(member=member).values_list("pk", flat=True)
    )
    wide = certificate.serial.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert find(month, EligibilityCertificate, wide) == [certificate.pk]


def test_lists_narrow_by_outcome_and_reason(month: Client) -> None:
    answer = month.get(list_of(Decision), {"outcome__exact": "issue", "reason__exact": "not_registered"})
    shown = answer.context["cl"].queryset
    assert shown.count() == Decision.objects.filter(outcome="issue", reason="not_registered").count() > 0


def test_a_decision_says_why_as_at_the_telephone(month: Client) -> None:
    decision = Decision.objects.filter(outcome="not_needed", reason="myna_usable").first()
    said = text_of(month.get(page_of(decision)).content.decode())
    assert "まで使えるため、今はお送りしていません。" in said
    assert "基金の月次ファイル" in said
    assert "に電子証明書の更新がない場合や" in said


def test_a_decision_and_its_member_say_what_happened_afterwards(month: Client) -> None:
    found = Decision.objects.filter(outcome="issue").select_related("member").first()
    assert run_command("approve_month", "2026-11", "--by", "taro").code == 0
    paper = EligibilityCertificate.objects.filter(run__isnull=False, member=found.member).first()
    for verb in ("print", "send"):
        advance(paper, verb, by=None, on=date.fromisoformat(DAY))
    for document in (found, found.member):
        said = text_of(month.get(page_of(document)).content.decode())
        assert "その後" in said
        assert f"令和8年11月10日：資格確認書（{paper.serial}）を発送しました。" in said


def test_days_stand_in_the_era_calendar_with_iso_on_hover(month: Client) -> None:
    assert day_html(date(2026, 11, 6)) == ('<time datetime="2026-11-06" title="2026-11-06">令和8年11月6日</time>')
    page = month.get(page_of(Run.objects.get())).content.decode()
    assert 'title="2026-11-10">令和8年11月10日</time>' in page
    assert "2026年" not in text_of(page)


def test_a_file_shows_its_bad_rows_with_line_column_and_reason(month: Client) -> None:
    said = text_of(month.get(page_of(ExchangeFile.objects.get())).content.decode())
    assert "読めない行" in said and "行目" in said
    assert "基金の配布元で確認してください。" in said


def test_a_member_shows_decisions_certificates_and_cards(month: Client) -> None:
    member = EligibilityCertificate.objects.filter(run__isnull=False).first().member
    page = month.get(page_of(member)).content.decode()
    assert page_of(Decision.objects.get(member=member)) in page
    assert "月ごとの判定" in page and "健康保険証" in page


def test_an_individual_number_is_nowhere_on_the_persons_page(month: Client) -> None:
    person = Person.objects.filter(individual_number__isnull=False).first() or Person.objects.first()
    page = month.get(page_of(person)).content.decode()
    assert "登録済み" in text_of(page) or person.get_individual_number_state_display() in text_of(page)
    assert "sealed" not in page and "blind_index" not in page
    assert not any(model.__name__ == "IndividualNumber" for model in admin.site._registry)


def test_the_board_names_who_waits_for_what(month: Client) -> None:
    run_command("daily", "--on", DAY)
    answer = month.get(reverse("gaps"))
    said = text_of(answer.content.decode())
    assert answer.context["total"] == int(run_command("gaps", "--on", DAY).out.split()[-1]) > 0
    assert "承認待ち" in said
    assert not latin_words(said, data=own_words())
    waiting = month.get(reverse("gaps"), {"waiting": "inquiry"})
    assert {line.waiting for line in waiting.context["lines"]} == {"照会中"}


@pytest.mark.parametrize("role", list(ROLES))
def test_nobody_changes_anything_by_a_form(month: Client, role: str) -> None:
    """Not even the administrator: a status changes through its lifecycle, the rest through loading."""
    clerk = Clerk.objects.create_user(f"x-{role}", role=role, is_staff=True, is_superuser=role == "administrator")
    month.force_login(clerk)
    before = {model: model._default_manager.count() for model in PAGES}
    for model in PAGES:
        document = model._default_manager.first()
        assert month.post(list_of(model), {"action": "delete_selected"}).status_code == 403, model
        names = {"add": [], **({"change": [document.pk], "delete": [document.pk]} if document else {})}
        for name, args in names.items():
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)
            assert month.post(url, {"name": "x"}).status_code == 403, url
    assert before == {model: model._default_manager.count() for model in PAGES}


def test_the_log_can_be_read_and_never_changed(month: Client) -> None:
    run = Run.objects.get()
    history = month.get(reverse("admin:certificates_run_history", args=[run.pk]), follow=True)
    assert {event.subject_id for event in history.context["cl"].result_list} == {run.pk}
    assert "承認に回す" in text_of(history.content.decode())
    for change in (Event.objects.update, Event.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(**({"verb": "x"} if change.__name__ == "update" else {}))


def test_only_the_office_gets_in(client: Client, month: Client) -> None:
    outsider = Client()
    for url in (reverse("admin:index"), reverse("gaps"), list_of(Person)):
        assert outsider.get(url)["Location"].startswith(reverse("admin:login"))
    outsider.force_login(Clerk.objects.create_user("gaibu", role="clerk", is_staff=False))
    assert outsider.get(list_of(Person)).status_code == 302
    assert Insurer.objects.exists()


def test_no_page_sends_a_clerk_to_a_command() -> None:
    pages = (Path(__file__).parent.parent.parent / "templates").rglob("*.html")
    assert [path.name for path in pages if "manage.py" in path.read_text(encoding="utf-8")] == []
    assert [page for page in admin.site._registry.values() if "manage.py" in getattr(page, "empty_hint", "")] == []


def test_a_clerk_s_page_tells_no_one_how_to_fill_a_form(office: Client) -> None:
    said = text_of(office.get(page_of(Clerk.objects.get(username="hanako"))).content.decode())
    assert "ユーザー名" in said and "hanako" in said and "必須" not in said


def test_an_empty_selection_speaks_of_typed_words_only_where_some_were(office: Client) -> None:
    narrowed = office.get(list_of(Event), {"subject": "members.Member", "subject_id": "999999"}).content.decode()
    assert "この条件の記録は、まだありません" in text_of(narrowed) and "入力した文字" not in text_of(narrowed)


def test_large_numbers_are_grouped(office: Client) -> None:
    stock.receive_lot(
        "postcard",
        "11月分",
        2956,
        received_on=date.fromisoformat(DAY),
        by=Clerk.objects.earliest("pk"),
        on=date.fromisoformat(DAY),
    )
    assert "3,456枚" in text_of(office.get(reverse("admin:mailing_paperlot_changelist")).content.decode())
