"""Every letter in the words of its day, also with the longest values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from certificates.rules.codes import Ground
from core.models import Clerk
from mailing.models import Dispatch
from mailing.papers.samples import household as household  # the envelope's sheet
from mailing.services import assemble, print_dispatch, prove_dispatch
from notices.letters import changes, registry, service
from notices.letters.leaves import asked, leaves, placeholders, put, spoken, written
from notices.letters.reminder.printing import print_reminders
from notices.letters.unregistered.printing import print_unregistered
from notices.letters.wording import Wording, of_scheme
from tests.mailing import build
from tests.mailing.build import ON as PRINTED_ON
from tests.mailing.build import Office
from tests.notices.test_letters_printing import FIRST, application, duties, missing_number, pages
from tests.notices.wording.texts import DAY, FROM, MARK, ON, changed

pytestmark = pytest.mark.django_db


def test_every_file_is_named_and_every_text_has_words() -> None:
    """A folder that ``FOLDERS`` does not name, and a file that no letter reads, would be found here."""
    home = Path(registry.__file__).parent
    assert {path.parent.name for path in home.glob("*/*.toml")} == set(registry.FOLDERS)
    read = {kind.texts for kind in registry.every()}
    assert {path for path in home.glob("*/*.toml") if not path.match("*.municipal.toml")} == read
    assert {path.with_name(path.name.replace(".municipal", "")) for path in home.glob("*/*.municipal.toml")} <= read
    for letter in registry.labels():
        for place in changes.places(letter, ON):
            for leaf in leaves(place.newest.value):
                assert leaf.label or leaf.path == ()
                assert asked("".join(map(str, leaf.texts()))) <= set(placeholders())
                assert all(written(spoken(text)) == text for text in leaf.texts())
            told = {leaf.path: leaf.value for leaf in leaves(place.newest.value)}
            assert put(place.newest.value, told) == place.newest.value


@pytest.mark.parametrize("municipal", [False, True])
def test_every_ground_has_its_reason_on_the_sheet_of_an_envelope(municipal: bool) -> None:
    with of_scheme(municipal):
        said = Wording("household", ON).raw("reasons")
    assert {
        *Ground,
        "number_mismatch",
        "returned",
        "deregistered",
        "other",
        "renewal",
        "elderly",
        "notice",
        "request",
    } == {*said}


@pytest.mark.parametrize("letter", list(registry.labels()))
def test_the_present_words_fit_with_the_longest_values(letter: str, tmp_path: Path) -> None:
    for longest in (False, True):
        key = changes.places(letter, ON)[0].key
        path = tmp_path / f"{longest}.pdf"
        changes.preview(letter, key, Wording(letter, FROM).raw(key), FROM, path, longest=longest)
        assert all(pages(path))


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def _refusal(office: Office, on: date) -> list[str]:
    (member,) = office.household("0001")
    row = application(office, member)
    row.status, row.refusal_text, row.decided_on = "refused", "理由です。", on
    return pages(service.print_letter("refusal", row, by=office.clerk, on=on))


def _incomplete(office: Office, on: date) -> list[str]:
    (member,) = office.household("0001")
    row = application(office, member)
    row.status, row.items_missing = "incomplete", ["signature"]
    return pages(service.print_letter("incomplete", row, by=office.clerk, on=on))


def _unregistered(office: Office, on: date) -> list[str]:
    missing_number(office, "0001", "山田 太郎")
    paths, _ = print_unregistered(office.establishments, by=office.clerk, on=on)
    return [page for path in paths for page in pages(path)]


def _form(office: Office, on: date) -> list[str]:
    (member,) = office.household("0001")
    return pages(service.print_letter("form_lost", member, by=office.clerk, on=on))


def _reminders(office: Office, on: date) -> list[str]:
    duties(office, office.household("0001"))
    return pages(print_reminders(on, by=office.clerk).file)


PRINTS: dict[str, tuple[str, Callable[[Office, date], list[str]]]] = {
    "refusal": ("title", _refusal),
    "incomplete": ("title", _incomplete),
    "unregistered": ("title", _unregistered),
    "form_lost": ("form", _form),
    "reminder": ("title_1", _reminders),
}


@pytest.mark.parametrize("letter", list(PRINTS))
@pytest.mark.parametrize(("since", "new"), [(-1, True), (0, True), (1, False)])
def test_letters_are_printed_in_the_words_of_their_day(
    office: Office, clerks: tuple[Clerk, Clerk], letter: str, since: int, new: bool
) -> None:
    key, prints = PRINTS[letter]
    value = Wording(letter, FIRST).raw(key)
    value = {**value, "title": MARK} if isinstance(value, dict) else MARK
    changed(letter, key, value, clerks, FIRST + since * DAY)
    assert (MARK in "".join(prints(office, FIRST))) is new


@pytest.mark.parametrize(("since", "new"), [(-1, True), (0, True), (1, False)])
def test_a_dispatch_is_proved_in_the_words_of_the_day_it_was_printed(
    office: Office, clerks: tuple[Clerk, Clerk], since: int, new: bool
) -> None:
    office.certify(office.household("0001"))
    (number,) = assemble(office.run, by=office.clerk, on=PRINTED_ON - 3 * DAY).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    changed("household", "title", MARK, clerks, PRINTED_ON + since * DAY, PRINTED_ON - 3 * DAY)
    print_dispatch(dispatch, by=office.clerk, on=PRINTED_ON)
    changed("household", "title", "後から変えた文", clerks, PRINTED_ON + 2 * DAY, PRINTED_ON)
    from mailing.papers import files, letters

    path = files.folder(dispatch) / "addresses-0001.pdf"
    assert (MARK in "".join(pages(path))) is new
    dispatch.refresh_from_db()
    prove_dispatch(dispatch, by=office.clerk)
    titles = {face.enclosed.title for face in letters.sheets(dispatch) if face.enclosed}
    assert titles == {MARK if new else "書類をお送りします"}
