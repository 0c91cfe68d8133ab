"""Debian's Chromium at the office's pages, and what a person sees there."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import require

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "himitsu-no-kotoba"


@pytest.fixture
def page(live_server: Any) -> Iterator[Any]:
    """A page of Chromium that fails the test when it asks anybody but the office's own server."""
    require("chromium", CHROMIUM is not None)
    require("playwright", importlib.util.find_spec("playwright") is not None)
    from playwright.sync_api import sync_playwright

    strangers: set[str] = set()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(locale="ja-JP", viewport={"width": 1440, "height": 1000})
        opened = context.new_page()
        own = urlsplit(live_server.url).netloc
        opened.on("request", lambda r: strangers.add(r.url) if urlsplit(r.url).netloc not in ("", own) else None)
        yield opened
        browser.close()
    assert strangers == set()


VISIBLE_TEXT = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), said = [];
    while (texts.nextNode()) {
        const around = texts.currentNode.parentElement;
        if (around.closest(".material-symbols-outlined, code, script, style")) continue;
        if (around.checkVisibility()) said.push(texts.currentNode.data);
    }
    return said.join("\\n");
}"""


def seen(page: Any) -> str:
    """The text a person sees. Icons are drawn from words, and commands stand as they are typed: both are left out."""
    return str(page.evaluate(VISIBLE_TEXT))


def log_in(page: Any, address: str, username: str) -> None:
    """Through the real login page, to the first page."""
    page.goto(f"{address}/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_selector("#nav-sidebar")
