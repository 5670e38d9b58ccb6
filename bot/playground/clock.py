"""The clock of the playground: real time plus what the visitor added."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


class PlaygroundClock:
    """Calling it gives the simulated now in UTC. With `start` it stands still until moved (for tests)."""

    def __init__(self, start: datetime | None = None, zone: str = "Asia/Shanghai") -> None:
        self._start = start
        self._added = timedelta()
        self._lock = threading.Lock()
        self.zone = ZoneInfo(zone)

    def __call__(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._added

    def now(self) -> datetime:
        return self()

    def advance(self, by: timedelta) -> None:
        """Moves forward; raises ValueError for a move backwards, which no platform ever makes."""
        if by < timedelta():
            raise ValueError("the clock only moves forward")
        with self._lock:
            self._added += by


def until_morning(now: datetime, zone: ZoneInfo) -> timedelta:
    """From now to 08:00 tomorrow in this zone; before 05:00, to 08:00 of the day that is about to begin."""
    local = now.astimezone(zone)
    day = local.date() if local.time() < time(5) else local.date() + timedelta(days=1)
    return datetime.combine(day, time(8), zone) - local
