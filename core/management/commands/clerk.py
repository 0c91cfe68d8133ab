"""manage.py clerk USERNAME [--role …] [--name 氏名] [--password-stdin]: a person of the office may act under this name."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from core.characters import INVISIBLE, named
from core.commands import KenpoCommand, is_readable
from core.errors import BadInput
from core.models import Clerk
from core.roles import ROLES


class Command(KenpoCommand):
    help = (
        "担当者を登録します。新しい担当者のパスワードは、端末で二度尋ねるか、--password-stdin で受け取ります。"
        "どちらもなければパスワードのない担当者になり、コマンドは使えますが画面には入れません。"
        "もう一度実行しても変わりません。明示した --role と --name、--password-stdin で渡したパスワードだけを変えます。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="担当者のユーザー名")
        parser.add_argument("--role", choices=list(ROLES), help="役割（新しい担当者では省略すると clerk）")
        parser.add_argument("--name", metavar="氏名", help="画面や記録に出る氏名")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="パスワードを標準入力の1行目から読みます（登録済みの担当者では、パスワードを変えます）",
        )

    def run(
        self, *, username: str, role: str | None, name: str | None, password_stdin: bool, **options: Any
    ) -> dict[str, Any]:
        username = Clerk.normalize_username(username)
        check_visible(f"担当者のユーザー名「{username}」", username)
        check_visible("この氏名", name or "")
        check_field("username", f"担当者のユーザー名「{username}」", username)
        for part, field in zip(_parts(name or ""), ("last_name", "first_name"), strict=True):
            if part:
                check_field(field, "この氏名", part)
        password = ""
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
            if not password:
                raise BadInput("--password-stdin ですが、標準入力にパスワードがありません。")
        elif sys.stdin.isatty() and not Clerk.objects.filter(username=username).exists():
            password = _asked()
        if password:
            check_password(password, Clerk(username=username, last_name=name or ""))
        return register(username, role=role, name=name, password=password)


def _asked() -> str:
    """The password typed twice at the terminal; empty: the account gets none.

    Raises:
        BadInput: the second was another.
    """
    password = getpass.getpass("パスワード（何も入れなければ、画面に入れない担当者になります）: ")
    if password and getpass.getpass("もう一度: ") != password:
        raise BadInput("二度のパスワードが違います。何も登録していません。もう一度実行してください。")
    return password


def check_visible(what: str, value: str) -> None:
    """Raises BadInput, naming the characters: nobody could see them, so two names would look like one, or like none."""
    unseen = sorted(INVISIBLE.intersection(value))
    if unseen:
        raise BadInput(
            f"{what}は使えません。{''.join(map(named, unseen))}があります。その文字を除いて、もう一度実行してください。"
        )


def check_field(field: str, what: str, value: str) -> None:
    """Raises BadInput for a value that the field cannot hold."""
    try:
        Clerk._meta.get_field(field).clean(value, None)
    except ValidationError as error:
        raise BadInput(f"{what}は使えません。{''.join(error.messages)}") from None


def check_password(password: str, clerk: Clerk) -> None:
    """Raises BadInput, with every reason, for a password that is too weak or that no log-in page takes.

    The password itself is never repeated.
    """
    if not is_readable(password):
        raise BadInput(
            "このパスワードは使えません。使えない文字（制御文字、UTF-8でない文字など）があります。何も登録していません。"
        )
    try:
        validate_password(password, clerk)
    except ValidationError as error:
        raise BadInput("".join(["このパスワードは使えません。", *error.messages, "何も登録していません。"])) from None


@transaction.atomic
def register(username: str, *, role: str | None, name: str | None = None, password: str) -> dict[str, Any]:
    """Creates the clerk, or changes what is given and differs; answers the id and what was done.

    Without ``password`` nobody can log in under a new name; the commands still accept it.
    """
    clerk, created = Clerk.objects.select_for_update().get_or_create(username=username, defaults={"password": "!"})
    before = _facts(clerk)
    clerk.role = role or clerk.role
    clerk.is_staff, clerk.is_superuser = True, clerk.role == "administrator"
    if name is not None:
        clerk.last_name, clerk.first_name = _parts(name)
    if created and not password:
        clerk.set_unusable_password()
    elif password and not clerk.check_password(password):
        clerk.set_password(password)
    changed = before != _facts(clerk)
    if changed:
        clerk.save()
    return {
        "clerk": clerk.pk,
        "username": clerk.username,
        "role": clerk.role,
        "created": int(created),
        "changed": int(changed and not created),
        "password": int(clerk.has_usable_password()),
    }


def _facts(clerk: Clerk) -> tuple[Any, ...]:
    return (clerk.role, clerk.is_staff, clerk.is_superuser, clerk.last_name, clerk.first_name, clerk.password)


def _parts(name: str) -> tuple[str, str]:
    """Family and given name, parted at the first space; all of it is the family name where there is none."""
    family, _, given = " ".join(name.split()).partition(" ")
    return family, given
