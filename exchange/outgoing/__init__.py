"""Files of requests for the fund: made once from what waits, handed over, taken in by the fund.

Source: rules.md §8 (利用登録解除), §4 (inquiry); interfaces.md "Fund file" (our own layout).
"""

from exchange.outgoing.handing import acknowledge, cancel, send
from exchange.outgoing.making import control_totals_hold, make, make_all, place_of

__all__ = ["acknowledge", "cancel", "control_totals_hold", "make", "make_all", "place_of", "send"]
