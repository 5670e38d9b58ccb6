"""Once a day: delete voice notes, photos and positions past the days that `config/policies/personal.yaml` gives them,
and the rows of what was finished long ago.

Any number of processes may do it: what one has deleted the next one does not find.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import failures
from bot.knowledge import Knowledge
from domain.policies import PersonalKind, PersonalPolicy
from storage import retention
from storage.media import MediaStore
from storage.store import Store

log = logging.getLogger(__name__)

NOT_BEFORE = 3
"""O'clock in the company's zone: nobody is at work."""
KEPT = timedelta(days=30)
"""How long finished due times, calls of other systems and reminders stay; nothing looks back more than days."""
FILES: tuple[PersonalKind, ...] = ("voice", "photo")


@dataclass
class Retention:
    store: Store
    media: MediaStore
    knowledge: Knowledge
    zone: ZoneInfo
    _done: date = field(default=date.min, init=False)

    def run_daily(self, now: datetime) -> None:
        """To be called as often as one likes; a failure is logged and tried again the next day."""
        local = now.astimezone(self.zone)
        if local.hour < NOT_BEFORE or self._done == local.date():
            return
        self._done = local.date()
        try:
            self.run(now)
        except Exception:
            failures.bug("retention")

    def run(self, now: datetime) -> int:
        """Delete all that is past its days. Returns how many things that were."""
        with self.store.read() as session:
            personal = self.knowledge.current(session)[0].policies.personal
        count = sum(self._files(kind, personal, now) for kind in FILES) + self._positions(personal, now)
        swept = sum(self._sweep(what, now - KEPT) for what in retention.FINISHED)
        if count:
            log.info("retention: %s files and positions deleted", count)
        if swept:
            log.info("retention: %s finished due times, calls and reminders deleted", swept)
        return count

    def _files(self, kind: PersonalKind, personal: PersonalPolicy, now: datetime) -> int:
        before, why = _since(kind, personal, now)
        count = 0
        while True:
            with self.store.write() as session:
                files = retention.old_files(session, kind, before)
                for (
                    sha256
                ) in files:  # first the file: rows without it are found again, a file without rows never
                    self.media.path(sha256).unlink(missing_ok=True)
                if files:
                    retention.forget_files(session, files, kind, why, now)
            count += len(files)
            if len(files) < retention.AT_ONCE:
                return count

    def _positions(self, personal: PersonalPolicy, now: datetime) -> int:
        before, why = _since("position", personal, now)
        count = 0
        while True:
            with self.store.write() as session:
                gone = retention.forget_positions(session, before, why, now)
            count += gone
            if gone < retention.AT_ONCE:
                return count

    def _sweep(self, what: str, before: datetime) -> int:
        count = 0
        while True:
            with self.store.write() as session:
                gone = retention.sweep(session, what, before)
            count += gone
            if gone < retention.AT_ONCE:
                return count


def _since(kind: PersonalKind, personal: PersonalPolicy, now: datetime) -> tuple[datetime, str]:
    rule = personal.kinds[kind]
    return now - timedelta(days=rule.keep_days), f"{rule.label}保留 {rule.keep_days} 天，已到期"
