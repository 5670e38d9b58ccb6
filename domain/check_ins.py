"""Which customer somebody is at, from where his phone says he is."""

from collections.abc import Iterable
from typing import Literal

from domain.people import Customer
from domain.positions import Position, distance
from domain.values import Value

REACH_METRES = 300
"""A shop's own ground and the drift of a phone between buildings."""

ACCURACY_CAP_METRES = 100
"""A stated accuracy helps up to here: who states more would otherwise be near everything."""

APART_METRES = 80
"""Two shops whose distances differ by less cannot be told apart by a phone."""

MOST_CHOICES = 5


class Near(Value):
    customer: Customer
    metres: float


class Whereabouts(Value):
    """at: one customer. unclear: several, nearest first. nowhere: none in reach; `near` then holds the nearest."""

    result: Literal["at", "unclear", "nowhere"]
    near: tuple[Near, ...] = ()


def whereabouts(position: Position, customers: Iterable[Customer]) -> Whereabouts:
    """Compare a shared position with the customers whose place is known in the same datum."""
    measured = sorted(
        (
            Near(customer=c, metres=distance(position, c.position))
            for c in customers
            if c.position is not None and c.position.datum == position.datum and c.status != "closed"
        ),
        key=lambda n: (n.metres, n.customer.code),
    )
    reach = REACH_METRES + min(position.accuracy or 0, ACCURACY_CAP_METRES)
    within = [n for n in measured if n.metres <= reach]
    if not within:
        return Whereabouts(result="nowhere", near=tuple(measured[:1]))
    rivals = [n for n in within if n.metres - within[0].metres < APART_METRES]
    if len(rivals) == 1:
        return Whereabouts(result="at", near=tuple(within[:1]))
    return Whereabouts(result="unclear", near=tuple(rivals[:MOST_CHOICES]))
