"""``docs/interfaces.md`` says what the commands, files and exit statuses are, no more and no less."""

from __future__ import annotations

import ast
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from certificates.decisions import exporting
from certificates.recovery.scanning import CHANNELS
from certificates.requests.applications import bulk as applications
from certificates.requests.filings.fields import FIELDS
from certificates.requests.inquiries import bulk as inquiries
from certificates.rules.codes import Basis, Detail, Ground, Limit, Outcome, Reason
from certificates.rules.filing_kinds import Kind
from exchange import profiles
from kenpo.intake.load import columns
from mailing.bundling import imposing, outside
from mailing.papers import files
from mailing.post import tracking
from members.policy import PRESETS, Policy
from tests.docs.pages import DOCS, headings, own_apps, page, rows, section, sources, spans, words

DAY = date(2026, 11, 10)
# Django's own, which every command has.
COMMON = {
    "help",
    "version",
    "verbosity",
    "settings",
    "pythonpath",
    "traceback",
    "no_color",
    "force_color",
    "skip_checks",
}


@pytest.fixture(scope="module")
def interfaces() -> str:
    return page("interfaces.md")


def own_commands() -> dict[str, str]:
    """The commands of our apps, each with its app's name."""
    folders = set(own_apps())
    ours = {config.name for config in apps.get_app_configs() if Path(config.path) in folders}
    return {name: app for name, app in get_commands().items() if app in ours}


def described(text: str) -> dict[str, list[str]]:
    """The lines of use of each command that has a row of its own."""
    uses: dict[str, list[str]] = {}
    for row in rows(section(text, "manage.py"), "Command"):
        use = spans(row[0])[0]
        uses.setdefault(use.split()[0], []).append(use)
    return uses


