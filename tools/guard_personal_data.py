"""Looks into files for what could be a real person's: individual numbers, telephone numbers, mail addresses.

    python tools/guard_personal_data.py [FILE ...]      without files: everything git knows

Prints file and line of each suspicion, never the text, and exits 1. Everybody in this repository is invented; what an
invented one needs is listed below. Source of the check digit: 行政手続における特定の個人を識別するための番号の利用等に関する
法律施行令8条 and 総務省令5条.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

INVENTED_NUMBERS = frozenset({"123456789018", "111111111118", "987654321093", "900000000001"})
"""Individual numbers with a right check digit that tests use."""
INVENTED_TELEPHONES = re.compile(r"(0000|1234)|-000-")
"""Nobody's exchange: of an invented telephone number one group is 0000, 000 or 1234."""
_TWELVE = re.compile(r"(?<![0-9A-Za-z-])\d{12}(?![0-9A-Za-z-])")
_TELEPHONE = re.compile(r"(?<![\d-])0\d{1,4}-\d{1,4}-\d{4}(?![\d-])")
_MAIL = re.compile(r"[\w.%+-]+@([\w-]+\.)+[A-Za-z]{2,}")
_EXAMPLE = re.compile(r"(^|[@.])example(\.(com|net|org|jp|co\.jp|or\.jp|invalid))?$|\.(example|invalid|test)$")
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_SKIPPED = (".lock", ".pdf", ".png", ".ttf")


def is_individual_number(digits: str) -> bool:
    """Whether twelve digits end in the check digit of an individual number (個人番号)."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def suspicions(text: str) -> Iterator[tuple[int, str]]:
    """Line and kind of whatever could be a real person's."""
    for line, content in enumerate(text.splitlines(), start=1):
        for number in _TWELVE.findall(content):
            if number not in INVENTED_NUMBERS and is_individual_number(number):
                yield line, "an individual number (個人番号)"
        for telephone in _TELEPHONE.findall(content):
            if not INVENTED_TELEPHONES.search(telephone):
                yield line, "a telephone number"
        for address in _MAIL.finditer(content):
            if not _EXAMPLE.search(address[0]):
                yield line, "a mail address"


def _files(given: Iterable[str]) -> Iterator[Path]:
    names = list(given) or subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, check=True, text=True
    ).stdout.split("\0")
    for name in names:
        path = Path(name)
        if name and path.is_file() and path.suffix not in _SKIPPED:
            yield path


def main(given: list[str]) -> int:
    """Prints every suspicion; answers the exit status."""
    status = 0
    for path in _files(given):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for line, kind in suspicions(text):
            print(f"{path}:{line}: this looks like {kind}; use an invented one (see tools/guard_personal_data.py)")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
