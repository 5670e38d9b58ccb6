"""Values of one field in every record of a form, for fields whose type changes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from storage.tables import RecordRow

BATCH = 500


def values_of(session: Session, form: str, field: str) -> Iterator[tuple[RecordRow, Any]]:
    """Every record of the form with its value there, whatever its status; those without one are left out."""
    last = 0
    while True:
        query = (
            select(RecordRow)
            .where(col(RecordRow.form) == form, col(RecordRow.id) > last)
            .order_by(col(RecordRow.id))
            .limit(BATCH)
        )
        batch = session.scalars(query).all()
        if not batch:
            return
        last = batch[-1].id or 0
        yield from ((row, row.data[field]) for row in batch if row.data.get(field) is not None)
