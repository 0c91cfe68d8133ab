"""A person's papers with their pictures as printed, and how they went through the post."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pypdfium2 as pdfium
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from PIL import Image

from core import clock
from core.errors import Refused
from core.models import Clerk
from core.web import EMPTY, day_html, label_html, link_to
from kenpo.pages.household import status_html
from mailing.models import Enclosure, Envelope, ReturnedMail, Tracking
from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind
from mailing.post import pages
from mailing.post.tracking import first_numbers
from mailing.post.tracking import shown as number_shown
from members.models import Person

DOTS_PER_INCH, SPACE = 130, 24


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the person; ``picture`` is the address of its pages as printed, or ``unseen`` says why there is none."""

    name: str
    link: str
    status: str
    issued: str
    period: str
    picture: str
    unseen: str


@dataclass(frozen=True, slots=True)
class Post:
    """One envelope with paper of the person: its way out, its number at the post, and its way back."""

    dispatch: str
    envelope: str
    papers: str
    sent: str
    number: str
    delivered: str
    returned: str


def papers_of(person: Person, enclosures: Sequence[Enclosure]) -> list[Paper]:
    """Every paper of the person, the newest first, void ones too: somebody may hold one."""
    printed = {
        (kind, getattr(one, f"{kind.column}_id"))
        for one in enclosures
        if one.file_id is not None
        for kind in kinds.every()
    }
    documents = [
        (kind, document)
        for kind in kinds.every()
        for document in kind.model._default_manager.filter(member__person=person)
    ]
    newest_first = sorted(documents, key=lambda one: (one[1].issued_on, one[1].pk), reverse=True)
    return [_paper(kind, document, (kind, kind.sheet_id(document)) in printed) for kind, document in newest_first]


def _paper(kind: DocumentKind, document: Any, printed: bool) -> Paper:
    period = EMPTY
    if kind.has_days:
        days = (day_html(document.effective_on), day_html(document.valid_through))
        period = format_html("{}から{}まで", *days)
    picture = reverse("printed", args=[kind.kind, document.pk]) if printed else ""
    return Paper(
        kind.label,
        link_to(document),
        status_html(document),
        day_html(document.issued_on),
        period,
        picture,
        "" if printed else pages.why_unseen(document.status),
    )


def enclosures_of(person: Person) -> list[Enclosure]:
    """Where paper of the person lies or lay, also a household's sheet that names the person."""
    every = Enclosure.objects.order_by()
    first, *others = [
        every.filter(condition).values("pk")
        for kind in kinds.every()
        for condition in kind.about(member__person=person)
    ]
    held = Enclosure.objects.filter(pk__in=first.union(*others))
    return list(held.select_related("envelope__dispatch", *kinds.columns()).order_by("-pk"))


def post_of(enclosures: Sequence[Enclosure]) -> list[Post]:
    """The envelopes of these enclosures, the newest first."""
    inside: dict[Envelope, list[Enclosure]] = {}
    for one in enclosures:
        inside.setdefault(one.envelope, []).append(one)
    numbers = first_numbers(inside)
    returns: dict[int, list[ReturnedMail]] = {}
    for back in ReturnedMail.objects.filter(envelope__in=inside).select_related("resend__tracking").order_by("pk"):
        returns.setdefault(back.envelope_id, []).append(back)
    return [_post(envelope, held, numbers, returns.get(envelope.pk, [])) for envelope, held in inside.items()]


def _post(envelope: Envelope, held: list[Enclosure], numbers: dict[int, Tracking], returns: list[ReturnedMail]) -> Post:
    dispatch = envelope.dispatch
    number = numbers.get(envelope.pk)
    return Post(
        dispatch=format_html("{}　{}", link_to(dispatch), label_html(dispatch.get_status_display())),
        envelope=link_to(envelope),
        papers=_lines(
            format_html("{}{}", link_to(one.document), "" if one.active else "（封筒から除いた）") for one in held
        ),
        sent=day_html(dispatch.sent_on),
        number=link_to(number, number_shown(number.number)) if number else EMPTY,
        delivered=day_html(number.delivered_on) if number else EMPTY,
        returned=_lines(map(_returned, returns)) or EMPTY,
    )


def _lines(said: Iterable[str]) -> str:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in said))


def _returned(back: ReturnedMail) -> str:
    done = back.get_resolution_display() or label_html("対応待ち", "danger")
    said = format_html("{}（{}）　{}", link_to(back, back.get_reason_display()), day_html(back.returned_on), done)
    resend = getattr(back, "resend", None)
    if resend is None:
        return said
    tracking = getattr(resend, "tracking", None)
    number = format_html("、引受番号 {}", link_to(tracking, number_shown(tracking.number))) if tracking else ""
    return format_html("{}（{}再送、封筒 {}{}）", said, day_html(resend.sent_on), resend.code, number)


def printed_picture(request: HttpRequest, kind: str, document_id: int) -> HttpResponse:
    """The pages of one paper as they were printed, side by side as one picture; the log says who looked."""
    of_kind = kinds.find(kind)
    if of_kind is None:
        raise Http404
    document: models.Model = get_object_or_404(of_kind.model, pk=document_id)
    try:
        data = pages.shown_page(document, by=cast(Clerk, request.user), on=clock.today())
    except Refused as refused:
        return _answer("\n".join(refused.reasons).encode(), "text/plain; charset=utf-8", 409)
    return _answer(_picture(data), "image/png", 200)


def _answer(data: bytes, content_type: str, status: int) -> HttpResponse:
    return HttpResponse(data, content_type=content_type, status=status, headers={"Cache-Control": "no-store"})


def _picture(data: bytes) -> bytes:
    """A PDF's pages, left to right, as PNG."""
    document = pdfium.PdfDocument(data)
    try:
        drawn = [page.render(scale=DOTS_PER_INCH / 72).to_pil() for page in document]
    finally:
        document.close()
    width = sum(page.width for page in drawn) + SPACE * (len(drawn) - 1)
    whole = Image.new("RGB", (width, max(page.height for page in drawn)), "#d4d4d4")
    left = 0
    for page in drawn:
        whole.paste(page, (left, 0))
        left += page.width + SPACE
    out = io.BytesIO()
    whole.save(out, "PNG", optimize=False)
    return out.getvalue()
