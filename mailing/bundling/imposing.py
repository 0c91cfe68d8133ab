"""面付け: a dispatch's proved cards, ten on an A4 sheet to be cut.

The proved files stay the record; the sheets are made from their pages and are no second print: no serial is drawn,
nothing changes its status. Each file's sheets are cut in one pile, and the cut piles, laid on each other in the order
of the places, are in the order of the envelopes again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from certificates.documents.layouts.card_sheet import GRID
from core.disk import write_whole
from core.errors import BadInput, Refused
from core.forward import require_forward
from core.jobs import claim, step
from core.models import Clerk, Event, Job
from core.paper.book import Book
from core.paper.grid import Offset, read_offset
from core.paper.imposing import imposed
from core.roles import DISPATCH
from core.transitions import record
from mailing.models import Dispatch, Enclosure, PrintedFile
from mailing.papers import contents, files
from mailing.papers.contents import Item
from mailing.papers.kinds import CERTIFICATE
from mailing.papers.layouts.imposed import PlaceFace, SideFace, draw
from mailing.planning import leaving
from mailing.proof.imposed import differences

FORM: Final = "card"
FOLDER: Final = "a4"
PLACES: Final = "places.csv"
PLACES_COLUMNS = ("file", "sheet", "place", "envelope", "position", "serial", "pulled")
SIDES = ("front", "back")


@dataclass(frozen=True, slots=True)
class Imposition:
    """How a dispatch was imposed last: its offsets, the hashes of its files, how many cards were left out."""

    front: Offset
    back: Offset
    hashes: dict[str, str]
    pulled: int


def why_not(dispatch: Dispatch) -> str:
    """Why the dispatch cannot be imposed now; empty when it can."""
    if dispatch.form != FORM or dispatch.kind != CERTIFICATE.kind:
        return "面付けは、様式がカード型の資格確認書の発送だけで行います。"
    if dispatch.status == "proved":
        return ""
    says = f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。"
    if dispatch.status in ("assembled", "printed"):
        return f"{says}照合を済ませてから面付けしてください。"
    return f"{says}面付けは、照合を済ませてから封緘するまでの間に行います。"


def impose(
    dispatch: Dispatch, *, front: Offset, back: Offset, by: Clerk, on: date, to: Path | None = None
) -> dict[str, Any]:
    """Puts the cards on A4 sheets, front and back in turn, with ``places.csv``; each file is read back before it is kept.

    ``front``, ``back``: how far each side is moved; ``to``: another folder than the dispatch's own. A repeat gives the
    same bytes. What was pulled before is left out, its place marked. Every imposition is logged.

    Raises:
        BadInput: ``to`` is no folder.
        Refused: the clerk may not; the dispatch is of another form, not proved, or sealed; something is to be pulled;
            a file is not the one that was proved; or a sheet does not read as it must.
    """
    if not by.can(DISPATCH):
        raise Refused(f"「面付けする」は{by.get_role_display()}の権限ではできません。")
    with claim(f"impose_cards {dispatch.pk}", by=by) as job:
        dispatch.refresh_from_db()
        if why := why_not(dispatch):
            raise Refused(why)
        require_forward(Dispatch, [dispatch.pk], "A4に面付けする", on=on)
        if waiting := leaving.find(dispatch, on=on):
            raise Refused(
                f"引き抜く分が {len(waiting)} 件あります。引抜きの一覧で確かめて引き抜いたことを記録してから、"
                "面付けしてください。引き抜いた分は用紙に載りません。"
            )
        where = folder(dispatch) if to is None else to
        if where.exists() and not where.is_dir():
            raise BadInput(f"{where} はフォルダーではありません。フォルダーを指定してください。")
        counts, hashes = _make(dispatch, (front, back), where, job)
        note = {**counts, "front": str(front), "back": str(back), "hashes": hashes}
        record("impose", Dispatch._meta.label, [dispatch.pk], by=by, on=on, note=note)
        job.outcome = {"dispatch": dispatch.pk, **counts, "front": str(front), "back": str(back), "folder": str(where)}
        return job.outcome


def last(dispatch: Dispatch | None = None) -> Imposition | None:
    """The newest imposition, of this dispatch or of any."""
    found = Event.objects.filter(subject=Dispatch._meta.label, verb="impose")
    if dispatch is not None:
        found = found.filter(subject_id=dispatch.pk)
    event = found.order_by("-seq").first()
    if event is None:
        return None
    note = event.note
    return Imposition(read_offset(note["front"]), read_offset(note["back"]), note["hashes"], note["pulled"])


def offsets_in_use() -> tuple[Offset, Offset]:
    """Front's and back's offset of whoever imposed last; the printer drifts the same for the next."""
    newest = last()
    return (newest.front, newest.back) if newest else (Offset(), Offset())


def to_print(dispatch: Dispatch) -> dict[str, str]:
    """Names and hashes of the sheets that may be printed now: the newest, unless something was pulled since."""
    newest = last(dispatch)
    cards = Enclosure.objects.filter(envelope__dispatch=dispatch, file__kind=CERTIFICATE.kind)
    pulled = cards.filter(active=False)
    if newest is None or dispatch.status != "proved" or newest.pulled != pulled.count():
        return {}
    present = sorted(name for name in newest.hashes if (folder(dispatch) / name).is_file())
    return {name: newest.hashes[name] for name in present}


def folder(dispatch: Dispatch) -> Path:
    """Where the dispatch's sheets lie; apart from the proved files, which alone are the record."""
    return files.folder(dispatch) / FOLDER


