"""A clerk's counter through the real pages: an application to its posted sheet, a letter that comes back, papers scanned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from certificates.documents.serials import serial_text
from certificates.models import EligibilityCertificate
from core.models import Clerk
from core.paper import readback
from kenpo.intake.load import load
from mailing.models import Envelope
from members.models import Member
from tests.browser.conftest import PASSWORD, log_in, seen
from tests.browser.test_month import button, go, in_database
from tests.builders import Folder
from tests.kenpo.desk.pages import ON
from tests.kenpo.reading import latin_words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN = {"hanae", "tarou"}
SCANNED = 100


@pytest.fixture
def folder(tmp_path: Path, home: Path, settings: Any) -> Folder:
    settings.KENPO_TODAY = ON
    for name in sorted(OWN):
        Clerk.objects.create_user(name, password=PASSWORD, role="clerk", is_staff=True)
    return Folder(tmp_path / "in")


def read(page: Any) -> str:
    """What the page says, all of it Japanese."""
    said = "\n".join(line.strip() for line in seen(page).splitlines() if line.strip())
    assert not latin_words(said, data=OWN), (latin_words(said, data=OWN), page.url)
    return said


def step(page: Any, words: str, *, confirm: str = "") -> str:
    """Presses a document's button, and the one on the page it leads to."""
    go(page, f"section[aria-label='この画面でできること'] a:has-text('{words}')")
    read(page)
    button(page, confirm or words)
    return read(page)


def another(page: Any, address: str, name: str) -> None:
    page.context.clear_cookies()
    log_in(page, address, name)


@pytest.fixture
def nobody_has_one(folder: Folder) -> Member:
    """Somebody without a マイナ保険証 and without a certificate, whose post goes straight home."""
    folder.insured("7", name="佐藤 花", name_kana="サトウ ハナ", coverage_kind="voluntary", acquired_on="2026-04-01")
    load(folder.write(), on=ON)
    return Member.objects.get()


def test_an_application_is_posted_the_same_day_and_again_when_it_comes_back(
    nobody_has_one: Member, page: Any, live_server: Any
) -> None:
    address = live_server.url
    log_in(page, address, "hanae")
    page.goto(f"{address}/admin/members/member/{nobody_has_one.pk}/application/")
    page.select_option("[name=ground]", "lost_card")
    page.select_option("[name=via]", "counter")
    button(page, "受け付ける")
    assert "申請を受け付けました。" in read(page)
    application = page.url

    another(page, address, "tarou")
    page.goto(application)
    said = step(page, "交付を決める")
    assert "資格確認書を承認しました。次は「発送」の一覧の「月次の外の分を封入する」です。" in said

    page.goto(f"{address}/admin/mailing/dispatch/")
    go(page, "a:has-text('月次の外の分を封入する')")
    assert "その日のうちに出せます。" in read(page)
    button(page, "封入を計画する")
    page.wait_for_selector("text=終わりました。")
    go(page, "section[aria-label='進み具合'] p:has-text('結果を見る') a")
    dispatch = page.url
    step(page, "印刷する")
    page.wait_for_selector("text=終わりました。")
    serial, code = in_database(lambda: (EligibilityCertificate.objects.get().serial, Envelope.objects.get().code))
    page.goto(dispatch)
    go(page, "section[aria-label='この画面でできること'] a:has-text('印刷ファイルを開く')")
    read(page)
    link = page.get_attribute("a[href*='certificates-0001.pdf']", "href")
    sheet = page.request.get(f"{dispatch.replace('change/', 'files/')}{link}")
    with readback.open_pdf(sheet.body()) as pdf:
        assert serial in readback.full_text(pdf, 1).replace("-", "").replace(" ", "")

    page.goto(dispatch)
    step(page, "照合する")
    page.wait_for_selector("text=終わりました。")
    page.goto(dispatch)
    step(page, "封緘する")
    assert "発送を記録しました（1枚）。" in step(page, "発送する")

    page.goto(f"{address}/admin/mailing/returnedmail/")
    go(page, "a:has-text('返戻を読み取る')")
    scan(page, code)
    page.wait_for_selector("text=選んでください。")  # the reason
    page.select_option("[name=reason]", "moved")
    scan(page, code)
    page.wait_for_selector(f"text=返戻を受けました（封筒 {code}、同封 1点）。")
    scan(page, f"{serial[:4]}-{serial[4:8]}-{serial[8:]}")
    page.wait_for_selector("text=すでに返戻を受けています。")
    go(page, "a:has-text('返戻の一覧')")
    assert "対応待ち" in read(page)
    go(page, "#result_list tbody a >> nth=0")
    go(page, "section[aria-label='この画面でできること'] a:has-text('再送する')")
    page.fill("[name=postal_code]", "530-0009")
    page.fill("[name=address]", "大阪府大阪市北区架空9-9-9")
    button(page, "再送する")
    said = read(page)
    assert "宛名用紙を印刷して入れ直してください。" in said and "大阪府大阪市北区架空9-9-9" in said
    assert in_database(lambda: EligibilityCertificate.objects.get().status) == "sent"


