"""The month on its pages, by two clerks: every button, every refusal, and nothing that a second click changes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.models import Decision, EligibilityCertificate, Ruling, Run
from core import jobs
from core.admin_words import job_title
from core.models import Clerk, Event, Job
from exchange import services as exchange
from exchange.models import ExchangeFile, ExchangeRow
from kenpo import invent
from kenpo.desk import month_figures, month_upload
from kenpo.desk.month_upload import at_the_desk
from mailing.models import Dispatch, Pull
from members.models import Member
from notices.models import EligibilityNotice
from tests.conftest import run_command
from tests.kenpo.reading import latin_words, text_of
from tests.story.month import MONTH

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 10)
V1 = Path(__file__).parent.parent / "files"
OWN = {"hanako", "taro", "haruko", "kansa", "arrived.csv", "v1_other_insurer.csv"}
Desk = dict[str, Client]


def url(document: Any, step: str = "change") -> str:
    meta = document._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{step}", args=[document.pk])


def said(answer: Any) -> str:
    text = text_of(answer.content.decode())
    names = {name for name in Member.objects.values_list("person__name", flat=True) if name.isascii()}
    assert not latin_words(text, data=OWN | names), latin_words(text, data=OWN | names)
    return text


@pytest.fixture
def folder(tmp_path: Path, home: Path, settings: Any) -> Path:
    """An invented society in the database; its files of the month still lie in the folder."""
    settings.KENPO_TODAY = ON
    invent.write(tmp_path / "in", members=80, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    return tmp_path / "in"


@pytest.fixture
def desk(folder: Path) -> Desk:
    """Browsers of two clerks, a dispatcher and an auditor."""
    browsers = {}
    for name, role in (
        ("hanako", "clerk"),
        ("taro", "clerk"),
        ("haruko", "dispatcher"),
        ("kansa", "auditor"),
    ):
        browser = Client()
        browser.force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
        browsers[name] = browser
    return browsers


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("fund_2026-11*.csv"))


def hand_in(browser: Client, *files: Path | SimpleUploadedFile, **told: str) -> Any:
    uploads = [
        SimpleUploadedFile(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files
    ]
    asked = {"profile": "example-v1", "files": uploads, **told}
    return browser.post(reverse("month_receive"), asked, follow=True)


def press(browser: Client, document: Any, step: str, **told: str) -> Any:
    return browser.post(url(document, step), told, follow=True)


DAYS = {"decided_on": "2026-11-10", "issue_on": "2026-11-10"}


def start(browser: Client, **days: str) -> Any:
    return browser.post(reverse("month_run") + "?month=2026-11", {**DAYS, **days}, follow=True)


@pytest.fixture
def proposed(desk: Desk, folder: Path) -> Run:
    """The month run by hanako."""
    hand_in(desk["hanako"], *files_of(folder))
    start(desk["hanako"])
    run = Run.objects.get()
    assert run.status == "proposed", run.held_reasons
    return run


@pytest.fixture
def approved(desk: Desk, proposed: Run) -> Run:
    press(desk["taro"], proposed, "approve")
    proposed.refresh_from_db()
    assert proposed.status == "approved"
    return proposed


@pytest.fixture
def assembled(desk: Desk, approved: Run) -> Run:
    press(desk["hanako"], approved, "draft")
    press(desk["hanako"], approved, "assemble")
    assert Dispatch.objects.exists()
    return approved


def next_thing(browser: Client, run: Run) -> str:
    page = said(browser.get(url(run)))
    start_of = page.index("次にすること：")
    return page[start_of : start_of + 400].split("月の流れ")[0]


def test_an_empty_office_is_told_to_load_and_an_empty_month_to_receive(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.KENPO_TODAY = ON
    browser = Client()
    browser.force_login(Clerk.objects.create_user("hanako", role="clerk", is_staff=True))
    assert "台帳を取り込むと" in said(browser.get(reverse("month")))
    invent.write(tmp_path / "in", members=40, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    page = said(browser.get(reverse("month")))
    assert "令和8年11月の仕事" in page and "次にすること：受付" in page and "まだ届いていません。" in page


def test_the_whole_month_by_two_clerks(desk: Desk, folder: Path) -> None:
    hanako, taro = desk["hanako"], desk["taro"]
    page = said(hand_in(hanako, *files_of(folder)))
    assert "行を受け付けました。" in page and "次にすること：突合" in page
    page = said(start(hanako))
    assert "終わりました。" in page and "結果を見る" in page
    run = Run.objects.get()
    assert (run.status, run.run_by.username) == ("proposed", "hanako")
    assert "次にすること：承認" in next_thing(taro, run)
    assert "終わりました。" in said(press(taro, run, "approve"))
    assert "お知らせ" in next_thing(hanako, run)
    assert "終わりました。" in said(press(hanako, run, "draft"))
    assert EligibilityNotice.objects.filter(run=run).exists()
    assert "封入" in next_thing(hanako, run)
    assert "終わりました。" in said(press(hanako, run, "assemble"))
    assert "印刷" in next_thing(hanako, run)
    assert "終わりました。" in said(press(hanako, run, "print-all"))
    assert set(Dispatch.objects.values_list("status", flat=True)) == {"proved"}
    for dispatch in Dispatch.objects.order_by("pk"):
        assert "引抜きの一覧" in said(hanako.get(url(dispatch, "pulls")))
        said(press(hanako, dispatch, "pulls"))
        said(press(hanako, dispatch, "seal"))
        said(press(hanako, dispatch, "send", day="2026-11-10"))
    assert set(Dispatch.objects.values_list("status", flat=True)) == {"sent"}
    assert "次にすること：締め" in said(taro.get(url(run)))
    page = said(press(taro, run, "close"))
    assert "令和8年11月を締めました。" in page and "この月の仕事はすべて済みました。" in page
    run.refresh_from_db()
    assert run.status == "closed"


def test_a_button_is_for_who_may_and_says_why_not(desk: Desk, proposed: Run) -> None:
    page = said(desk["hanako"].get(url(proposed)))
    assert "判定を実行した担当者は承認できません。別の担当者が承認してください。" in page
    answer = press(desk["hanako"], proposed, "approve")
    assert answer.status_code == 409 and "別の担当者が承認" in said(answer)
    for name in ("haruko", "kansa"):
        assert press(desk[name], proposed, "approve").status_code == 403
        assert desk[name].get(reverse("month_receive")).status_code == 403
        assert desk[name].get(reverse("month_run")).status_code == 403
        assert "権限ではできません" in said(desk[name].get(reverse("month_receive")))
        assert desk[name].get(url(proposed)).status_code == 200
    proposed.refresh_from_db()
    assert proposed.status == "proposed"
    for step in ("draft", "assemble"):
        answer = press(desk["taro"], proposed, step)
        assert answer.status_code == 409 and "まだ承認されていません" in said(answer)
    assert press(desk["taro"], proposed, "print-all").status_code == 409
    assert "承認と発送が済んでから締めて" in said(press(desk["taro"], proposed, "close"))


def test_a_second_click_changes_nothing(desk: Desk, proposed: Run) -> None:
    def everything() -> tuple[Any, ...]:
        return (
            list(EligibilityCertificate.objects.order_by("pk").values_list("serial", "status")),
            list(EligibilityNotice.objects.order_by("pk").values_list("serial", "status")),
            list(Dispatch.objects.order_by("pk").values_list("pk", "status", "counts")),
            Decision.objects.count(),
        )

    start(desk["hanako"])
    assert not EligibilityCertificate.objects.filter(run=proposed).exclude(status="proposed").exists()
    press(desk["taro"], proposed, "approve")
    for step in ("draft", "assemble", "print-all"):
        press(desk["taro"], proposed, step)
        before = everything()
        press(desk["taro"], proposed, "approve")
        press(desk["taro"], proposed, step)
        assert everything() == before
    for dispatch in Dispatch.objects.all():
        for step, told in (("pulls", {}), ("seal", {}), ("send", {"day": "2026-11-10"})):
            press(desk["taro"], dispatch, step, **told)
            before = everything()
            press(desk["taro"], dispatch, step, **told)
            assert everything() == before
    press(desk["taro"], proposed, "close")
    assert press(desk["taro"], proposed, "close").status_code == 409
    assert Event.objects.filter(subject="certificates.Run", verb="close").count() == 1


def _cut(whole: bytes) -> bytes:
    return whole[: whole.rstrip().rfind(b"\n") + 1]


def _counting_otherwise(whole: bytes) -> bytes:
    last = whole.rstrip().rfind(b",")
    return whole[: last + 1] + b"3\r\n"


def _other_encoding(whole: bytes) -> bytes:
    return (V1 / "v1_in_shift_jis.csv").read_bytes()


def _other_insurer(whole: bytes) -> bytes:
    return (V1 / "v1_other_insurer.csv").read_bytes()


@pytest.mark.parametrize(
    ("altered", "profile", "expected"),
    [
        (_other_insurer, "example-v1", "当組合のものではありません。"),
        (_counting_otherwise, "example-v1", "と実際の行数"),
        (_other_encoding, "example-v1", "「形式」の欄の「例示用の形式"),
        (_cut, "example-v1", "トレーラーがありません"),
        (_other_encoding, "example-cp932", "「保険者番号」の欄"),
    ],
)
def test_a_refused_file_is_refused_in_words_and_leaves_no_row(
    desk: Desk, folder: Path, altered: Callable[[bytes], bytes], profile: str, expected: str
) -> None:
    data = altered(files_of(folder)[0].read_bytes())
    page = said(hand_in(desk["hanako"], SimpleUploadedFile("arrived.csv", data), profile=profile))
    assert "受け付けていません。このファイルの行は一つも取り込んでいません。" in page
    assert expected in page
    assert "--" not in page
    assert not ExchangeRow.objects.exists()
    assert set(ExchangeFile.objects.values_list("status", flat=True)) <= {"rejected"}


def test_the_same_file_twice_and_none_at_all(desk: Desk, folder: Path) -> None:
    file = files_of(folder)[0]
    hand_in(desk["hanako"], file)
    rows = ExchangeRow.objects.count()
    page = said(hand_in(desk["taro"], file))
    assert "このファイルはすでに受け付けています" in page
    assert ExchangeRow.objects.count() == rows and ExchangeFile.objects.count() == 1
    assert "ファイルを選んでください。" in said(hand_in(desk["hanako"]))


def test_of_several_files_the_good_are_taken_and_the_bad_are_named(desk: Desk, folder: Path) -> None:
    page = said(hand_in(desk["hanako"], files_of(folder)[0], V1 / "v1_other_insurer.csv"))
    assert "受け付けました。" in page and "受け付けていません。" in page
    assert ExchangeFile.objects.filter(status="staged").count() == 1


@pytest.mark.parametrize(("more", "taken"), [(-1, False), (0, True), (1, True)])
def test_a_file_above_the_limit_is_not_even_written(
    desk: Desk, folder: Path, settings: Any, more: int, taken: bool
) -> None:
    file = files_of(folder)[0]
    browser, sizes = desk["hanako"], []

    class Weighed(Client):
        def generic(self, method: str, path: str, data: Any = "", *args: Any, **kwargs: Any) -> Any:
            sizes.append(len(data))
            return super().generic(method, path, data, *args, **kwargs)

    weigher = Weighed()
    weigher.cookies = browser.cookies
    hand_in(weigher, SimpleUploadedFile("x.csv", b"no", "text/csv"), profile="")
    empty = SimpleUploadedFile(file.name, b"no", "text/csv")
    hand_in(weigher, empty)
    size = sizes[-2 if sizes[-1] == 0 else -1] - 2 + len(file.read_bytes())
    settings.UPLOAD_LIMIT_BYTES = size + more
    ExchangeFile.objects.all().delete()
    page = said(hand_in(browser, SimpleUploadedFile(file.name, file.read_bytes(), "text/csv")))
    assert ("受け付けました" in page) is taken
    assert ("ファイルが大きすぎます" in page) is not taken
    assert ExchangeFile.objects.exists() is taken


def test_what_is_handed_in_is_private_while_it_is_read_and_gone_afterwards(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    receive = exchange.receive

    def watched(source: Any, **told: Any) -> Any:
        path = source.temporary_file_path()
        seen.append((path, stat.S_IMODE(os.stat(path).st_mode)))
        return receive(source, **told)

    monkeypatch.setattr(month_upload.exchange, "receive", watched)
    hand_in(desk["hanako"], files_of(folder)[0])
    hand_in(desk["hanako"], V1 / "v1_other_insurer.csv")
    assert [mode for _, mode in seen] == [0o600, 0o600]
    assert not any(os.path.exists(path) for path, _ in seen)


def test_a_sentence_for_commands_names_the_fields_of_the_page() -> None:
    told = at_the_desk("utf-8-sig として読めません。--profile example-cp932（cp932） か --as-of を。<b>")
    assert "--" not in told and "「基準日」の欄" in told and "cp932（独自のもの" in told
    assert "<code>utf-8-sig</code>" in told and "&lt;b&gt;" in told


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"decided_on": "2026-12-01"}, "2026-11 の日ではありません"),
        ({"issue_on": "2026-11-09"}, "交付日は判定日以後の日"),
        ({"decided_on": "R8.2.30"}, "暦にある日を"),
    ],
)
def test_days_that_do_not_belong_to_the_month_are_refused_before_anything_begins(
    desk: Desk, folder: Path, days: dict[str, str], expected: str
) -> None:
    hand_in(desk["hanako"], *files_of(folder))
    assert expected in said(start(desk["hanako"], **days))
    assert not Run.objects.exists() and not Job.objects.filter(key__startswith="month").exists()


def test_a_month_without_its_file_is_refused_on_the_jobs_page(desk: Desk) -> None:
    page = said(start(desk["hanako"]))
    assert "止まりました。理由を確かめてください。" in page and "まだ届いていません。" in page


@pytest.fixture
def held(desk: Desk, folder: Path) -> Run:
    """A month that a gate has stopped: half of the file's rows belong to nobody."""
    for insured in Member.objects.filter(kind="dependent").order_by("pk")[:20]:
        Member.objects.filter(pk=insured.pk).update(
            number="9" + insured.number, number_key="9" + insured.number_key
        )
    hand_in(desk["hanako"], *files_of(folder))
    page = said(start(desk["hanako"]))
    assert "止まりました。" in page and "理由を書いて" in page
    run = Run.objects.get()
    assert run.status == "held"
    return run


