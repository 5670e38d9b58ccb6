"""Positions on the earth and the distance between them."""

from math import asin, cos, radians, sin, sqrt
from typing import Literal

from domain.values import Value

EARTH_RADIUS_METRES = 6_371_008.8

Datum = Literal["GCJ-02", "WGS-84", "BD-09"]


class Position(Value):
    """A point as a phone gave it. Degrees; accuracy in metres, None where the platform says nothing.

    The datum travels with the point and is never converted silently.
    """

    latitude: float
    longitude: float
    datum: Datum = "GCJ-02"
    accuracy: float | None = None
    label: str = ""


def distance(a: Position, b: Position) -> float:
    """Metres along the great circle (haversine). Both points must carry the same datum."""
    if a.datum != b.datum:
        raise ValueError(f"distance between {a.datum} and {b.datum}: convert one of them first")
    north = radians(b.latitude - a.latitude)
    east = radians(b.longitude - a.longitude)
    chord = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(sqrt(chord))
