"""Pages of the files from the fund and of the files for it."""

from exchange.pages import incoming as incoming  # registers its pages
from exchange.pages import outgoing as outgoing