def test_a_held_month_is_continued_by_another_clerk_with_a_reason(desk: Desk, held: Run) -> None:
    page = said(desk["hanako"].get(url(held)))
    assert "前月と大きく違うため止めました。" in page and "該当しない行" in page and "止まっています" in page
    answer = press(desk["hanako"], held, "force", reason="基金に確かめました")
    assert answer.status_code == 409 and "別の担当者の確認が要ります" in said(answer)
    assert "入れてください。" in said(press(desk["taro"], held, "force", reason=""))
    assert press(desk["haruko"], held, "force", reason="x").status_code == 403
    held.refresh_from_db()
    assert held.status == "held" and not Decision.objects.exists()
    assert "終わりました。" in said(press(desk["taro"], held, "force", reason="基金に確かめました"))
    held.refresh_from_db()
    assert (held.status, held.forced_by.username, held.force_reason) == (
        "proposed",
        "taro",
        "基金に確かめました",
    )
    assert press(desk["taro"], held, "approve").status_code == 409
    press(desk["hanako"], held, "approve")
    held.refresh_from_db()
    assert held.status == "approved"


def test_a_wrong_file_is_set_aside_so_that_the_right_one_may_come(
    desk: Desk, held: Run, folder: Path
) -> None:
    file = ExchangeFile.objects.first()
    assert "入れてください。" in said(press(desk["hanako"], file, "reject", reason=""))
    said(press(desk["hanako"], file, "reject", reason="中身が違う"))
    file.refresh_from_db()
    assert file.status == "rejected"
    assert "次にすること：受付" in said(desk["hanako"].get(url(held)))


