"""The rehearsal of a table: import-export walks the rows and counts, the kind's service takes them in, once a file.

What is new or changed is not guessed from the file: the records are read before and after the service, inside the
transaction that import-export takes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError
from import_export import resources
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff
from import_export.results import Result

from certificates.requests.filings.outlook import Watch
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from kenpo.intake.tables.columns import INDIVIDUAL_NUMBER
from kenpo.intake.tables.kinds import Kind
from kenpo.intake.tables.reading import Sheet
from kenpo.intake.tables.standing import Cells

NOTHING: Cells = {}


class Changes(Diff):
    """Cells that differ, as (column, before, after): a clerk compares whole values, not letters."""

    def __init__(self, resource: TableResource, instance: Any, new: bool) -> None:
        self.names = [one.column_name for one in resource.get_import_fields()]
        super().__init__(resource, instance, new)

    def as_html(self) -> list[tuple[str, str, str]]:
        changed = zip(self.names, self.left, self.right, strict=True)
        return [
            (name, *(map(_sealed, (old, new)) if name == INDIVIDUAL_NUMBER else (old, new)))
            for name, old, new in changed
            if old != new
        ]


def _sealed(fingerprint: str) -> str:
    return "登録あり" if fingerprint else ""


class TableResource(resources.Resource):
    """One file of one kind on its way in. After ``import_data``: ``mistakes`` by place of the row, ``odd``."""

    class Meta:
        use_bulk = True  # no savepoint a row: rows are not written one by one
        import_id_fields: tuple[str, ...] = ()
        instance_loader_class = BaseInstanceLoader

    def __init__(self, kind: Kind, sheet: Sheet, *, by: Clerk, on: date) -> None:
        super().__init__()
        self.kind, self.sheet, self.by, self.on = kind, sheet, by, on
        self.fields = {one.name: Field(attribute=one.name, column_name=one.name, default="") for one in kind.columns}
        self.mistakes: dict[int, list[Mistake]] = {}
        self.odd: list[str] = []
        self._before: list[Cells | None] = []
        self._after: list[Cells | None] = []

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Changes

    def rehearse(self) -> Result:
        """What the file would do; nothing stays. Raises as ``take``."""
        return self._run(dry_run=True)

    def take(self) -> Result:
        """Takes the good rows in; the caller's transaction decides whether it stays.

        Raises:
            BadInput: the file as a whole cannot be taken.
            Refused: the clerk may not, or nothing has been loaded yet.
        """
        return self._run(dry_run=False)

    def _run(self, *, dry_run: bool) -> Result:
        if not self.by.can(self.kind.capability):
            raise Refused(f"「{self.kind.label}」の表は{self.by.get_role_display()}の権限では扱えません。")
        missing = [name for name in self.kind.required if name not in self.sheet.header]
        if missing:
            raise BadInput(
                Mistake("この列がありません。1行目の列の名前を確認してください。", line=1, column=name)
                for name in missing
            )
        result = self.import_data(self.sheet.dataset(), dry_run=dry_run, use_transactions=False)
        for error in result.base_errors:
            raise error.error
        for _, errors in result.row_errors():
            raise errors[0].error
        return result

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        header = self.sheet.header
        # Of a row that cannot be read nothing is looked up.
        rows = [{} if row.mistakes else dict(zip(header, row.cells, strict=True)) for row in self.sheet.rows]
        back = self.kind.back(rows)
        self._before = back.now()
        good = [place for place, row in enumerate(self.sheet.rows) if not row.mistakes]
        cells = [self.sheet.rows[place].cells for place in good]
        watch = Watch(None, self.on) if self.kind.touches_paper else None
        outcome = self.kind.take(header, cells, self.by, self.on)
        self.odd = [
            said if place is None else f"{self.sheet.rows[good[place]].line}行目 {said}" for place, said in outcome.odd
        ]
        self.odd += watch.news() if watch else ()
        self.mistakes = {place: row.mistakes for place, row in enumerate(self.sheet.rows) if row.mistakes}
        self.mistakes |= {good[place]: found for place, found in outcome.mistakes.items()}
        self._after = back.now()
        if outcome.already is not None:
            self._follow_the_service({good[place] for place in outcome.already}, rows)

    def _follow_the_service(self, already: set[int], rows: list[Cells]) -> None:
        """Puts the service's word above what was read back: a row that it took is new, and one that it had is not.

        The same row twice is one record; a record may stand under other values than the row that made it.
        """
        for place, row in enumerate(rows):
            if place in self.mistakes:
                continue
            if place in already:
                self._before[place] = self._after[place]
            elif self._after[place] is None or self._before[place] == self._after[place]:
                self._before[place], self._after[place] = None, row

    def before_import_row(self, row: Mapping[str, Any], **kwargs: Any) -> None:
        if found := self.mistakes.get(kwargs["row_number"] - 1):
            raise ValidationError([mistake.expected for mistake in found])

    def get_or_init_instance(self, instance_loader: Any, row: Any) -> tuple[SimpleNamespace, bool]:
        return SimpleNamespace(), True

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        self._put(instance, self._before[kwargs["row_number"] - 1])

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        self._put(instance, self._after[kwargs["row_number"] - 1])

    def _put(self, instance: Any, cells: Cells | None) -> None:
        for name in self.fields:
            setattr(instance, name, (cells or NOTHING).get(name, ""))

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return bool(instance == original)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """The service has written."""

    def save_m2m(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The service has written."""

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        known = self._before[kwargs["row_number"] - 1] is not None
        if row_result.import_type == row_result.IMPORT_TYPE_NEW and known:
            row_result.import_type = row_result.IMPORT_TYPE_UPDATE
