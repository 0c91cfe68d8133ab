"""Pages of what happens after sealing, and of blank paper; buttons on the pages of papers and dispatches."""

from core.web import attach_panel, attach_steps
from core.web.words import learn
from mailing.models import Dispatch, PaperMovement, ReturnedMail
from mailing.pages import dispatch_steps, papers
from mailing.pages import dispatches as dispatches  # registers its page
from mailing.pages import envelopes as envelopes  # registers its pages
from mailing.pages import holds as holds
from mailing.pages import returns as returns
from mailing.pages import stock as stock
from mailing.papers import kinds

learn("resolution", dict(ReturnedMail.Resolution.choices))
learn("handed_to", dict(ReturnedMail.Resolution.choices))
learn("movement", dict(PaperMovement.Kind.choices))

for _kind in kinds.every():
    _approved = (papers.APPROVE_REPRINT,) if _kind.copied else ()
    attach_steps(_kind.model, papers.SHOW, papers.REPRINT, *_approved)
attach_steps(Dispatch, *dispatch_steps.STEPS, papers.CANCEL, papers.APPROVE_REPRINTS)
attach_panel(Dispatch, papers.post_panel)
