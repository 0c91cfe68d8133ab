"""資格確認書."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from certificates.decisions import elderly
from certificates.decisions.coming import RIGHT_FACE_SQL
from certificates.decisions.granting import asked_anew, granted_among
from certificates.decisions.ruling import rule_all
from certificates.decisions.told_shares import without_told_share
from certificates.documents import layouts
from certificates.documents.face import LABELS, CertificateFace
from certificates.models import EligibilityCertificate, Ruling
from certificates.rules.codes import Detail, Ground
from certificates.rules.facts import number_state_sql, row_as_of_sql, row_file_sql
from core.errors import Refused
from core.models import Clerk
from core.paper.book import Book, turned_over
from mailing.envelopes import SHARE_MISSING
from mailing.models import Enclosure
from mailing.papers import faces as certificate_faces
from mailing.papers.kinds.base import DocumentKind
from mailing.papers.page import Page, two_sides
from members.models import Insurer
from members.policy import Policy
from members.querysets import FACE_KEY_SQL
from members.services import policy_on

_NOT_REGISTERED: Final[Mapping[str, str]] = {
    Detail.NEVER: "not_registered",
    Detail.RETURNED: "returned",
    Detail.DEREGISTERED: "deregistered",
}


class CertificateKind(DocumentKind):
    """資格確認書: the document that leads every envelope it lies in, on one of three forms."""

    kind = "certificate"
    column = "certificate"
    model = EligibilityCertificate
    stem = "certificates"
    alias = "c"
    carries_share = True
    speaks_of_household = True
    copied = (
        "member_id, run_id, ruling_id, sequence, basis, ground, kind, issued_on, effective_on,"
        ' valid_through, "limit", face_key, coming_id'
    )
    changed_sql = f"d.coming_id IS NULL AND d.face_key <> {FACE_KEY_SQL}"
    sequence_sql = "d.sequence"
    wrong_face_sql = f"NOT {RIGHT_FACE_SQL}"
    # Registered meanwhile: by a newer word of the fund than the decision had, be it the month's or a ruling's (its facts
    # name the row it read), or, whatever the policy, by a correction of the very file that it was decided on.
    needless_joins_sql = """LEFT JOIN certificates_run run ON run.id = c.run_id
LEFT JOIN certificates_ruling ruling ON ruling.id = c.ruling_id
LEFT JOIN certificates_decision decided ON decided.run_id = c.run_id AND decided.member_id = c.member_id"""
    needless_sql = f"""c.basis = 'ex_officio' AND c.ground IN ('not_registered', 'e_certificate_expired')
        AND newest.state = 'registered'
        AND (%(registered)s AND newest.as_of > coalesce(run.as_of, {row_as_of_sql("ruling.facts")}, ruling.as_of)
            OR newest.source = 'monthly' AND newest.as_of = run.as_of
            AND newest.file_id IS DISTINCT FROM {row_file_sql("decided.facts")})
        AND newest.e_certificate_expires_on >= %(expires_from)s
        AND NOT EXISTS (SELECT 1 FROM certificates_deregistration d
                        WHERE d.person_id = p.id AND d.status IN ('received', 'granted'))"""
    reason_joins_sql = """LEFT JOIN certificates_ruling g ON g.id = c.ruling_id
LEFT JOIN certificates_decision d ON d.run_id = c.run_id AND d.member_id = c.member_id"""
    reason_sql = f"""jsonb_build_array(c.ground, coalesce(g.detail, d.detail, ''),
        {number_state_sql("coalesce(g.facts, d.facts)")}, c.sequence)"""

    basis_sql = "d.basis"
    ground_sql = "d.ground"
    issue_joins_sql = """LEFT JOIN certificates_ruling r ON r.id = d.ruling_id
LEFT JOIN certificates_application a ON r.request = 'application:' || a.id AND a.kind = 'reissue'"""
    issue_sql = (
        """CASE WHEN a.id IS NOT NULL THEN 'reissued' WHEN d.kind = 'renewal' THEN 'renewed' ELSE 'issued' END"""
    )

    def form(self, policy: Policy) -> str:
        return policy.form

    def blank(self, form: str) -> str:
        """Each form is a blank of its own."""
        return form

    def wrong_shares(self, insurer: Insurer, ids: Collection[int], *, on: date) -> dict[int, str]:
        """Another share than was printed, or than its first day had; or one that a municipality has not told."""
        printed = self.printed_shares(ids)
        wrong = dict.fromkeys(elderly.wrong_shares(insurer, on, printed=printed, ids=ids), "face_changed")
        if policy_on(insurer, on).share_on_face:
            wrong |= dict.fromkeys(without_told_share(ids) - set(printed), SHARE_MISSING)
        return wrong

    def printed_shares(self, ids: Collection[int]) -> dict[int, int]:
        """The share in percent that was printed on each of these, where one was."""
        enclosed = Enclosure.objects.filter(certificate__in=list(ids), active=True, copayment_percent__isnull=False)
        return dict(enclosed.values_list("certificate_id", "copayment_percent"))

    def faces(self, ids: Sequence[int], policy: Policy) -> Mapping[int, CertificateFace]:
        return certificate_faces.faces(ids, policy)

    def check(self, form: str, face: Any) -> list[Refused]:
        return layouts.get(form).check(face)

    def draw(self, book: Book, form: str, face: Any) -> None:
        layouts.get(form).draw(book, face, reference=face.serial)

    def pages(self, form: str, face: Any) -> list[Page]:
        layout = layouts.get(form)
        return two_sides(layout.form, layout.shown(face))

    def duplex(self, form: str) -> str:
        return turned_over(layouts.get(form).form.sheet)

    def field_label(self, field: str) -> str:
        return LABELS.get(field, "")

    def reason(self, facts: Sequence[Any] | None) -> str:
        """By the ground of the decision, and what the decision says about it."""
        ground, detail, number_state, sequence = facts or ("", "", None, 0)
        if sequence:
            return "renewal"
        if ground == Ground.NOT_REGISTERED:
            return _NOT_REGISTERED.get(detail, "other")
        if ground == Ground.NUMBER_UNREGISTERED and number_state == "mismatch":
            return "number_mismatch"
        return ground or "other"

    def succeeds(self, facts: Sequence[Any] | None) -> bool:
        return bool(facts and facts[-1])

    def decide_anew(self, ids: Sequence[int], *, by: Clerk | None, on: date) -> None:
        """Decides about people whose certificate's face changed without a filing; a granted request stays granted."""
        first = EligibilityCertificate.objects.filter(pk__in=ids, sequence=0).order_by("pk")
        granted = granted_among(ids)
        asked = [
            asked_anew(
                one.member_id,
                granted.get(one.member_id),
                cause=Ruling.Cause.PULLED,
                request=f"eligibilitycertificate:{one.pk}",
                on=on,
            )
            for one in first
        ]
        rule_all(asked, on=on, by=by)