def _make(
    dispatch: Dispatch, offsets: tuple[Offset, Offset], where: Path, job: Job
) -> tuple[dict[str, int], dict[str, str]]:
    """Writes the sheets of every file and the list of places; answers the counts and the hashes."""
    hashes: dict[str, str] = {}
    rows: list[tuple[Any, ...]] = []
    cards = pulled = sheets = 0
    listed = contents.items(dispatch)
    for file in PrintedFile.objects.filter(dispatch=dispatch, kind=CERTIFICATE.kind).order_by("name"):
        name = file.name.replace(CERTIFICATE.stem, "cards")
        step(job, name)
        mine = [item for item in listed if item.file_id == file.pk]
        source = _proved(dispatch, file)
        data = _sheets(dispatch, file, mine, source, offsets)
        if found := differences(name, data, source, mine, offsets):
            raise Refused(
                [
                    "面付けした用紙が、照合したカードと一致しません。使わずに、管理者に知らせてください。",
                    *map(str, found),
                ]
            )
        hashes[name] = _keep(where / name, data)
        rows += _places(name, mine)
        cards += sum(item.active for item in mine)
        pulled += sum(not item.active for item in mine)
        sheets += GRID.sheets_for(len(mine))
    hashes[PLACES] = _keep(where / PLACES, _csv(rows))
    return {"files": len(hashes) - 1, "sheets": sheets, "cards": cards, "pulled": pulled}, hashes


def _proved(dispatch: Dispatch, file: PrintedFile) -> bytes:
    """The file's bytes, which must be those that were proved."""
    path = files.folder(dispatch) / file.name
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Refused(
            f"{file.name} が、照合したものと違うか、ありません。控えから元の場所に戻すか、もう一度印刷して照合してください。"
        )
    return data


def _on_sheets(mine: Sequence[Item]) -> Iterator[tuple[int, tuple[Item | None, ...]]]:
    """Each sheet (from 1) with what lies at its places."""
    sheets = GRID.sheets_for(len(mine))
    for sheet in range(1, sheets + 1):
        order = [GRID.stacked(place, sheet, sheets) for place in range(1, GRID.count + 1)]
        yield sheet, tuple(mine[index] if index < len(mine) else None for index in order)


def _sheets(
    dispatch: Dispatch, file: PrintedFile, mine: Sequence[Item], source: bytes, offsets: tuple[Offset, Offset]
) -> bytes:
    """The file's cards on their sheets."""
    marks = Book(Path(file.name), title=f"{dispatch.pk} {file.name}")
    pile = Path(file.name).stem.rpartition("-")[2]
    pages, boxes = [], []
    sheets = GRID.sheets_for(len(mine))
    for sheet, items in _on_sheets(mine):
        faces = tuple(_face(item) for item in items)
        for turned, (side, offset) in enumerate(zip(SIDES, offsets, strict=True)):
            draw(marks, SideFace(dispatch.pk, pile, sheet, sheets, side, offset, faces))
            pages.append([_page(item, turned) for item in items])
            boxes.append([GRID.box(place, side, offset) for place in range(1, GRID.count + 1)])
    return imposed(source, pages, boxes, cell=GRID.cell, paper=GRID.paper, marks=marks.data())


def _face(item: Item | None) -> PlaceFace | None:
    return None if item is None else PlaceFace(item.envelope_code, item.bundle_position, not item.active)


def _page(item: Item | None, turned: int) -> int:
    """The page of the proved file that lies at a place; 0 where none does."""
    return item.first_page + turned if item and item.active and item.first_page else 0


def _places(name: str, mine: Sequence[Item]) -> Iterator[tuple[Any, ...]]:
    """Where each card of a file lies, in the order of the envelopes."""
    where = {
        item.id: (sheet, place)
        for sheet, items in _on_sheets(mine)
        for place, item in enumerate(items, start=1)
        if item is not None
    }
    for item in mine:
        yield (name, *where[item.id], item.envelope_code, item.bundle_position, item.serial, int(not item.active))


def _csv(rows: Sequence[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PLACES_COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _keep(path: Path, data: bytes) -> str:
    """Writes a file unless it is there already; answers its hash."""
    digest = hashlib.sha256(data).hexdigest()
    if files.sha256(path) != digest:
        write_whole(path, data)
    return digest
