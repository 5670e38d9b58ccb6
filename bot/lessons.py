"""The coaching library in use: read when it is first asked for, and again when a trainer has changed a file."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from coaching.coach import Coach
from config import library
from config.rulebook import RulebookError
from domain.errors import Refusal
from nlu.language.sounds import sound

log = logging.getLogger(__name__)

FRESH_SECONDS = 2.0
"""How long a changed file may go unnoticed."""
BROKEN = "话术库的文件有错，现在用不了。请让管理员运行 xiaofang rulebook check 看看是哪一处。"


class Lessons:
    """Shared by all threads of a process. Call it for the coach."""

    def __init__(self, directory: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._clock = clock
        self._coach: Coach | None = None
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._looked = -FRESH_SECONDS
        self._reading = threading.Lock()

    def __call__(self) -> Coach:
        """The coach of the library as it is now; the last good one where a trainer has left a mistake.

        Raises Refusal where there never was a good one.
        """
        with self._reading:
            if self._coach is None or self._clock() - self._looked >= FRESH_SECONDS:
                self._looked = self._clock()
                stamp = self._stamps()
                if stamp != self._stamp:
                    self._read(stamp)
            if self._coach is None:
                raise Refusal(BROKEN)
            return self._coach

    def _read(self, stamp: tuple[tuple[str, int], ...]) -> None:
        self._stamp = stamp
        try:
            self._coach = Coach(library.load(self._directory), sound)
        except RulebookError as error:
            log.error("the coaching library has mistakes and was not taken:\n%s", error)

    def _stamps(self) -> tuple[tuple[str, int], ...]:
        root = library.folder_of(self._directory)
        return tuple((str(file), file.stat().st_mtime_ns) for file in sorted(root.rglob("*.yaml")))
