#!/usr/bin/env python3
"""Entry point of every command; see docs/ and `manage.py help`."""

import os
import sys
from pathlib import Path

from core import disk
from core.errors import Fault


def main() -> None:
    """Runs the command; what keeps even the settings from being read is said in words as well, and exits 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kenpo.settings")
    try:
        if sys.argv[1:2] == ["embedded"]:  # the settings would start the very server that is to be looked at or stopped
            from kenpo.embedded.__main__ import main as embedded

            sys.exit(embedded(sys.argv[2:], prog="manage.py embedded"))
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except Fault as fault:
        sys.exit(str(fault))
    except OSError as error:
        if error.filename is None or not disk.is_of_disk(error):
            raise
        sys.exit(disk.refusal(error, Path(os.fsdecode(error.filename)).parent, "を読み書きできません"))


if __name__ == "__main__":
    main()
