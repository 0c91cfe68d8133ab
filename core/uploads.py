"""Files handed in on a page: kept private while they are read, gone afterwards, and never larger than allowed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest


class LimitedUpload(TemporaryFileUploadHandler):
    """Into a file that only the program may read; of what is too large nothing is written at all."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any) -> None:  # noqa: N803
        super().handle_raw_input(input_data, META, content_length, *args)
        self.too_large = content_length > settings.UPLOAD_LIMIT_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.too_large:
            raise StopUpload(connection_reset=False)
        super().new_file(*args, **kwargs)


def too_large(request: HttpRequest) -> bool:
    """Whether what was handed in was more than is taken."""
    return int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_LIMIT_BYTES
