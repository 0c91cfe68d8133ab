"""Which application goes back, and what it lacks."""

from __future__ import annotations

from datetime import date

from certificates.models import Application
from certificates.requests.applications.intake import ITEMS
from core.errors import Refused
from members.damaged import check
from notices.letters.incomplete.letter import KIND, IncompleteFace
from notices.letters.reading import application_face
from notices.letters.registry import Ready, numbered


def ready(application: Application, on: date) -> Ready:
    """The letter to be printed.

    Raises:
        Refused: nothing is missing, nobody can be written to, or a text about the member may be damaged.
    """
    if application.status != "incomplete":
        raise Refused("不備として返す申請だけ、返戻の案内を印刷できます。先に足りないものを選んでください。")
    check([application.member_id], on)
    missing = tuple(ITEMS.get(item, item) for item in application.items_missing)
    face = IncompleteFace(application_face(application, on), missing)
    return numbered(f"{KIND}-{application.pk}-{on:%Y%m%d}", face.letter)
