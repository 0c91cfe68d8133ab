"""The list of addresses that the post may not find: who is on it, why, and that nothing is held for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.test import Client

from core import clock
from mailing.addresses import postcodes
from mailing.addresses.odd_addresses import OddAddress, odd_addresses
from mailing.models import Envelope
from mailing.services import assemble
from members.models import Address, Member
from tests.mailing.build import ON, Office


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


def lives(member: Member, postal_code: str, address: str, *, use: str = "residence", days: int = -10) -> None:
    Address.objects.create(
        person=member.person, use=use, postal_code=postal_code, address=address, valid_from=ON + timedelta(days)
    )


def found(office: Office) -> list[OddAddress]:
    with odd_addresses(office.insurer, ON) as stream:
        return list(stream)


@pytest.mark.parametrize(
    ("postal_code", "address", "code"),
    [
        ("100-0001", "東京都千代田区千代田一丁目一番", None),
        ("100-0001", "千代田区千代田1-1", None),
        ("980-0000", "宮城県仙台市青葉区山手町1-1", None),
        ("498-0000", "三重県桑名郡木曽岬町源緑輪中1", None),
        ("100-6001", "東京都千代田区霞が関3-2-5 霞が関ビル1階", None),
        ("604-8142", "京都府京都市中京区錦小路通高倉西入西魚屋町617", None),
        ("", "シンガポール共和国 ブキティマ通り10番", "missing"),
        ("  ", "東京都千代田区千代田1-1", "missing"),
        ("100-000", "東京都千代田区千代田1-1", "malformed"),
        ("100-00011", "東京都千代田区千代田1-1", "malformed"),
        ("1OO-0001", "東京都千代田区千代田1-1", "malformed"),
        ("000-0001", "東京都千代田区千代田1-1", "unknown"),
        ("100-0001", "大阪府大阪市北区千代田1-1", "prefecture"),
        ("100-0001", "東京都中央区千代田1-1", "city"),
        ("100-0001", "東京都千代田区丸の内1-1", "town"),
        ("100-6001", "東京都千代田区丸の内3-2-5", "town"),
    ],
)
def test_what_is_odd_about_one_address(postal_code: str, address: str, code: str | None) -> None:
    assert postcodes.oddity(postal_code, address) == code


def test_who_stands_on_the_list(office: Office) -> None:
    good, moved, gone, future = (office.household(number)[0] for number in ("0001", "0002", "0003", "0004"))
    lives(moved, "000-0001", "東京都千代田区千代田1-1")
    lives(gone, "000-0001", "東京都千代田区千代田1-1")
    Member.objects.filter(pk=gone.pk).update(lost_on=ON)
    lives(future, "000-0001", "東京都千代田区千代田1-1", days=1)
    lives(good, "530-0001", "大阪府堺市堺区中田出井町1", use="mailing")
    assert [(odd.member_id, odd.use, odd.oddity) for odd in found(office)] == [
        (moved.pk, "residence", "unknown"),
        (good.pk, "mailing", "city"),
    ]


@pytest.mark.parametrize(("lost_in_days", "listed"), [(-1, False), (0, False), (1, True)])
def test_the_last_day_of_cover(office: Office, lost_in_days: int, listed: bool) -> None:
    (member,) = office.household("0001")
    lives(member, "000-0001", "東京都千代田区千代田1-1")
    Member.objects.filter(pk=member.pk).update(lost_on=ON + timedelta(lost_in_days))
    assert bool(found(office)) is listed


def test_an_emptied_address_is_none_and_a_corrected_one_is_off_the_list(office: Office) -> None:
    (member,) = office.household("0001")
    lives(member, "000-0001", "東京都千代田区千代田1-1", use="mailing")
    assert len(found(office)) == 1
    lives(member, "", "", use="mailing", days=-1)
    assert found(office) == []


def test_each_postal_code_is_looked_up_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    postcodes.places.cache_clear()
    for number in range(30):
        office.household(f"{number:04d}")
    assert found(office) == []
    assert postcodes.places.cache_info().misses == 1


def test_the_command(office: Office, command: Callable, tmp_path: Path) -> None:
    assert command("addresses").out == "0\n"
    (member,) = office.household("0001")
    lives(member, "000-0001", "東京都千代田区千代田1-1")
    assert command("addresses").out.splitlines() == ["1,0001,00,住民票住所,郵便番号簿にない番号です", "1"]
    answer = command("addresses", "--csv", tmp_path / "odd.csv")
    assert (answer.code, answer.out) == (0, "1\n")
    header, line = (tmp_path / "odd.csv").read_text("utf-8").splitlines()
    assert header == "member_id,address_id,symbol,number,branch_number,use,oddity,label"
    assert line.startswith(f"{member.pk},") and line.endswith(",1,0001,00,residence,unknown,郵便番号簿にない番号です")
    assert "千代田" not in answer.out + line


def test_nothing_is_held_because_of_it(office: Office) -> None:
    members = office.household("0001", coverage_kind="voluntary")
    lives(members[0], "000-0001", "東京都千代田区千代田1-1")
    office.certify(members)
    assembled = assemble(office.run, by=office.clerk, on=ON)
    assert assembled.held == {}
    assert Envelope.objects.get().postal_code == "000-0001"


def test_the_page(office: Office, client: Client) -> None:
    (member,) = office.household("0001")
    office.clerk.is_staff = True
    office.clerk.save()
    client.force_login(office.clerk)
    count = partial(client.post, "/admin/surveys/addresses/", follow=True)
    assert "郵便番号と合わない住所はありません" in count().content.decode()
    lives(member, "000-0001", "東京都千代田区千代田1-1")
    text = count().content.decode()
    assert "郵便番号簿にない番号です 1件" in text
    assert f"/admin/members/member/{member.pk}/change/" in text
    assert "千代田1-1" not in text
    assert "1-0001-00" not in client.get("/admin/addresses/?oddity=town").content.decode()
