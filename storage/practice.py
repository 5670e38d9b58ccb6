"""Practice talks of one person: begun, gone on with, ended. A talk is one row, changed in the turn's own commit."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.practice_tables import PracticeRow

ENDED = ("won", "lost", "stopped")
LATEST = 200
"""Talks of a person that his level, skill and gates are told from."""


class Practices:
    """In the name of `who`: nobody is shown another's talk here."""

    def __init__(self, session: Session, *, who: str, now: datetime) -> None:
        self.session, self.who, self.now = session, who, now

    def begin(self, row: PracticeRow) -> PracticeRow:
        self.session.add(row)
        self.session.flush()
        return row

    def mine(self, practice_id: int, *, to_change: bool = False) -> PracticeRow | None:
        """With `to_change` nobody else changes it before this transaction ends."""
        query = select(PracticeRow).where(
            col(PracticeRow.id) == practice_id, col(PracticeRow.person_id) == self.who
        )
        if to_change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return self.session.scalars(query).first()

    def unfinished(self) -> PracticeRow | None:
        """The latest that is open or paused."""
        query = (
            select(PracticeRow)
            .where(col(PracticeRow.person_id) == self.who, col(PracticeRow.state).in_(("open", "paused")))
            .order_by(col(PracticeRow.id).desc())
        )
        return self.session.scalars(query.limit(1)).first()

    def ended(self, limit: int = LATEST) -> Sequence[PracticeRow]:
        """The newest first."""
        query = (
            select(PracticeRow)
            .where(col(PracticeRow.person_id) == self.who, col(PracticeRow.state).in_(ENDED))
            .order_by(col(PracticeRow.id).desc())
        )
        return self.session.scalars(query.limit(limit)).all()

    def save(self, row: PracticeRow) -> None:
        row.updated_at = self.now
        self.session.add(row)
