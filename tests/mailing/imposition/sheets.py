"""Where things lie on the imposed sheets."""

from __future__ import annotations

from core.paper.grid import Offset
from mailing.models import Dispatch
from mailing.papers import files
from mailing.papers.contents import items
from mailing.proof.imposed import differences

NONE = Offset()
SHEETS = "cards-0001.pdf"


def found(dispatch: Dispatch, data: bytes, front: Offset = NONE, back: Offset = NONE) -> list[tuple[int, str]]:
    source = (files.folder(dispatch) / "certificates-0001.pdf").read_bytes()
    return [(d.page, d.field) for d in differences(SHEETS, data, source, items(dispatch), (front, back))]
