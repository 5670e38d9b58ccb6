"""The company, the app and the clock that these tests share."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.channels.base import InboxBusy
from bot.channels.dingtalk.config import DingTalkConfig
from domain.messages import Inbound

NOW = datetime(2026, 11, 23, 1, 0, 15, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

CONFIG = DingTalkConfig(
    client_id="dingkey01",
    client_secret="app-secret-01",
    robot_code="dingrobot01",
    corp_id="dingcorp01",
    card_template_id="11111111-aaaa.schema",
    event_token="event-token",
    event_aes_key=AES_KEY,
    card_callback_secret="card-secret-01",
    public_url="https://bot.example.com",
)

PAYLOADS = Path(__file__).parents[2] / "payloads" / "dingtalk"


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return found


class Inbox:
    """Stores like the real one: once per key, durably before it answers; can be made busy."""

    def __init__(self) -> None:
        self.messages: list[Inbound] = []
        self.busy = False
        self.arrived = asyncio.Condition()
        self.before: Callable[[], Awaitable[None]] | None = None

    async def accept(self, message: Inbound) -> bool:
        if self.before:
            await self.before()
        async with self.arrived:
            self.arrived.notify_all()
            if self.busy:
                raise InboxBusy
            if message.key in self.keys:
                return False
            self.messages.append(message)
            return True

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.messages]

    async def holds(self, count: int) -> None:
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.messages) >= count)


class SimulatedClock:
    """Time stands still until `advance`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.seconds + seconds, sleeper))
        self._changed.set()
        await sleeper

    def waits(self) -> list[float]:
        """Seconds until each sleeper wakes, soonest first."""
        self._sleepers = [(due, sleeper) for due, sleeper in self._sleepers if not sleeper.done()]
        return sorted(due - self.seconds for due, _ in self._sleepers)

    async def someone_sleeps(self, *, at_least: float = 0.0, at_most: float = 1e9) -> float:
        """The seconds of a sleeper within these bounds, as soon as there is one."""
        while not (found := [wait for wait in self.waits() if at_least <= wait <= at_most]):
            self._changed.clear()
            await self._changed.wait()
        return found[0]

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        for due, sleeper in self._sleepers:
            if due <= self.seconds and not sleeper.done():
                sleeper.set_result(None)
