"""The printed form of a name: recorded by a clerk with a reason, used on paper instead of the registered form.

The register stays verbatim. A form exchanges single characters, leaves out what nobody can see, and does nothing else, so it is the same name to
the eye.
"""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

from core.characters import CONTROL, INVISIBLE
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.paper.fonts import Role, clusters, missing
from core.paper.variants import candidates
from core.roles import EDIT
from core.transitions import lock_chain, record
from members.models import Person, PrintedForm
from members.querysets import name_sql, printed_sql

LABEL = "印字する字形を記録する"
VERB = "record_form"
NAME_ROLE: Role = "name"


def printed(person: Person, field: str) -> str:
    """How the person's ``name`` or ``printed_name`` (field) is printed now."""
    return _of(person, printed_sql("p", PrintedForm.Field(field)))


def name_on_paper(person: Person) -> str:
    """The name that stands on the person's paper now: the 通称名 where there is one."""
    return _of(person, name_sql("p"))


def _of(person: Person, expression: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression} FROM members_person p WHERE p.id = %s", [person.pk])
        return str(cursor.fetchone()[0])


def exchanged(registered: str, form: str) -> list[tuple[str, str]]:
    """Each character of the registered name that the form prints differently, with the one that stands for it."""
    pairs = zip(_letters(registered, form), clusters(form), strict=True)
    return [(old, new) for old, new in dict.fromkeys(pairs) if old != new]


def _letters(registered: str, form: str) -> list[str]:
    """The registered name in pieces that the form's stand for; what nobody can see may be left out of a form."""
    pieces = clusters(registered)
    if len(pieces) == len(clusters(form)):
        return pieces
    return [piece for piece in pieces if not _unseen(piece)]


def _unseen(piece: str) -> bool:
    return piece in INVISIBLE or piece in CONTROL


def suggestion(printed_now: str) -> str:
    """The name with its nearest printable relation for each character that cannot be printed, where there is one."""
    lacking = {glyph.character for glyph in missing(printed_now, NAME_ROLE)}
    nearest = {old: found[0].character for old in lacking if (found := candidates(old, NAME_ROLE))}
    return "".join(nearest.get(piece, piece) for piece in clusters(printed_now) if not _unseen(piece))


def check(person: Person, field: str, form: str) -> None:
    """Makes sure that the form can be recorded for the name as it is registered now.

    Raises:
        BadInput: it cannot; every mistake is named with its column ``form``. No text is quoted.
    """
    found = _mistakes(getattr(person, field), printed(person, field), form)
    if found:
        raise BadInput([Mistake(expected, column="form") for expected in found])


def _mistakes(registered: str, printed_now: str, form: str) -> list[str]:
    if not registered:
        return ["この方に通称名の登録はありません。"]
    if form == printed_now:
        return ["いま印字している字形と同じです。変える字を入れてください。"]
    if form == registered:
        return []
    old, new = _letters(registered, form), clusters(form)
    if len(old) != len(new):
        return [
            f"文字の数が違います（登録は{len(old)}字、入力は{len(new)}字）。1字ずつの置き換えと、見えない文字を除くことだけができます。"
            "氏名が変わったときは、届出を受け付けてください。"
        ]
    found = [f"{glyph}も印刷できません。別の字を選んでください。" for glyph in missing(form, NAME_ROLE)]
    if any(one.isspace() != other.isspace() for one, other in zip(old, new, strict=True)):
        found.append("姓と名の間の空白は、登録と同じ位置に入れてください。")
    if all(one != other for one, other in zip(old, new, strict=True)) and len(old) > 1:
        found.append("すべての字が登録と違います。別の方の氏名でないか確かめてください。")
    return found


def record_form(person: Person, field: str, form: str, reason: str, *, by: Clerk, on: date) -> PrintedForm:
    """Records how a registered name is printed from now on; a form that equals the registered name ends the ones before.

    Raises:
        Refused: the clerk may not.
        BadInput: see ``check``; or the reason is missing.
    """
    if not by.can(EDIT):
        raise Refused(f"「{LABEL}」は{by.get_role_display()}の権限ではできません。")
    if not reason.strip():
        raise BadInput(Mistake("この字形で印字する理由を入れてください。", column="reason"))
    with transaction.atomic():
        # The log's order tells what was printed before the form was known: taken before anything is read.
        lock_chain()
        person = Person.objects.select_for_update().get(pk=person.pk)
        check(person, field, form)
        made = PrintedForm.objects.create(
            person=person,
            field=field,
            registered=getattr(person, field),
            form=form,
            reason=reason.strip(),
            clerk=by,
            recorded_on=on,
        )
        record(VERB, PrintedForm._meta.label, [made.pk], by=by, on=on, note={"person": person.pk})
    return made
