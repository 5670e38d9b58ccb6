"""Buttons. A tap names the thing (`proposal:12`) and the button; this table says who handles it."""

from collections.abc import Callable

from domain.errors import Refusal
from domain.intents.events import Tap
from domain.messages import Action
from handlers import (
    answers,
    approvals,
    case_talk,
    coaching,
    gate_answers,
    lead_doubts,
    lead_of_card,
    lead_talk,
    learning,
    objection_taps,
    practice_appeals,
    proposals,
    quotes,
    reminder_talk,
    rulebook_talk,
    rulings,
    sample_feedback,
    samples,
    todos,
    transfers,
    undo,
    visits,
)
from handlers.turn import Reply, Turn

BUTTONS: dict[tuple[str, str], Callable[[Action, int, Turn], Reply]] = {
    ("proposal", "confirm"): proposals.confirm,
    ("proposal", "modify"): proposals.modify,
    ("proposal", "drop"): proposals.drop,
    ("proposal", "lead"): lead_of_card.of_card,
    ("proposal", "withdraw"): undo.withdraw,
    ("question", "choose"): answers.choose,
    ("approval", "approve"): approvals.approve,
    ("approval", "reject"): approvals.reject,
    ("subject", "choose"): approvals.choose_subject,
    ("rejection", "because"): approvals.because,
    ("rejection", "keep"): approvals.keep,
    ("sample", "issue"): samples.issue,
    ("sample", "cannot"): samples.cannot,
    ("sample", "return"): samples.returned,
    ("receipt", "receive"): samples.receive,
    ("feedback", "answer"): sample_feedback.answer,
    ("feedback", "later"): sample_feedback.later,
    ("word", "confirm"): learning.confirm,
    ("word", "drop"): learning.drop,
    ("transfer", "confirm"): transfers.confirm,
    ("transfer", "drop"): transfers.drop,
    ("rulebook", "confirm"): rulebook_talk.confirm,
    ("rulebook", "drop"): rulebook_talk.drop,
    ("gate", "drop"): gate_answers.drop,
    ("todo", "done"): todos.tick,
    ("reminder", "stop"): reminder_talk.chosen,
    ("objection", "useful"): coaching.useful,
    ("objection", "useless"): coaching.useless,
    ("appealing", "choose"): practice_appeals.choose,
    ("appealing", "drop"): practice_appeals.drop,
    ("appeal", "grant"): practice_appeals.grant,
    ("appeal", "refuse"): practice_appeals.refuse,
    ("case", "confirm"): case_talk.confirm,
    ("case", "drop"): case_talk.drop,
    ("lead", "take"): lead_talk.take,
    ("lead", "call"): lead_talk.call,
    ("lead", "pass"): lead_talk.ask_reason,
    ("lead", "give"): lead_talk.give_tapped,
    ("leadsame", "same"): lead_doubts.same,
    ("leadsame", "apart"): lead_doubts.apart,
    ("leadpass", "because"): lead_talk.because,
    ("leadpass", "keep"): lead_talk.keep,
    ("leadstep", "objection"): objection_taps.tapped,
    ("quotation", "objection"): quotes.objection,
    ("check_in", "choose"): visits.choose,
    ("visit", "explain"): rulings.ask_explanation,
    ("explanation", "keep"): rulings.keep,
    ("verdict", "accept"): rulings.ask_reason,
    ("verdict", "refuse"): rulings.ask_reason,
    ("acceptance", "because"): rulings.because,
    ("acceptance", "keep"): rulings.keep,
    ("refusal", "because"): rulings.because,
    ("refusal", "keep"): rulings.keep,
}


def tap(intent: Tap, turn: Turn) -> Reply:
    """Hand a tap to its handler. Raises Refusal for buttons of cards that nobody knows any more."""
    thing, _, number = intent.action.ref.partition(":")
    handler = BUTTONS.get((thing, intent.action.button))
    if handler is None:
        raise Refusal("这张卡片已经失效了，请看最新的一张，或者直接打字告诉我要做什么。")
    return handler(intent.action, int(number) if number.isdecimal() else 0, turn)
