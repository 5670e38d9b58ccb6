"""The state of a talk, kept with a version so that two turns never overwrite each other."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from domain.dialogue import Dialogue
from storage.claims import insert_new, table_of
from storage.prepared import Prepared
from storage.tables import ConversationRow

CONVERSATION = table_of(ConversationRow)

LOAD = Prepared(
    select(CONVERSATION.c.state, CONVERSATION.c.version).where(CONVERSATION.c.person_id == bindparam("whose"))
)
SAVE = Prepared(
    update(CONVERSATION).where(
        CONVERSATION.c.person_id == bindparam("whose"), CONVERSATION.c.version == bindparam("read_version")
    )
)


class Overtaken(Exception):
    """Another turn of the same person was committed meanwhile. Nothing of this one may be: do it again."""


def load(session: Session, person_id: str) -> tuple[Dialogue, int]:
    """The dialogue and its version; an empty one of version 0 for somebody new."""
    row = LOAD.fetch_one(session, whose=person_id)
    return (Dialogue.model_validate(row.state), row.version) if row else (Dialogue(), 0)


def save(session: Session, person_id: str, dialogue: Dialogue, *, read_version: int, now: datetime) -> None:
    """Write the next version. Raises Overtaken where the stored one is not `read_version` any more."""
    state = dialogue.model_dump(mode="json")
    if read_version == 0:
        saved = insert_new(
            session, ConversationRow, person_id=person_id, version=1, state=state, updated_at=now
        )
    else:
        which = {"whose": person_id, "read_version": read_version}
        written = {"version": read_version + 1, "state": state, "updated_at": now}
        saved = SAVE.write(session, **which, **written) == 1
    if not saved:
        raise Overtaken(f"the conversation of {person_id} went on from version {read_version}")
