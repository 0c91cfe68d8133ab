"""Every address of the URLconf, every parameter it reads and every field it asks: whatever is typed there, no fault.

``KENPO_WALK=full`` puts every input into every parameter and field, one at a time and all at once, on the first page of
each kind that has them, as a clerk who may everything. Otherwise, and as each of the roles, an address gets a few inputs,
all parameters at once, so that each input comes to each kind of page.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

import kenpo.urls  # noqa: F401 - the desk registers its pages there
from certificates.models import Decision
from core.models import Clerk
from core.roles import ROLES
from kenpo.intake.tables import checking, keeping
from kenpo.intake.tables.kinds import KINDS
from mailing.models import Dispatch
from tests.conftest import run_command
from tests.kenpo.desk.pages import everything
from tests.kenpo.tables.sheets import table
from tests.kenpo.test_admin import after_sealing
from tests.kenpo.walk.addresses import model_of, places
from tests.kenpo.walk.forms import PageForm, forms_of
from tests.kenpo.walk.inputs import BAD, encoded, query
from tests.story.month import DAY, invent_and_load

pytestmark = pytest.mark.django_db
FULL = os.environ.get("KENPO_WALK") == "full"
PARTS = 12 if FULL else 1
"""The full form is a test for each part of the kinds of page, so that two processes may share them (``-k``)."""
INPUTS_AT_ONCE = 1
ALWAYS = ("p", "o", "q", "all", "e", "_popup", "_to_field", "_changelist_filters", "next")
"""What the admin itself reads; on the pages of a list each alone, because it answers at the first that it cannot use."""
POSTED = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refused request would be a line, and each fault is told at the end."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def office(tmp_path: Path, home: Path, settings: Any) -> str:
    """A small society with one of every document; answers the name of a table that waits for its confirmation."""
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent_and_load(tmp_path, members=60)
    for command, *options in (
        ("run_month", "--by", "hanako", "--on", DAY),
        ("approve_month", "--by", "taro"),
        ("draft_notices", "--by", "hanako"),
        ("assemble", "--by", "hanako"),
    ):
        assert run_command(command, "2026-11", *options).code == 0
    assert run_command("print_dispatch", Dispatch.objects.earliest("pk").pk, "--by", "hanako").code == 0
    hanako = Clerk.objects.get(username="hanako")
    usable = Decision.objects.filter(reason="myna_usable", member__lost_on=None).select_related("member__person")
    everything(hanako, [usable.earliest("pk").member])
    after_sealing(hanako)
    Clerk.objects.update(is_staff=True)
    Group.objects.create(name="見本")
    by = Clerk.objects.create_user("zenbu", role="clerk", is_staff=True, is_superuser=True)
    content = table(["insurer_number", "symbol", "number", "branch_number", "issued_on", "valid_through"], ["1"] * 6)
    now = timezone.now()
    name = checking.hand_in(KINDS["legacy-cards"], content, form="csv", by=by, now=now)
    checking.check(name, by=by, on=date.fromisoformat(DAY), now=now)
    assert keeping.kept(name, by=by, now=now)
    return name


class Walk:
    """One clerk's way through the pages; whatever a page does is taken back."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        clerk: Clerk,
        asked: Counter[str],
        faults: list[str],
        *,
        full: bool = False,
    ) -> None:
        self.browser = Client(raise_request_exception=False)
        self.browser.force_login(clerk)
        self.session = self.browser.cookies["sessionid"].value
        self.clerk, self.asked, self.faults, self.full = clerk, asked, faults, full
        self.read: set[str] = set()
        self.met: set[tuple[str, frozenset[str]]] = set()
        """Which parameters of which kind of page, and which forms, had their turn."""
        self.statuses, self.turns = Counter[int](), itertools.count()
        for name in ("get", "__getitem__", "__contains__", "getlist"):
            monkeypatch.setattr(MultiValueDict, name, self._watched(getattr(MultiValueDict, name)))

    def _watched(self, own: Any) -> Any:
        def watched(told: Any, name: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(name, str):
                self.read.add(name)
            return own(told, name, *rest, **more)

        return watched

    def _logged_in(self) -> None:
        """Also where the last press was 'log out': what it did was taken back, but not the browser's own."""
        self.browser.cookies["sessionid"] = self.session

    def _done(self, what: str, answer: Any) -> Any:
        self.asked[what] += 1
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            fault = answer.exc_info[1] if getattr(answer, "exc_info", None) else ""
            print(self.clerk.role, what, answer.request["PATH_INFO"][:120], type(fault).__name__, str(fault)[:200])
            self.faults.append(
                f"{self.clerk.role} {what} {answer.request['PATH_INFO'][:120]}"
                f"?{answer.request['QUERY_STRING'][:80]} {self.last[:200]}: {type(fault).__name__} {str(fault)[:120]}"
            )
        return answer

    def get(self, what: str, address: str, told: str = "") -> Any:
        self.last = ""
        self._logged_in()
        with transaction.atomic():
            answer = self.browser.get(address + (f"?{told}" if told else ""))
            if not answer.streaming:
                answer.content  # noqa: B018 - rendered while what it shows is still there
            transaction.set_rollback(True)
        return self._done(what, answer)

    def post(self, what: str, address: str, told: str) -> Any:
        self.last = told
        self._logged_in()
        with transaction.atomic():
            answer = self.browser.generic("POST", address, told, content_type=POSTED)
            transaction.set_rollback(True)
        return self._done(what, answer)

    def address(self, address: str, name: str, inputs: Iterator[str]) -> None:
        """The page itself, then with odd parameters, then its forms with odd values."""
        self.read = set()
        page = self.get("page", address)
        names = sorted({*self.read, *filters_of(name)} - {"csrfmiddlewaretoken", *ALWAYS})
        full = self._full(name, names)
        for told in _filled(dict.fromkeys(names, ""), inputs, full=full):
            self.get("parameters", address, query(told))
        if full or name.endswith("_changelist"):
            alone = (*ALWAYS, *names)
            for one in alone if full else itertools.islice(alone, next(self.turns) % 6, None, 6):
                self.get("parameter", address, query({one: encoded(next(inputs))}))
        if page.status_code != 200 or "html" not in page.get("Content-Type", ""):
            self.post("post", address, "")
            return
        for form in forms_of(page.content.decode()):
            self.form(address, name, form, inputs)

    def _full(self, what: str, names: Iterable[str]) -> bool:
        """Whether every input has its turn in each of these names: the first time that they are met."""
        key = (what, frozenset(names))
        first = key not in self.met
        self.met.add(key)
        return self.full and first

    def form(self, address: str, name: str, form: PageForm, inputs: Iterator[str]) -> None:
        to = address if not form.action or form.action.startswith(("?", "#")) else form.action
        if (to, frozenset(form.fields)) in self.met:
            return  # the same on every page: the search, the way out
        self.met.add((to, frozenset(form.fields)))
        as_it_is = {name: query({"": text})[1:] for name, text in form.fields.items()}
        for told in _filled(as_it_is, inputs, full=self._full(f"form of {name}", form.fields)):
            self.post("form", to, query(told))


def _filled(told: dict[str, str], inputs: Iterator[str], *, full: bool) -> Iterator[dict[str, str]]:
    """The names with odd values: all at once, and in full each alone."""
    names = [name for name in told if name != "csrfmiddlewaretoken"]
    if not names:
        return
    for bad in list(BAD) if full else itertools.islice(inputs, INPUTS_AT_ONCE):
        yield {**told, **dict.fromkeys(names, encoded(bad))}
        if full:
            for name in names:
                yield {**told, name: encoded(bad)}


def filters_of(name: str) -> set[str]:
    """The parameters of a list's filters."""
    model = model_of(name)
    if model is None or not name.endswith("_changelist"):
        return set()
    found = set()
    for one in admin.site.get_model_admin(model).list_filter:
        field = one[0] if isinstance(one, (list, tuple)) else one
        if isinstance(field, str):
            found |= {f"{field}{kind}" for kind in ("", "__exact", "__id__exact", "__isnull", "__gte", "__lt", "__in")}
        elif getattr(field, "parameter_name", None):
            found.add(field.parameter_name)
    return found | {"pk", "id", "id__in", "pk__exact", "none__exact"}


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_typed_anywhere_no_page_fails(part: int, office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    faults: list[str] = []
    everywhere = list(places(office, per_status=3 if FULL else 1, every_id=FULL))
    turn = {name: at % PARTS for at, name in enumerate(sorted({told["name"] for _, told in everywhere}))}
    everywhere = [(address, told) for address, told in everywhere if turn[told["name"]] == part]
    inputs = itertools.cycle(BAD)
    first = walk = Walk(monkeypatch, Clerk.objects.get(username="zenbu"), asked, faults, full=FULL)
    for address, told in everywhere:
        if told.get("odd"):
            walk.get("odd id", address)
            walk.post("odd id", address, "")
        else:
            walk.address(address, told["name"], inputs)
    plain = [(address, told["name"]) for address, told in everywhere if not told.get("odd")]
    for role in ROLES:
        clerk = Clerk.objects.create_user(f"role-{role}", role=role, is_staff=True)
        walk = Walk(monkeypatch, clerk, asked, faults)
        for address, name in plain if FULL else plain[list(ROLES).index(role) :: 2 * len(ROLES)]:
            walk.address(address, name, inputs) if FULL else walk.get(
                "as a role", address, query({"p": encoded(next(inputs))})
            )
    kinds = {name for _, name in plain}
    print(
        f"\n{len(everywhere)} addresses of {len(kinds)} kinds, {len(BAD)} inputs, {sum(asked.values())} requests: {dict(asked)}, {dict(first.statuses)}"
    )
    assert not faults, _grouped(faults)


def _grouped(faults: Iterable[str]) -> str:
    groups: dict[str, list[str]] = {}
    for fault in faults:
        groups.setdefault(re.sub(r"\d+", "N", fault.rpartition(": ")[2]), []).append(fault)
    return f"{sum(map(len, groups.values()))} faults:\n" + "\n".join(
        f"{len(each)} × {key}\n    {each[0]}\n    {each[-1]}" for key, each in groups.items()
    )
