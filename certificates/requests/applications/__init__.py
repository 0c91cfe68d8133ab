"""Applications for a 資格確認書: taken in, judged by the policy, granted or refused in words that can be sent.

Source: rules.md §8.
"""

from certificates.requests.applications.intake import complete, receive, send_back, withdraw
from certificates.requests.applications.judging import Verdict, judge
from certificates.requests.applications.outcome import finish_sent, grant, refuse

__all__ = ["Verdict", "complete", "finish_sent", "grant", "judge", "receive", "refuse", "send_back", "withdraw"]
