"""A day's stops in an order that makes sense: fixed times stand, what is overdue comes first, the rest lies between.

Distances are straight lines; how long the roads are nobody knows here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.datums import converted
from domain.positions import Position, distance
from domain.values import Value


class Stop(Value):
    customer: str
    """His code."""
    at: datetime | None = None
    """The time that was agreed; None where any will do."""
    position: Position | None = None
    overdue: bool = False
    """Something was promised here, and its day has passed."""


class Leg(Value):
    stop: Stop
    metres: float | None = None
    """Straight from the stop before, or from where he is; None where one of the two places is not known."""


def ordered(
    stops: Sequence[Stop], now: datetime, stop_takes: timedelta, start: Position | None = None
) -> list[Leg]:
    """The stops, each once.

    Fixed times come in their order. Overdue promises go before everything that is not fixed, then each of the others
    where it makes the way longest the least, nearest first; before a fixed time only as many as there is time for.
    Whose place is not known comes last, in the order in which it was said.
    """
    day = _Day(sorted((s for s in stops if s.at), key=lambda s: s.at or now), now, stop_takes, start)
    loose = [s for s in stops if not s.at]
    day.take_first([s for s in loose if s.overdue and s.position])
    day.take_between([s for s in loose if not s.overdue and s.position])
    unplaced = sorted((s for s in loose if not s.position), key=lambda s: not s.overdue)
    return _legs([*day.route(), *unplaced], start)


class _Day:
    """The fixed stops, and what lies before each of them and after the last."""

    def __init__(
        self, fixed: list[Stop], now: datetime, stop_takes: timedelta, start: Position | None
    ) -> None:
        self.fixed = fixed
        self.start = start
        self.between: list[list[Stop]] = [[] for _ in range(len(fixed) + 1)]
        self.first = [0] * len(self.between)
        """How many overdue ones stand at the beginning of each."""
        free, self.room = now, list[float]()
        for stop in fixed:
            at = stop.at or now
            self.room.append(max((at - free) // stop_takes, 0))
            free = max(free, at + stop_takes)
        self.room.append(float("inf"))

    def route(self) -> list[Stop]:
        """Everything in its order."""
        last = self.between[-1]
        return [s for gap, stop in zip(self.between, self.fixed, strict=False) for s in (*gap, stop)] + last

    def take_first(self, stops: list[Stop]) -> None:
        """As early as there is time for, the nearest to the one before first."""
        left, here = list(stops), self.start
        while left:
            stop = min(left, key=lambda s: _metres(here, s.position) or 0)
            left.remove(stop)
            gap = next(n for n, taken in enumerate(self.between) if len(taken) < self.room[n])
            self.between[gap].append(stop)
            self.first[gap] += 1
            here = stop.position

    def take_between(self, stops: list[Stop]) -> None:
        """Nearest insertion: the one that makes the way longest the least, again and again."""
        left = list(stops)
        while left:
            _, stop, gap, place = min(
                ((self._longer(s, g, p), s, g, p) for s in left for g, p in self._places()),
                key=lambda o: o[0],
            )
            self.between[gap].insert(place, stop)
            left.remove(stop)

    def _places(self) -> list[tuple[int, int]]:
        return [
            (gap, place)
            for gap, taken in enumerate(self.between)
            if len(taken) < self.room[gap]
            for place in range(self.first[gap], len(taken) + 1)
        ]

    def _longer(self, stop: Stop, gap: int, place: int) -> float:
        """By how many metres the way gets longer."""
        index = sum(len(taken) for taken in self.between[:gap]) + gap + place
        route = self.route()
        before = next((s.position for s in reversed(route[:index]) if s.position), self.start)
        after = next((s.position for s in route[index:] if s.position), None)
        there = _metres(before, stop.position) or 0
        return there + (_metres(stop.position, after) or 0) - (_metres(before, after) or 0)


def _legs(route: list[Stop], start: Position | None) -> list[Leg]:
    legs, here = [], start
    for stop in route:
        legs.append(Leg(stop=stop, metres=_metres(here, stop.position)))
        here = stop.position
    return legs


def _metres(a: Position | None, b: Position | None) -> float | None:
    if a is None or b is None:
        return None
    return distance(converted(a, "GCJ-02"), converted(b, "GCJ-02"))
