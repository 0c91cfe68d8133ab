"""No fault of accessibility on any page a clerk works on, as axe-core sees it; and pages that fit at 200 %."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from certificates.models import Decision
from core.models import Clerk, Event
from mailing.models import Dispatch
from tests.browser.conftest import PASSWORD, log_in
from tests.conftest import require
from tests.kenpo import calls

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GRAVE = ("moderate", "serious", "critical")
RUN = """async () => (await axe.run({resultTypes: ["violations"]})).violations.map(found => ({
    rule: found.id, impact: found.impact, where: found.nodes.map(node => node.target.join(" ")),
}))"""
DOUBLE = 720
"""The width in CSS pixels of a 1440-pixel window at 200 %."""


@pytest.fixture
def addresses(tmp_path: Path, home: Path, settings: Any) -> dict[str, str]:
    """A month on paper, and the address of each kind of page on it."""
    settings.KENPO_TODAY = calls.ON
    calls.month_sent(tmp_path)
    Clerk.objects.create_user("hanae", password=PASSWORD, role="approver", is_staff=True)
    holder = calls.issued()
    certificate = holder.certificates.get()
    dispatch, decision = Dispatch.objects.order_by("pk")[0], Decision.objects.order_by("pk")[0]
    return {
        "home": "/admin/",
        "month": "/admin/month/",
        "a run": f"/admin/certificates/run/{decision.run_id}/change/",
        "the file's form": "/admin/month/receive/",
        "person": f"/admin/members/person/{holder.person_id}/change/",
        "timeline": f"/admin/members/person/{holder.person_id}/timeline/",
        "a call": f"/admin/members/person/{holder.person_id}/contact/",
        "search": "/admin/search/",
        "a list": "/admin/certificates/decision/",
        "a document": f"/admin/certificates/eligibilitycertificate/{certificate.pk}/change/",
        "a dispatch": f"/admin/mailing/dispatch/{dispatch.pk}/change/",
        "a deed's form": f"/admin/certificates/eligibilitycertificate/{certificate.pk}/reprint/",
        "a filing's form": f"/admin/members/member/{holder.pk}/filing/",
        "a scanner's form": "/admin/mailing/returnedmail/scan/",
        "a page that plans": "/admin/mailing/dispatch/day/",
        "gaps": "/admin/gaps/",
        "addresses": "/admin/addresses/",
        "unprintable": "/admin/members/person/unprintable/",
        "damaged": "/admin/members/person/damaged/",
        "ledger": "/admin/ledger/",
        "statistics": "/admin/statistics/",
        "tables": "/admin/exchange-of-files/",
        "a table": "/admin/exchange-of-files/people/",
        "policy": "/admin/policy/",
        "policy's form": "/admin/policy/change/",
        "letters": "/admin/wording/",
        "law": "/admin/law/",
        "an event": f"/admin/core/event/{Event.objects.order_by('pk')[0].pk}/change/",
    }


@dataclass(frozen=True)
class Axe:
    """axe-core on a page, in the version that requirements-dev.txt pins."""

    page: Any
    script: str

    def grave(self) -> list[str]:
        """Rule and place of each violation that is not minor on the page as it stands."""
        self.page.evaluate(self.script)
        found = self.page.evaluate(RUN)
        return [f"{one['rule']}: {where}" for one in found if one["impact"] in GRAVE for where in one["where"]]


@pytest.fixture
def axe(page: Any) -> Axe:
    require("axe-core", importlib.util.find_spec("axe_playwright_python") is not None)
    from axe_playwright_python.base import AXE_FILE_PATH

    return Axe(page, AXE_FILE_PATH.read_text(encoding="utf-8"))


def too_wide(page: Any) -> bool:
    """Whether the page's body, or what unfold scrolls instead of it, must be pushed sideways to be read."""
    wide = """() => [document.documentElement, document.body, document.querySelector("#main")].some(
        box => box && box.scrollWidth > box.clientWidth + 1)"""
    return bool(page.evaluate(wide))


def test_a_fault_and_a_wide_page_are_seen(axe: Axe) -> None:
    axe.page.set_content("<html lang=ja><title>絵</title><main><h1>絵</h1><img src='data:,'></main></html>")
    assert axe.grave() == ["image-alt: img"]
    assert not too_wide(axe.page)
    axe.page.set_content("<div id=main style='overflow: auto'><p style='width: 3000px'>広い表</p></div>")
    assert too_wide(axe.page)


def test_no_page_has_a_grave_fault_and_each_fits_at_double_size(
    addresses: dict[str, str], axe: Axe, live_server: Any
) -> None:
    page, faults = axe.page, {}
    page.goto(f"{live_server.url}/")
    faults["login"] = axe.grave()
    log_in(page, live_server.url, "hanae")
    for name, address in addresses.items():
        answer = page.goto(f"{live_server.url}{address}")
        assert answer.status == 200, address
        faults[name] = axe.grave()
        page.set_viewport_size({"width": DOUBLE, "height": 500})
        if too_wide(page):
            faults[name].append("wider than the window at 200 %")
        page.set_viewport_size({"width": 1440, "height": 1000})
    assert {name: found for name, found in faults.items() if found} == {}


def test_the_keyboard_goes_on_within_the_form_and_paper_shows_no_menu(
    addresses: dict[str, str], page: Any, live_server: Any
) -> None:
    log_in(page, live_server.url, "hanae")
    page.goto(f"{live_server.url}{addresses['a call']}")
    page.focus("[name=caller]")
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        reached.append(
            page.evaluate("document.activeElement.closest('form')?.contains(document.querySelector('[name=caller]'))")
        )
    assert reached == [True, True, True]
    assert page.is_visible("#nav-sidebar")
    page.emulate_media(media="print")
    assert not page.is_visible("#nav-sidebar")
