"""Due times: something to do at a time, once. The unique key is (name, subject, due time)."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session

from storage.claims import insert_new, table_of
from storage.prepared import Prepared
from storage.tables import DueRow

DUE = table_of(DueRow)
CANCEL = Prepared(
    update(DUE)
    .where(
        DUE.c.name == bindparam("of_name"),
        DUE.c.subject == bindparam("about"),
        DUE.c.state == "pending",
    )
    .values(state="cancelled")
)


class Schedule:
    def __init__(self, session: Session) -> None:
        self.session = session

    def at(self, due_at: datetime, name: str, subject: str, person_id: str, **payload: Any) -> None:
        """Have `name` done about `subject` at that time, as a turn of that person; saying it twice changes nothing."""
        insert_new(
            self.session,
            DueRow,
            name=name,
            subject=subject,
            person_id=person_id,
            due_at=due_at,
            available_at=due_at,
            payload=payload,
            state="pending",
            attempts=0,
            error="",
        )

    def cancel(self, name: str, subject: str) -> None:
        """Drop what nobody has begun. What is begun decides for itself whether there is anything left to do."""
        CANCEL.write(self.session, of_name=name, about=subject)
