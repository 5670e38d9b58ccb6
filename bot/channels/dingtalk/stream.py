"""Keeps one Stream connection alive, and says how it is.

    open ─→ connected ─┬─ closed by the platform      → open again, after a pause that grows from 1 to 60 s
                       ├─ silent for 90 s (half-open) → open again at once
                       └─ "disconnect" announced      → open the next one first; the old one is read for up
                                                        to 10 s more, so that nothing falls between the two

Wrong credentials are asked about again after 1 minute, then ever more rarely up to 10. A change of state is
one line in the log, however long the state lasts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Literal

from websockets.asyncio.client import ClientConnection

from bot.channels.base import Accept
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.frames import Frame, acknowledge
from bot.channels.dingtalk.gateway import NoConnection, open_connection
from bot.channels.dingtalk.line import SILENT_AFTER, Clock, Line, WallClock, first_of

log = logging.getLogger(__name__)

DRAIN = 10.0
SHORT_LIFE = 30.0

Status = Literal["stopped", "connecting", "connected", "refused", "unreachable"]
End = Literal["stop", "closed", "silent", "leaving"]


@dataclass(frozen=True)
class StreamState:
    """For /readyz and doctor. `refused` = credentials, trusted IP or rights; the error carries no secret."""

    status: Status
    since: datetime
    last_frame: datetime | None = None
    """Any frame, the platform's pings included (every 20 to 30 s)."""
    last_message: datetime | None = None
    """A message that was verified and stored, or found to be there already."""
    last_error: str = ""
    """Kept when all is well again."""


def pause(failures: int, refused: bool, random: Random) -> float:
    """Seconds before the next attempt, after so many failures in a row (the first counts as 1)."""
    if refused:
        return min(600.0, 60.0 * 2.0 ** min(failures - 1, 10)) * random.uniform(1.0, 1.1)
    return min(60.0, 2.0 ** min(failures - 1, 10)) * random.uniform(0.5, 1.0)


class StreamSupervisor:
    def __init__(
        self,
        config: DingTalkConfig,
        accept: Accept,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        connect: Callable[[DingTalkConfig], Awaitable[ClientConnection]] = open_connection,
    ) -> None:
        self._config = config
        self._accept = accept
        self._clock = clock or WallClock()
        self._random = random or Random()
        self._connect = connect
        self._state = StreamState("stopped", self._clock.now())
        self._drains: set[asyncio.Task[None]] = set()
        self._hurry = asyncio.Event()

    def state(self) -> StreamState:
        """Safe to call from any thread."""
        return self._state

    async def run(self, stop: asyncio.Event) -> None:
        """Returns when `stop` is set and every socket is closed; messages in hand are stored and answered
        first, for at most 5 s. Raises nothing of the network's."""
        current: Line | None = None
        failures = 0
        self._hurry = asyncio.Event()
        self._note("connecting")
        try:
            while not stop.is_set():
                try:
                    fresh = await self._open(stop)
                except NoConnection as error:
                    failures += 1
                    self._note("refused" if error.refused else "unreachable", str(error))
                    await self._rest(pause(failures, error.refused, self._random), stop)
                    continue
                if fresh is None:
                    break
                self._retire(current, DRAIN)
                current, opened = fresh, self._clock.monotonic()
                self._note("connected")
                end = await self._watch(current, stop)
                failures = failures + 1 if self._clock.monotonic() - opened < SHORT_LIFE else 0
                current = await self._after(end, current, failures, stop)
        finally:
            self._retire(current, 0.0)
            await self._gone()
            self._note("stopped")

    async def _open(self, stop: asyncio.Event) -> Line | None:
        """A fresh line; None where we were told to stop meanwhile. Raises NoConnection."""
        opening = asyncio.ensure_future(self._connect(self._config))
        try:
            await first_of(opening, stop.wait())
            if opening.done():
                return Line(opening.result(), self._answer, self._clock)
            return None
        finally:
            if not opening.done():
                opening.cancel()
                with suppress(asyncio.CancelledError, NoConnection):
                    await (await opening).close()

    async def _watch(self, line: Line, stop: asyncio.Event) -> End:
        """How the line ended."""
        silence = asyncio.ensure_future(line.silence())
        try:
            await first_of(line.reading, silence, line.leaving.wait(), stop.wait())
            silent = silence.done()
        finally:
            silence.cancel()
        if stop.is_set():
            return "stop"
        if line.leaving.is_set():
            return "leaving"
        return "silent" if silent and not line.reading.done() else "closed"

    async def _after(self, end: End, line: Line, failures: int, stop: asyncio.Event) -> Line | None:
        """What is left of the line while the next one is opened."""
        if end == "leaving":
            if failures > 1:  # announced again and again right after opening
                await self._rest(pause(failures, False, self._random), stop)
            return line
        if end == "silent":
            self._note("connecting", f"no frame for {SILENT_AFTER:.0f} s")
            return line
        if end == "closed":
            self._retire(line, 0.0)
            self._note("connecting", "the platform closed the connection")
            await self._rest(pause(max(failures, 1), False, self._random), stop)
            return None
        return line

    async def _answer(self, frame: Frame) -> str | None:
        self._state = replace(self._state, last_frame=self._clock.now())
        told = await acknowledge(frame, self._config, self._accept, self._clock.now)
        if told is not None and frame.is_message:
            self._state = replace(self._state, last_message=self._clock.now())
        return told

    def _retire(self, line: Line | None, seconds: float) -> None:
        if line is not None:
            drain = asyncio.ensure_future(line.drain(seconds, self._hurry))
            self._drains.add(drain)
            drain.add_done_callback(self._drains.discard)

    async def _gone(self) -> None:
        self._hurry.set()
        if self._drains:
            await asyncio.wait(self._drains)

    async def _rest(self, seconds: float, stop: asyncio.Event) -> None:
        await first_of(self._clock.sleep(seconds), stop.wait())

    def _note(self, status: Status, error: str = "") -> None:
        before = self._state
        changed = before.status != status
        self._state = replace(
            before,
            status=status,
            since=self._clock.now() if changed else before.since,
            last_error=error or before.last_error,
        )
        if changed:
            level = logging.WARNING if error else logging.INFO
            log.log(level, "DingTalk Stream is %s%s", status, f": {error}" if error else "")