def test_single_people_are_held_back_and_the_others_approved(desk: Desk, proposed: Run) -> None:
    listed = said(desk["taro"].get(url(proposed, "proposals")))
    waiting = EligibilityCertificate.objects.filter(status="proposed", sequence=0).order_by("serial")
    total, one = waiting.count(), waiting[0]
    assert f"承認を待つ人 {total}人" in listed
    page = said(press(desk["taro"], proposed, "proposals", stage="check", member=str(one.member_id)))
    assert "次の 1人の交付を止めます" in page and one.member.person.name in page
    page = said(
        press(desk["taro"], proposed, "proposals", stage="save", member=str(one.member_id), reason="")
    )
    assert "入れてください。" in page
    assert waiting.count() == total
    page = said(
        press(
            desk["taro"],
            proposed,
            "proposals",
            stage="save",
            member=str(one.member_id),
            reason="届出を確認中",
        )
    )
    assert "1人（" in page and "交付を止めました。" in page and "止めた資格確認書を開く" in page
    one.refresh_from_db()
    assert one.status == "voided" and waiting.count() == total - 1
    asked = said(desk["taro"].get(url(proposed, "approve")))
    assert "交付を止めた 1人の分は含みません。" in asked
    press(desk["taro"], proposed, "approve")
    assert EligibilityCertificate.objects.filter(status="approved", sequence=0).count() == total - 1
    one.refresh_from_db()
    assert one.status == "voided"
    answer = press(desk["taro"], proposed, "proposals", stage="save", member=str(one.member_id), reason="x")
    assert "止める人を選んでください。" in said(answer)


