"""The forms of a page as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """Where it goes, and its fields with what stands in them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        name = told.get("name") or ""
        if tag == "form":
            self._open = PageForm(told.get("action") or "") if (told.get("method") or "").lower() == "post" else None
            if self._open is not None:
                self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "select":
            self._select = name
            self._open.fields.setdefault(name, "")
        elif tag == "option" and self._select and told.get("value"):
            if "selected" in told or not self._open.fields[self._select]:
                self._open.fields[self._select] = told["value"] or ""
        elif name and (tag in ("input", "textarea", "button")):
            self._open.fields.setdefault(name, told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def forms_of(page: str) -> list[PageForm]:
    """Every form that is posted."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
