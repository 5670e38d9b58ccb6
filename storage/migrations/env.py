"""Alembic's entry. The connection is handed in by storage.migrate; there is no other way to run migrations."""

from typing import Any, Literal

import sqlalchemy
from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import storage.alerts
import storage.flow_tables
import storage.gates
import storage.lead_tables
import storage.learning_tables
import storage.photo_tables
import storage.practice_tables
import storage.receivables
import storage.reminders
import storage.rulebooks
import storage.sign_in
import storage.tables
import storage.todo_copies
import storage.transfers  # noqa: F401  (they fill the metadata, with stock_tables below)
from storage.columns import UtcTime
from storage.stock_tables import Amount


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types by name, so that a migration reads like the tables."""
    if kind != "type":
        return False
    if isinstance(item, UtcTime):
        return "storage.columns.UtcTime()"
    if isinstance(item, Amount):
        return "storage.columns.BIG"
    if isinstance(item, sqlalchemy.JSON):
        return "storage.columns.JSON_TYPE"
    if isinstance(item, sqlalchemy.BigInteger):
        return "storage.columns.BIG"
    return "sa.String()" if type(item) is AutoString else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_item,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
