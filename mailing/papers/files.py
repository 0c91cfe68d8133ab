"""The files of a dispatch: where they lie, what they are called, and their hashes. No name holds personal data."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from mailing.models import Dispatch
from mailing.papers import kinds
from mailing.papers.contents import Item

MANIFEST = "manifest.csv"
MANIFEST_COLUMNS = ("serial", "kind", "file", "page", "envelope", "position", "establishment_code")
_LISTS = {"cover": "covers", "address": "addresses", "request": "requests"}
"""How the files begin that hold no documents."""


def folder(dispatch: Dispatch) -> Path:
    """Where the dispatch's files lie."""
    return Path(settings.KENPO_HOME) / "paper" / str(dispatch.pk)


def file_name(kind: str, number: int) -> str:
    """The name of the ``number``-th file of a kind, from 1."""
    documents = kinds.find(kind)
    return f"{documents.stem if documents else _LISTS[kind]}-{number:04d}.pdf"


def sha256(path: Path) -> str:
    """The file's hash; empty where there is no file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest(listed: Sequence[Item], names: dict[int, str]) -> str:
    """``manifest.csv``: one line per document, in the order in which the envelopes are stuffed.

    ``page`` is its first page in ``file``, from 1; ``position`` is the envelope's place in its establishment's
    bundle, or in the whole dispatch where it goes straight home. ``names``: file names by id.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MANIFEST_COLUMNS)
    for item in listed:
        name = names.get(item.file_id or 0, "")
        writer.writerow(
            (
                item.serial,
                item.kind,
                name,
                item.first_page,
                item.envelope_code,
                item.bundle_position,
                item.establishment_code,
            )
        )
    return text.getvalue()
