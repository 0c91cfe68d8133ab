"""Pages of rights: the month and its decisions, papers, requests, filings, recovery; intake on a member's page."""

from certificates.models import Recovery
from certificates.pages import applications, requests
from certificates.pages.applications import REFUSALS, ApplicationTable
from certificates.pages.family import TIMELINE
from certificates.pages.filing_step import FilingStep
from certificates.pages.filings import FilingTable
from certificates.pages.papers import CertificateTable, ElderlyTable, LegacyCardTable
from certificates.pages.recoveries import RecoveryAdmin as RecoveryAdmin  # registers itself
from certificates.pages.requests import DeregistrationTable
from certificates.pages.rulings import RulingTable
from certificates.pages.runs import DecisionTable, newest_panel
from certificates.recovery.scanning import CHANNELS
from certificates.requests.applications.intake import ITEMS
from certificates.requests.filings import Kind
from certificates.requests.filings.table import About
from certificates.rules.codes import Outcome
from core.roles import EDIT
from core.web import attach, attach_panel, attach_steps
from core.web.words import learn
from members.models import Establishment, Insurer, Member, Person

learn("kind", dict(Kind.choices()))
learn("outcome", dict(Outcome.choices()))
learn("cause", dict(Recovery.Cause.choices))
learn("channel", CHANNELS)
learn("items", ITEMS)
learn("reason", REFUSALS)


def _filing(about: About) -> FilingStep:
    return FilingStep(name="filing", label="届出を受け付ける", permission=EDIT, about=about)


attach_steps(Member, applications.RECEIVE, requests.RECEIVE, _filing(About.MEMBER), applications.INQUIRE, TIMELINE)
attach_steps(Person, TIMELINE)
attach_steps(Establishment, _filing(About.EMPLOYER))
attach_steps(Insurer, _filing(About.SOCIETY))
attach_panel(Member, newest_panel)
attach(
    Member, DecisionTable, RulingTable, CertificateTable, ElderlyTable, LegacyCardTable, ApplicationTable, FilingTable
)
attach(Person, DeregistrationTable)
