"""From what came in to what it means: one listener for each kind of message. All of them are pure."""

from collections.abc import Callable
from typing import Any

from domain.intents import (
    CheckIn,
    Command,
    Correct,
    Hello,
    Intent,
    Proof,
    Propose,
    Reason,
    RecordIntent,
    Renamed,
    SeenBefore,
    Stranger,
    Tap,
    Unheard,
)
from domain.messages import Action
from handlers import contacts, photos, receipts
from handlers.turn import Arrival, View
from nlu.corrections import correct
from nlu.replies import rejection_reason, reply_word
from nlu.understanding import understand as understand_text

Listener = Callable[[Arrival, View], tuple[Intent, ...]]

NOT_READ = "我还看不懂{what}，这条先不记录。可以直接打字或发语音告诉我。"
GREETING_EVENTS = frozenset({"subscribe", "enter_agent"})


def typed(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    text = arrival.message.text
    return _words(text, view, Proof(kind="text", words=text)) if text.strip() else ()


def spoken(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    if not arrival.perceived:
        return (Unheard(words=arrival.problem or NOT_READ.format(what="这段语音")),)
    heard = arrival.perceived[0]
    text = heard.result.get("text") or ""
    if heard.result.get("problem") or not text:
        return (Unheard(words=heard.result.get("words") or NOT_READ.format(what="这段语音")),)
    return _words(text, view, Proof(kind="voice", words=text, sha256=heard.sha256))


def seen(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    """Pictures and files: receipts become one expense proposal, a business card a contact, other photos evidence of
    the visit; a text beside the pictures is heard as well."""
    found: list[RecordIntent] = []
    proofs: list[Proof] = []
    others: list[Intent] = []
    problems: list[str] = [arrival.problem] if arrival.problem else []
    for picture in arrival.perceived:
        records = receipts.expenses_in(picture.result, view.now)
        found.extend(records)
        if records:
            copies = tuple(one.sha256 for one in picture.before)
            proofs.extend(
                Proof(kind="receipt", words=r.words, sha256=picture.sha256, reuse_of=copies) for r in records
            )
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
    return (CheckIn(position=position),) if position else ()


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
        return (Renamed(channel=message.channel, old=old, new=new),) if renamed else ()
    return (Stranger(),) if message.sender else ()


def unreadable(what: str) -> Listener:
    return lambda arrival, view: (Unheard(words=NOT_READ.format(what=what)),)


def _words(text: str, view: View, proof: Proof) -> tuple[Intent, ...]:
    """Words are, in this order: an answer to what is open, a correction of it, or something new."""
    top = view.dialogue.top
    word = reply_word(text)
    if top and top.kind == "rejection":
        if word == "drop":
            return (_said_button("keep", f"rejection:{top.id}"),)
        return (Reason(approval=top.id, words=text.strip()),)
    if reason := rejection_reason(text):
        return (Reason(approval=0, words=reason),)
    if word in ("approve", "reject"):
        return (_said_button(word, "approval:"),)
    if view.proposal:
        if word in ("confirm", "drop", "modify"):
            return (_said_button(word, f"proposal:{view.proposal.id}", view.proposal.revision),)
        changed = correct(
            text,
            view.proposal.records,
            view.proposal.question,
            now=view.now,
            lexicon=view.lexicon,
            rulebook=view.rulebook,
            own=view.own,
        )
        if changed:
            return (Correct(proposal=view.proposal.id, changes=changed.changes, question=changed.question),)
    meaning = understand_text(
        text,
        now=view.now,
        lexicon=view.lexicon,
        rulebook=view.rulebook,
        own=view.own,
        customer=view.dialogue.current_customer(view.now),
    )
    meant = [_as_record(intent) for intent in meaning.intents]
    records = tuple(i for i in meant if isinstance(i, RecordIntent))
    others: tuple[Any, ...] = tuple(i for i in meant if not isinstance(i, RecordIntent))
    if not records:
        return others
    return (Propose(records=records, question=meaning.question, evidence=(proof,)), *others)


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
