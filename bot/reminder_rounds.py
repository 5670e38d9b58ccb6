"""Schedules are looked through every minute; what falls due in the next hours is written down, once over all clocks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.knowledge import Knowledge
from domain.schedules.occurrences import Window
from handlers.reminder_plan import planned
from storage.reminders import Reminders
from storage.store import Store

AHEAD = timedelta(hours=2)
EVERY = timedelta(minutes=10)
"""How often the data are looked through; well within `AHEAD`."""
CHUNK = 200


class ReminderRounds:
    def __init__(
        self, store: Store, knowledge: Knowledge, now: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._store, self._knowledge, self._now, self._zone = store, knowledge, now, zone
        self._known: dict[str, datetime] = {}
        """Occurrences that are written down already: nothing is written twice only to be refused."""
        self._looked: tuple[datetime, str] | None = None

    def run_once(self) -> int:
        """Write down what falls due soon, or was due while nothing ran. Returns how many reminders that were."""
        now = self._now()
        with self._store.read() as session:
            rules, _ = self._knowledge.current(session)
            if self._looked_lately(now, rules.version):
                return 0
            window = Window(now, now + AHEAD)
            found = [one for one in planned(session, rules, self._zone, window) if one.key not in self._known]
        written = 0
        for start in range(0, len(found), CHUNK):
            with self._store.write() as session:
                written += Reminders(session).write_down(found[start : start + CHUNK])
        self._known = {key: at for key, at in self._known.items() if abs(at - now) < timedelta(days=8)}
        self._known |= {one.key: one.planned for one in found}
        self._looked = now, rules.version
        return written

    def _looked_lately(self, now: datetime, version: str) -> bool:
        if self._looked is None or self._looked[1] != version:
            return False
        return timedelta() <= now - self._looked[0] < EVERY
