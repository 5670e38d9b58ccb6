"""The tables of practice: talks that were played, cards of what is to come back, cases that trainers added, appeals."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.columns import BIG, Row, document, identity, long_text, moment


class PracticeRow(Row, table=True):
    """One talk with a customer who answers. States: open, paused, then won, lost or stopped."""

    __tablename__ = "practice"
    __table_args__ = (Index("ix_practice_person", "person_id", "id"),)

    id: int | None = identity()
    person_id: str
    scene_id: str
    type: str
    mode: str
    level: int
    seed: int
    state: str = "open"
    scene: dict[str, Any] = document()
    """As it was when the talk began: a trainer may change the file meanwhile."""
    play: dict[str, Any] = document()
    turns: list[dict[str, Any]] = document(default=list)
    score: dict[str, Any] = document()
    """Empty until it ended, and where nothing could be scored."""
    overall: int | None = None
    breach: bool = False
    started_at: datetime = moment()
    updated_at: datetime = moment()
    ended_at: datetime | None = moment(null=True)


class SkillCardRow(Row, table=True):
    """When somebody is to practise something again: one card a person and scene, or objection card."""

    __tablename__ = "skill_card"
    __table_args__ = (
        UniqueConstraint("person_id", "subject"),
        Index("ix_skill_card_due", "person_id", "due_at"),
    )

    id: int | None = identity()
    person_id: str
    subject: str
    """`scene:price_corner_shop`, `card:price_margin`."""
    memory: dict[str, Any] = document()
    """What the scheduler knows of it; empty before the first review."""
    due_at: datetime = moment()
    reviews: int = 0
    updated_at: datetime = moment()


class TaughtCaseRow(Row, table=True):
    """A lost deal that a trainer told in the chat. States: asking, shown, active, dropped, withdrawn."""

    __tablename__ = "taught_case"

    id: int | None = identity()
    person_id: str
    state: str = Field(default="asking", index=True)
    answers: dict[str, Any] = document()
    """What was told so far: question → words."""
    case: dict[str, Any] = document()
    """The lost deal as it is practised; empty until everything was told."""
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)


class AppealRow(Row, table=True):
    """Somebody says that a check was scored wrongly; a trainer decides. Kept as calibration. States: open, granted,
    refused."""

    __tablename__ = "practice_appeal"
    __table_args__ = (UniqueConstraint("practice_id", "check_id"),)

    id: int | None = identity()
    practice_id: int = Field(sa_type=BIG)
    check_id: str
    person_id: str
    quote: str = long_text()
    """His own words that he means."""
    state: str = Field(default="open", index=True)
    decided_by: str | None = None
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)
