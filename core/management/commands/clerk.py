"""manage.py clerk USERNAME [--role …]: a person of the office may act under this name."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core.commands import KenpoCommand
from core.errors import BadInput
from core.models import Clerk
from core.roles import ROLES

PASSWORD = "KENPO_CLERK_PASSWORD"


class Command(KenpoCommand):
    help = "担当者を登録します。もう一度実行しても変わりません。--role を明示したときだけ役割を変えます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="担当者のユーザー名")
        parser.add_argument("--role", choices=list(ROLES), help="役割（新しい担当者では省略すると clerk）")

    def run(self, *, username: str, role: str | None, **options: Any) -> dict[str, Any]:
        return register(username, role=role, password=os.environ.get(PASSWORD, ""))


@transaction.atomic
def register(username: str, *, role: str | None, password: str) -> dict[str, Any]:
    """Creates the clerk, or changes what is given and differs; answers the id and what was done.

    Without ``password`` nobody can log in under a new name; the commands still accept it.

    Raises:
        BadInput: a username that cannot be.
    """
    try:
        Clerk._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        reasons = "".join(error.messages)
        raise BadInput(f"担当者のユーザー名「{username}」は使えません。{reasons}") from None
    clerk, created = Clerk.objects.select_for_update().get_or_create(
        username=username, defaults={"password": "!"}
    )
    before = (clerk.role, clerk.is_staff, clerk.is_superuser, clerk.password)
    clerk.role = role or clerk.role
    clerk.is_staff, clerk.is_superuser = True, clerk.role == "administrator"
    if created and not password:
        clerk.set_unusable_password()
    elif password and not clerk.check_password(password):
        clerk.set_password(password)
    changed = before != (clerk.role, clerk.is_staff, clerk.is_superuser, clerk.password)
    if changed:
        clerk.save()
    return {
        "clerk": clerk.pk,
        "username": clerk.username,
        "role": clerk.role,
        "created": int(created),
        "changed": int(changed and not created),
    }
