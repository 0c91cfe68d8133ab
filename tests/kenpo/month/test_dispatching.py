"""The month's paper on its pages, from the plan to the closed month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from certificates.models import Run
from core.models import Event
from mailing.models import Dispatch, Pull
from members.models import Member
from tests.kenpo.month.pages import Desk, press, said
from tests.kenpo.reading import page_of

pytestmark = pytest.mark.django_db


def test_a_dispatch_is_done_step_by_step_on_its_page(desk: Desk, assembled: Run) -> None:
    dispatch = Dispatch.objects.order_by("pk")[0]
    haruko = desk["haruko"]
    for step in ("prove", "seal", "send", "pulls", "files"):
        assert press(haruko, dispatch, step, day="2026-11-10").status_code == 409, step
    assert press(desk["kansa"], dispatch, "print").status_code == 403
    assert "印刷ファイルを作ります。" in said(haruko.get(page_of(dispatch, "print")))
    assert "終わりました。" in said(press(haruko, dispatch, "print"))
    file = dispatch.files.order_by("pk")[0]
    listed = said(haruko.get(page_of(dispatch, "files")))
    assert file.get_kind_display() in listed
    opened = haruko.get(page_of(dispatch, "files") + f"?name={file.name}")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    assert "no-store" in opened["Cache-Control"]
    assert Event.objects.filter(subject_id=dispatch.pk, verb="open_file", actor__username="haruko").count() == 1
    assert desk["kansa"].get(page_of(dispatch, "files") + f"?name={file.name}").status_code == 403
    assert haruko.get(page_of(dispatch, "files") + "?name=../../../etc/passwd").status_code == 200
    assert press(haruko, dispatch, "seal").status_code == 409
    assert "終わりました。" in said(press(haruko, dispatch, "prove"))
    assert "違いはありません" in said(haruko.get(page_of(dispatch)))
    dispatch.refresh_from_db()
    assert dispatch.status == "proved"

    certificate = dispatch.envelopes.order_by("position")[0].enclosures.order_by("position")[0].certificate
    member = certificate.member
    Member.objects.filter(pk=member.pk).update(lost_on=date(2026, 11, 5))
    answer = press(haruko, dispatch, "seal")
    assert "引き抜く分が" in said(answer)
    page = said(haruko.get(page_of(dispatch, "pulls")))
    assert "資格がなくなった" in page
    assert "これから引き抜く" in page
    assert certificate.serial in haruko.get(page_of(dispatch, "pulls")).content.decode()
    assert "記録する" not in said(desk["kansa"].get(page_of(dispatch, "pulls")))
    desk["kansa"].post(page_of(dispatch, "pulls"))
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
        ("2026-11-09", "の日（令和8年11月10日）より前"),
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
    answer = desk["haruko"].get(page_of(dispatch, "files") + f"?name={file.name}")
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
    assert "令和8年11月16日" in said(desk["hanako"].get(page_of(approved)))


def test_a_month_with_unsent_paper_is_not_closed(desk: Desk, assembled: Run) -> None:
    answer = press(desk["taro"], assembled, "close")
    assert answer.status_code == 409 and "まだ送っていない発送が" in said(answer)
    for dispatch in Dispatch.objects.all():
        press(desk["taro"], dispatch, "cancel", reason="やり直す")
    answer = press(desk["taro"], assembled, "close")
    assert answer.status_code == 409 and "まだ封入していない証やお知らせがあります" in said(answer)
