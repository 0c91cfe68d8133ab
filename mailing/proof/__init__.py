"""The proof: every page of the finished files is read back and compared with what the database says now.

The expected texts come from the database through ``mailing.papers.contents``, never from the print step; the ink is looked
at as well as the text. A difference names file, page and field, not the text. Source: rules.md §10; architecture.md.
"""

from mailing.proof.found import Difference
from mailing.proof.reading import differences, hashes, lists
from mailing.proof.service import last_proof, prove_dispatch

__all__ = ["Difference", "differences", "hashes", "last_proof", "lists", "prove_dispatch"]
