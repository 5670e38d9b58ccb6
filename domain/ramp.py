"""How long it takes from hire to the first order: Kaplan–Meier, so that those who have none yet count as well.

Leaving them out would make everybody look fast; the median is told only once enough of them got there.
"""

from collections.abc import Iterable
from datetime import date

from domain.values import Value


class Hire(Value):
    """Somebody's first day, and that of his first order; None where he has none yet."""

    hired_on: date
    first_order: date | None = None


class Ramp(Value):
    n: int
    ordered: int
    median_days: int | None
    """The first day by which at least half would have ordered; None where that cannot be told yet."""

    @property
    def censored(self) -> int:
        """Hires who have no order yet, counted for as long as they are here."""
        return self.n - self.ordered


def ramp(hires: Iterable[Hire], today: date) -> Ramp:
    """An order before the first day counts as of that day; who was not hired yet by today is left out."""
    known = [h for h in hires if h.hired_on <= today]
    spans = [(max(0, ((h.first_order or today) - h.hired_on).days), h.first_order is not None) for h in known]
    still = 1.0
    median = None
    for day in sorted({days for days, ordered in spans if ordered}):
        at_risk = sum(days >= day for days, _ in spans)
        events = sum(days == day and ordered for days, ordered in spans)
        still *= 1 - events / at_risk
        if still <= 0.5 + 1e-9:
            median = day
            break
    return Ramp(n=len(spans), ordered=sum(o for _, o in spans), median_days=median)
