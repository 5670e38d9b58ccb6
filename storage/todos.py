"""The to-dos that somebody has to do: confirmed records of the form `meeting_todo` whose owner he is."""

from sqlalchemy import or_, select
from sqlmodel import Session, col

from storage.tables import RecordRow

FORM = "meeting_todo"


def open_todos(session: Session, owner: str) -> list[RecordRow]:
    """What is not done yet, the nearest due day first, what has none last."""
    query = (
        select(RecordRow)
        .where(
            col(RecordRow.form) == FORM,
            col(RecordRow.status) == "confirmed",
            RecordRow.data["owner"].as_string() == owner,
        )
        .order_by(col(RecordRow.id))
    )
    rows = [row for row in session.scalars(query) if row.data.get("status") != "done"]
    return sorted(rows, key=lambda row: (str(row.data.get("due") or "9999"), row.id or 0))


def todos_about(session: Session, person: str) -> list[RecordRow]:
    """What is not done yet of what this person has to do, and of what he noted for others, oldest first."""
    query = (
        select(RecordRow)
        .where(
            col(RecordRow.form) == FORM,
            col(RecordRow.status) == "confirmed",
            or_(RecordRow.data["owner"].as_string() == person, col(RecordRow.reporter_id) == person),
        )
        .order_by(col(RecordRow.id))
    )
    return [row for row in session.scalars(query) if row.data.get("status") != "done"]
