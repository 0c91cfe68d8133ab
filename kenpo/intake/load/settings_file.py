"""policy.toml: the society, its numbers and its settings from a day on. Source: interfaces.md, rules.md §12."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from certificates.rules.law import first_day
from core.cells import insurer_number_valid
from core.csv_rows import unreadable
from core.errors import BadInput, Mistake, Refused
from core.plausible import SETTINGS
from kenpo.intake.load.findings import POLICY
from members import models, policy
from members.policy import Policy
from members.policy_changes import SCHEME_STAYS

LIMITS = {"number": 8, "name": 100, "postal_code": 8, "address": 200, "phone": 20}
ALSO_KEYS = ("number", "name")


@dataclass(frozen=True, slots=True)
class Settings:
    """What policy.toml says. ``insurer`` and each of ``also`` hold the text fields of an Insurer."""

    preset: str
    valid_from: date
    policy: Policy
    insurer: Mapping[str, str] | None
    also: tuple[Mapping[str, str], ...]


def read(path: Path) -> Settings:
    """The settings of a load folder. Raises BadInput: everything that is wrong in the file."""
    table = toml_of(path)
    mistakes: list[Mistake] = []
    insurer, also = _insurers(table.pop("insurer", None), mistakes)
    valid_from = _valid_from(table.pop("valid_from", first_day()), mistakes)
    preset = table.pop("preset", None)
    values = None
    if not isinstance(preset, str):
        mistakes.append(_mistake(f"既定の名前（{' / '.join(policy.PRESETS)}）を書いてください。", "preset"))
    else:
        try:
            values = policy.build(preset, table)
        except BadInput as bad:
            mistakes += [Mistake(m.expected, column=m.column, file=POLICY) for m in bad.mistakes]
    if mistakes or values is None:
        raise BadInput(mistakes)
    return Settings(str(preset), valid_from, values, insurer, also)


def _mistake(expected: str, column: str | None = None) -> Mistake:
    return Mistake(expected, column=column, file=POLICY)


def toml_of(path: Path) -> dict[str, Any]:
    """What a file of settings says, as TOML.

    Raises:
        BadInput: it is no TOML in UTF-8, or a character of it cannot be kept.
        OSError: it cannot be opened.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        if any(map(unreadable, _texts(table))):
            raise BadInput(_mistake("使えない文字（NULや制御文字）があります。取り除いてください。"))
        return table
    except UnicodeDecodeError:
        raise BadInput(_mistake("文字コードがUTF-8ではありません。UTF-8で保存し直してください。")) from None
    except ValueError as error:
        # No TOML, or a number of thousands of digits. The message may quote the text; only its place is told.
        place = re.search(r"line (\d+)", str(error))
        line = int(place.group(1)) if place else None
        raise BadInput(
            Mistake("TOMLとして読めません。引用符や括弧を確認してください。", line=line, file=POLICY)
        ) from None


