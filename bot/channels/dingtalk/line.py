"""One Stream connection and its reader."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bot.channels.dingtalk.frames import Frame, read_frame
from bot.channels.dingtalk.payload import Malformed

log = logging.getLogger(__name__)

SILENT_AFTER = 90.0
FINISH = 5.0
AT_ONCE = 64
"""Messages of one connection that may wait for the inbox at the same time."""


class Clock(Protocol):
    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Line:
    """`leaving` is set when the platform announced that it will close; `reading` is done when it did."""

    def __init__(
        self,
        socket: ClientConnection,
        answer: Callable[[Frame], Awaitable[str | None]],
        clock: Clock,
    ) -> None:
        self._socket = socket
        self._answer = answer
        self._clock = clock
        self._in_hand: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._last_frame = clock.monotonic()
        self.leaving = asyncio.Event()
        self.reading: asyncio.Task[None] = asyncio.ensure_future(self._read())

    async def silence(self) -> None:
        """Returns when no frame has come for 90 s."""
        while (rest := self._last_frame + SILENT_AFTER - self._clock.monotonic()) > 0:
            await self._clock.sleep(rest)

    async def drain(self, seconds: float, hurry: asyncio.Event) -> None:
        """Reads on for so long, or until the platform closes or there is a hurry, then finishes what is in
        hand, for at most 5 s, and closes."""
        try:
            if seconds:
                await first_of(self.reading, self._clock.sleep(seconds), hurry.wait())
        finally:
            self.reading.cancel()
            if self._in_hand:
                await asyncio.wait(self._in_hand, timeout=FINISH)
            for task in self._in_hand:
                task.cancel()
            await self._socket.close()

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for received in self._socket:
                self._last_frame = self._clock.monotonic()
                try:
                    frame = read_frame(received)
                except Malformed as error:
                    log.warning("refused a Stream frame: %s", error)
                    continue
                if frame.is_disconnect:
                    self.leaving.set()
                    continue
                await self._room.acquire()
                task = asyncio.ensure_future(self._handle(frame))
                self._in_hand.add(task)
                task.add_done_callback(self._done)

    async def _handle(self, frame: Frame) -> None:
        told = await self._answer(frame)
        if told is not None:
            with suppress(ConnectionClosed):  # stored; sent again on another connection and recognised there
                await self._socket.send(told)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()):
            log.error("a Stream frame could not be handled", exc_info=error)


async def first_of(*waits: Coroutine[Any, Any, Any] | asyncio.Future[Any] | Awaitable[Any]) -> None:
    """Returns when the first is done. Coroutines handed in are cancelled, futures go on."""
    own = [asyncio.ensure_future(wait) for wait in waits if asyncio.iscoroutine(wait)]
    lent = [wait for wait in waits if isinstance(wait, asyncio.Future)]
    try:
        await asyncio.wait([*own, *lent], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in own:
            task.cancel()
