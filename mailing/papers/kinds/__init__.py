"""The kinds of document that lie in envelopes: a class each, registered here, and asked by everything else.

A new kind is one class (``base.DocumentKind``) and one line below; its foreign key in ``Enclosure`` and ``HeldPaper`` is
a migration. Their order is that of every list and count, and the first that lies in an envelope leads its dispatch.
"""

from mailing.papers.kinds.base import DocumentKind
from mailing.papers.kinds.certificate import CertificateKind
from mailing.papers.kinds.elderly import ElderlyKind
from mailing.papers.kinds.notice import NoticeKind
from mailing.papers.kinds.registry import columns, every, find, labels, named, of, of_model, of_row, register, with_days

CERTIFICATE, ELDERLY, NOTICE = CertificateKind(), ElderlyKind(), NoticeKind()
for _kind in (CERTIFICATE, ELDERLY, NOTICE):
    register(_kind)

__all__ = [
    "CERTIFICATE",
    "ELDERLY",
    "NOTICE",
    "DocumentKind",
    "columns",
    "every",
    "find",
    "labels",
    "named",
    "of",
    "of_model",
    "of_row",
    "register",
    "with_days",
]
