"""Column types shared by all tables: UTC times, JSON, and the columns of everything that is claimed by workers."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm.attributes import set_attribute
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


class Row(SQLModel):
    """What all tables are made of. A row takes its values as they are given: what is checked is checked before.

    SQLModel's own constructor looks at every field's signature, and takes thirty times as long.
    """

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        if unknown := values.keys() - cls.model_fields.keys():
            raise TypeError(f"{cls.__name__} has no column {', '.join(sorted(unknown))}")
        object.__setattr__(self, "__pydantic_fields_set__", set(values))
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", None)
        for name, (value, factory) in _defaults(cls).items():
            if name not in values:
                set_attribute(self, name, factory() if factory else value)
        for name, value in values.items():
            set_attribute(self, name, value)


@cache
def _defaults(table: type[Row]) -> dict[str, tuple[Any, Callable[[], Any] | None]]:
    """For each column that need not be given its value, or what makes one."""
    fields = {name: field for name, field in table.model_fields.items() if not field.is_required()}
    return {
        name: (f.default, cast(Callable[[], Any] | None, f.default_factory)) for name, f in fields.items()
    }


class Claimable(Row):
    """What every row has that workers claim: see `storage.claims`."""

    state: str = "pending"
    available_at: datetime = moment()
    worker: str | None = None
    lease_until: datetime | None = moment(null=True)
    attempts: int = 0
    error: str = long_text()
