"""Pages of rights: the month and its decisions, papers, requests, filings, recovery; intake on a member's page."""

from certificates.admin import applications, requests
from certificates.admin.applications import REFUSALS, ApplicationTable
from certificates.admin.family import TIMELINE
from certificates.admin.filing_step import EMPLOYER_GROUPS, GROUPS, SOCIETY_GROUPS, FilingStep
from certificates.admin.filings import FilingTable
from certificates.admin.papers import CertificateTable, ElderlyTable, LegacyCardTable
from certificates.admin.recoveries import RecoveryAdmin as RecoveryAdmin  # registers itself
from certificates.admin.requests import DeregistrationTable
from certificates.admin.rulings import RulingTable
from certificates.admin.runs import DecisionTable, newest_panel
from certificates.applications.intake import ITEMS
from certificates.codes import Outcome
from certificates.filings import Kind
from certificates.models import Recovery
from certificates.recovering.scanning import CHANNELS
from core.admin import attach, attach_panel, attach_steps
from core.admin_words import learn
from core.roles import EDIT
from members.models import Establishment, Insurer, Member, Person

learn("kind", dict(Kind.choices()))
learn("outcome", dict(Outcome.choices()))
learn("cause", dict(Recovery.Cause.choices))
learn("channel", CHANNELS)
learn("items", ITEMS)
learn("reason", REFUSALS)


def _filing(groups: tuple) -> FilingStep:
    return FilingStep(name="filing", label="届出を受け付ける", permission=EDIT, groups=groups)


attach_steps(
    Member, applications.RECEIVE, requests.RECEIVE, _filing(GROUPS), applications.INQUIRE, TIMELINE
)  # fmt: skip
attach_steps(Person, TIMELINE)
attach_steps(Establishment, _filing(EMPLOYER_GROUPS))
attach_steps(Insurer, _filing(SOCIETY_GROUPS))
attach_panel(Member, newest_panel)
attach(
    Member,
    DecisionTable,
    RulingTable,
    CertificateTable,
    ElderlyTable,
    LegacyCardTable,
    ApplicationTable,
    FilingTable,
)
attach(Person, DeregistrationTable)
