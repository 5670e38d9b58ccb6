"""Who may write to a SQLite file: one transaction at a time, over the threads of a process and over processes.

SQLite makes a waiting writer poll for a lock that a busy process gives back for microseconds only, so that others
starve for seconds. Here they queue before they ask SQLite at all.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows: several processes are left to SQLite's own waiting
    fcntl = None

POLL = 0.001
"""Seconds between looks at a lock that another process holds."""


class OthersWrite(sqlite3.OperationalError):
    """Somebody else writes: at this moment, or for longer than one wants to wait."""


class WriteLock:
    """Held by whoever writes. Within the process the urgent (the callback path) go before all who are not."""

    def __init__(self, turnstile: "Turnstile | None" = None) -> None:
        self._turnstile = turnstile
        self._free = threading.Condition()
        self._held = False
        self._urgent = 0

    @contextmanager
    def held(self, *, urgent: bool, wait: float) -> Iterator[None]:
        """`wait`: how many seconds for other processes; 0 waits for nobody. Raises OthersWrite."""
        with self._free:
            if wait == 0 and (self._held or self._urgent):
                raise OthersWrite
            self._urgent += urgent
            self._free.wait_for(lambda: not self._held and (urgent or not self._urgent))
            self._urgent -= urgent
            self._held = True
        try:
            if self._turnstile is None:
                yield
            else:
                with self._turnstile.passed(wait):
                    yield
        finally:
            with self._free:
                self._held = False
                self._free.notify_all()

    def close(self) -> None:
        if self._turnstile is not None:
            self._turnstile.close()


class Turnstile:
    """Lets one process through at a time, and whoever waits goes before the one who was just through.

    Two advisory locks on files beside the database: the waiting one holds the entrance while it waits for the
    inside, so that nobody can pass it. Both end with the process that holds them.
    """

    def __init__(self, database: Path) -> None:
        self._entrance, self._inside = (
            os.open(f"{database}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            for name in ("entrance", "inside")
        )

    @classmethod
    def before(cls, database: Path) -> "Turnstile | None":
        """None where the system has no such locks."""
        return cls(database) if fcntl else None

    @contextmanager
    def passed(self, wait: float) -> Iterator[None]:
        """Raises OthersWrite after `wait` seconds."""
        deadline = time.monotonic() + wait
        self._lock(self._entrance, deadline)
        try:
            self._lock(self._inside, deadline)
        finally:
            self._unlock(self._entrance)
        try:
            yield
        finally:
            self._unlock(self._inside)

    def close(self) -> None:
        os.close(self._entrance)
        os.close(self._inside)

    @staticmethod
    def _lock(file: int, deadline: float) -> None:
        assert fcntl is not None
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise OthersWrite(
                        "another process has been writing to the database for too long"
                    ) from None
                time.sleep(POLL)

    @staticmethod
    def _unlock(file: int) -> None:
        assert fcntl is not None
        fcntl.flock(file, fcntl.LOCK_UN)
