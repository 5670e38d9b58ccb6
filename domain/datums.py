"""The three datums that Chinese maps use, and the way from one to another.

Phones measure in WGS-84. Maps and messengers in China show GCJ-02, some 500 m beside it; Baidu shifts that once more
(BD-09). The formulas are the ones that every open implementation shares; the golden values come from eviltransform.
Outside China nothing is shifted, and all three are the same.
"""

from collections.abc import Callable
from math import atan2, cos, hypot, pi, radians, sin, sqrt

from domain.positions import Datum, Position

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

SOUTH, NORTH, WEST, EAST = 0.8293, 55.8271, 72.004, 137.8347
"""The rectangle in which map makers shift."""

AXIS = 6_378_245.0
"""Metres: the Krasovsky ellipsoid, with which the golden values were made."""
ECCENTRICITY_SQUARED = 0.00669342162296594323
BAIDU = pi * 3000 / 180
CLOSE_ENOUGH = 1e-12
"""Degrees; a ten-thousandth of a millimetre."""


def converted(position: Position, datum: Datum) -> Position:
    """The same place, written in another datum. Exact forwards; backwards to better than 1e-9 degrees."""
    if position.datum == datum or not _in_china((position.latitude, position.longitude)):
        return position if position.datum == datum else position.model_copy(update={"datum": datum})
    point = _TO_GCJ[position.datum]((position.latitude, position.longitude))
    latitude, longitude = _FROM_GCJ[datum](point)
    return position.model_copy(update={"latitude": latitude, "longitude": longitude, "datum": datum})


def _in_china(point: Point) -> bool:
    return SOUTH <= point[0] <= NORTH and WEST <= point[1] <= EAST


def _same(point: Point) -> Point:
    return point


def _wgs_to_gcj(point: Point) -> Point:
    latitude, longitude = point
    north, east = _shift(longitude - 105.0, latitude - 35.0)
    curve = 1 - ECCENTRICITY_SQUARED * sin(latitude / 180.0 * pi) ** 2
    root = sqrt(curve)
    north = north * 180.0 / (AXIS * (1 - ECCENTRICITY_SQUARED) / (curve * root) * pi)
    east = east * 180.0 / (AXIS / root * cos(radians(latitude)) * pi)
    return latitude + north, longitude + east


def _shift(x: float, y: float) -> Point:
    """Metres to the north and to the east."""
    wave = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = wave + 20.0 * sin(y * pi) + 40.0 * sin(y * pi / 3.0)
    north = (north + 160.0 * sin(y * pi / 12.0) + 320.0 * sin(y * pi / 30.0)) * (2.0 / 3.0)
    east = wave + 20.0 * sin(x * pi) + 40.0 * sin(x * pi / 3.0)
    east = (east + 150.0 * sin(x * pi / 12.0) + 300.0 * sin(x * pi / 30.0)) * (2.0 / 3.0)
    root = 0.1 * sqrt(abs(x))
    return (
        north + -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2 * root,
        east + 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root,
    )


def _gcj_to_bd(point: Point) -> Point:
    y, x = point
    radius = hypot(x, y) + 0.00002 * sin(y * BAIDU)
    angle = atan2(y, x) + 0.000003 * cos(x * BAIDU)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def _back(forward: Callable[[Point], Point]) -> Callable[[Point], Point]:
    """The inverse of a small shift: guess, see by how much the guess is off, correct it."""

    def inverse(point: Point) -> Point:
        guess = point
        for _ in range(12):
            there = forward(guess)
            off = there[0] - point[0], there[1] - point[1]
            if abs(off[0]) < CLOSE_ENOUGH and abs(off[1]) < CLOSE_ENOUGH:
                break
            guess = guess[0] - off[0], guess[1] - off[1]
        return guess

    return inverse


_TO_GCJ: dict[Datum, Callable[[Point], Point]] = {
    "GCJ-02": _same,
    "WGS-84": _wgs_to_gcj,
    "BD-09": _back(_gcj_to_bd),
}
_FROM_GCJ: dict[Datum, Callable[[Point], Point]] = {
    "GCJ-02": _same,
    "WGS-84": _back(_wgs_to_gcj),
    "BD-09": _gcj_to_bd,
}
