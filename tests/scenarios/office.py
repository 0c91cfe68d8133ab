"""An insurer's office in the words of the domain: people join and leave, the fund speaks, a month is played.

Every verb ends in a command or service of the system; the rules are never asked directly. All people are invented.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from certificates.documents.face import CertificateFace
from certificates.models import Application, Deregistration, EligibilityCertificate, Filing, LegacyCard, Recovery
from certificates.recovery.ending import close_what_ended
from certificates.requests import applications, deregistration, filings, inquiries
from certificates.requests.applications.intake import Form
from core.calendar import parse_month
from core.models import Clerk
from exchange import outgoing
from mailing.papers import faces
from members.models import Member
from members.policy import Policy
from members.services import policy_on, society
from notices import services as notices
from notices.face import Face, NoticeFace
from notices.models import EligibilityNotice
from tests.builders import INSURER, POLICY, Folder
from tests.conftest import Answer, run_command
from tests.scenarios.people import NEVER_REGISTERED, Month, Someone, day, registered

# A society of five people: one of them is 20 % of it, and no band about changes would ever let a month pass.
NO_BANDS = {
    "gate_unmatched_percent": 100,
    "gate_status_change_percent": 100,
    "gate_issue_points": 100,
    "gate_registration_drop_points": 100,
}
NAMES = (
    ("青葉 一郎", "アオバ イチロウ"),
    ("若葉 二葉", "ワカバ フタバ"),
    ("紅葉 三郎", "モミジ サブロウ"),
    ("落葉 志乃", "オチバ シノ"),
    ("四葉 五郎", "ヨツバ ゴロウ"),
    ("双葉 睦美", "フタバ ムツミ"),
)


@dataclass
class Office:
    """One insurer under one preset. Days are given to every verb as ``YYYY-MM-DD``."""

    preset: str
    path: Path
    settings: Any
    differing: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._folder = Folder(self.path, self._policy())
        self._folder.without_employers = self.preset == "kokuho"
        self.everybody: list[Someone] = []
        self._to_load = True
        self.last_month = ""

    def _policy(self) -> str:
        given = "".join(f"{key} = {_toml(value)}\n" for key, value in {**NO_BANDS, **self.differing}.items())
        named = POLICY.replace("架空健康保険組合", "架空市") if self.preset == "kokuho" else POLICY
        return named.replace('preset = "toyobo"\n', f'preset = "{self.preset}"\n{given}')

    # People

    def establishment(self, code: str, **cells: str) -> None:
        """Another employer of the society."""
        self._folder.establishment(code, **cells)
        self._to_load = True

    def joins(
        self,
        born: str = "1980-04-15",
        *,
        of: Someone | None = None,
        myna: str | None = None,
        fund: str | None = NEVER_REGISTERED,
        **cells: str,
    ) -> Someone:
        """Somebody insured, or a dependent ``of`` somebody; without a マイナ保険証 unless ``myna`` gives its expiry."""
        place = len(self.everybody)
        name, kana = NAMES[place % len(NAMES)]
        cells = {"birth_date": born, "name": name, "name_kana": kana, **cells}
        if self.preset == "kokuho":
            cells["establishment_code"] = ""
        if of is None:
            self._folder.insured(str(place + 1), **cells)
        else:
            branch = sum(1 for one in self.everybody if one.row["number"] == of.row["number"])
            cells = {"acquired_on": of.row["acquired_on"], **cells}
            self._folder.dependent(of.row["number"], f"{branch:02d}", **cells)
        someone = Someone(self._folder.rows["members"][-1], registered(myna) if myna else fund)
        self.everybody.append(someone)
        self._to_load = True
        return someone

    def changes(self, who: Someone, **cells: str) -> None:
        """Other values in the office's list."""
        who.row.update(cells)
        self._to_load = True

    def leaves(self, who: Someone, last_day: str) -> None:
        """Cover ends with ``last_day``."""
        self.changes(who, lost_on=(day(last_day) + timedelta(days=1)).isoformat())

    def goes_on_as(self, who: Someone, first_day: str, **cells: str) -> Someone:
        """A new cover of the same person from ``first_day`` (re-hired, moved, 任意継続): another number."""
        self.changes(who, person_key=f"P{who.row['number']}", lost_on=first_day)
        same = {name: who.row[name] for name in ("name", "name_kana", "sex", "person_key")}
        return self.joins(who.row["birth_date"], fund=who.fund, acquired_on=first_day, **{**same, **cells})

    def holds_card(self, who: Someone, *, issued: str = "2020-04-01", until: str = "") -> None:
        """A 健康保険証 of before."""
        self._holds("legacy_card", who, issued_on=issued, valid_through=until)

    def holds_certificate(
        self, who: Someone, *, since: str, until: str, basis: str = "ex_officio", ground: str = ""
    ) -> None:
        """A 資格確認書 already in the member's hands."""
        self._holds(
            "certificate", who, basis=basis, issued_on=since, effective_on=since, valid_through=until, ground=ground
        )

    def fund_accepted_deregistration(self, who: Someone, on: str) -> None:
        """The fund took in the member's request to end the registration."""
        self._holds("deregistration", who, accepted_on=on)

    def _holds(self, what: str, who: Someone, **cells: str) -> None:
        getattr(self._folder, what)(who.row["number"], branch_number=who.row["branch_number"], **cells)
        self._to_load = True

    # The fund

    def fund_says(self, who: Someone, fund: str | None) -> None:
        """From the next file on; ``None``: the file has no row for the person."""
        who.fund = fund

    def fund_file(self, as_of: str, people: list[Someone] | None = None, *, kind: str = "M") -> Answer:
        """Receives the fund's file of a day: everybody covered then, or (daily) only the card returners given."""
        listed = self.everybody if people is None else people
        on = day(as_of)
        lines = [self._fund_row(one) for one in listed if one.fund is not None and one.covered_on(on)]
        head = f"H,{INSURER},{on:%Y%m%d},{on:%Y%m%d},{kind}"
        path = self.path / f"fund-{kind}-{as_of}.csv"
        path.write_text("\n".join([head, *lines, f"T,{len(lines)}"]) + "\n", encoding="utf-8")
        return _done(run_command("receive", path))

    def _fund_row(self, one: Someone) -> str:
        birth = one.row["birth_date"].replace("-", "")
        return ",".join(["D", *one.key, one.row["name_kana"], birth, one.row["sex"], str(one.fund)])

    # The month

    def is_at(self, today: str) -> None:
        """It is that day now, and what the lists say is in the books."""
        self.settings.KENPO_TODAY = day(today)
        if self._to_load:
            _done(run_command("load", self._folder.write(), "--on", today))
            self._to_load = False
        for name in ("hanako", "taro"):
            Clerk.objects.get_or_create(username=name)

    def month(self, month: str, *, on: str, file: bool = True) -> Month:
        """Loads, receives the month's file (unless it is there already), runs it; answers what was decided."""
        self.is_at(on)
        self.last_month = month
        if file:
            self.fund_file((parse_month(month) - timedelta(days=1)).isoformat())
        _done(run_command("run_month", month, "--by", "hanako", "--on", on))
        file = self.path / f"decisions-{month}.csv"
        _done(run_command("export_decisions", month, file))
        with file.open(encoding="utf-8", newline="") as stream:
            return Month({(r["symbol"], r["number"], r["branch_number"]): r for r in csv.DictReader(stream)})

    def approve(self) -> None:
        """The second clerk approves the last month."""
        _done(run_command("approve_month", self.last_month, "--by", "taro"))

    def draft_notices(self, on: str) -> int:
        """資格情報のお知らせ of the last month; answers how many."""
        answer = run_command("draft_notices", self.last_month, "--by", "hanako", "--on", on)
        return int(_done(answer).json["notices"])

    def first_round(self, on: str) -> int:
        """The first mass round of notices; answers how many it has."""
        self.is_at(on)
        return notices.draft_first_round(day(on), by=self.clerk("hanako"), on=day(on))

    def print_all(self, on: str) -> list[int]:
        """Puts the last month's paper into envelopes, prints and proves it; answers the dispatches."""
        return self._print(run_command("assemble", self.last_month, "--by", "hanako", "--on", on), on)

    def _print(self, assembled: Answer, on: str) -> list[int]:
        dispatches = list(_done(assembled).json["dispatches"])
        for number in dispatches:
            _done(run_command("print_dispatch", number, "--by", "hanako", "--on", on))
            _done(run_command("prove_dispatch", number))
        return dispatches

    def to_pull(self, dispatches: list[int], on: str) -> dict[str, str]:
        """Serial and reason of what has to come out of the bundles."""
        found = {}
        for number in dispatches:
            lines = _done(run_command("pull_list", number, "--on", on)).out.splitlines()
            found.update({row["serial"]: row["reasons"] for row in csv.DictReader(lines)})
        return found

    def post(self, on: str) -> None:
        """Prints, proves, pulls, seals and sends the last month's paper."""
        self._send(self.print_all(on), on)

    def post_the_day(self, on: str) -> None:
        """The same for what was decided and approved outside the month."""
        self._send(self._print(run_command("assemble_day", "--by", "hanako", "--on", on), on), on)

    def _send(self, dispatches: list[int], on: str) -> None:
        for number in dispatches:
            _done(run_command("pull_list", number, "--confirm", "--by", "hanako", "--on", on))
            _done(run_command("seal_dispatch", number, "--by", "hanako", "--on", on))
            _done(run_command("send_dispatch", number, "--by", "hanako", "--on", on))

    def approve_and_post(self, on: str) -> None:
        self.approve()
        self.post(on)

    def day_closes(self, on: str) -> None:
        """The daily job that marks what ended."""
        close_what_ended(day(on))

    # Requests

    def applies(
        self, who: Someone, ground: str, on: str, *, kind: str = "issue", via: str = "", proxy: str = ""
    ) -> Application:
        """An application is taken in."""
        self.is_at(on)
        form = Form(kind, ground, day(on), via or self._via, "proxy" if proxy else "insured", proxy)
        return applications.receive(self.member(who), form, on=day(on), by=self.clerk("hanako"))

    def grants(self, application: Application, on: str) -> EligibilityCertificate:
        """Another clerk grants it; answers the certificate, which is on its way to the printer at once."""
        self.is_at(on)
        ruling = applications.grant(application, by=self.clerk("taro"), on=day(on))
        return ruling.certificates.get()

    def refuses(self, application: Application, on: str) -> str:
        """Another clerk refuses it; answers what the applicant is written."""
        self.is_at(on)
        return applications.refuse(application, by=self.clerk("taro"), on=day(on)).refusal_text

    def asks_the_fund(self, who: Someone, on: str) -> None:
        """The fund is asked about one person and says of that day what its files say."""
        self.is_at(on)
        by = self.clerk("hanako")
        inquiry = inquiries.open_for(self.member(who), by=by, on=day(on))
        registered_flag, since, until, was_returned, _ = str(who.fund).split(",")
        state = "returned" if was_returned == "1" else "registered" if registered_flag == "1" else "not_registered"
        days = [date.fromisoformat(text) if text else None for text in (since, until)]
        inquiries.answer(inquiry, inquiries.Answer(state, day(on), *days), by=by, on=day(on))

    def asks_to_deregister(self, who: Someone, on: str) -> Deregistration:
        """One clerk takes the request in, another accepts it."""
        self.is_at(on)
        request = deregistration.receive(self.member(who), received_on=day(on), by=self.clerk("hanako"), on=day(on))
        deregistration.accept(request, by=self.clerk("taro"), on=day(on))
        return request

    def hands_over_deregistrations(self, on: str) -> None:
        """What waits goes to the fund in one file, which takes it in the same day."""
        self.is_at(on)
        by = self.clerk("hanako")
        file = outgoing.make("deregistration", INSURER, by=by, on=day(on))
        assert file is not None
        outgoing.send(file, by=by, on=day(on))
        outgoing.acknowledge(file, by=by, on=day(on))

    def files(self, kind: str, who: Someone | None, effective_on: str, *, on: str, **data: object) -> Filing:
        """A filing comes in on a day and is brought into effect."""
        self.is_at(on)
        by, member = self.clerk("hanako"), self.member(who) if who else None
        told = {"effective_on": effective_on, **data}
        filing = filings.receive(kind, member, told, received_on=day(on), via=self._via, by=by)
        return filings.apply(filing, by=by, on=day(on))

    def meets(self, member: Member, fund: str | None = NEVER_REGISTERED) -> Someone:
        """Somebody who came by a filing; from now on the fund's files speak of the cover, too."""
        row = {
            "symbol": member.symbol,
            "number": member.number,
            "branch_number": member.branch_number,
            "name_kana": member.person.name_kana,
            "birth_date": member.person.birth_date.isoformat(),
            "sex": member.person.sex,
            "acquired_on": member.acquired_on.isoformat(),
            "lost_on": "",
        }
        someone = Someone(row, fund)
        self.everybody.append(someone)
        return someone

    # What the office can answer

    @property
    def _via(self) -> str:
        """How forms come in as a rule."""
        return "counter" if self.preset == "kokuho" else "establishment"

    def clerk(self, username: str) -> Clerk:
        return Clerk.objects.get(username=username)

    def why(self, who: Someone) -> str:
        """What the clerk reads at the telephone."""
        return _done(run_command("why", *who.key, "--month", self.last_month)).out

    def gaps(self, on: str) -> dict[Someone, str]:
        """Who has no usable route in hand that day, and where the paper is."""
        lines = _done(run_command("gaps", "--on", on)).out.splitlines()[:-1]
        found = {tuple(line.split(",")[:3]): line.rsplit(",", 1)[1] for line in lines}
        return {one: found[one.key] for one in self.everybody if one.key in found}

    def has_route(self, who: Someone, on: str) -> bool:
        """Whether somebody covered on a day holds a usable route in hand."""
        return who not in self.gaps(on)

    def policy(self, on: str) -> Policy:
        return policy_on(society(), day(on))

    def member(self, who: Someone) -> Member:
        symbol, number, branch = who.key
        return Member.objects.get(symbol=symbol, number=number, branch_number=branch)

    def certificates(self, who: Someone) -> list[EligibilityCertificate]:
        return list(self.member(who).certificates.order_by("effective_on"))

    def cards(self, who: Someone) -> list[LegacyCard]:
        return list(self.member(who).legacy_cards.all())

    def duties(self, who: Someone) -> list[Recovery]:
        return list(Recovery.objects.filter(certificate__member=self.member(who)))

    def face(self, who: Someone, on: str) -> CertificateFace:
        """What is printed on somebody's newest certificate."""
        (newest,) = self.certificates(who)[-1:]
        return faces.faces([newest.pk], self.policy(on))[newest.pk]

    def notices(self, who: Someone) -> list[EligibilityNotice]:
        return list(self.member(who).notices.order_by("pk"))

    def notice_face(self, who: Someone, on: str) -> NoticeFace:
        """What is printed on somebody's newest 資格情報のお知らせ."""
        (newest,) = self.notices(who)[-1:]
        return notices.faces([newest.pk], self.policy(on))[newest.pk]

    def notice_sheets(self, on: str) -> list[Face]:
        """What stands on every sheet of notices, in the order of their numbers."""
        leaders = EligibilityNotice.objects.filter(leader=None).order_by("serial").values_list("pk", flat=True)
        found = notices.sheets(list(leaders), self.policy(on))
        return [found[leader] for leader in leaders]


def _done(answer: Answer) -> Answer:
    assert answer.code == 0, answer.err
    return answer


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'
