"""資格情報のお知らせ as the office asks for them: draft, give again, read, take back, follow through the post."""

from __future__ import annotations

from notices.drafting import draft, draft_first_round, reissue, serial
from notices.letters.changes import office_words
from notices.letters.numbering import meant as letter_meant
from notices.letters.wording import Wording
from notices.reading import changed, faces, sheets, without_told_share
from notices.sheets import advance_sheets, renew, resend, returned, take_back, void

__all__ = [
    "Wording",
    "advance_sheets",
    "changed",
    "draft",
    "draft_first_round",
    "faces",
    "letter_meant",
    "office_words",
    "reissue",
    "renew",
    "resend",
    "returned",
    "serial",
    "sheets",
    "take_back",
    "void",
    "without_told_share",
]