def _texts(value: Any) -> Iterator[str]:
    """Every text in a TOML value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _valid_from(value: Any, mistakes: list[Mistake]) -> date:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if type(value) is date:
        if not SETTINGS.holds(value, value):
            mistakes.append(_mistake(SETTINGS.words(value), "valid_from"))
        return value
    mistakes.append(_mistake("YYYY-MM-DD の形の、暦にある日にしてください。", "valid_from"))
    return first_day()


def _insurers(table: Any, mistakes: list[Mistake]) -> tuple[dict[str, str] | None, tuple[dict[str, str], ...]]:
    if table is None:
        return None, ()
    if not isinstance(table, dict):
        mistakes.append(_mistake("[insurer] の下に number と name を書いてください。", "insurer"))
        return None, ()
    entries = table.pop("also", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        mistakes.append(_mistake("[[insurer.also]] の形で書いてください。", "insurer.also"))
        entries = []
    insurer = _entry(table, "insurer", tuple(LIMITS), mistakes)
    also = tuple(_entry(entry, "insurer.also", ALSO_KEYS, mistakes) for entry in entries)
    numbers = [entry["number"] for entry in (insurer, *also)]
    if len(set(numbers)) != len(numbers):
        mistakes.append(_mistake("同じ保険者番号が二度書いてあります。", "insurer.also.number"))
    return insurer, also


def _entry(table: dict[str, Any], where: str, keys: tuple[str, ...], mistakes: list[Mistake]) -> dict[str, str]:
    for key in table:
        if key not in keys:
            mistakes.append(_mistake("この項目はありません。", f"{where}.{key}"))
    entry = {key: table.get(key, "") for key in keys}
    for key, value in entry.items():
        if not isinstance(value, str) or len(value) > LIMITS[key]:
            mistakes.append(_mistake(f"引用符で囲んだ{LIMITS[key]}文字以内の文字にしてください。", f"{where}.{key}"))
            entry[key] = ""
        elif key == "name" and not value.strip():
            mistakes.append(_mistake("名称を書いてください。", f"{where}.{key}"))
        elif key == "number" and not insurer_number_valid(value):
            mistakes.append(
                _mistake("保険者番号は8桁で、検証番号と都道府県番号が正しいものにしてください。", f"{where}.{key}")
            )
    return entry


def known_insurers() -> dict[str, int]:
    """Id of every insurer number of this installation."""
    return dict(models.Insurer.objects.values_list("number", "id"))


def store(settings: Settings | None) -> int:
    """Keeps the society and its settings where they differ from what is stored; answers how many rows changed.

    Raises:
        BadInput: no society, or no settings, stand in the file or in the database.
        Refused: the installation belongs to another society.
    """
    society = models.Insurer.objects.filter(main__isnull=True).order_by("id").first()
    changes = 0
    if settings is not None and settings.insurer is not None:
        if society is not None and society.number != settings.insurer["number"]:
            raise Refused(
                f"ここには保険者番号{society.number}の保険者が登録されています。"
                "別の保険者のデータは、別の保存先（KENPO_HOME）に取り込んでください。"
            )
        society, changed = _put_insurer({**settings.insurer, "main": None})
        changes += changed
        for also in settings.also:
            inherited = {key: settings.insurer[key] for key in ("postal_code", "address", "phone")}
            changes += _put_insurer({**inherited, **also, "main": society})[1]
    if society is None:
        raise BadInput(
            _mistake("保険者がまだ登録されていません。[insurer] を書いた policy.toml が要ります。", "insurer")
        )
    if settings is not None:
        return changes + _put_policy(society, settings)
    if not models.Policy.objects.filter(insurer=society).exists():
        raise BadInput(_mistake("運用設定がまだ登録されていません。policy.toml が要ります。"))
    return changes


def _put_insurer(fields: dict[str, Any]) -> tuple[models.Insurer, int]:
    insurer = models.Insurer.objects.filter(number=fields["number"]).first()
    if insurer is None:
        return models.Insurer.objects.create(**fields), 1
    changed = {name: value for name, value in fields.items() if getattr(insurer, name) != value}
    for name, value in changed.items():
        setattr(insurer, name, value)
    if changed:
        insurer.save(update_fields=list(changed))
    return insurer, int(bool(changed))


def _put_policy(society: models.Insurer, settings: Settings) -> int:
    others = models.Policy.objects.filter(insurer=society)
    if any(row.value.scheme != settings.policy.scheme for row in others):
        raise BadInput(_mistake(SCHEME_STAYS, "scheme"))
    stored = {"preset": settings.preset, "values": settings.policy.as_json()}
    row, created = models.Policy.objects.get_or_create(insurer=society, valid_from=settings.valid_from, defaults=stored)
    if created:
        return 1
    if {"preset": row.preset, "values": row.values} == stored:
        return 0
    row.preset, row.values = settings.preset, settings.policy.as_json()
    row.save(update_fields=["preset", "values"])
    return 1
