"""From what came in to what it means: one listener for each kind of message. All of them are pure."""

from collections.abc import Callable
from typing import Any

from domain.dialogue import Matter
from domain.intents import Intent
from domain.intents.approvals import Reason, Routine
from domain.intents.events import Hello, Renamed, Stranger, Tap, Unheard
from domain.intents.records import Command, Proof, Propose, RecordIntent
from domain.intents.talk import Amend, Correct, HandOver, Resume, Skip, Unclear
from domain.intents.visits import CheckIn, CheckOut, Explain, Ruling, SeenBefore
from domain.messages import Action
from handlers import (
    asked_reminders,
    case_talk,
    contacts,
    customer_card,
    day_plan,
    gate_answers,
    lead_endings,
    lead_follow_ups,
    lead_questions,
    lead_talk,
    lead_told,
    lead_touch,
    learning,
    photos,
    practice_appeals,
    practice_talk,
    pre_visit,
    quotes,
    receipts,
    reminder_talk,
    rulebook_talk,
    sample_feedback,
    samples,
    sign_in,
    todo_copies,
    todos,
    transfers,
)
from handlers.turn import Arrival, OpenProposal, View
from nlu.dialogue.approving import ALL_CONFIRMED, about_approvals
from nlu.dialogue.corrections import Reader
from nlu.dialogue.replies import rejection_reason, reply_word
from nlu.suggesting.request import Pointed, candidates_for
from nlu.suggesting.vetting import Vetting
from nlu.understanding import customer_named
from nlu.understanding import understand as understand_text

Listener = Callable[[Arrival, View], tuple[Intent, ...]]

NOT_READ = "我还看不懂{what}，这条先不记录。可以直接打字或发语音告诉我。"
LEAVING = frozenset(["离店", "离店了", "已离店", "我离店了", "签退", "签退了", "我签退"])
GREETING_EVENTS = frozenset({"subscribe", "enter_agent"})


