"""Pages of what happens after sealing, and of blank paper; buttons on the pages of papers and dispatches."""

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.web import attach_panel, attach_steps
from core.web.words import learn
from mailing.models import Dispatch, PaperMovement, ReturnedMail
from mailing.pages import dispatch_steps, papers
from mailing.pages import dispatches as dispatches  # registers its page
from mailing.pages import envelopes as envelopes  # registers its pages
from mailing.pages import holds as holds
from mailing.pages import returns as returns
from mailing.pages import stock as stock
from notices.models import EligibilityNotice

learn("resolution", dict(ReturnedMail.Resolution.choices))
learn("handed_to", dict(ReturnedMail.Resolution.choices))
learn("movement", dict(PaperMovement.Kind.choices))

attach_steps(EligibilityCertificate, papers.SHOW, papers.REPRINT, papers.APPROVE_REPRINT)
attach_steps(ElderlyBeneficiaryCertificate, papers.SHOW, papers.REPRINT, papers.APPROVE_REPRINT)
attach_steps(EligibilityNotice, papers.SHOW, papers.REPRINT)
attach_steps(Dispatch, *dispatch_steps.STEPS, papers.CANCEL, papers.APPROVE_REPRINTS)
attach_panel(Dispatch, papers.post_panel)
