"""高齢受給者証."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from certificates.decisions.elderly import elderly_answers, elderly_key_sql
from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.face import LABELS
from certificates.documents.layouts import elderly as layout
from certificates.models import ElderlyBeneficiaryCertificate
from certificates.rules.elderly import Wrong
from core.errors import Refused
from core.paper.book import Book, turned_over
from mailing.papers import elderly_faces
from mailing.papers.kinds.base import DocumentKind
from mailing.papers.page import Page, two_sides
from members.models import Insurer
from members.policy import Policy
from members.policy_words import word

NOT_NEEDED = "not_needed"


class ElderlyKind(DocumentKind):
    """高齢受給者証: the share from 70 to 74, shown with the certificate and so always beside it in the envelope.

    One whose face changed is proposed anew by the daily job.
    """

    kind = "elderly"
    column = "elderly"
    model = ElderlyBeneficiaryCertificate
    stem = "elderly"
    alias = "o"
    carries_share = True
    copied = (
        "member_id, run_id, ruling_id, cause, copayment_percent, issued_on, effective_on,"
        ' valid_through, "limit", face_key'
    )
    changed_sql = f"d.face_key <> {elderly_key_sql('d.copayment_percent')}"
    # Those of one person in the order in which they take effect.
    sequence_sql = "d.effective_on - DATE '2000-01-01'"
    wrong_face_sql = f"o.face_key <> {elderly_key_sql('o.copayment_percent')}"

    issue_sql = "CASE WHEN d.cause = 'renewal' THEN 'renewed' ELSE 'issued' END"

    def form(self, policy: Policy) -> str:
        return layout.KIND

    def form_words(self, form: str) -> str:
        """It has one form only, of the size of a postcard."""
        return word("form", "postcard")

    def wrong_shares(self, insurer: Insurer, ids: Collection[int], *, on: date) -> dict[int, str]:
        """Another share or face than the holder has now, or a holder without the certificate that it goes with."""
        asked = set(ids)
        documents = ElderlyBeneficiaryCertificate.objects.filter(pk__in=asked)
        members = sorted(set(documents.values_list("member_id", flat=True)))
        answers = elderly_answers(insurer, on, through=on, members=members)
        return {
            pk: NOT_NEEDED if why is Wrong.NOT_NEEDED else "face_changed"
            for answer in answers.values()
            for pk, why in answer.wrong.items()
            if pk in asked
        }

    def faces(self, ids: Sequence[int], policy: Policy) -> Mapping[int, ElderlyFace]:
        return elderly_faces.faces(ids, policy)

    def check(self, form: str, face: Any) -> list[Refused]:
        return layout.check(face)

    def draw(self, book: Book, form: str, face: Any) -> None:
        layout.draw(book, face)

    def pages(self, form: str, face: Any) -> list[Page]:
        return two_sides(layout.FORM, face)

    def duplex(self, form: str) -> str:
        return turned_over(layout.FORM.sheet)

    def field_label(self, field: str) -> str:
        return LABELS.get(field, "")
