"""Read what understanding needs to know of the sender, before the turn's transaction."""

from datetime import datetime, timedelta

from sqlmodel import Session

from config.rulebook import Rulebook
from domain.dialogue import Dialogue
from domain.intents.records import Question
from domain.people import Person
from handlers.alert_trials import trial_of
from handlers.lead_follow_ups import held_leads
from handlers.publishing import MAY_PUBLISH
from handlers.told import as_told
from handlers.turn import Arrival, OpenProposal, View
from nlu.alerting import sentences
from nlu.alerting.reading import Asked, read
from nlu.language.lexicon import Lexicon
from nlu.teaching import words_taught
from storage import conversations
from storage.learning import texts_since
from storage.people import People
from storage.practice import Practices
from storage.records import Records
from storage.tables import ProposalRow, RecordRow
from storage.work import work_of

CORRECTABLE = timedelta(hours=24)
"""How long what was confirmed can be put right by a word."""

TRIED_ON = timedelta(days=30)
"""The messages that a new word is tried on before it is learned."""


def look(session: Session, arrival: Arrival, known: tuple[Rulebook, Lexicon], now: datetime) -> View:
    """`now` in the company's zone."""
    rulebook, lexicon = known
    message = arrival.message
    person = People(session).by_userid(message.channel, message.sender)
    if person is None:
        return View(now, None, Dialogue(), 0, lexicon, rulebook, frozenset())
    dialogue, version = conversations.load(session, person.id)
    work = work_of(session, who=person.id, now=now, inbox_id=None)
    records = work.records
    return View(
        now,
        person,
        dialogue,
        version,
        lexicon,
        rulebook,
        own=lexicon.owned_by(person.id),
        proposals=open_proposals(records, dialogue),
        confirmed=_lately_confirmed(records, arrival, rulebook, now),
        written=_written(session, arrival, now),
        **held_leads(work.leads, person.id),
        alert=_alert(session, arrival, person, known, now),
        practised_at=_practised_at(dialogue, work.practices),
    )


def open_proposals(records: Records, dialogue: Dialogue) -> tuple[OpenProposal, ...]:
    """The proposals that the sender's words may be about, the newest first."""
    found = (records.if_open(m.id) for m in reversed(dialogue.matters) if m.kind == "proposal")
    return tuple(_as_told(*open_one) for open_one in found if open_one)


def _lately_confirmed(
    records: Records, arrival: Arrival, rulebook: Rulebook, now: datetime
) -> OpenProposal | None:
    """Looked up only for words of change: most messages are none."""
    words = _said(arrival)
    if not any(mark in words for mark in rulebook.words("speech", "changes") if len(mark) > 1):
        return None
    row = records.last_confirmed(records.who, now - CORRECTABLE)
    return _as_told(row, records.of_proposal(row.id or 0)) if row else None


def _practised_at(dialogue: Dialogue, practices: Practices) -> datetime | None:
    top = dialogue.top
    row = practices.mine(top.id) if top and top.kind == "practice" else None
    return row.updated_at if row and row.state == "open" else None


def _written(session: Session, arrival: Arrival, now: datetime) -> tuple[int, tuple[str, ...]]:
    """What everybody wrote with the word that this message wants to teach; nothing for all other messages."""
    words = words_taught(_said(arrival))
    return texts_since(session, words, now - TRIED_ON) if words else (0, ())


def _alert(
    session: Session, arrival: Arrival, person: Person, known: tuple[Rulebook, Lexicon], now: datetime
) -> tuple[Asked, tuple[str, ...]] | None:
    """The alert that this message asks for, tried on the company's own data; nothing for all other messages."""
    rule = sentences.asks(_said(arrival))
    if not rule or person.role not in MAY_PUBLISH:
        return None
    asked = read(rule, person.id, *known)
    return asked, trial_of(session, asked.alert, known, person, now) if asked.alert else ()


def _said(arrival: Arrival) -> str:
    return "".join((arrival.message.text, *(str(p.result.get("text") or "") for p in arrival.perceived)))


def _as_told(row: ProposalRow, records: list[RecordRow]) -> OpenProposal:
    question = Question.model_validate(row.question) if row.question else None
    return OpenProposal(row.id or 0, row.revision, as_told(records), question)
