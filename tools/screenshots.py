"""The handbook's pictures: an invented society's month through the real pages by two clerks, and its paper.

Run by `make screenshots`. The society is the demo's, in a home of its own that begins anew each time, always on the same
day; so besides the times of day, a picture differs from the kept one only where a page or a paper has changed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
HOME = ROOT / "var" / "pictures"
TAKEN = HOME / "taken"
DAY = "2026-11-10"
WIDTH, HEIGHT, TALLEST = 1440, 900, 1300
LARGEST_BYTES, COLOURS, CUT = 100_000, 64, 50
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
NEXT = "section[aria-label='次にすること'] a.kenpo-step"
PAPER = (  # picture, file of the demo's paper, page
    ("paper-certificate-front", "certificates", 1),
    ("paper-certificate-back", "certificates", 2),
    ("paper-notice", "notices", 1),
    ("paper-address", "addresses", 1),
    ("paper-list", "covers", 3),
)


def prepare() -> tuple[str, dict[str, int]]:
    """Loads the demo's society and what the daily pages show; answers the clerks' password and the ids to visit."""
    from certificates.requests import applications
    from certificates.requests.applications.intake import Form
    from core import clock
    from kenpo.intake.load import load
    from members.models import Member
    from tools import demo, invent

    at = demo.stage()
    (clerk, password), _ = demo.clerks()
    invent.write(at.folder, members=demo.MEMBERS, seed=demo.SEED, month=at.month, preset=demo.PRESET)
    load(at.folder, on=at.today)
    member = Member.objects.filter(kind="insured", lost_on=None).order_by("pk")[40]
    form = Form(kind="issue", ground="lost_card", received_on=at.today, via="establishment")
    return password, {
        "member": member.pk,
        "application": applications.receive(member, form, on=clock.today(), by=clerk).pk,
    }


@contextmanager
def office() -> Iterator[str]:
    """The office's server on a free port; without redis, work is done while the clerk waits."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "kenpo.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4", "-t", "600"]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def keep(name: str, picture: bytes) -> None:
    """Writes the picture in a palette, cut at its foot until it is lighter than ``LARGEST_BYTES``."""
    from PIL import Image

    image = Image.open(BytesIO(picture)).convert("RGB")
    while True:
        written = BytesIO()
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() < LARGEST_BYTES:
            break
        image = image.crop((0, 0, image.width, image.height - CUT))
    (TAKEN / f"{name}.png").write_bytes(written.getvalue())


class Walk:
    """A clerk in the browser, who takes a picture where asked."""

    def __init__(self, page: Any, address: str, password: str) -> None:
        self.page, self.address, self.password = page, address, password

    def log_in(self, username: str) -> None:
        self.page.context.clear_cookies()
        self.to("/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", self.password)
        self.go("#login-form button[type=submit]")

    def to(self, path: str) -> None:
        self.page.goto(self.address + path)

    def go(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)

    def press(self, words: str) -> None:
        self.go(f"button[type=submit]:has-text('{words}')")

    def shot(self, name: str, path: str = "") -> None:
        """The page from its head to its end, at most ``TALLEST`` pixels."""
        if path:
            self.to(path)
        tall = self.page.evaluate("Math.max(...[...document.querySelectorAll('html, #main')].map(e => e.scrollHeight))")
        self.page.set_viewport_size({"width": WIDTH, "height": min(max(tall, HEIGHT), TALLEST)})
        keep(name, self.page.screenshot())
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def to_result(self) -> None:
        self.page.wait_for_selector("text=終わりました。", timeout=600_000)
        self.go("section[aria-label='進み具合'] p:has-text('結果を見る') a")


def month(walk: Walk, folder: Path) -> None:
    """From the fund's file to closed, photographed at each stage."""
    walk.log_in("hanako")
    walk.shot("month-1-start", "/admin/month/")
    walk.to("/admin/month/receive/")
    walk.page.set_input_files("#id_files", [str(file) for file in sorted(folder.glob("fund_2026-11*.csv"))])
    walk.shot("month-2-receive")
    walk.press("受け付ける")
    walk.shot("month-3-received")
    walk.go(NEXT)
    walk.press("月次判定を行う")
    walk.page.wait_for_selector("text=終わりました。", timeout=600_000)
    walk.shot("month-4-job")
    walk.to_result()
    walk.log_in("taro")
    walk.shot("month-5-proposed", "/admin/month/?month=2026-11")
    walk.shot("month-6-samples", "/admin/certificates/run/1/samples/")
    walk.shot("month-7-proposals", "/admin/certificates/run/1/proposals/")
    walk.shot("month-8-approve", "/admin/certificates/run/1/approve/")
    walk.press("承認する")
    walk.to_result()
    for words in ("お知らせを作成する", "封入を計画する", "まとめて印刷・照合する"):
        walk.go(NEXT)
        if words == "封入を計画する":
            walk.shot("month-9-assemble")
        walk.press(words)
        walk.to_result()
    walk.shot("month-10-printed")
    walk.shot("dispatch", "/admin/mailing/dispatch/1/change/")
    walk.shot("dispatch-files", "/admin/mailing/dispatch/1/files/")
    walk.shot("dispatch-pulls", "/admin/mailing/dispatch/1/pulls/")
    walk.to("/admin/month/?month=2026-11")
    while any(words in walk.page.inner_text(NEXT) for words in ("引抜き", "封緘", "発送する")):
        walk.go(NEXT)
        walk.go("form[method=post] button.kenpo-step")
        walk.to("/admin/month/?month=2026-11")
    walk.go(NEXT)
    walk.press("月を締める")
    walk.shot("month-11-closed")


