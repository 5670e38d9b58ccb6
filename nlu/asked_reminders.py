"""Somebody wants to be reminded of something of his own: 明天下午三点提醒我给王总回电话. Pure.

Whole messages alone are taken, in which 我 is reminded at a time that is said; what else people tell of reminders
(王经理提醒我明天送货) is left to others.
"""

import re
from datetime import date, datetime, time, timedelta

from domain.intents.reminders import RemindMe
from nlu.language.times import find_times

_ASKED = re.compile(
    r"^(?:请|麻烦|帮我|帮忙|小访|你|记得|到时候?|别忘了|千万|务必|给我|[，,\s])*(?P<before>.{0,16}?)(?:的时候)?"
    r"(?:记得|请|你|帮我|再)*提醒(?:一下|下)?我(?:一下|下)?[，,：:\s]*(?P<what>.+?)[吧啊哦哈。.！!～~\s]*$",
    re.DOTALL,
)
_OFTEN = re.compile(r"每(?:天|日|周|隔|年|早|晚|个?星期|个?礼拜|个?月)|工作日都")
_EDGES = "，,、：: 。.！!～~"
_LEADING = re.compile(r"^(?:一定)?(?:要|得|该|记得|别忘了)(?=.{2})")
HOURS = (
    (re.compile("中午"), time(12, 0)),
    (re.compile("下午"), time(14, 0)),
    (re.compile("晚|傍晚"), time(19, 0)),
)
MORNING = time(8, 30)
"""When somebody is reminded who said a day and no hour."""
LONGEST = 60


def asked_reminder(text: str, now: datetime) -> RemindMe | None:
    """`now` aware, by the person's own clock. Without `at` no time was said; in the past where that was said."""
    words = text.strip()
    match = _ASKED.match(words) if len(words) <= LONGEST and "\n" not in words else None
    if match is None:
        return None
    before, what = match["before"].strip(_EDGES), match["what"].strip(_EDGES)
    often = bool(_OFTEN.search(words))
    if before and not (often or _whole(before, now)):
        return None
    at, what = (_time(before, now), what) if before else _out_of(what, now)
    what = _LEADING.sub("", what).strip(_EDGES)
    return RemindMe(at=at, what=what, often=often, words=words) if len(what) > 1 else None


def _whole(words: str, now: datetime) -> bool:
    found = list(find_times(words, now))
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(words))


def _time(words: str, now: datetime) -> datetime | None:
    found = list(find_times(words, now))
    return _moment(found[0].value, words, now) if found else None


def _out_of(what: str, now: datetime) -> tuple[datetime | None, str]:
    """The only time in the words, and the words without it where it stands at an end of them."""
    found = list(find_times(what, now))
    if not found:
        return None, what
    first = found[0]
    at = _moment(first.value, what[first.start : first.end], now)
    if first.start == 0:
        return at, what[first.end :]
    if len(found) > 1:
        return None, what
    return at, what[: first.start] if first.end == len(what) else what


def _moment(value: object, words: str, now: datetime) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, date):
        return None
    hour = next((at for said, at in HOURS if said.search(words)), MORNING)
    at = datetime.combine(value, hour, now.tzinfo)
    return at if value > now.date() or at > now + timedelta(minutes=1) else None
