"""The tables of what people teach the bot: words, lessons, and what they say of its cards."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from storage.columns import BIG, Row, document, identity, long_text, moment


class LearnedWordRow(Row, table=True):
    """A word that somebody taught. States: proposed, active, refused, forgotten."""

    __tablename__ = "learned_word"

    id: int | None = identity()
    kind: str
    """alias: another name of `target`; cue: words that mean the form `target`."""
    target: str
    """`customer:C0001`, `product:…`, `person:…`, `competitor:…`, `form:sample`."""
    words: str = Field(index=True)
    state: str = Field(default="proposed", index=True)
    who: str
    decided_by: str | None = None
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)
    inbox_id: int | None = Field(default=None, sa_type=BIG)


class LessonRow(Row, table=True):
    """A message that was misunderstood and put right by whoever sent it: a case for tests. Never leaves by itself."""

    __tablename__ = "lesson"

    id: int | None = identity()
    proposal_id: int = Field(sa_type=BIG, unique=True)
    person_id: str
    text: str = long_text()
    told_at: datetime = moment()
    proposed: list[dict[str, Any]] = document(default=list)
    """What was understood: `[{form: {field: value}}]`."""
    corrected: list[dict[str, Any]] = document(default=list)
    """What was confirmed in the end."""
    created_at: datetime = moment()


class CardFeedbackRow(Row, table=True):
    """What somebody said of an objection card that he was shown."""

    __tablename__ = "card_feedback"
    __table_args__ = (UniqueConstraint("person_id", "occasion"),)

    id: int | None = identity()
    person_id: str
    occasion: int = Field(sa_type=BIG)
    """The message that asked."""
    card_id: str = Field(index=True)
    useful: bool
    at: datetime = moment()
