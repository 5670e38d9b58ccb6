"""Practice talks of one person: begun, gone on with, ended. A talk is one row, changed in the turn's own commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from domain.coaching import LostCase
from storage.practice_tables import AppealRow, PracticeRow, SkillCardRow, TaughtCaseRow

ENDED = ("won", "lost", "stopped")
LATEST = 200
"""Talks of a person that his level, skill and gates are told from."""


class Played(NamedTuple):
    """A talk that ended, without what was said in it."""

    scene_id: str
    type: str
    mode: str
    level: int
    state: str
    overall: int
    breach: bool
    ended_at: datetime


PLAYED: list[Any] = [getattr(PracticeRow, name) for name in Played._fields]


class Practices:
    """In the name of `who`: nobody is shown another's talk here."""

    def __init__(self, session: Session, *, who: str, now: datetime) -> None:
        self.session, self.who, self.now = session, who, now

    def of(self, person_id: str) -> "Practices":
        """The same in this person's name: the clock's turns are in nobody's."""
        return Practices(self.session, who=person_id, now=self.now)

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

    def talks(self, limit: int = LATEST) -> list[Played]:
        """Talks that ended and were scored, the newest first; drills are none."""
        query = (
            select(*PLAYED)
            .where(
                col(PracticeRow.person_id) == self.who,
                col(PracticeRow.state).in_(ENDED),
                col(PracticeRow.mode) != "drill",
                col(PracticeRow.overall).is_not(None),
            )
            .order_by(col(PracticeRow.id).desc())
        )
        return [Played(*row) for row in self.session.execute(query.limit(limit))]

    def last_scored(self) -> PracticeRow | None:
        """His latest talk that was scored."""
        query = (
            select(PracticeRow)
            .where(
                col(PracticeRow.person_id) == self.who,
                col(PracticeRow.state).in_(ENDED),
                col(PracticeRow.mode) != "drill",
                col(PracticeRow.overall).is_not(None),
            )
            .order_by(col(PracticeRow.id).desc())
        )
        return self.session.scalars(query.limit(1)).first()

    def modes_since(self, start: datetime) -> list[str]:
        """The modes of talks and drills that ended since then and were scored."""
        query = select(col(PracticeRow.mode)).where(
            col(PracticeRow.person_id) == self.who,
            col(PracticeRow.ended_at) >= start,
            col(PracticeRow.overall).is_not(None),
        )
        return list(self.session.scalars(query))

    def cards(self) -> Sequence[SkillCardRow]:
        """What was practised before, what is due first before the rest."""
        query = (
            select(SkillCardRow)
            .where(col(SkillCardRow.person_id) == self.who)
            .order_by(col(SkillCardRow.due_at), col(SkillCardRow.id))
        )
        return self.session.scalars(query).all()

    def card(self, subject: str) -> SkillCardRow:
        """His card for a thing to practise; a new one, not stored yet, where there is none."""
        query = select(SkillCardRow).where(
            col(SkillCardRow.person_id) == self.who, col(SkillCardRow.subject) == subject
        )
        found = self.session.scalars(query).first()
        return found or SkillCardRow(
            person_id=self.who, subject=subject, due_at=self.now, updated_at=self.now
        )

    def save_card(self, card: SkillCardRow) -> None:
        card.updated_at = self.now
        self.session.add(card)
        self.session.flush()

    def save(self, row: PracticeRow) -> None:
        row.updated_at = self.now
        self.session.add(row)


class TaughtCases:
    """Lost deals that trainers told. Once active, everybody may practise them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: TaughtCaseRow) -> TaughtCaseRow:
        self.session.add(row)
        self.session.flush()
        return row

    def get(self, number: int) -> TaughtCaseRow | None:
        return self.session.get(TaughtCaseRow, number, with_for_update=True)

    def save(self, row: TaughtCaseRow) -> None:
        self.session.add(row)
        self.session.flush()

    def active(self) -> list[LostCase]:
        query = select(col(TaughtCaseRow.case)).where(col(TaughtCaseRow.state) == "active")
        return [LostCase.model_validate(case) for case in self.session.scalars(query)]


class Appeals:
    """What learners say of their scores, and what trainers decided."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: AppealRow) -> bool:
        """False where the check was appealed against before."""
        if self.of_check(row.practice_id, row.check_id):
            return False
        self.session.add(row)
        self.session.flush()
        return True

    def of_check(self, practice_id: int, check_id: str) -> AppealRow | None:
        query = select(AppealRow).where(
            col(AppealRow.practice_id) == practice_id, col(AppealRow.check_id) == check_id
        )
        return self.session.scalars(query).first()

    def get(self, number: int) -> AppealRow | None:
        return self.session.get(AppealRow, number, with_for_update=True)

    def decide(self, row: AppealRow, state: str, who: str, now: datetime) -> bool:
        """Once: False where somebody decided before."""
        if row.state != "open":
            return False
        row.state, row.decided_by, row.decided_at = state, who, now
        self.session.add(row)
        self.session.flush()
        return True
