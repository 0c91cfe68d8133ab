"""Pages of what happens after sealing, and of blank paper; buttons on the pages of papers and dispatches."""

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.admin import attach_panel, attach_steps
from core.admin_words import learn
from mailing.desk import dispatch_steps, papers
from mailing.desk import envelopes as envelopes  # registers its pages
from mailing.desk import holds as holds
from mailing.desk import returns as returns
from mailing.desk import stock as stock
from mailing.models import Dispatch, PaperMovement, ReturnedMail
from notices.models import EligibilityNotice

learn("resolution", dict(ReturnedMail.Resolution.choices))
learn("handed_to", dict(ReturnedMail.Resolution.choices))
learn("movement", dict(PaperMovement.Kind.choices))

attach_steps(EligibilityCertificate, papers.SHOW, papers.REPRINT, papers.APPROVE_REPRINT)
attach_steps(ElderlyBeneficiaryCertificate, papers.SHOW, papers.REPRINT, papers.APPROVE_REPRINT)
attach_steps(EligibilityNotice, papers.SHOW, papers.REPRINT)
attach_steps(Dispatch, *dispatch_steps.STEPS, papers.CANCEL, papers.APPROVE_REPRINTS)
attach_panel(Dispatch, papers.post_panel)
