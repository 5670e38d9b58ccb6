"""Which handler takes which intent. Written by hand; the names are those of `domain.intents`."""

from collections.abc import Callable
from typing import Any

from handlers import (
    answers,
    approvals,
    coaching,
    days,
    due,
    flows,
    leads_mine,
    learning,
    leaves,
    photos,
    proposals,
    resubmitting,
    rulebook_talk,
    rulings,
    sample_feedback,
    sign_in,
    stock,
    taps,
    todos,
    transfers,
    undo,
    visits,
    words,
)
from handlers.turn import Reply, Turn

Handler = Callable[[Any, Turn], Reply]

HANDLERS: dict[str, Handler] = {
    # something to write down
    "propose": proposals.propose,
    "correct": answers.correct,
    "amend": answers.amend,
    "skip": answers.skip,
    "resume": answers.resume,
    "check_in": visits.check_in,
    "check_out": visits.check_out,
    "explain": rulings.explain,
    "feedback": sample_feedback.receive,
    "photo": photos.receive,
    "seen_before": photos.seen_before,
    # something to decide
    "tap": taps.tap,
    "reason": approvals.reject_because,
    "approve_all": approvals.approve_all,
    "countersign": approvals.countersign,
    "take_leave": leaves.take,
    "leave_over": leaves.over,
    "resubmit": resubmitting.resubmit,
    "routine": flows.routine_said,
    "ruling": rulings.rule,
    "teach": learning.teach,
    "forget": learning.forget,
    "transfer": transfers.preview,
    "new_alert": rulebook_talk.new_alert,
    "stop_alert": rulebook_talk.stop_alert,
    "roll_back": rulebook_talk.roll_back,
    "todo_done": todos.done,
    "undo": undo.undo,
    # something to answer
    "query_day": days.my_day,
    "word_list": learning.words_known,
    "alert_list": rulebook_talk.alerts_known,
    "todo_list": todos.my_todos,
    "sign_in": sign_in.give_link,
    "query_customer": words.about_customer,
    "query_stock": stock.query_stock,
    "expense": words.how_to_claim,
    "help": words.help_,
    "hello": words.hello,
    "chitchat": words.chitchat,
    "unheard": words.unheard,
    "unclear": words.unclear,
    "hand_over": words.hand_over,
    "stranger": words.stranger,
    "daily_report": days.my_day,
    "query_leads": leads_mine.my_leads,
    "practise": words.not_yet,
    "objection_help": coaching.objection_help,
    # the platforms and the clock
    "renamed": words.renamed,
    "due": due.due,
}
