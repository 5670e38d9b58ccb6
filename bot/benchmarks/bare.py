"""The limit: what no callback can do without, in a bare loop with no HTTP and no grouping."""

import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.benchmarks.callbacks import AES_KEY, AGENT, CORP, TOKEN, Call
from bot.channels.envelope import EnvelopeCrypto
from bot.channels.wecom import inbound, xml
from bot.channels.wecom.config import WeComConfig
from bot.inbox import COLUMNS, INTO, row_of
from storage import migrate
from storage.store import Store


class Bare:
    """Verify + decrypt + parse + one insert and commit a message, on a database of its own."""

    def __init__(self, file: Path) -> None:
        store = Store(f"sqlite:///{file}")
        migrate.upgrade(store)
        store.close()
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=FULL")
        self._config = WeComConfig(CORP, AGENT, "secret", TOKEN, AES_KEY)
        self._crypto = EnvelopeCrypto(TOKEN, AES_KEY, CORP)

    def cpu(self, calls: Sequence[Call], rate: float | None = None) -> float:
        """CPU seconds a message, as fast as they go or at `rate` a second."""
        now = datetime.now(UTC)
        statement = f"{INTO}({', '.join('?' * len(COLUMNS))})"
        start, began = time.perf_counter(), time.process_time()
        for number, call in enumerate(calls):
            if rate:
                time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            query = call.query
            encrypted = xml.parse(call.body).findtext("Encrypt") or ""
            opened = self._crypto.open(encrypted, query["msg_signature"], query["timestamp"], query["nonce"])
            message = inbound.read(opened, self._config, now)
            self._connection.execute(statement, row_of(message, now, sqlite=True))
        return (time.process_time() - began) / len(calls)
