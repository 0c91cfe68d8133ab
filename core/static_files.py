"""Static files as production serves them: named by their content, compressed, readable by whoever runs the web server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

READABLE, PASSABLE = 0o644, 0o755


class OfficeStaticFiles(CompressedManifestStaticFilesStorage):
    """They hold no one's data, so neither the permissions of uploads nor the collector's umask apply to them."""

    def __init__(self, *args: object, **options: object) -> None:
        options = {"file_permissions_mode": READABLE, "directory_permissions_mode": PASSABLE, **options}
        super().__init__(*args, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        for path, compressed in super().compress_files(paths):
            Path(self.path(compressed)).chmod(READABLE)  # written past the storage, under the umask
            yield path, compressed
