"""Clock times: 下午三点半, 10:30, 两点一刻, 凌晨两点."""

import re
from decimal import Decimal

from nlu.language.numbers import exact

_N = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
PART = re.compile(
    r"大?清早|一大早|大早上|清早|清晨|凌晨|早晨|早上|今晨|上午|中午|午后|下午|傍晚|晚上|晚间|夜里|半夜|深夜|早(?=[\d一二两三四五六七八九十])"
    r"|晚(?=[\d一二两三四五六七八九十])|晨(?=[\d一二两三四五六七八九十])"
)
CLOCK = re.compile(
    rf"(?P<hour>{_N})(?:(?P<colon>:)(?P<colon_minute>\d{{2}})(?::\d{{2}})?"
    rf"|[点时](?P<tail>半|整|钟|过?[一三]刻|(?P<minute>[零〇]?[一二三四五六七八九十]{{1,3}}|\d{{1,2}})分钟?|"
    rf"(?P<bare>[零〇][一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]?|\d{{2}})(?![一二三四五六七八九十百千\d箱件瓶盒元块]))?)"
)

NIGHT = ("晚上", "晚间", "晚", "夜里", "半夜", "深夜")
AFTERNOON = ("下午", "午后", "傍晚")
NOON = ("中午",)


def read_clock(match: re.Match[str], part: str) -> tuple[int, int, int] | None:
    """(days later, hour, minute), None for an impossible time such as 25点."""
    hour_number = exact(match["hour"])
    minute = _minute(match)
    if hour_number is None or minute is None or hour_number > 24 or minute > 59:
        return None
    hour = int(hour_number)
    if part in NIGHT:
        if hour == 12 or (hour <= 4 and part != "晚"):
            return 1, hour % 12, minute
        return 0, hour + 12 if hour < 12 else hour % 24, minute
    if part in AFTERNOON:
        return 0, hour + 12 if hour < 12 else hour, minute
    if part in NOON:
        return 0, hour + 12 if hour < 4 else hour, minute
    if part:
        return 0, 0 if part == "凌晨" and hour == 12 else hour % 24, minute
    if 1 <= hour <= 6 and not (match["colon"] and match["hour"].startswith("0")):
        return 0, hour + 12, minute
    return (1, 0, minute) if hour == 24 else (0, hour, minute)


def _minute(match: re.Match[str]) -> int | None:
    if match["colon"]:
        return int(match["colon_minute"])
    tail = match["tail"]
    if tail in (None, "整", "钟"):
        return 0
    if tail == "半":
        return 30
    if tail.endswith("刻"):
        return 15 if "一" in tail else 45
    words = match["minute"] or match["bare"]
    number: Decimal | None = exact(words.lstrip("零〇") or "零")
    return None if number is None else int(number)
