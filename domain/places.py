"""Learning where a customer is from confirmed visits, when the master data do not say."""

from collections.abc import Iterable, Sequence
from datetime import date
from statistics import median

from domain.authenticity import LearningLimits
from domain.check_ins import metres_to
from domain.datums import converted
from domain.positions import Position, distance
from domain.values import Value
from domain.visits import Place


class Sample(Value):
    """The position of one confirmed visit."""

    ref: str
    """`check_in:3`"""
    person: str
    day: date
    position: Position


class Lesson(Value):
    """A learned place and the visits that taught it."""

    place: Place
    taught_by: tuple[str, ...]


def learn(samples: Iterable[Sample], limits: LearningLimits) -> Lesson | None:
    """The place that enough visits agree on, None as long as they do not.

    One visit counts for each person and day, and the very same coordinates count once: who sends one faked point again
    and again teaches nothing. The middle is the median, so that a far outlier does not drag it.
    """
    told = _different(samples)
    if not told:
        return None
    middle = _middle(told)
    agreeing = [s for s in told if metres_to(s.position, middle) <= limits.agree_metres]
    enough = (
        len(agreeing) >= limits.visits
        and len({s.day for s in agreeing}) >= limits.days
        and len(agreeing) >= limits.share * len(told)
    )
    if not enough:
        return None
    middle = _middle(agreeing)
    spread = max(distance(middle, converted(s.position, middle.datum)) for s in agreeing)
    place = Place(position=middle, source="learned", spread=round(spread, 1), visits=len(agreeing))
    return Lesson(place=place, taught_by=tuple(s.ref for s in agreeing))


def _different(samples: Iterable[Sample]) -> list[Sample]:
    """The last sample of each person and day, without repeated coordinates."""
    latest = {(s.person, s.day): s for s in samples}
    points = {
        (round(s.position.latitude, 6), round(s.position.longitude, 6), s.position.datum): s
        for s in latest.values()
    }
    return list(points.values())


def _middle(samples: Sequence[Sample]) -> Position:
    points = [converted(s.position, "GCJ-02") for s in samples]
    return Position(
        latitude=median(p.latitude for p in points), longitude=median(p.longitude for p in points)
    )
