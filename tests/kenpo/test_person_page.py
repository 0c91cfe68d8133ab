"""The page of a person: the household side by side, why any month decided so, paper as printed, post, what can be done."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from certificates.decisions import ruling
from certificates.decisions.services import why
from certificates.models import Decision, EligibilityCertificate, Recovery, Run
from certificates.requests.applications.outcome import Basis
from certificates.rules.codes import Ground
from core.models import Clerk, Event
from core.transitions import advance
from kenpo.intake.load import load
from kenpo.pages.household import household
from kenpo.pages.papers import enclosures_of, post_of
from mailing.models import Dispatch, Enclosure
from mailing.papers import files
from mailing.post import returns, tracking
from mailing.services import assemble, print_dispatch
from members.models import Establishment, Member, MynaStatus, OptionalItem, Person, Policy
from tests.builders import Folder
from tests.kenpo import calls
from tests.kenpo.reading import latin_words, text_of
from tests.mailing import build

pytestmark = pytest.mark.django_db
ON = calls.ON


def page_of(person: Person) -> str:
    return reverse("admin:members_person_change", args=[person.pk])


@pytest.fixture
def desk(settings: Any, client: Client) -> Client:
    settings.KENPO_TODAY = ON
    client.force_login(Clerk.objects.create_user("denwa", role="clerk", is_staff=True))
    return client


def names() -> set[str]:
    people = Person.objects.values_list("name", "printed_name", "name_kana")
    return {"denwa", "hanako", "taro", *Establishment.objects.values_list("name", flat=True)} | {
        text for row in people for text in row
    }


@pytest.fixture
def family(tmp_path: Path, db: None) -> dict[str, Member]:
    """A father with a certificate posted, a mother with a マイナ保険証, a child with nothing, a son who left."""
    folder = Folder(tmp_path / "in")
    folder.insured("1").dependent("1", "01")
    folder.dependent(
        "1", "02", name="山田 小春", name_kana="ヤマダ コハル", relationship="長女", birth_date="2015-05-05"
    )
    folder.dependent(
        "1",
        "03",
        name="山田 大樹",
        name_kana="ヤマダ ダイキ",
        sex="1",
        relationship="長男",
        birth_date="2001-05-05",
        lost_on="2026-04-01",
    )
    folder.legacy_card("1", branch_number="00")
    load(folder.write(), on=ON)
    found = {one.branch_number: one for one in Member.objects.select_related("person")}
    made = ruling.issue(
        found["00"].pk,
        cause="application",
        request="test:1",
        ground=Ground.NO_CARD,
        basis=Basis.APPLICATION,
        on=ON,
        by=None,
    )
    certificate = made.certificates.get(sequence=0)
    for verb in ("approve", "print"):
        advance(certificate, verb, by=None, on=ON)
    advance(certificate, "send", by=None, on=ON, sent_on=ON, arrives_on=date(2026, 11, 20))
    MynaStatus.objects.create(
        person=found["01"].person,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        e_certificate_expires_on=date(2027, 1, 5),
        file_id=7,
        line_no=12,
    )
    return found


def cells(person: Person, on: date) -> dict[str, list[str]]:
    """Each line of the household as text, by its label."""
    _, rows = household(person, on)
    return {row.label: [" ".join(text_of(cell).split()) for cell in row.cells] for row in rows}


def test_the_household_stands_side_by_side(family: dict[str, Member]) -> None:
    for one in ("00", "01", "02"):
        columns, _ = household(family[one].person, ON)
        assert [column.cover for column in columns] == [family["00"], family["01"], family["02"]]
        assert [column.here for column in columns] == [one == each for each in ("00", "01", "02")]
    said = cells(family["00"].person, ON)
    assert "2027-04-30 令和9年4月30日 まで使えます" in said["マイナ保険証"][1]
    assert said["マイナ保険証"][2] == "わかりません（基金のファイルに行がありません）"
    assert "発送済み" in said["資格確認書"][0] and "令和13年11月" in said["資格確認書"][0]
    assert said["資格確認書"][1] == "なし"
    assert "今日は使えません" in said["健康保険証"][0]


@pytest.mark.parametrize(
    ("items", "day", "said"),
    [
        ([], date(2026, 11, 10), "運用設定により印字しません"),
        (["limit_category"], date(2026, 11, 29), "印字します"),
        (["limit_category"], date(2026, 11, 30), "印字します"),
        (["limit_category"], date(2026, 12, 1), "期間が過ぎました"),
    ],
)
def test_a_wish_stands_with_its_day_and_whether_it_is_printed(
    family: dict[str, Member], items: list[str], day: date, said: str
) -> None:
    assert "印字の申出" not in cells(family["00"].person, day)
    policy = Policy.objects.get()
    policy.values["optional_items"] = items
    policy.save()
    child = family["02"]
    for since, value in ((date(2026, 4, 1), "e"), (date(2026, 8, 1), "u")):
        OptionalItem.objects.create(
            member=child,
            item="limit_category",
            value=value,
            valid_from=since,
            valid_through=date(2026, 11, 30),
            wished_on=date(2026, 7, 20),
        )
    wished = cells(family["00"].person, day)["印字の申出"]
    assert wished[:2] == ["なし", "なし"]
    assert wished[2].startswith("限度額適用区分 ウ（発効期日：令和8年8月1日、令和8年11月30日まで）")
    assert said in wished[2] and "2026-07-20 令和8年7月20日" in wished[2]
    OptionalItem.objects.create(member=child, item="limit_category", valid_from=day, wished_on=day)
    assert "印字の申出" not in cells(family["00"].person, day)


@pytest.mark.parametrize(
    ("day", "father"),
    [
        (date(2026, 11, 19), "使える手段なし 配達待ち"),
        (date(2026, 11, 20), "資格確認書"),
        (date(2026, 11, 21), "資格確認書"),
    ],
)
def test_a_certificate_is_a_route_from_the_day_it_is_in_hand(family: dict[str, Member], day: date, father: str) -> None:
    said = cells(family["00"].person, day)["今日使える手段"]
    assert said[0].startswith(father)
    assert said[1].startswith("マイナ保険証")
    assert said[2].startswith("使える手段なし 判定待ち")


@pytest.mark.parametrize(
    ("day", "mother"),
    [
        (date(2027, 4, 29), "マイナ保険証（"),
        (date(2027, 4, 30), "マイナ保険証（"),
        (date(2027, 5, 1), "使える手段なし"),
    ],
)
def test_a_myna_card_is_a_route_through_its_last_day(family: dict[str, Member], day: date, mother: str) -> None:
    said = cells(family["01"].person, day)
    assert said["今日使える手段"][1].startswith(mother)
    ended = mother == "使える手段なし"
    assert said["マイナ保険証"][1].endswith("で使えなくなりました" if ended else "まで使えます")


@pytest.mark.parametrize(("lost_on", "through"), [(30, "令和9年3月29日"), (31, "令和9年3月30日")])
def test_a_route_is_never_told_past_the_last_day_of_cover(
    family: dict[str, Member], lost_on: int, through: str
) -> None:
    Member.objects.filter(pk=family["00"].pk).update(lost_on=date(2027, 3, lost_on))
    said = cells(family["01"].person, ON)
    assert f"{through} まで" in said["今日使える手段"][1] and f"{through} まで使えます" in said["マイナ保険証"][1]


def test_who_left_has_no_card_to_show_either(family: dict[str, Member]) -> None:
    MynaStatus.objects.create(
        person=family["03"].person,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        e_certificate_expires_on=date(2030, 1, 5),
    )
    assert "資格がないため使えません" in cells(family["03"].person, ON)["マイナ保険証"]


def test_of_two_routes_the_longer_stands_first(family: dict[str, Member]) -> None:
    MynaStatus.objects.create(
        person=family["00"].person,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        e_certificate_expires_on=date(2027, 1, 5),
    )
    said = cells(family["00"].person, date(2026, 11, 20))["今日使える手段"][0]
    assert 0 <= said.index("資格確認書") < said.index("マイナ保険証")


def test_who_left_is_shown_on_the_own_page_only(family: dict[str, Member]) -> None:
    columns, _ = household(family["03"].person, ON)
    assert family["03"] in [column.cover for column in columns]
    said = cells(family["03"].person, ON)
    assert "資格がないため使えません" in said["今日使える手段"]
    assert "資格なし（ 2026-03-31 令和8年3月31日 まで）" in said["資格"]


def test_the_page_says_all_of_it_in_japanese(desk: Client, family: dict[str, Member]) -> None:
    page = text_of(desk.get(page_of(family["01"].person)).content.decode())
    for part in ("世帯（", "月ごとの判定", "書類（印刷したとおり）", "郵便", "回収", "申請・照会・届出", "対応記録"):
        assert part in page
    assert "ファイル7の12行目" in page
    assert "この方の月次判定はまだありません" in page and "封筒に入れた書類はまだありません" in page
    assert "申請を受け付ける" in page and "家族の経過" in page
    assert not latin_words(page, data=names())


def test_a_protected_person_is_marked(desk: Client, family: dict[str, Member]) -> None:
    Person.objects.filter(pk=family["01"].person_id).update(address_protected=True)
    assert "住所秘匿" in cells(family["00"].person, ON)["注意"][1]


def test_an_auditor_sees_the_same_and_may_do_nothing(family: dict[str, Member], settings: Any) -> None:
    settings.KENPO_TODAY = ON
    browser = Client()
    browser.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    page = text_of(browser.get(page_of(family["00"].person)).content.decode())
    assert "「申請を受け付ける」は監査の権限ではできません。" in page
    assert "「電話の対応を記録する」は監査の権限ではできません。" in page


def test_fifty_people_cost_no_more_queries_than_one(desk: Client, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "in")
    folder.insured("1").insured("2", name="大 家族", name_kana="オオ カゾク")
    for branch in range(1, 50):
        folder.dependent("2", f"{branch:02d}", birth_date="2010-01-01", name=f"大 家族{branch}")
    load(folder.write(), on=ON)

    def queries(number: str) -> int:
        person = Person.objects.get(covers__number=number, covers__branch_number="00")
        with CaptureQueriesContext(connection) as asked:
            answer = desk.get(page_of(person))
        assert answer.content.decode().count("kenpo-now") == 1
        return len(asked)

    queries("1")  # what is asked once in a process is known from here on
    assert queries("2") == queries("1")


# A whole month: decisions, paper, post.


@pytest.fixture
def month(desk: Client, home: Path, tmp_path: Path) -> Client:
    calls.month_sent(tmp_path)
    return desk


def test_any_month_s_decision_is_explained(month: Client) -> None:
    member = calls.not_issued()
    run = Run.objects.get()
    earlier = Run.objects.create(
        insurer=run.insurer,
        month=date(2026, 10, 1),
        as_of=date(2026, 9, 30),
        decided_on=date(2026, 10, 9),
        issue_on=date(2026, 10, 9),
        file_hash="0" * 64,
        policy=run.policy,
        run_by=run.run_by,
    )
    now = Decision.objects.get(run=run, member=member)
    fields = {f.attname: getattr(now, f.attname) for f in Decision._meta.fields if f.name not in ("id", "run")}
    Decision.objects.create(run=earlier, **fields)

    html = month.get(page_of(member.person)).content.decode()
    (answer,) = why([member], run)
    assert answer.explanation is not None and answer.explanation.sentence in html
    assert "令和8年11月の判定の説明" in html and "マイナ保険証が" in answer.explanation.sentence

    html = month.get(page_of(member.person), {"month": "2026-10"}).content.decode()
    assert "令和8年10月の判定の説明" in html and "令和8年11月の判定の説明" not in html
    for nonsense in ("2026-13", "1999-01", "x"):
        html = month.get(page_of(member.person), {"month": nonsense}).content.decode()
        assert "令和8年11月の判定の説明" in html


def picture_of(paper: Any, kind: str = "certificate") -> str:
    return reverse("printed", args=[kind, paper.pk])


def test_a_paper_is_seen_as_it_was_printed_and_the_log_says_who_looked(month: Client) -> None:
    member = calls.issued()
    paper = member.certificates.get()
    html = month.get(page_of(member.person)).content.decode()
    assert picture_of(paper) in html
    assert not latin_words(text_of(html), data=names())

    answer = month.get(picture_of(paper))
    assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
    assert "no-store" in answer["Cache-Control"]
    shown = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert shown.width > 600 and shown.height > 400
    assert len(shown.getcolors(1 << 24)) > 20, "an empty page"
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject_id, event.actor.username) == ("show_page", paper.pk, "denwa")

    Person.objects.filter(pk=member.person_id).update(name="改名 後")
    assert month.get(picture_of(paper)).content == answer.content, "not drawn anew"


def test_a_file_that_was_touched_is_not_shown(month: Client) -> None:
    paper = calls.issued().certificates.get()
    file = Enclosure.objects.select_related("file__dispatch").get(certificate=paper).file
    place = files.folder(file.dispatch) / file.name
    place.write_bytes(place.read_bytes() + b" ")
    answer = month.get(picture_of(paper))
    assert answer.status_code == 409 and "記録した時と違います" in answer.content.decode()
    assert not Event.objects.filter(verb="show_page").exists()


def test_only_the_office_sees_pictures(month: Client) -> None:
    paper = calls.issued().certificates.get()
    assert Client().get(picture_of(paper)).status_code == 302
    outsider = Client()
    outsider.force_login(Clerk.objects.create_user("gaibu", role="clerk", is_staff=False))
    assert outsider.get(picture_of(paper)).status_code == 302
    assert not Event.objects.filter(verb="show_page").exists()
    assert month.get(reverse("printed", args=["person", paper.pk])).status_code == 404
    assert month.get(reverse("printed", args=["certificate", 10**9])).status_code == 404


def test_what_is_not_printed_has_no_picture(month: Client) -> None:
    paper = EligibilityCertificate.objects.filter(status="approved", enclosures=None).first()
    assert paper is not None, "the month holds somebody's paper back"
    html = month.get(page_of(paper.member.person)).content.decode()
    assert "まだ印刷していません" in html and picture_of(paper) not in html
    assert month.get(picture_of(paper)).status_code == 409


def test_a_carried_over_paper_does_not_wait_to_be_printed(month: Client) -> None:
    carried = EligibilityCertificate.objects.filter(status="sent", enclosures=None).first()
    assert carried is not None, "the society brought certificates along"
    html = month.get(page_of(carried.member.person)).content.decode()
    assert "ほかから取り込んだ記録" in html and "まだ印刷していません" not in html


def test_the_post_of_a_person_is_told_to_its_end(db: None, home: Path) -> None:
    office = build.office()
    family = office.household("0001", ["山田 太郎", "山田 花子"])
    office.certify(family)
    (number,) = assemble(office.run, by=office.clerk, on=build.ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=build.ON)
    for verb in ("prove", "seal"):
        advance(dispatch, verb, by=office.clerk, on=build.ON)
    advance(dispatch, "send", by=office.clerk, on=build.ON, sent_on=build.ON)
    for paper in EligibilityCertificate.objects.all():
        advance(paper, "send", by=office.clerk, on=build.ON, sent_on=build.ON, arrives_on=build.ON)
    envelope = dispatch.envelopes.get()
    tracking.enter([(envelope.code, "131-12-38385-2")], by=office.clerk, on=build.ON)
    returns.receive(envelope.code, reason="moved", by=office.clerk, on=build.ON)

    for member in family:
        (post,) = post_of(enclosures_of(member.person))
        assert envelope.code in post.envelope and "131-12-38385-2" in post.number
        assert member.certificates.get().serial in post.papers
        assert "転居先不明" in post.returned and "対応待ち" in post.returned


def test_todays_answer_is_the_first_thing_and_the_month_is_history(desk: Client, family: dict[str, Member]) -> None:
    page = " ".join(text_of(desk.get(page_of(family["00"].person)).content.decode()).split())
    sentence = "資格確認書を令和8年11月10日に発送しました。令和8年11月20日ごろ届く予定です。"
    places = [page.index(words) for words in ("今日の答え（", sentence, "世帯（", "月ごとの判定（")]
    assert places == sorted(places)
    html = desk.get(page_of(family["00"].person)).content.decode()
    assert html.count('id="answer"') == 1
    assert html.index('id="answer"') < html.index('class="kenpo-steps') < html.index('aria-label="世帯"')
    Policy.objects.all().delete()
    page = text_of(desk.get(page_of(family["00"].person)).content.decode())
    assert "今日の答え" not in page and "世帯（" in page


def test_a_duty_to_give_back_is_told(desk: Client, family: dict[str, Member]) -> None:
    Recovery.objects.create(
        certificate=family["00"].certificates.get(), cause="loss", opened_on=ON, due_on=date(2026, 11, 20)
    )
    page = " ".join(text_of(desk.get(page_of(family["00"].person)).content.decode()).split())
    assert "資格喪失" in page and "令和8年11月20日 までに事業所へ" in page