def test_everybody_under_a_filter_is_held_back_at_once(desk: Desk, proposed: Run) -> None:
    waiting = EligibilityCertificate.objects.filter(status="proposed", sequence=0)
    ground = waiting.order_by("pk")[0].ground
    mine, others = waiting.filter(ground=ground).count(), waiting.exclude(ground=ground).count()
    path = f"{url(proposed, 'proposals')}?ground={ground}"
    page = said(desk["hanako"].post(path, {"whole": "1"}))
    assert f"次の {mine}人の交付を止めます" in page
    desk["hanako"].post(path, {"whole": "1", "stage": "save", "reason": "確認中"})
    assert waiting.count() == others and others > 0
    answer = desk["haruko"].post(path, {"whole": "1", "stage": "save", "reason": "確認中"})
    assert "権限ではできません" in said(answer) or "選んでください" in said(answer)
    rest = url(proposed, "proposals")
    answer = desk["haruko"].post(rest, {"whole": "1", "stage": "save", "reason": "確認中"})
    assert "権限ではできません" in said(answer) and waiting.count() == others


def test_who_was_held_back_is_decided_again_and_approved_by_another(desk: Desk, proposed: Run) -> None:
    one = EligibilityCertificate.objects.filter(status="proposed", sequence=0).order_by("serial")[0]
    answer = press(desk["taro"], one, "decide-again")
    assert answer.status_code == 409 and "交付を止めた資格確認書ではありません" in said(answer)
    press(desk["taro"], one, "hold-back", reason="届出を確認中")
    one.refresh_from_db()
    assert one.status == "voided"
    page = said(press(desk["hanako"], one, "decide-again"))
    assert "判定をやり直しました。" in page and "交付を止めた人の判定のやり直し" in page
    ruling = Ruling.objects.get()
    assert ruling.member_id == one.member_id and ruling.outcome == "issue"
    assert ruling.certificates.filter(status="proposed").exists()
    assert press(desk["hanako"], one, "decide-again").status_code == 409
    assert press(desk["hanako"], ruling, "approve").status_code == 409
    press(desk["taro"], ruling, "approve")
    assert not ruling.certificates.filter(status="proposed").exists()
    assert Ruling.objects.count() == 1


