"""When a message that nobody waits for may go out."""

import zlib
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.values import Value

QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(7, 30)

CROWDED_MINUTES = (0, 30)
"""Both platforms advise against pushing on the hour and the half hour, when everybody's schedules fire."""


class Quiet(Value):
    """The hours of a night, by somebody's own clock: from `start` in the evening until `end` in the morning. The same
    for both: no hour is quiet."""

    start: time = QUIET_FROM
    end: time = QUIET_UNTIL

    def holds(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


USUAL = Quiet()
MOST_MOVES = 8


def push_time(
    wanted: datetime, zone: ZoneInfo, key: str, *, scheduled: bool = True, quiet: tuple[Quiet, ...] = (USUAL,)
) -> datetime:
    """The earliest allowed time at or after `wanted`: outside all quiet hours, scheduled ones not in a crowded minute.

    What has to move is spread over minutes by `key`, the same key always to the same place. Quiet hours that leave no
    hour of the day open keep nothing back for more than some days. Aware in, aware out.
    """
    local = wanted.astimezone(zone)
    spread = zlib.crc32(key.encode())
    for _ in range(MOST_MOVES):
        night = next((one for one in quiet if one.holds(local.time())), None)
        if night is not None:
            local = _morning_after(local, night, spread)
        elif scheduled and local.minute in CROWDED_MINUTES:
            local = local.replace(second=0, microsecond=0)
            local = _later(local, timedelta(minutes=1, seconds=spread % (4 * 60)))
        else:
            break
    return local.astimezone(wanted.tzinfo)


def _morning_after(local: datetime, quiet: Quiet, spread: int) -> datetime:
    """A few minutes into the day that follows this quiet moment."""
    day = local.date() + timedelta(days=1 if local.time() >= quiet.end else 0)
    ends = datetime.combine(day, quiet.end, local.tzinfo)
    return _later(ends, timedelta(minutes=1, seconds=spread % (14 * 60)))


def _later(local: datetime, wait: timedelta) -> datetime:
    """By the clock on the wall, also where it was put forward or back meanwhile."""
    return (local.astimezone(UTC) + wait).astimezone(local.tzinfo)
