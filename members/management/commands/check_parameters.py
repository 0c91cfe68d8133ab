"""manage.py check_parameters: are the dated values of the law and the insurers' presets whole?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from core import parameters
from core.commands import KenpoCommand
from core.errors import BadInput, Fault, Mistake
from members import policy


class Command(KenpoCommand):
    help = "法令の値（*/law.toml、*/rules/law.toml）と運用設定の既定（members/policies/*.toml）を確かめます。"
    needs_database = False

    def run(self, **options: Any) -> dict[str, Any]:
        return check(Path(settings.BASE_DIR))


def check(base: Path) -> dict[str, int]:
    """How many files and keys were read. Raises BadInput: everything that is wrong, file by file."""
    mistakes: list[Mistake] = []
    files = sorted([*base.glob("*/law.toml"), *base.glob("*/rules/law.toml")])
    keys = 0
    for path in files:
        try:
            keys += len(parameters.load(path).values)
        except Fault as fault:
            mistakes.append(Mistake(str(fault), file=path.name))
        except (ValueError, KeyError, TypeError):
            mistakes.append(
                Mistake("TOMLとして、または「values = [{ from, value, source }]」の形で読めません。", file=path.name)
            )
    found = {path.stem for path in (base / "members" / "policies").glob("*.toml")}
    for name in sorted(found ^ set(policy.PRESETS)):
        mistakes.append(Mistake("既定の一覧（members.policy.PRESETS）とファイルが一致しません。", file=f"{name}.toml"))
    for name in sorted(found & set(policy.PRESETS)):
        mistakes += _preset_mistakes(name)
    if mistakes:
        raise BadInput(mistakes)
    return {"files": len(files), "keys": keys, "presets": len(found)}


def _preset_mistakes(name: str) -> list[Mistake]:
    try:
        policy.build(name, {})
    except ValueError:
        return [Mistake("TOMLとして読めません。", file=f"{name}.toml")]
    except BadInput as bad:
        return [Mistake(m.expected, column=m.column, file=f"{name}.toml") for m in bad.mistakes]
    return []