def test_samples_say_the_sentence_of_every_ground(desk: Desk, proposed: Run) -> None:
    page = said(desk["kansa"].get(url(proposed, "samples")))
    decisions = Decision.objects.filter(run=proposed)
    for ground in decisions.filter(outcome="issue").values_list("reason", flat=True).distinct():
        assert f"交付する：{dict(Decision._meta.get_field('reason').choices)[ground]}" in page
    assert "マイナ保険証の利用登録がないため" in page
    groups = month_figures.samples(proposed)
    assert all(1 <= len(samples) <= 3 for _, samples in groups)


def later_run(run: Run, month: date, answers: dict[int, tuple[str, str]]) -> Run:
    """Another month of the same society whose decisions are these."""
    other = Run.objects.create(
        insurer=run.insurer, month=month, as_of=month - timedelta(days=1), decided_on=month, issue_on=month,
        file_hash="", policy=run.policy, run_by=run.run_by,
    )  # fmt: skip
    for member, (outcome, reason) in answers.items():
        Decision.objects.create(run=other, member_id=member, outcome=outcome, reason=reason, facts=[])
    return other


def test_the_difference_names_each_person_once_by_kind(desk: Desk, proposed: Run) -> None:
    from core.transitions import advance

    issue = list(Decision.objects.filter(run=proposed, outcome="issue").order_by("pk")[:3])
    not_needed = list(Decision.objects.filter(run=proposed, outcome="not_needed").order_by("pk")[:3])
    same, gone, turned = issue
    new, now_gone, still = not_needed
    answers = {
        same.member_id: ("issue", same.reason), gone.member_id: ("not_covered", "not_covered"),
        turned.member_id: ("not_needed", "myna_usable"), new.member_id: ("issue", "not_registered"),
        now_gone.member_id: ("not_covered", "not_covered"), still.member_id: (still.outcome, "certificate_in_hand"),
    }  # fmt: skip
    december = later_run(proposed, date(2026, 12, 1), answers)
    others = (
        Decision.objects.filter(run=proposed)
        .exclude(member__in=answers)
        .exclude(outcome="not_covered")
        .count()
    )
    clerk = Clerk.objects.get(username="hanako")
    for verb in ("apply", "decide"):
        advance(december, verb, by=clerk, on=ON)
    counts = month_figures.difference_counts(december, proposed, month_figures.Narrowed())
    assert counts == {"new": 1, "changed": 1, "ended": 2 + others}
    page = said(desk["kansa"].get(url(december, "difference")))
    assert (
        "新しく交付する 1人" in page
        and f"資格がなくなった {2 + others}人" in page
        and "令和8年11月の判定と" in page
    )
    page = said(desk["kansa"].get(url(december, "difference") + "?kind=new"))
    assert new.member.person.name in page and "交付する（①利用登録なし）" in page
    only = month_figures.Narrowed(establishment=new.member.establishment_id, reason="not_registered")
    assert month_figures.difference_counts(december, proposed, only).get("new") == 1
    none = month_figures.Narrowed(reason="number_pending")
    assert "new" not in month_figures.difference_counts(december, proposed, none)
    page = said(desk["kansa"].get(url(december)))
    assert "前月との比較" in page and "-" in page
    first = said(desk["kansa"].get(url(proposed, "difference")))
    assert "比べる前の月がありません。" in first


