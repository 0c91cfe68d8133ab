"""What every kind of document answers: its names, its way into an envelope, its pages, and how it moves and ends.

Statements about documents of one kind call their row ``d``; statements that join every kind call each by its ``alias``.
Fragments may use the aliases of ``members.querysets.PEOPLE_JOINS`` and the parameter ``%(on)s``, the day.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q, QuerySet

from certificates.models import Run
from certificates.recovery import recover_by_serials
from core.errors import Refused
from core.models import Clerk
from core.paper.book import SIMPLEX, Book
from core.transitions import advance_many
from mailing.envelopes import Channel
from mailing.papers.page import Page
from mailing.papers.remaking import copies
from members.models import Insurer
from members.policy import Policy
from members.policy_words import word


class DocumentKind(ABC):
    """One kind of document that lies in envelopes, and everything that is particular to it.

    What is not said by a kind itself is that of a certificate: one person's, with first and last day, approved by a
    second clerk, made once more under a new serial, taken back when it ends.
    """

    # Names and words

    kind: ClassVar[str]
    """Its code, at most 12 letters: of dispatches and files, in the manifest and in the wording of the household's letter."""
    column: ClassVar[str]
    """The foreign key to it in ``Enclosure`` and ``HeldPaper``."""
    model: ClassVar[type[models.Model]]
    """Where its documents are kept: with ``serial``, ``member``, ``run``, ``status``, ``issued_on`` and a lifecycle."""
    stem: ClassVar[str]
    """How the names of its files begin, and the name of its counts."""
    made_word: ClassVar[str] = "承認"
    """What made it ready, in the words of the ledger."""

    # What it is like

    ready: ClassVar[str] = "approved"
    """The status in which it waits for its envelope."""
    ready_verb: ClassVar[str] = "approve"
    """The verb that made it ready."""
    has_days: ClassVar[bool] = True
    """Whether it serves from ``effective_on`` through ``valid_through``."""
    shared: ClassVar[bool] = False
    """Whether several people may stand on one sheet; all but the first name it as ``leader`` and lie in no envelope."""
    carries_share: ClassVar[bool] = False
    """Whether the share of cost that was printed on it is kept with its enclosure and compared until it is posted."""
    speaks_of_household: ClassVar[bool] = False
    """Whether the letter on top of it tells how the rest of the household stands."""
    ends_void: ClassVar[bool] = False
    """Whether it is made void when it came back and is not sent again; others are recovered."""
    copied: ClassVar[str] = ""
    """The columns taken over when it is made once more as it was decided; empty where it is only made anew."""

    # Statements

    alias: ClassVar[str]
    """What it is called in statements that join every kind."""
    changed_sql: ClassVar[str] = "false"
    """Whether its face (d) is not what was decided any more, before it is enclosed."""
    sequence_sql: ClassVar[str] = "0"
    """Its place (d) among the documents of its kind for one person."""
    sealed_sql: ClassVar[str] = "false"
    """Whether it (d) shows digits of a 個人番号 and lies in no envelope with anything else."""
    mass_sql: ClassVar[str] = "false"
    """Whether it (d) goes with the mass round."""
    wrong_face_sql: ClassVar[str] = ""
    """Whether its face (by its alias) is not what was printed any more, once it is enclosed; empty where it is not asked so."""
    needless_joins_sql: ClassVar[str] = ""
    needless_sql: ClassVar[str] = ""
    """Whether a newer word of the fund (``newest``) makes it needless, with the joins that it takes; empty where none does."""
    reason_joins_sql: ClassVar[str] = ""
    reason_sql: ClassVar[str] = ""
    """What its decision says of the reason, as JSON for ``reason``, with the joins that it takes; empty where it says nothing."""

    basis_sql: ClassVar[str] = "''"
    ground_sql: ClassVar[str] = "''"
    """On which basis and ground it (d) was issued."""
    issue_joins_sql: ClassVar[str] = ""
    issue_sql: ClassVar[str] = ""
    """As what it (d) was issued: ``issued``, ``renewed`` or ``reissued``; empty where that is not counted."""

    @property
    def label(self) -> str:
        """What clerks and lists call it."""
        return str(self.model.lifecycle.label)

    @property
    def short_label(self) -> str:
        """The same where there is little room."""
        return self.label

    @property
    def table(self) -> str:
        """The table of its documents."""
        return self.model._meta.db_table

    @property
    def alone_sql(self) -> str:
        """Which rows (d) are documents that lie in an envelope themselves."""
        return "d.leader_id IS NULL" if self.shared else "true"

    @property
    def expired_sql(self) -> str:
        """Whether its last day (d) has passed."""
        return "d.valid_through < %(on)s" if self.has_days else "false"

    def ours_sql(self, row: str) -> str:
        """The condition that a row was made here and counts: what was carried over was never in an envelope of ours."""
        return f"({row}.run_id IS NOT NULL OR {row}.ruling_id IS NOT NULL)"

    def join_sql(self, *, everyone: bool = False) -> str:
        """The join from an enclosure (x); ``everyone``: a row for each person on a sheet."""
        row = self.alias
        sheet = f"coalesce({row}.leader_id, {row}.id)" if self.shared and everyone else f"{row}.id"
        return f"LEFT JOIN {self.table} {row} ON {sheet} = x.{self.column}_id"

    # Conditions and rows

    def documents(self) -> QuerySet[Any]:
        """The documents that lie in an envelope themselves; of a shared sheet the one that leads it."""
        every: QuerySet[Any] = self.model._default_manager.all()
        return every.filter(leader__isnull=True) if self.shared else every

    def sheet_id(self, document: Any) -> int:
        """The document (id) that lies in the envelope for this one: itself, or the one that leads its sheet."""
        return int((document.leader_id if self.shared else None) or document.pk)

    def about(self, **lookups: Any) -> list[Q]:
        """Conditions on enclosures: of the document itself, and of those who stand on its sheet behind it."""
        ways = (self.column, f"{self.column}__followers") if self.shared else (self.column,)
        return [Q(**{f"{way}__{name}": value for name, value in lookups.items()}) for way in ways]

    def inside(self, enclosures: QuerySet[Any]) -> QuerySet[Any]:
        """The documents of everybody whose document of this kind lies in these enclosures."""
        inside = Q(enclosures__in=enclosures)
        if self.shared:
            inside |= Q(leader__enclosures__in=enclosures)
        return self.model._default_manager.filter(inside)

    # Into the envelope

    def channel(self, policy: Policy) -> Channel:
        """The channel over which the settings send it."""
        return policy.certificate_channel  # type: ignore[return-value]

    @abstractmethod
    def form(self, policy: Policy) -> str:
        """The form on which it is printed under these settings: of the dispatch that it leads."""

    def form_words(self, form: str) -> str:
        """A form in the words of the office."""
        return word("form", form)

    def blank(self, form: str) -> str:
        """The blank sheet (``PaperLot.Form``) that it takes in a dispatch of this form."""
        return self.kind

    def rides_along(self, policy: Policy) -> bool:
        """Whether it lies in one envelope with the household's documents of other kinds."""
        return True

    def renew(self, insurer: Insurer, run: Run | None, *, by: Clerk, on: date) -> None:
        """Makes anew what waits and may not go as it is, where that needs no second clerk."""
        return

    def wrong_shares(self, insurer: Insurer, ids: Collection[int], *, on: date) -> dict[int, str]:
        """Which of these documents cannot go because of the share of cost, with the code of the reason (``HOLDS``).

        Raises:
            Refused: the society has no settings for the day.
        """
        return {}

    def redrafted(self, ids: Collection[int]) -> Collection[int]:
        """Which of these differ from what was drafted, where ``wrong_face_sql`` does not ask."""
        return ()

    # On the sheet

    @abstractmethod
    def faces(self, ids: Sequence[int], policy: Policy) -> Mapping[int, Any]:
        """What stands on these documents as the database says now, by id."""

    def texts(self, face: Any) -> Mapping[str, str]:
        """The texts of its fields by name; empty where it says them in sentences."""
        return dict(face.fields())

    @abstractmethod
    def check(self, form: str, face: Any) -> list[Refused]:
        """Everything that keeps it from being printed; empty when nothing does."""

    @abstractmethod
    def draw(self, book: Book, form: str, face: Any) -> None:
        """Appends its pages.

        Raises:
            MissingGlyphs, TextDoesNotFit: it cannot be printed; nothing was added.
        """

    @abstractmethod
    def pages(self, form: str, face: Any) -> list[Page]:
        """What its pages must read."""

    def duplex(self, form: str) -> str:
        """On which sides it is printed and over which edge it is turned, a key of ``DUPLEX_LABELS``."""
        return SIMPLEX

    @abstractmethod
    def field_label(self, field: str) -> str:
        """A field in Japanese; empty where it has no name."""

    def share(self, face: Any) -> int | None:
        """The share of cost on the face that is kept with the enclosure, in percent; None where none is."""
        return face.copayment_percent if self.carries_share else None

    def reason(self, facts: Sequence[Any] | None) -> str:
        """The key of its reason in the household's letter; ``facts``: what ``reason_sql`` gave."""
        return self.kind

    def succeeds(self, facts: Sequence[Any] | None) -> bool:
        """Whether it follows another of the same person in the same envelope; ``facts`` as in ``reason``."""
        return False

    # On its way, and its end

    def advance(
        self,
        ids: Any,
        verb: str,
        *,
        by: Clerk | None,
        on: date,
        reason: str = "",
        note: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> list[int]:
        """Moves these (a list, or a query of one column); answers those that moved as a whole.

        Raises:
            Refused: the clerk may not, or a reason is missing.
        """
        rows = self.model._default_manager.filter(pk__in=ids)
        return advance_many(rows, verb, by=by, on=on, reason=reason, note=note, **fields)

    def copy(
        self, ids: Collection[int], insurer: Insurer, *, by: Clerk | None, on: date, note: Mapping[str, Any]
    ) -> list[int]:
        """The same decisions once more under new serials, to be approved; nothing where none can be copied."""
        return copies(self.model, self.copied, ids, insurer, by=by, on=on, note=note) if self.copied else []

    def decide_anew(self, ids: Sequence[int], *, by: Clerk | None, on: date) -> None:
        """Decides about the people of these void documents, whose faces changed; nothing where another step does."""
        return

    def remake(
        self,
        ids: Sequence[int],
        insurer: Insurer,
        *,
        reason: str,
        void_reason: str,
        by: Clerk,
        on: date,
        note: Mapping[str, Any],
    ) -> list[models.Model]:
        """Makes these printed ones void and others in their place; answers the new ones.

        Raises:
            Refused: the clerk may not, or no reason is given.
        """
        voided = self.advance(ids, "void", by=by, on=on, reason=void_reason, note=note)
        made = self.copy(voided, insurer, by=by, on=on, note={**note, "reason": reason})
        return list(self.model._default_manager.filter(pk__in=made).order_by("pk"))

    def still_right(self, ids: Sequence[int], *, on: date) -> bool:
        """Whether these, which came back, still say what is true, as far as ``wrong_face_sql`` does not ask."""
        return True

    def end(self, ids: Sequence[int], *, by: Clerk, on: date, reason: str) -> None:
        """Ends these, which came back and are not sent again.

        Raises:
            Refused: the clerk may not, or no reason is given.
        """
        serials = self.model._default_manager.filter(pk__in=ids).values_list("serial", flat=True)
        recover_by_serials(list(serials), by=by, on=on, channel="mail")
