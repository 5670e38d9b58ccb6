"""When a message that nobody waits for may go out."""

import zlib
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(7, 30)

CROWDED_MINUTES = (0, 30)
"""Both platforms advise against pushing on the hour and the half hour, when everybody's schedules fire."""


def push_time(wanted: datetime, zone: ZoneInfo, key: str, *, scheduled: bool = True) -> datetime:
    """The earliest allowed time at or after `wanted`: outside the quiet hours, scheduled ones not in a crowded minute.

    What has to move is spread over minutes by `key`, the same key always to the same place. Aware in, aware out.
    """
    local = wanted.astimezone(zone)
    spread = zlib.crc32(key.encode())
    if local.time() >= QUIET_FROM or local.time() < QUIET_UNTIL:
        morning = local if local.time() < QUIET_UNTIL else local + timedelta(days=1)
        start = morning.replace(hour=QUIET_UNTIL.hour, minute=QUIET_UNTIL.minute, second=0, microsecond=0)
        local = start + timedelta(minutes=1, seconds=spread % (14 * 60))
    if scheduled and local.minute in CROWDED_MINUTES:
        local = local.replace(second=0, microsecond=0) + timedelta(minutes=1, seconds=spread % (4 * 60))
    return local.astimezone(wanted.tzinfo)
