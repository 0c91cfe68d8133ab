"""Of which application a refusal is written: one that was refused, dated with the decision."""

from __future__ import annotations

from datetime import date

from certificates.models import Application
from core.errors import Refused
from members.damaged import check
from notices.letters.reading import application_face
from notices.letters.refusal.letter import KIND, RefusalFace
from notices.letters.registry import Ready, numbered


def ready(application: Application, on: date) -> Ready:
    """The letter to be printed.

    Raises:
        Refused: it is not refused, nobody can be written to, or a text about the member may be damaged.
    """
    if application.status != "refused" or not application.refusal_text:
        raise Refused("不交付と決めた申請だけ、通知を印刷できます。")
    issued_on = application.decided_on or on
    check([application.member_id], issued_on)
    face = RefusalFace(application_face(application, issued_on), application.refusal_text)
    return numbered(f"{KIND}-{application.pk}", face.letter)
