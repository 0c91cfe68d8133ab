"""What was found in the files, in the order of the files; kept up to a number, counted beyond it."""

from __future__ import annotations

from core.errors import BadInput, Mistake

POLICY = "policy.toml"
ESTABLISHMENTS = "establishments.csv"
MEMBERS = "members.csv"
LEGACY_CARDS = "legacy_cards.csv"
CERTIFICATES = "certificates.csv"
DEREGISTRATIONS = "deregistrations.csv"
FILES = (POLICY, ESTABLISHMENTS, MEMBERS, LEGACY_CARDS, CERTIFICATES, DEREGISTRATIONS)

MISTAKES_KEPT = 50
ODD_KEPT = 20


class Findings:
    """Mistakes or oddities: a file that is wrong in every row must not fill the memory."""

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.count = 0
        self._kept: list[Mistake] = []

    def add(self, file: str, expected: str, *, line: int | None = None, column: str | None = None) -> None:
        self.count += 1
        if len(self._kept) < self.keep:
            self._kept.append(Mistake(expected, line=line, column=column, file=file))

    def add_counted(self, found: list[Mistake], count: int) -> None:
        """Adds ``count`` findings, of which ``found`` are the first."""
        self.count += count
        self._kept += found[: max(0, self.keep - len(self._kept))]

    def take(self, bad: BadInput) -> None:
        """Adds what another reader found."""
        self.add_counted(list(bad.mistakes), len(bad.mistakes))

    def kept(self) -> list[Mistake]:
        """The findings that were kept, by file and line."""
        return sorted(self._kept, key=lambda m: (FILES.index(m.file) if m.file in FILES else -1, m.line or 0))

    def raise_if_any(self) -> None:
        """Raises BadInput with all that was kept, and how many more there are."""
        if not self.count:
            return
        mistakes = self.kept()
        if self.count > len(mistakes):
            mistakes.append(
                Mistake(
                    f"ほかに{self.count - len(mistakes):,}件あります。上のものを直してから、もう一度実行してください。"
                )
            )
        raise BadInput(mistakes)