def options(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from options(below)
        elif action.dest not in COMMON:
            yield from (name for name in action.option_strings if name.startswith("--"))


def test_every_command_of_ours_is_described_and_every_described_one_exists(interfaces: str) -> None:
    assert set(described(interfaces)) == set(own_commands())
    assert set(re.findall(r"manage\.py (\w+)", interfaces)) <= set(get_commands())


def test_every_option_is_named_and_every_named_one_exists(interfaces: str) -> None:
    differing = {}
    for name, uses in described(interfaces).items():
        parser = load_command_class(own_commands()[name], name).create_parser("manage.py", name)
        named, there = set(re.findall(r"--[\w-]+", " ".join(uses))), set(options(parser))
        if named != there:
            differing[name] = named ^ there
    assert differing == {}


def subcommands(parser: ArgumentParser) -> set[str]:
    """What may stand first behind the command's name, where it has commands of its own."""
    own = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    return {name for action in own for name in action.choices}


def test_every_command_of_a_command_is_named_and_every_named_one_exists(interfaces: str) -> None:
    checked = 0
    for name, uses in described(interfaces).items():
        parser = load_command_class(own_commands()[name], name).create_parser("manage.py", name)
        if there := subcommands(parser):
            checked += 1
            assert {word for use in uses for word in use.split()[1].split("|")} == there, name
    assert checked


def constants(tree: ast.Module) -> dict[str, int]:
    """The whole numbers that stand under a name at the top of a module."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
    return {
        target.id: node.value.value
        for node in assigned
        for target in node.targets
        if isinstance(target, ast.Name) and type(node.value.value) is int
    }


def statuses(path: Path) -> Iterator[int]:
    """The whole numbers with which a module ends the process, also those that it has under a name of its own."""
    tree = ast.parse(path.read_bytes())
    values = constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("sys.exit", "exit") and node.args:
            given = node.args[0]
            value = values.get(given.id) if isinstance(given, ast.Name) else getattr(given, "value", None)
            if isinstance(value, int):
                yield value


def test_every_exit_status_is_named(interfaces: str) -> None:
    used = {status for path in sources() for status in statuses(path)}
    assert {1, 2} <= used
    listed = {int(row[0]) for row in rows(section(interfaces, "Exit status"), "Status")}
    assert listed == used | {0}


def test_every_way_to_end_badly_and_every_constant_of_a_status_is_named(interfaces: str) -> None:
    core = next(path for path in own_apps() if path.name == "core")
    errors, commands = (ast.parse((core / name).read_bytes()) for name in ("errors.py", "commands.py"))
    raised = {node.name for node in errors.body if isinstance(node, ast.ClassDef) and node.bases}
    assert {"Refused", "BadInput", "Fault"} <= raised
    named = {name for name in constants(errors) | constants(commands) if re.search("EXIT|STATUS", name)}
    assert raised | named <= words(section(interfaces, "Exit status"))


@pytest.mark.parametrize(
    "sheet",
    [
        columns.establishments(None),
        columns.members(None, DAY),
        columns.legacy_cards(None, DAY),
        columns.certificates(None, DAY),
        columns.deregistrations(None, DAY),
    ],
    ids=lambda sheet: str(sheet.file),
)
def test_every_column_of_a_load_folder_is_named_under_its_file(interfaces: str, sheet: columns.Sheet) -> None:
    assert {column.source for column in sheet.columns} <= words(section(interfaces, sheet.file))


def test_every_setting_and_preset_is_named(interfaces: str) -> None:
    named = words(section(interfaces, "policy.toml"))
    assert {field.name for field in fields(Policy)} | set(PRESETS) <= named


def test_the_columns_and_codes_of_decisions_are_those_of_the_export(interfaces: str) -> None:
    listed = [name for row in rows(section(interfaces, "Decisions"), "Column") for name in spans(row[0])]
    assert listed == list(exporting.COLUMNS)
    codes = [code.value for kind in (Outcome, Reason, Detail, Limit, Basis, Ground) for code in kind]
    named = words(section(interfaces, "Codes")) - {"outcome", "reason", "detail", "limit", "basis", "ground"}
    assert named == set(codes)


def test_every_kind_and_value_of_a_filing_is_named(interfaces: str) -> None:
    filings = section(interfaces, "Filings")
    kinds = [name for row in rows(filings, "`kind`") for name in spans(row[0])]
    assert sorted(kinds) == sorted(kind.value for kind in Kind)
    assert set(FIELDS) <= words(filings)


def test_the_columns_of_the_other_files_are_named_in_their_order(interfaces: str) -> None:
    for title, names in (
        ("Applications", applications.REQUIRED),
        ("Applications", applications.OPTIONAL),
        ("Answers to inquiries", inquiries.COLUMNS),
        ("Numbers of the post", tracking.COLUMNS),
        ("Numbers of the post", tracking.DELIVERY_COLUMNS),
        ("Files of a dispatch", files.MANIFEST_COLUMNS),
        ("Files of a dispatch", outside.COLUMNS),
        ("Files of a dispatch", outside.PULLED_COLUMNS),
        ("Files of a dispatch", imposing.PLACES_COLUMNS),
    ):
        assert ", ".join(names) in spans(section(interfaces, title))
    assert set(CHANNELS) <= words(section(interfaces, "Lists that come out"))


def test_every_profile_of_the_fund_s_file_is_described(interfaces: str) -> None:
    assert set(profiles.names()) <= set(spans(section(interfaces, "Fund file")))
    assert set(profiles.ENCODINGS) <= set(spans(section(interfaces, "Fund file")))


def test_every_name_of_the_environment_is_listed(interfaces: str) -> None:
    example = (DOCS.parent / ".env.example").read_text(encoding="utf-8")
    of_compose_alone = {"WEB_PORT"}
    read = set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE)) - of_compose_alone
    assert read <= words(section(interfaces, "Environment"))


def test_every_target_of_the_makefile_is_listed_in_its_order(interfaces: str) -> None:
    makefile = (DOCS.parent / "Makefile").read_text(encoding="utf-8")
    targets = [f"make {name}" for name in re.findall(r"^([a-z]+):.* # ", makefile, re.MULTILINE)]
    assert [spans(row[0])[0] for row in rows(section(interfaces, "Makefile"), "Target")] == targets


def test_what_the_code_cites_has_a_heading(interfaces: str) -> None:
    titles = headings(interfaces)
    cited = {
        quoted or named
        for path in sources()
        for quoted, named in re.findall(
            r'(?:contracts|interfaces)\.md (?:"([^"]+)"|``(\w+)``)', path.read_text(encoding="utf-8")
        )
    }
    assert {"CSV", "load"} <= cited
    assert sorted(title for title in cited if title not in titles) == []


def test_every_place_that_is_linked_is_there(interfaces: str) -> None:
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings(interfaces)}
    assert set(re.findall(r"\]\(#([^)]+)\)", interfaces)) <= anchors
