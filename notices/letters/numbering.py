"""Numbers of letters: drawn one a letter, and from a number on paper back to what the letter was about."""

from __future__ import annotations

import re
from datetime import date
from unicodedata import normalize

from django.apps import apps
from django.db import models
from django.db.models import Max, Q

from certificates.models import Application, Recovery
from core.calendar import ERAS
from core.models import Event
from core.transitions import lock_chain
from members.models import Establishment, Member
from notices.letters.content import letter_number
from notices.models import LetterNumber

_NEW = re.compile(r"(?:[^\s\d]+\s*)?([^\s\d]{2})(\d{1,2}|元)年\s*第(\d{1,9})号")
"""Whatever word a letter puts before its number."""
_BY_SERIAL = re.compile(r"(?:回収|返納)\s*(\d{12})(?:-\d+)?")
# Letters that were printed before there were running numbers bear the id of what they are about.
_BY_ID = re.compile(r"(?:(資格証明|番号届)\s*(\d{8})-|(申請|回収)\s*)(\d{1,11})(?:-\d+)?")
_ABOUT: dict[str, type[models.Model]] = {
    "資格証明": Member,
    "番号届": Establishment,
    "申請": Application,
    "回収": Recovery,
}


def draw(file: str, about: models.Model, issued_on: date) -> str:
    """The number of the letter in ``file``, as printed; the same again for the same file.

    Called within the transaction that writes the letter: one that fails leaves no hole.
    """
    lock_chain()  # one at a time
    known = LetterNumber.objects.filter(file=file).first()
    if known is None:
        newest = LetterNumber.objects.filter(year=issued_on.year).aggregate(newest=Max("number"))["newest"]
        known = LetterNumber.objects.create(
            year=issued_on.year, number=(newest or 0) + 1, file=file, subject=about._meta.label, subject_id=about.pk
        )
    return letter_number(issued_on, known.number)


def meant(words: str) -> models.Model | None:
    """What the letter whose number was typed is about; ``None`` where the words are no letter's number."""
    text = normalize("NFKC", words).strip()
    if found := _NEW.fullmatch(text):
        return _numbered(*found.groups())
    if found := _BY_SERIAL.fullmatch(text):
        held = Q(certificate__serial=found[1]) | Q(elderly_certificate__serial=found[1])
        return Recovery.objects.filter(held).order_by("-pk").first()
    if found := _BY_ID.fullmatch(text):
        return _printed_before(found[1] or found[3], int(found[4]))
    return None


def _numbered(era: str, era_year: str, number: str) -> models.Model | None:
    began = next((start.year for start, name in ERAS if name == era), None)
    if began is None:
        return None
    year = began + (1 if era_year == "元" else int(era_year)) - 1
    known = LetterNumber.objects.filter(year=year, number=int(number)).first()
    if known is None:
        return None
    return apps.get_model(known.subject)._default_manager.filter(pk=known.subject_id).first()


def _printed_before(kind: str, about: int) -> models.Model | None:
    """A document about which a letter was printed, by its id."""
    model = _ABOUT[kind]
    verb = "remind" if model is Recovery else "letter"
    log = Event.objects.filter(subject=model._meta.label, subject_id=about, verb=verb)
    return model._default_manager.filter(pk=about).first() if log.exists() else None
