"""``manage.py letters form``: which form, and for whom."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notices.letters.forms.letter import FORMS
from notices.letters.subcommands import AboutMember


@dataclass(frozen=True, slots=True)
class FormCommand(AboutMember):
    """One form for one member."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("form", metavar="FORM", choices=list(FORMS), help="、".join(FORMS))
        AboutMember.add_arguments(self, parser)

    def code(self, options: Mapping[str, Any]) -> str:
        return f"form_{options['form']}"