def scan(page: Any, text: str) -> None:
    """As a scanner does: into the field that has the focus, then Enter."""
    assert page.evaluate("document.activeElement.id") == "id_code"
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


@pytest.fixture
def in_hand(folder: Folder) -> list[str]:
    """As many people as there are certificates in hand; their serials."""
    for number in range(1, SCANNED - 4):
        folder.insured(str(number)).certificate(str(number))
    load(folder.write(), on=ON)
    return list(EligibilityCertificate.objects.order_by("member_id").values_list("serial", flat=True))


ANSWERED = "() => document.querySelectorAll('[data-last] tbody tr').length"


def test_a_leaver_s_certificate_and_a_hundred_more_are_scanned_by_the_keyboard_alone(
    in_hand: list[str], page: Any, live_server: Any
) -> None:
    address, leaver = live_server.url, in_database(lambda: Member.objects.order_by("pk")[0].pk)
    log_in(page, address, "hanae")
    page.goto(f"{address}/admin/members/member/{leaver}/filing/?kind=loss")
    page.select_option("[name=reason]", "retirement")
    page.fill("[name=effective_on]", "R8.10.31")
    page.click("text=変わることを確かめる")
    page.wait_for_selector("text=まだ保存していません")
    page.click("text=保存して反映する")
    page.wait_for_selector("text=届出を受け付け、反映しました。")

    page.goto(f"{address}/admin/certificates/recovery/")
    said = read(page)
    assert in_hand[0] in said and "回収 1件のうち 0件が返ってきました（回収率 0.0％）。" in said
    go(page, "a:has-text('返ってきた証を読み取る')")
    page.select_option("[name=channel]", label="郵送")
    page.focus("#id_code")
    spoken = page.locator("[data-told]")
    assert spoken.get_attribute("aria-live") == "assertive"

    said_of = {
        in_hand[0]: "すでに回収済みです。",
        "000000000001": "発行番号ではありません",
        "１２３": "発行番号ではありません",
        serial_text(99_999_999_999): "この発行番号の証は交付していません。",
    }
    codes = [*in_hand, *said_of][:SCANNED]
    assert len(codes) == SCANNED - 1
    for serial in codes:  # as fast as it goes, waiting for nothing
        scan(page, serial)
    scan(page, in_hand[1])
    page.wait_for_function("code => document.querySelector('[data-answer] code')?.textContent === code", arg=in_hand[1])
    assert "すでに回収済みです。" in spoken.inner_text() and spoken.is_visible()
    last = page.locator("[data-last] tbody tr").all_inner_texts()
    for place, (code, words) in enumerate(reversed(said_of.items()), start=1):
        assert code in last[place] and words in last[place]
    assert "回収しました。" in last[len(said_of) + 1]
    recovered = EligibilityCertificate.objects.filter(status="recovered")
    assert in_database(recovered.count) == len(in_hand)
    assert not latin_words(seen(page), data=OWN)

    page.goto(f"{address}/admin/certificates/recovery/?status__exact=open")
    said = read(page)
    assert in_hand[0] not in said
    assert "回収 1件のうち 1件が返ってきました（回収率 100.0％）。" in said


def test_a_scan_that_cannot_be_sent_is_named(in_hand: list[str], page: Any, live_server: Any) -> None:
    log_in(page, live_server.url, "hanae")
    page.goto(f"{live_server.url}/admin/certificates/recovery/scan/")
    page.select_option("[name=channel]", label="郵送")
    page.focus("#id_code")
    page.context.clear_cookies()  # the session has ended
    scan(page, in_hand[0])
    page.wait_for_selector(f"[data-told] :text('送れませんでした。'):text('{in_hand[0]}')")
    assert in_database(EligibilityCertificate.objects.filter(status="sent").count) == len(in_hand)