def holder() -> int:
    """The person of the first certificate whose household is larger than one."""
    from certificates.models import EligibilityCertificate

    with_family = EligibilityCertificate.objects.filter(status="sent", member__dependents__isnull=False)
    return int(with_family.order_by("pk").values_list("member__person_id", flat=True)[0])


def every_day(walk: Walk, ids: dict[str, int]) -> None:
    """The pages of every day, on which the month just closed has left its traces."""
    from core import clock
    from kenpo.month.daily import run_day

    run_day(clock.today())
    person, application = holder(), ids["application"]
    pages = {
        "home": "/admin/",
        "person": f"/admin/members/person/{person}/change/",
        "person-timeline": f"/admin/members/person/{person}/timeline/",
        "contact": f"/admin/members/person/{person}/contact/",
        "gaps": "/admin/gaps/",
        "application": f"/admin/certificates/application/{application}/change/",
        "application-grant": f"/admin/certificates/application/{application}/grant/",
        "filing": f"/admin/members/member/{ids['member']}/filing/",
        "recovery-list": "/admin/certificates/recovery/",
        "unprintable": "/admin/members/person/unprintable/",
        "addresses": "/admin/addresses/",
        "return-scan": "/admin/mailing/returnedmail/scan/",
        "paper-receive": "/admin/mailing/paperlot/receive/",
        "tracking-file": "/admin/mailing/tracking/file/",
        "tables": "/admin/exchange-of-files/",
        "policy": "/admin/policy/",
        "policy-change": "/admin/policy/change/",
        "wording": "/admin/wording/",
        "law": "/admin/law/",
        "statistics": "/admin/statistics/",
        "ledger": "/admin/ledger/",
    }
    for name, path in pages.items():
        walk.shot(name, path)
    walk.to("/admin/search/")
    walk.page.fill("#kenpo-search", "さとう")
    with walk.page.expect_navigation():
        walk.page.press("#kenpo-search", "Enter")
    walk.shot("search")
    walk.to("/admin/exchange-of-files/")
    walk.go("a[href^='/admin/exchange-of-files/']:not([href$='/exchange-of-files/'])")
    walk.shot("tables-kind")


def paper() -> None:
    """First pages of what was printed; and an establishment's list."""
    folder = HOME / "paper" / "1"
    for name, kind, page in PAPER:
        path = folder / f"{kind}-0001.pdf"
        command = ["pdftoppm", "-r", "100", "-png", "-f", str(page), "-l", str(page), "-singlefile", str(path)]
        keep(name, subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    TAKEN.mkdir(parents=True)
    os.environ.update(
        KENPO_HOME=str(HOME),
        KENPO_TODAY=DAY,
        DJANGO_SETTINGS_MODULE="kenpo.settings",
        REDIS_URL="",
        DJANGO_ALLOW_ASYNC_UNSAFE="1",
    )
    sys.path.insert(0, str(ROOT))
    subprocess.run([sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"], cwd=ROOT, check=True)
    import django

    django.setup()
    from kenpo import embedded

    password, ids = prepare()
    from playwright.sync_api import sync_playwright

    with office() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        page = browser.new_context(locale="ja-JP", viewport={"width": WIDTH, "height": HEIGHT}).new_page()
        walk = Walk(page, address, password)
        month(walk, HOME / "demo" / "in")
        every_day(walk, ids)
        browser.close()
    paper()
    embedded.stop(HOME)
    shutil.rmtree(PICTURES, ignore_errors=True)
    shutil.copytree(TAKEN, PICTURES)
    print(f"{len(list(PICTURES.glob('*.png')))}枚の画像を {PICTURES} に書きました。")


if __name__ == "__main__":
    main()
