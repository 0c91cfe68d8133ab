"""Files handed in on a page: kept private in the home while they are read, gone afterwards, never larger than allowed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from core import scratch
from core.disk import lock, writing_in
from core.text import whole_number


class LimitedUpload(TemporaryFileUploadHandler):
    """Into a file that only the program may read; of what is too large nothing is written at all."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any) -> None:  # noqa: N803
        super().handle_raw_input(input_data, META, content_length, *args)
        self.too_large = content_length > settings.UPLOAD_LIMIT_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.too_large:
            raise StopUpload(connection_reset=False)
        with writing_in(scratch.root()):
            super().new_file(*args, **kwargs)
            while not lock(self.file.file):  # swept away between its making and its locking
                super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        with writing_in(scratch.root()):
            super().receive_data_chunk(raw_data, start)


def too_large(request: HttpRequest) -> bool:
    """Whether what was handed in was more than is taken, or of a length that is no number."""
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    return whole_number(length, most=settings.UPLOAD_LIMIT_BYTES) is None
