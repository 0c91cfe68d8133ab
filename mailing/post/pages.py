"""What was printed, exactly: the pages of one document, cut out of the recorded file after its hash was checked."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdfium2 as pdfium
from django.db import models

from core.errors import Refused
from core.models import Clerk
from core.paper.imposing import print_like
from core.transitions import record
from mailing.models import Enclosure
from mailing.papers import files, kinds


def why_unseen(status: str) -> str:
    """Why a paper in that state, of which nothing printed is kept, cannot be shown."""
    if status in ("proposed", "approved", "drafted"):
        return "まだ印刷していません。"
    if status == "voided":
        return "印刷しないまま無効にしました。"
    return "ほかから取り込んだ記録のため、印刷した画像はありません。"


def enclosure_of(document: models.Model) -> Enclosure | None:
    """Where the document was printed; of a person on a household's notice, the sheet's enclosure."""
    kind = kinds.of(document)
    printed = Enclosure.objects.filter(**{kind.column: kind.sheet_id(document)}, file__isnull=False)
    return printed.select_related("file__dispatch").order_by("-id").first()


def page_of(enclosure: Enclosure) -> bytes:
    """A PDF of the document's pages as they were printed, also after anything about the person has changed.

    Raises:
        Refused: it is not printed, or the file is gone or is no longer the one that was recorded.
    """
    file = enclosure.file
    if file is None or enclosure.first_page is None:
        raise Refused("まだ印刷していません。")
    path = files.folder(file.dispatch) / file.name
    digest = files.sha256(path)
    if not digest:
        raise Refused(
            f"印刷したファイル（発送{file.dispatch_id}の {file.name}）が見つかりません。控えから元の場所に戻してください。"
        )
    if digest != file.sha256:
        raise Refused(
            f"印刷したファイル（発送{file.dispatch_id}の {file.name}）が、記録した時と違います。"
            "印刷したとおりとは言えないため表示しません。控えから元の場所に戻してください。"
        )
    return _cut(path.read_bytes(), enclosure.first_page, _last_page(enclosure))


def shown_page(document: Any, *, by: Clerk, on: date) -> bytes:
    """The same for a clerk who looks at a document; the log says who did.

    Raises:
        Refused: as ``page_of``.
    """
    enclosure = enclosure_of(document)
    if enclosure is None:
        raise Refused(why_unseen(document.status))
    data = page_of(enclosure)
    record(
        "show_page", document._meta.label, [document.pk], by=by, on=on, note={"dispatch": enclosure.file.dispatch_id}
    )
    return data


def _last_page(enclosure: Enclosure) -> int:
    """The page before the next document's first, or the file's last."""
    later = Enclosure.objects.filter(file=enclosure.file, first_page__gt=enclosure.first_page)
    following = later.order_by("first_page").values_list("first_page", flat=True).first()
    return enclosure.file.pages if following is None else following - 1


def _cut(data: bytes, first: int, last: int) -> bytes:
    """Pages ``first`` to ``last`` (from 1) as a file of their own."""
    whole = pdfium.PdfDocument(data)
    part = pdfium.PdfDocument.new()
    try:
        part.import_pages(whole, list(range(first - 1, last)))
        print_like(part, whole)
        out = io.BytesIO()
        part.save(out)
        return out.getvalue()
    finally:
        part.close()
        whole.close()