def test_the_month_asks_no_more_of_the_database_with_more_people_or_dispatches(
    desk: Desk, assembled: Run
) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            assert desk["taro"].get(path).status_code == 200
        return len(context)

    pages = [url(assembled), *(url(assembled, step) for step in ("proposals", "samples", "difference"))]
    for path in pages:  # what is read once a process
        desk["taro"].get(path)
    before = [queries(path) for path in pages]
    for dispatch in list(Dispatch.objects.all()):
        for _ in range(3):
            dispatch.pk = None
            dispatch._state.adding = True
            dispatch.save()
    assert [queries(path) for path in pages] == before
    assert max(before) <= 40, before


def test_a_dispatch_is_done_step_by_step_on_its_page(desk: Desk, assembled: Run) -> None:
    dispatch = Dispatch.objects.order_by("pk")[0]
    haruko = desk["haruko"]
    for step in ("prove", "seal", "send", "pulls", "files"):
        assert press(haruko, dispatch, step, day="2026-11-10").status_code == 409, step
    assert press(desk["kansa"], dispatch, "print").status_code == 403
    assert "印刷ファイルを作ります。" in said(haruko.get(url(dispatch, "print")))
    assert "終わりました。" in said(press(haruko, dispatch, "print"))
    file = dispatch.files.order_by("pk")[0]
    listed = said(haruko.get(url(dispatch, "files")))
    assert file.get_kind_display() in listed
    opened = haruko.get(url(dispatch, "files") + f"?name={file.name}")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    assert "no-store" in opened["Cache-Control"]
    assert (
        Event.objects.filter(subject_id=dispatch.pk, verb="open_file", actor__username="haruko").count() == 1
    )
    assert desk["kansa"].get(url(dispatch, "files") + f"?name={file.name}").status_code == 403
    assert haruko.get(url(dispatch, "files") + "?name=../../../etc/passwd").status_code == 200
    assert press(haruko, dispatch, "seal").status_code == 409
    assert "終わりました。" in said(press(haruko, dispatch, "prove"))
    assert "違いはありません" in said(haruko.get(url(dispatch)))
    dispatch.refresh_from_db()
    assert dispatch.status == "proved"

    certificate = dispatch.envelopes.order_by("position")[0].enclosures.order_by("position")[0].certificate
    member = certificate.member
    Member.objects.filter(pk=member.pk).update(lost_on=date(2026, 11, 5))
    answer = press(haruko, dispatch, "seal")
    assert "引き抜く分が" in said(answer)
    page = said(haruko.get(url(dispatch, "pulls")))
    assert "資格がなくなった" in page
    assert "これから引き抜く" in page
    assert certificate.serial in haruko.get(url(dispatch, "pulls")).content.decode()
    assert "記録する" not in said(desk["kansa"].get(url(dispatch, "pulls")))
    desk["kansa"].post(url(dispatch, "pulls"))
    assert not Pull.objects.filter(confirmed_at__isnull=False).exists()
    page = said(press(haruko, dispatch, "pulls"))
    assert "引抜きを確かめたことを記録しました。" in page
    certificate.refresh_from_db()
    assert certificate.status == "voided"
    press(haruko, dispatch, "seal")
    dispatch.refresh_from_db()
    assert dispatch.status == "sealed"
    for day, expected in (
        ("2026-11-11", "今日までの日"),
        ("2026-11-09", "印刷した日より後"),
        ("", "入れてください"),
    ):
        assert expected in said(press(haruko, dispatch, "send", day=day))
    assert "発送を記録しました" in said(press(haruko, dispatch, "send", day="2026-11-10"))
    dispatch.refresh_from_db()
    assert dispatch.status == "sent"


