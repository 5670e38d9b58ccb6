"""Column types shared by all tables: UTC times, JSON, and the columns of everything that is claimed by workers."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

BIG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a column that is declared INTEGER."""

JSON_TYPE = JSON().with_variant(JSONB, "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """Aware in, aware out, always UTC. SQLite has no zone: it keeps the UTC digits, which also sort as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored: give it one, e.g. datetime.now(UTC)")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(*, null: bool = False, index: bool = False) -> Any:
    if null:
        return Field(default=None, sa_type=UtcTime, nullable=True, index=index)
    return Field(sa_type=UtcTime, nullable=False, index=index)


def document(*, default: Any = dict) -> Any:
    return Field(default_factory=default, sa_type=JSON_TYPE, nullable=False)


def long_text(default: str = "") -> Any:
    return Field(default=default, sa_type=Text, nullable=False)


def identity() -> Any:
    return Field(default=None, primary_key=True, sa_type=BIG)


class Claimable(SQLModel):
    """What every row has that workers claim: see `storage.claims`."""

    state: str = "pending"
    available_at: datetime = moment()
    worker: str | None = None
    lease_until: datetime | None = moment(null=True)
    attempts: int = 0
    error: str = long_text()
