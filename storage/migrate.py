"""The schema's versions (Alembic). `upgrade` is safe to run by several processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.store import Store

ADVISORY_LOCK = 7_306_100


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(store: Store) -> None:
    """Bring the database to the newest version; does nothing where it is there already."""
    config = _config()
    with store.transaction() as connection:
        if not store.sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def versions(store: Store) -> tuple[str | None, str | None]:
    """(the database's version, the newest version)."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with store.engine.connect() as connection:
        return _current(connection), newest


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
