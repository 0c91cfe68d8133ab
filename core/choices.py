"""What a column may hold, each with the label clerks read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    # Django is untyped, and makes of a member's pair a text with a label by a metaclass that mypy cannot follow: to mypy
    # a member would be the pair. This says what Django makes.
    from enum import StrEnum

    class TextChoices(StrEnum):
        choices: ClassVar[list[tuple[str, str]]]
        labels: ClassVar[list[str]]
        values: ClassVar[list[str]]
        names: ClassVar[list[str]]

        def __new__(cls, value: str, label: str = "") -> Self: ...

        @property
        def label(self) -> str: ...
else:
    from django.db.models import TextChoices

__all__ = ["TextChoices"]