def typed(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    text = arrival.message.text
    return _words(text, view, Proof(kind="text", words=text), arrival.suggested) if text.strip() else ()


def spoken(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    if not arrival.perceived:
        return (Unheard(words=arrival.problem or NOT_READ.format(what="这段语音")),)
    heard = arrival.perceived[0]
    text = heard.result.get("text") or ""
    if heard.result.get("problem") or not text:
        return (Unheard(words=heard.result.get("words") or NOT_READ.format(what="这段语音")),)
    return _words(text, view, Proof(kind="voice", words=text, sha256=heard.sha256), arrival.suggested)


def seen(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    """Pictures and files: receipts become one expense proposal, a business card a contact, other photos evidence of
    the visit; a text beside the pictures is heard as well."""
    found: list[RecordIntent] = []
    proofs: list[Proof] = []
    others: list[Intent] = []
    problems: list[str] = [arrival.problem] if arrival.problem else []
    for picture in arrival.perceived:
        expenses = receipts.expenses_in(picture.result, view.now)
        if expenses:
            found.extend(record for record, _ in expenses)
            copies = tuple(one.sha256 for one in picture.before)
            proofs.extend(
                Proof(kind="receipt", sha256=picture.sha256, paper=paper, reuse_of=copies)
                for _, paper in expenses
            )
            problems += filter(None, [picture.result.get("ask")])
            if any(one.counts for one in picture.before):
                others.append(SeenBefore(before=picture.before))
        elif contact := contacts.contact_in(picture.result, view):
            others.append(contacts.proposal_of(contact, picture.sha256))
        elif photo := photos.photo_in(picture):
            others.append(photo)
        else:
            problems.append(receipts.why_nothing(picture.result))
    intents: list[Intent] = []
    if found:
        question = receipts.question_for(found)
        intents.append(Propose(records=tuple(found), question=question, evidence=tuple(proofs)))
    intents.extend(others)
    intents.extend(Unheard(words=words) for words in dict.fromkeys(problems))
    return (*intents, *typed(arrival, view))


def located(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    position = arrival.message.position
    return (CheckIn(position=position, sent_at=arrival.message.sent_at),) if position else ()


def tapped(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    action = arrival.message.action
    return (Tap(action=action),) if action else ()


def noticed(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    """Events: only somebody's arrival in the chat is answered, once a day; everything else is kept and left alone."""
    today = view.now.date().isoformat()
    greets = arrival.message.text in GREETING_EVENTS and view.dialogue.greeted_on != today
    return (Hello(),) if greets else ()


def from_nobody(arrival: Arrival) -> tuple[Intent, ...]:
    """Strangers are answered kindly, their mere presence is not. The platform itself tells of new ids."""
    message = arrival.message
    if message.kind == "event":
        old, new = str(message.raw.get("UserID") or ""), str(message.raw.get("NewUserID") or "")
        renamed = message.text == "change_contact" and old and new
        if renamed:
            return (Renamed(channel=message.channel, old=old, new=new),)
        return todo_copies.heard_from_platform(message)
    return (Stranger(),) if message.sender else ()


def unreadable(what: str) -> Listener:
    return lambda arrival, view: (Unheard(words=NOT_READ.format(what=what)),)


def _words(text: str, view: View, proof: Proof, suggested: str) -> tuple[Intent, ...]:
    """Words are, in this order: a word for what is open, an answer or correction of it, or something new."""
    meant = (
        case_talk.heard(text, view)
        or practice_appeals.heard(text, view)
        or practice_talk.heard(text, view)
        or sign_in.heard(text)
        or transfers.heard(text, view)
        or lead_talk.heard(text, view)
        or lead_endings.heard(text)
        or lead_questions.heard(text)
        or rulebook_talk.heard(text, view)
        or reminder_talk.heard(text, view)
        or asked_reminders.heard(text, view)
        or learning.heard(text, view)
        or lead_told.heard(text, view, proof)
        or gate_answers.heard(text, view)
        or quotes.heard(text, view)
        or _replied(text, view, proof)
        or _about_approvals(text, view)
        or todos.heard(text, view, proof)
        or samples.heard(text, view)
        or day_plan.heard(text, view)
        or customer_card.heard(text, view)
        or _corrected(text, view)
        or pre_visit.heard(text, view)
        or _told(text, view, proof, suggested)
    )
    meant = gate_answers.otherwise(text, view, meant)
    meant = lead_touch.with_touch(sample_feedback.with_feedback(meant, text, view, proof), text, view)
    return lead_follow_ups.with_follow_up(meant, text, view)


def _replied(text: str, view: View, proof: Proof) -> tuple[Intent, ...]:
    """A word or two that tap a card, or give the reason that was asked for."""
    top, word = view.dialogue.top, reply_word(text)
    if top and top.kind == "rejection":
        if word == "drop":
            return (_said_button("keep", f"rejection:{top.id}"),)
        return (Reason(approval=top.id, words=text.strip()),)
    if top and top.kind in ("explanation", "acceptance", "refusal"):
        return (_about_visit(top, text.strip(), proof, gives_up=word == "drop"),)
    if text.strip("。.！! ") in LEAVING:
        return (CheckOut(),)
    if reason := rejection_reason(text):
        return (Reason(approval=0, words=reason),)
    if word in ("approve", "reject"):
        return (_said_button(word, "approval:"),)
    if word == "hand_over":
        return (HandOver(words=text.strip()),)
    if view.proposal is None:
        return ()
    if word in ("confirm", "drop", "modify"):
        return (_said_button(word, f"proposal:{view.proposal.id}", view.proposal.revision),)
    if word == "skip":
        return (Skip(proposal=view.proposal.id),)
    return ()


def _about_approvals(text: str, view: View) -> tuple[Intent, ...]:
    if key := view.rulebook.routine_of(text.strip().strip("。！!")):
        return (Routine(flow=key),)
    if text.strip().strip("。！!") in ALL_CONFIRMED and view.proposals:
        cards = reversed(view.proposals)
        return tuple(_said_button("confirm", f"proposal:{card.id}", card.revision) for card in cards)
    found = about_approvals(text, view.now, view.lexicon)
    return (found,) if found else ()


def _corrected(text: str, view: View) -> tuple[Intent, ...]:
    """What the text changes in an open proposal, the newest first, or in what was confirmed last."""
    for proposal in view.proposals:
        if found := _reader(proposal, view).correct(text):
            if len(found.drops) == len(proposal.records):
                return (_said_button("drop", f"proposal:{proposal.id}", proposal.revision),)
            return (
                Correct(
                    proposal=proposal.id,
                    changes=found.changes,
                    drops=found.drops,
                    adds=found.adds,
                    question=found.question,
                ),
            )
    found = _reader(view.confirmed, view).correct(text) if view.confirmed else None
    if view.confirmed is None or found is None or not found.changes:
        return ()
    return (Amend(proposal=view.confirmed.id, changes=found.changes),)


def _reader(proposal: OpenProposal, view: View) -> Reader:
    return Reader(proposal.records, proposal.question, view.now, view.lexicon, view.rulebook, view.own)


def _told(text: str, view: View, proof: Proof, suggested: str) -> tuple[Intent, ...]:
    """Something new: records to propose, things to do, or nothing that we know."""
    if _changes_something(text, view):
        return (Unclear(),)
    known: dict[str, Any] = {"lexicon": view.lexicon, "rulebook": view.rulebook, "own": view.own}
    meaning = understand_text(text, now=view.now, customer=view.dialogue.current_customer(view.now), **known)
    if suggested:
        pointed = Pointed.model_validate_json(suggested)
        candidates = candidates_for(text, view.lexicon, view.own)
        meaning = Vetting(text, view.now, candidates=candidates, **known).joined(meaning, pointed)
    meant = [_as_record(intent) for intent in meaning.intents]
    records = tuple(i for i in meant if isinstance(i, RecordIntent))
    others: tuple[Any, ...] = tuple(i for i in meant if not isinstance(i, RecordIntent))
    if not meant:
        return (Unclear(customer=customer_named(text, now=view.now, **known)),)
    if records:
        proposed = Propose(records=records, question=meaning.question, evidence=(proof,))
        return (*lead_follow_ups.with_company((proposed,), view), *others)
    return (*others, Resume()) if view.proposal else others


def _changes_something(text: str, view: View) -> bool:
    """改成60箱 with nothing left that could be changed: it is no new order either."""
    marks = tuple(mark for mark in view.rulebook.words("speech", "changes") if len(mark) > 1)
    return text.strip().startswith(marks)


def _about_visit(matter: Matter, words: str, proof: Proof, *, gives_up: bool) -> Intent:
    """What a rep or a manager has to say to the verdict on a visit."""
    if gives_up:
        return _said_button("keep", f"{matter.kind}:{matter.id}")
    if matter.kind == "explanation":
        return Explain(record=matter.id, words=words, sha256=proof.sha256)
    return Ruling(record=matter.id, accepts=matter.kind == "acceptance", words=words)


def _as_record(intent: RecordIntent | Command) -> RecordIntent | Command:
    """An expense with its amount is written down like any other record."""
    if isinstance(intent, Command) and intent.intent == "expense" and "amount" in intent.fields:
        return RecordIntent(form="expense", fields=intent.fields, words=intent.words)
    return intent


def _said_button(button: str, ref: str, revision: int = 0) -> Tap:
    return Tap(action=Action(button=button, ref=ref, revision=revision))


LISTENERS: dict[str, Listener] = {
    "text": typed,
    "voice": spoken,
    "image": seen,
    "file": seen,
    "location": located,
    "action": tapped,
    "event": noticed,
    "video": unreadable("视频"),
    "link": unreadable("链接里的内容"),
    "unknown": unreadable("这种消息"),
}
