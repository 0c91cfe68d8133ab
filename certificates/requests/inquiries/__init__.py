"""Questions to the fund about one person (個別照会): opened for what is unsettled, answered by form or file.

Source: rules.md §4 "Waiting is not forever", §8.
"""

from certificates.requests.inquiries.answering import Answer, Taken, answer, answer_many
from certificates.requests.inquiries.bulk import answers_from_file
from certificates.requests.inquiries.opening import close_settled, open_for, open_for_run, to_ask

__all__ = [
    "Answer",
    "Taken",
    "answer",
    "answer_many",
    "answers_from_file",
    "close_settled",
    "open_for",
    "open_for_run",
    "to_ask",
]
