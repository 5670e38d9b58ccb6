"""The clock from a lead's arrival to the first time that somebody is in touch, in working minutes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil, inf
from typing import Protocol

from domain.flows.working_time import WorkingTime
from domain.leads.rules import FirstTouch
from domain.values import Value

IN_TIME = 30
"""Minutes of the rate that people speak of."""


class Steps(Value):
    """When what happens to a lead that nobody touches."""

    remind: datetime
    manager: datetime
    move: datetime


def steps(offered_at: datetime, rules: FirstTouch, working: WorkingTime) -> Steps:
    def after(minutes: int) -> datetime:
        return working.after(offered_at, timedelta(minutes=minutes))

    return Steps(remind=after(rules.remind), manager=after(rules.manager), move=after(rules.move))


def after_accepting(
    now: datetime, due_at: datetime | None, rules: FirstTouch, working: WorkingTime
) -> datetime:
    """When an accepted lead moves on."""
    grace = working.after(now, timedelta(minutes=rules.after_accept))
    return max(grace, due_at) if due_at else grace


class Timed(Protocol):
    """Of a lead what figures are made of."""

    @property
    def id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def touched_at(self) -> datetime | None: ...
    @property
    def value(self) -> int | None: ...


def waited(lead: Timed, working: WorkingTime, now: datetime) -> float:
    """Working minutes from its arrival until the first touch, or until now."""
    return working.between(lead.created_at, lead.touched_at or now) / timedelta(minutes=1)


UP_TO = (5, 15, IN_TIME, 60)
"""Minutes that the first touches are sorted by."""


class Figures(Value):
    """Of some leads. `None` where there is nothing to count."""

    leads: int
    touched: int
    p50: float | None = None
    p95: float | None = None
    longest: float | None = None
    in_time: float | None = None
    """The share of those reached within 30 working minutes among all whose 30 minutes are over or that were
    reached."""
    spread: tuple[int, ...] = ()
    """How many were reached within each of `UP_TO`, after those before it, and later than all of them."""
    missed_high_value: tuple[str, ...] = ()
    """Ids of the leads of high value that were not reached in time."""


def figures(leads: Iterable[Timed], high_value: int, working: WorkingTime, now: datetime) -> Figures:
    """`high_value` in fen."""
    counted = [(lead, waited(lead, working, now)) for lead in leads]
    touched = sorted(minutes for lead, minutes in counted if lead.touched_at)
    judged = [(lead, minutes) for lead, minutes in counted if lead.touched_at or minutes > IN_TIME]
    missed = [lead for lead, minutes in judged if minutes > IN_TIME]
    return Figures(
        leads=len(counted),
        touched=len(touched),
        p50=quantile(touched, 0.5),
        p95=quantile(touched, 0.95),
        longest=touched[-1] if touched else None,
        spread=tuple(
            sum(low < minutes <= high for minutes in touched)
            for low, high in zip((-1, *UP_TO), (*UP_TO, inf), strict=True)
        ),
        in_time=1 - len(missed) / len(judged) if judged else None,
        missed_high_value=tuple(lead.id for lead in missed if (lead.value or 0) >= high_value),
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share does not exceed."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
