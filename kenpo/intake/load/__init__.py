"""A folder of files becomes people and rights: ``load`` for the counts, ``load_folder`` with what looks odd.

A file is read cell by cell (``reading``, by the table in ``columns``) into temporary tables (``staging``), checked as a
whole (``checks``), and only then merged (``linking``, ``people``, ``papers``): all of it or nothing.
"""

from kenpo.intake.load.service import Loaded, load, load_folder

__all__ = ["Loaded", "load", "load_folder"]