def test_a_file_that_is_gone_is_not_shown_as_printed(desk: Desk, assembled: Run, home: Path) -> None:
    dispatch = Dispatch.objects.order_by("pk")[0]
    press(desk["haruko"], dispatch, "print")
    file = dispatch.files.order_by("pk")[0]
    (home / "paper" / str(dispatch.pk) / file.name).write_bytes(b"%PDF changed")
    answer = desk["haruko"].get(url(dispatch, "files") + f"?name={file.name}")
    assert answer.status_code == 409 and "変わっています" in said(answer)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"per_day": "0"}, "1以上で指定してください。"),
        ({"per_day": "ten"}, "数字で入れてください。"),
        ({"first": "2026-11-20"}, "1日の枚数も入れてください。"),
        ({"per_day": "10", "first": "2026-11-09"}, "過ぎています"),
    ],
)
def test_a_plan_by_days_that_cannot_be_is_refused(
    desk: Desk, approved: Run, told: dict[str, str], expected: str
) -> None:
    assert expected in said(press(desk["hanako"], approved, "assemble", **told))
    assert not Dispatch.objects.exists()


def test_a_plan_by_days_says_each_day(desk: Desk, approved: Run) -> None:
    press(desk["hanako"], approved, "assemble", per_day="10", first="2026-11-16")
    days = set(Dispatch.objects.values_list("planned_on", flat=True))
    assert min(days) == date(2026, 11, 16) and len(days) > 1
    assert "令和8年11月16日" in said(desk["hanako"].get(url(approved)))


