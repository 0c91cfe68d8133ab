"""``docs/scenarios.md`` names every scenario there is, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

HERE = Path(__file__).parent


def test_the_list_of_scenarios_names_each_test_of_this_folder_and_no_other() -> None:
    written = {
        name
        for file in HERE.glob("test_*.py")
        if file != Path(__file__)
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    listed = set(re.findall(r"`(test_\w+)`", (settings.BASE_DIR / "docs" / "scenarios.md").read_text(encoding="utf-8")))
    assert listed == written
