"""Who may write to a SQLite file: one transaction at a time, over the threads of a process and over processes.

SQLite makes a waiting writer poll for a lock that a busy process gives back for microseconds only, so that others
starve for seconds. Here they queue before they ask SQLite at all.
"""

import logging
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

log = logging.getLogger(__name__)

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
        self._holder = 0
        self._urgent = 0

    @contextmanager
    def held(self, *, urgent: bool, wait: float) -> Iterator[None]:
        """`wait`: how many seconds for other processes, and, where it is urgent, for this one; 0 waits for nobody.

        Raises OthersWrite; RuntimeError in a thread that holds it already.
        """
        with self._free:
            if self._held and self._holder == threading.get_ident():
                raise RuntimeError(
                    "a transaction was begun inside another one of the same thread: use the outer one"
                )
            self._urgent += urgent
            try:
                mine = self._free.wait_for(
                    lambda: not self._held and (urgent or not self._urgent), timeout=wait if urgent else None
                )
            finally:
                self._urgent -= urgent
            if not mine:
                raise OthersWrite("this process has been writing to the database for too long")
            self._held, self._holder = True, threading.get_ident()
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
        self._entrance = _opened(database, "entrance")
        self._inside = _opened(database, "inside")

    @classmethod
    def before(cls, database: Path) -> "Turnstile | None":
        """None where the system has no such locks, or no file can be made for them: SQLite's own waiting is left."""
        if fcntl is None or database.name.startswith("file:"):
            return None
        try:
            return cls(database)
        except OSError as error:
            log.warning("writers of %s do not queue over processes: %s", database, error)
            return None

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


def _opened(database: Path, name: str) -> int:
    """The lock's file. Where root makes it, it belongs to whom the database belongs to, as SQLite's own files do."""
    file = os.open(f"{database}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = (database if database.exists() else database.parent).stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file
