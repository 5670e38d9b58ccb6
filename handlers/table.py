"""Which handler takes which intent. Written by hand; the names are those of `domain.intents`."""

from collections.abc import Callable
from typing import Any

from handlers import approvals, coaching, days, due, proposals, taps, undo, visits, words
from handlers.turn import Reply, Turn

Handler = Callable[[Any, Turn], Reply]

HANDLERS: dict[str, Handler] = {
    # something to write down
    "propose": proposals.propose,
    "correct": proposals.correct,
    "amend": proposals.amend,
    "skip": proposals.skip,
    "resume": proposals.resume,
    "check_in": visits.check_in,
    # something to decide
    "tap": taps.tap,
    "reason": approvals.reject_because,
    "undo": undo.undo,
    # something to answer
    "query_day": days.my_day,
    "query_customer": words.about_customer,
    "expense": words.how_to_claim,
    "help": words.help_,
    "hello": words.hello,
    "chitchat": words.chitchat,
    "unheard": words.unheard,
    "unclear": words.unclear,
    "hand_over": words.hand_over,
    "stranger": words.stranger,
    "daily_report": days.my_day,
    "query_leads": words.not_yet,
    "practise": words.not_yet,
    "objection_help": coaching.objection_help,
    # the platforms and the clock
    "renamed": words.renamed,
    "due": due.due,
}
