"""When cards are laid out, by whom, from which file; again, by command and on the page."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from certificates.documents.layouts.card_sheet import GRID
from core.errors import Refused
from core.models import Clerk, Event
from core.paper.grid import Offset
from core.paper.readback import OpenPage, open_pdf
from mailing.bundling import imposing
from mailing.bundling.imposing import impose, last, to_print
from mailing.models import Dispatch
from mailing.papers import files
from mailing.services import confirm, prove_dispatch, seal, send
from tests.mailing.build import ON, Office
from tests.mailing.imposition.sheets import NONE, SHEETS


def test_a_repeat_gives_the_same_bytes_and_leaves_the_record_alone(
    imposed: Dispatch, cards: Office, tmp_path: Path
) -> None:
    def everything(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}

    record, first = everything(files.folder(imposed)), everything(imposing.folder(imposed))
    answer = impose(imposed, front=NONE, back=NONE, by=cards.clerk, on=ON, to=tmp_path / "out")
    assert everything(tmp_path / "out") == first
    assert everything(files.folder(imposed)) == record
    assert (answer["cards"], answer["sheets"], answer["files"], answer["pulled"]) == (13, 2, 1, 0)
    assert Event.objects.filter(verb="impose", subject_id=imposed.pk).count() == 2
    assert set(imposed.files.values_list("name", flat=True)) == set(record)
    prove_dispatch(imposed)
    seal(imposed, by=cards.clerk, on=ON)


def test_only_between_proof_and_seal(printed_cards: Dispatch, cards: Office) -> None:
    dispatch = printed_cards

    def refused(words: str) -> None:
        with pytest.raises(Refused, match=words):
            impose(dispatch, front=NONE, back=NONE, by=cards.clerk, on=ON)
        assert not imposing.folder(dispatch).exists()

    refused("照合を済ませてから")
    prove_dispatch(dispatch)
    seal(dispatch, by=cards.clerk, on=ON)
    refused("封緘するまでの間")
    send(dispatch, by=cards.clerk, on=ON)
    refused("封緘するまでの間")


def test_only_cards(office: Office, printed: Dispatch) -> None:
    prove_dispatch(printed)
    with pytest.raises(Refused, match="カード型"):
        impose(printed, front=NONE, back=NONE, by=office.clerk, on=ON)


def test_an_auditor_may_not(proved: Dispatch) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="権限"):
        impose(proved, front=NONE, back=NONE, by=auditor, on=ON)


def test_a_file_that_is_not_the_proved_one_is_not_imposed(proved: Dispatch, cards: Office) -> None:
    path = files.folder(proved) / "certificates-0001.pdf"
    kept = path.read_bytes()
    path.write_bytes(kept + b" ")
    with pytest.raises(Refused, match=r"certificates-0001\.pdf が、照合したものと違う"):
        impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    path.unlink()
    with pytest.raises(Refused, match=r"certificates-0001\.pdf が、照合したものと違う"):
        impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert last(proved) is None and not imposing.folder(proved).exists()
    path.write_bytes(kept)
    impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)


def test_what_was_pulled_is_left_out_and_its_place_says_so(imposed: Dispatch, cards: Office) -> None:
    assert to_print(imposed)
    member = cards.members["0002-01"]
    member.lost_on = ON
    member.save()
    with pytest.raises(Refused, match="引き抜く分が 1 件"):
        impose(imposed, front=NONE, back=NONE, by=cards.clerk, on=ON)
    (row,) = confirm(imposed, by=cards.clerk, on=ON)
    assert to_print(imposed) == {}
    answer = impose(imposed, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert (answer["cards"], answer["pulled"]) == (12, 1)
    assert SHEETS in to_print(imposed)
    rows = list(csv.DictReader((imposing.folder(imposed) / "places.csv").read_text("utf-8").splitlines()))
    (gone,) = [r for r in rows if r["pulled"] == "1"]
    assert gone["serial"] == row.serial
    with open_pdf(imposing.folder(imposed) / SHEETS) as pdf:
        for turned, side in enumerate(("front", "back")):
            with OpenPage(pdf, 2 * int(gone["sheet"]) - 1 + turned) as paper:
                assert paper.text(GRID.box(int(gone["place"]), side, NONE)).strip() == "抜取り"
                assert row.serial not in paper.full_text()


def test_the_command_answers_the_counts_and_keeps_the_offset(
    proved: Dispatch, cards: Office, command: Any, tmp_path: Path
) -> None:
    answer = command("impose_cards", proved.pk, "--by", "haraguchi", "--offset-front=0.5,-0.2").json
    assert (answer["front"], answer["back"], answer["cards"]) == ("0.5,-0.2", "0,0", 13)
    again = command("impose_cards", proved.pk, "--by", "haraguchi", "--out", tmp_path / "out").json
    assert again["front"] == "0.5,-0.2"
    assert (tmp_path / "out" / SHEETS).read_bytes() == (imposing.folder(proved) / SHEETS).read_bytes()
    (tmp_path / "file").write_text("")
    assert command("impose_cards", proved.pk, "--by", "haraguchi", "--out", tmp_path / "file").code == 2
    bad = command("impose_cards", proved.pk, "--by", "haraguchi", "--offset-back=6,0")
    assert bad.code == 2


def test_the_page_asks_for_the_drift_lays_the_cards_out_and_hands_the_sheets_over(
    proved: Dispatch, cards: Office, client: Any
) -> None:
    def page(step: str) -> str:
        return reverse(f"admin:mailing_dispatch_{step}", args=[proved.pk])

    cards.clerk.is_staff = True
    cards.clerk.save()
    client.force_login(cards.clerk)
    refused = client.post(page("impose"), {"front": "7,x", "back": "6,0"}).content.decode()
    assert "「7,x」を読めません" in refused and "「6,0」は大きすぎ" in refused
    assert last(proved) is None
    done = client.post(page("impose"), {"front": "0.5,-0.2", "back": "0,0"}, follow=True).content.decode()
    assert "終わりました。" in done
    newest = last(proved)
    assert newest is not None and (newest.front, newest.back) == (Offset(0.5, -0.2), NONE)
    assert 'value="0.5,-0.2"' in client.get(page("impose")).content.decode()
    assert SHEETS in client.get(page("files")).content.decode()
    opened = client.get(page("files") + f"?name={SHEETS}")
    assert b"".join(opened.streaming_content) == (imposing.folder(proved) / SHEETS).read_bytes()
    with (imposing.folder(proved) / SHEETS).open("ab") as file:
        file.write(b" ")
    damaged = client.get(page("files") + f"?name={SHEETS}")
    assert damaged.status_code == 409 and "A4に面付けする" in damaged.content.decode()
    (imposing.folder(proved) / SHEETS).unlink()
    (imposing.folder(proved) / "places.csv").unlink()
    assert "前に面付けした用紙は出しません" in client.get(page("files")).content.decode()
