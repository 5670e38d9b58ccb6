"""What a photo proves: the time and place printed on it against the server's clock and the visit, and earlier uses.

A printed watermark is only pixels. It can contradict a visit, and it can agree with one; by itself it proves nothing.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Literal

from domain.people import Customer
from domain.positions import Position, distance
from domain.values import Value

EARLY_MINUTES = 20
"""Printed before the check-in: the shop front is photographed first."""
LATE_MINUTES = 10
"""Printed after the photo came in: clocks of phones differ by that much. Also the least that is ever worth a word."""
NEAR_METRES = 400
"""A shop's own ground, and the drift of two measurements."""
DATUM_METRES = 1_300
"""Cameras do not say whether they print WGS-84, GCJ-02 or BD-09, which lie up to this far apart in China. A printed
position beyond NEAR_METRES but within this of the shop says neither yes nor no."""

_AREAS = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,6}?(?:省|自治区))?([\u4e00-\u9fff]{2,7}?市)?([\u4e00-\u9fff]{2,6}?[区县])?"
)

TimeFit = Literal["fits", "old", "ahead", "unknown"]
PlaceFit = Literal["fits", "elsewhere", "unknown"]


class Printed(Value):
    """What a watermark says, as it was read. Empty where it says nothing, or where that was not certain."""

    date: str = ""
    """2026-03-10"""
    time: str = ""
    """10:05"""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    reporter: str = ""


class Before(Value):
    """An earlier sending of the same picture."""

    sha256: str
    person: str
    """The id of whoever sent it."""
    at: datetime
    customer: str | None = None
    """The code, where a record of that customer rests on it."""
    counts: bool = False
    """A record that was proposed or counts rests on it."""


class Fit(Value):
    """How a watermark agrees with what the server knows. `minutes` is printed minus sent: negative is earlier.
    Where only a day is printed, or only that could be read, they are the least that it can be."""

    time: TimeFit = "unknown"
    minutes: int | None = None
    place: PlaceFit = "unknown"
    words: tuple[str, ...] = ()


def fit(
    printed: Printed,
    *,
    sent_at: datetime,
    arrived_at: datetime | None = None,
    customer: Customer | None = None,
) -> Fit:
    """Compare a watermark with the sending of its photo and with the visit that it is to prove.

    `sent_at` is aware and in the zone whose time the camera prints; `arrived_at` is the check-in's time.
    """
    when, minutes, about_time = _time_fit(printed, sent_at, arrived_at)
    place, about_place = _place_fit(printed, customer) if customer else ("unknown", "")
    return Fit(time=when, minutes=minutes, place=place, words=tuple(filter(None, (about_time, about_place))))


def _time_fit(
    printed: Printed, sent_at: datetime, arrived_at: datetime | None
) -> tuple[TimeFit, int | None, str]:
    if not printed.date:
        return "unknown", None, ""
    day = date.fromisoformat(printed.date)
    if not printed.time:
        if day == sent_at.date():
            return "unknown", None, ""
        # So much at least: to the end of that day, or from its beginning.
        midnight = datetime.combine(day + timedelta(days=day < sent_at.date()), time(), sent_at.tzinfo)
        off = round((midnight - sent_at).total_seconds() / 60)
        return ("old" if off <= 0 else "ahead"), off, f"水印日期是{_day(day)}，不是今天"
    at = datetime.combine(day, time.fromisoformat(printed.time), sent_at.tzinfo)
    # Cameras print no seconds.
    minutes = round((at - sent_at.replace(second=0, microsecond=0)).total_seconds() / 60)
    if minutes > LATE_MINUTES:
        return "ahead", minutes, f"水印时间比收到照片还晚 {_span(minutes)}"
    earliest = (arrived_at or sent_at) - timedelta(minutes=EARLY_MINUTES)
    if at < earliest:
        since = f"，比签到早 {_span(_minutes(arrived_at - at))}" if arrived_at else ""
        return "old", minutes, f"水印时间比发送早 {_span(-minutes)}{since}"
    return "fits", minutes, f"水印时间和发送时间差 {_span(abs(minutes))}"


def _place_fit(printed: Printed, customer: Customer) -> tuple[PlaceFit, str]:
    """By the printed words first, as they are plain; else by the printed position, with care for its datum."""
    words = plain(printed.address)
    if any(plain(name) in words for name in (customer.name, *customer.aliases) if len(name) >= 2 and words):
        return "fits", f"水印上有「{customer.name}」"
    if words and len(plain(customer.address)) >= 4 and plain(customer.address) in words:
        return "fits", "水印地址和客户地址一致"
    if other := _other_area(printed.address, customer):
        return "elsewhere", f"水印上是{other}，客户在{customer.city}{customer.district}"
    metres = _metres(printed, customer.position)
    if metres is None:
        return "unknown", ""
    if metres <= NEAR_METRES:
        return "fits", f"水印经纬度离客户约 {metres:.0f} 米"
    if metres <= NEAR_METRES + DATUM_METRES:
        return "unknown", f"水印经纬度离客户约 {metres:.0f} 米，可能只是坐标系不同"
    return "elsewhere", f"水印经纬度离客户约 {metres / 1000:.1f} 公里"


def _other_area(address: str, customer: Customer) -> str:
    """The printed city or district where it is another than the customer's; empty where none is printed."""
    printed = _AREAS.match(address)
    city, district = printed.groups() if printed else (None, None)
    for area, own in ((city, customer.city), (district, customer.district)):
        if area and own and area[:-1] not in own and own.rstrip("市区县") not in area:
            return area
    return ""


def _metres(printed: Printed, place: Position | None) -> float | None:
    if printed.latitude is None or printed.longitude is None or place is None:
        return None
    point = Position(latitude=printed.latitude, longitude=printed.longitude, datum=place.datum)
    return distance(point, place)


def plain(words: str) -> str:
    """Names and addresses as they are compared."""
    return re.sub(r"[\s·,，。()（）\-—]", "", words)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
