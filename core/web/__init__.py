"""How every page of the office shows and guards its rows; clerks, the event log and jobs.

Pages show; nothing is added, changed or deleted through Django's own forms. What a clerk may do with a document is a
step of its own (core.web.steps), done by a service and refused by the rules in words.
"""

from core.web.forms import OfficeForm
from core.web.html import (
    EMPTY,
    day_html,
    heading_link,
    instant_html,
    label_html,
    link_to,
    list_url,
    month_html,
    page_url,
    table_html,
)
from core.web.pages import ReadOnly, ReadOnlyAdmin, ReadOnlyTable, attach, attach_lead, attach_panel, attach_steps
from core.web.steps import Deed, Done, Step, lifecycle_deed

__all__ = [
    "EMPTY",
    "Deed",
    "Done",
    "OfficeForm",
    "ReadOnly",
    "ReadOnlyAdmin",
    "ReadOnlyTable",
    "Step",
    "attach",
    "attach_lead",
    "attach_panel",
    "attach_steps",
    "day_html",
    "heading_link",
    "instant_html",
    "label_html",
    "lifecycle_deed",
    "link_to",
    "list_url",
    "month_html",
    "page_url",
    "table_html",
]
