"""The company as flows need to know it: who is above whom, who is away, and when people work."""

from domain.errors import Refusal
from domain.facts import facts_of
from domain.flows.approvers import choose
from domain.flows.conditions import HEALTH, names_of
from domain.flows.definition import Who
from domain.flows.engine import Scene
from domain.flows.working_time import WorkingTime
from domain.people import Person
from handlers.health import of_customers
from handlers.turn import Turn
from nlu.language.holidays import is_workday
from storage.tables import RecordRow


class CompanyNow:
    """What one turn sees of it; every question is answered once."""

    def __init__(self, turn: Turn) -> None:
        self._people, self._flows, self._now = turn.work.people, turn.work.flows, turn.now
        self._away: dict[str, str | None] = {}
        self._holders: dict[str, tuple[str, ...]] = {}

    def superior(self, person: str) -> str | None:
        return self._people.superior(person)

    def holders(self, role: str) -> tuple[str, ...]:
        if role not in self._holders:
            self._holders[role] = tuple(p.id for p in self._people.with_role(role))
        return self._holders[role]

    def knows(self, person: str) -> bool:
        return self._people.get(person) is not None

    def name(self, person: str) -> str:
        found = self._people.ever(person)
        return found.name if found else person

    def away(self, person: str) -> str | None:
        if person not in self._away:
            self._away[person] = self._flows.away(person, self._now)
        return self._away[person]


def superior_of(person: Person, turn: Turn) -> Person | None:
    """Who decides about this person, never himself; None where there is nobody."""
    try:
        (chosen,) = choose(Who(superior=1), person.id, CompanyNow(turn))
    except Refusal:
        return None
    return turn.work.people.get(chosen.person)


def working_time(turn: Turn) -> WorkingTime:
    return WorkingTime(turn.rulebook.office, turn.zone, is_workday)


def scene_of(row: RecordRow, applicant: Person, turn: Turn) -> Scene:
    """Everything that a flow may look at about this record."""
    form = turn.rulebook.form_of(row.form)
    return Scene(
        now=turn.now,
        applicant=applicant.id,
        company=CompanyNow(turn),
        working=working_time(turn),
        facts={**facts_of(form, row.data), **_around(row, applicant, turn)},
        names=names_of(form),
    )


def _health(code: str, row: RecordRow, turn: Turn) -> dict[str, object]:
    """The customer's colour with this record, which may not stand yet, and without it."""
    return {
        name: found[code].colour
        for name, found in (
            (HEALTH, of_customers([code], turn, counting=row.id)),
            (f"{HEALTH}_before", of_customers([code], turn, without=row.id)),
        )
        if code in found
    }


def _around(row: RecordRow, applicant: Person, turn: Turn) -> dict[str, object]:
    customer = turn.lexicon.customers.get(row.customer_code or "")
    known: dict[str, object] = (
        {f"customer.{name}": getattr(customer, name) for name in ("level", "city", "status")}
        if customer
        else {}
    )
    if customer and any(flow.asks_health for flow in turn.rulebook.flows_of(row.form)):
        known |= _health(customer.code, row, turn)
    return {
        **{f"reporter.{name}": getattr(applicant, name) for name in ("role", "team", "region")},
        **known,
        "checks": len(row.checks),
        "over_budget": any(check["code"] == "over_budget" for check in row.checks),
        "today": turn.local_now.date(),
    }
