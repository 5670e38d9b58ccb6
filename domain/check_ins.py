"""Which customer somebody is at, from where his phone says he is."""

from collections.abc import Iterable, Mapping
from typing import Literal

from domain.authenticity import PlaceLimits
from domain.datums import converted
from domain.people import Customer
from domain.positions import Position, distance
from domain.values import Value
from domain.visits import Place

MOST_CHOICES = 5

Grade = Literal["pass", "review", "fail"]


class Near(Value):
    customer: Customer
    metres: float
    place: Place


class Whereabouts(Value):
    """at: one customer. unclear: several, nearest first. nowhere: none in reach; `near` then holds the nearest."""

    result: Literal["at", "unclear", "nowhere"]
    near: tuple[Near, ...] = ()


def metres_to(position: Position, place: Position) -> float:
    """The distance, whatever the datums of the two."""
    return distance(position, converted(place, position.datum))


def grade(position: Position, place: Place, limits: PlaceLimits) -> tuple[Grade, float]:
    """Whether a position is at a place, and its distance in metres.

    Pass within reach; fail where not even the phone's stated accuracy (capped) brings it within reach; else review.
    A learned place is as wide as the visits that taught it.
    """
    metres = metres_to(position, place.position)
    reach = limits.reach_metres + place.spread
    if metres <= reach:
        return "pass", metres
    return ("fail" if metres - limits.slack(position.accuracy) > reach else "review"), metres


def whereabouts(
    position: Position, customers: Iterable[Customer], limits: PlaceLimits, learned: Mapping[str, Place]
) -> Whereabouts:
    """Compare a shared position with the customers whose place is known; `learned` places by customer code."""
    measured = []
    for customer in customers:
        place = place_of(customer, learned)
        if place is not None and customer.status != "closed":
            graded, metres = grade(position, place, limits)
            measured.append((graded != "fail", Near(customer=customer, metres=metres, place=place)))
    measured.sort(key=lambda m: (m[1].metres, m[1].customer.code))
    within = [near for in_reach, near in measured if in_reach]
    if not within:
        return Whereabouts(result="nowhere", near=tuple(near for _, near in measured[:1]))
    rivals = [n for n in within if n.metres - within[0].metres < limits.apart_metres]
    if len(rivals) == 1:
        return Whereabouts(result="at", near=tuple(within[:1]))
    return Whereabouts(result="unclear", near=tuple(rivals[:MOST_CHOICES]))


def place_of(customer: Customer, learned: Mapping[str, Place]) -> Place | None:
    """Where a customer is. What visits taught never overrides the master data."""
    if customer.position is not None:
        return Place(position=customer.position)
    return learned.get(customer.code)
