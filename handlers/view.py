"""Read what understanding needs to know of the sender, before the turn's transaction."""

from datetime import datetime

from sqlmodel import Session

from config.rulebook import Rulebook
from domain.dialogue import Dialogue
from domain.intents import Question, RecordIntent, Said
from handlers.turn import Arrival, OpenProposal, View
from nlu.language.lexicon import Lexicon
from storage import conversations
from storage.people import People
from storage.tables import ProposalRow
from storage.work import work_of


def look(session: Session, arrival: Arrival, known: tuple[Rulebook, Lexicon], now: datetime) -> View:
    """`now` in the company's zone."""
    rulebook, lexicon = known
    message = arrival.message
    person = People(session).by_userid(message.channel, message.sender)
    if person is None:
        return View(now, None, Dialogue(), 0, lexicon, rulebook, frozenset())
    dialogue, version = conversations.load(session, person.id)
    own = lexicon.owned_by(person.id)
    return View(now, person, dialogue, version, lexicon, rulebook, own, open_proposal(session, dialogue, now))


def open_proposal(session: Session, dialogue: Dialogue, now: datetime) -> OpenProposal | None:
    """The proposal that the sender's words may be about: the newest open one."""
    newest = next((m for m in reversed(dialogue.matters) if m.kind == "proposal"), None)
    row = session.get(ProposalRow, newest.id) if newest else None
    if row is None or row.state != "open":
        return None
    rows = work_of(session, who=row.person_id, now=now, inbox_id=None).records.of_proposal(row.id or 0)
    records = tuple(
        RecordIntent(
            form=r.form,
            fields={
                field: Said(value=value, words=r.sources.get(field, "")) for field, value in r.data.items()
            },
        )
        for r in rows
    )
    question = Question.model_validate(row.question) if row.question else None
    return OpenProposal(row.id or 0, row.revision, records, question)