def test_a_month_with_unsent_paper_is_not_closed(desk: Desk, assembled: Run) -> None:
    answer = press(desk["taro"], assembled, "close")
    assert answer.status_code == 409 and "まだ送っていない発送が" in said(answer)
    for dispatch in Dispatch.objects.all():
        press(desk["taro"], dispatch, "cancel", reason="やり直す")
    answer = press(desk["taro"], assembled, "close")
    assert answer.status_code == 409 and "まだ封入していない証やお知らせがあります" in said(answer)


def test_a_job_tells_its_step_while_it_runs_and_is_not_begun_twice(desk: Desk, proposed: Run) -> None:
    job = Job.objects.get(key__startswith="month:")
    Job.objects.filter(pk=job.pk).update(state="waiting", started_at=timezone.now(), step="")
    page = said(desk["taro"].get(url(job)))
    assert "順番を待っています。" in page and "いまの状態を見る" in page
    told = desk["taro"].get(reverse("job_progress", args=[job.pk])).json()
    assert (told["state"], told["ended"]) == ("waiting", False)
    assert "いま処理しています" in said(desk["taro"].get(url(proposed)))
    begun = Job.objects.get(pk=job.pk).attempts
    start(desk["hanako"])
    assert Job.objects.get(pk=job.pk).attempts == begun
    long_ago = timezone.now() - jobs.WAITS_AT_MOST - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(started_at=long_ago)
    assert "プログラムが止まっています" in said(desk["taro"].get(url(job)))
    start(desk["hanako"])
    assert Job.objects.get(pk=job.pk).state == "done"
    Job.objects.filter(pk=job.pk).update(state="running", step="decide")
    told = desk["kansa"].get(reverse("job_progress", args=[job.pk])).json()
    assert told["said"].startswith("いま：判定")
    assert told["parts"]["apply"] == ["done", "済み"] and told["parts"]["decide"] == ["now", "いま"]
    assert told["parts"]["propose"] == ["todo", "これから"]
    assert Client().get(reverse("job_progress", args=[job.pk])).status_code == 302
    assert job_title(job.key) == "月次判定 06279822 令和8年11月"


def test_a_job_that_fails_says_so_without_the_errors_text(
    desk: Desk, proposed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        raise ValueError("山田 太郎")

    monkeypatch.setattr("kenpo.work.approve_month", broken)
    page = press(desk["taro"], proposed, "approve").content.decode()
    assert "途中で失敗しました。" in page and "山田 太郎" not in page
    assert Job.objects.get(key=f"approve {proposed.pk}").state == "failed"
    monkeypatch.undo()
    assert "終わりました。" in said(press(desk["taro"], proposed, "approve"))
