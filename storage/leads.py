"""Leads, read as domain values; every change of one writes its event in the same go.

A change of state is one update on (id, state, round) whose row count decides: of two who change the same lead, the
second finds that it is no longer what he saw, and does nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, exists, insert, select, update
from sqlmodel import Session

from domain.leads.lead import EventKind, Lead, LeadEvent
from storage.claims import insert_new, table_of
from storage.lead_tables import LeadEventRow, LeadRow
from storage.prepared import Prepared

LEAD, EVENT = table_of(LeadRow), table_of(LeadEventRow)
NEW_EVENT = insert(EVENT)
MOST = 500
_STATES = LEAD.c.state.in_(bindparam("states", expanding=True))
_OWNER = LEAD.c.owner_id == bindparam("owner")
_BEHIND = LEAD.c.id > bindparam("after")


def _leads(*where: ColumnElement[bool]) -> Prepared:
    """By id."""
    return Prepared(select(LEAD).where(*where).order_by(LEAD.c.id).limit(bindparam("limit", type_=Integer)))


IN_STATE = _leads(_STATES, _BEHIND)
OF_OWNER = _leads(_OWNER, _STATES, _BEHIND)
OF_NOBODY = _leads(LEAD.c.owner_id.is_(None), _STATES, _BEHIND)
BECAME = _leads(_OWNER, _STATES, LEAD.c.customer_code.in_(bindparam("codes", expanding=True)))


class Leads:
    """In the name of `who`: a person's id, or the way by which the leads come."""

    def __init__(self, session: Session, *, who: str, now: datetime) -> None:
        self.session, self.who, self.now = session, who, now

    @property
    def _connection(self) -> Connection:
        return self.session.connection()

    # what there is ------------------------------------------------------------------------------------------

    def get(self, lead_id: str, *, hold: bool = False) -> Lead | None:
        """`hold`: nobody else changes it until the end of the transaction."""
        query = select(LEAD).where(LEAD.c.id == lead_id)
        row = self._connection.execute(query.with_for_update() if hold else query).first()
        return lead_value(row._mapping) if row else None

    def survivor(self, lead_id: str, *, hold: bool = False) -> Lead | None:
        """The lead itself, or the one that it was merged into in the end."""
        lead = self.get(lead_id, hold=hold)
        passed = {lead_id}
        while lead and lead.merged_into and lead.merged_into not in passed:
            passed.add(lead.merged_into)
            lead = self.get(lead.merged_into, hold=hold)
        return lead

    def of(
        self, owner_id: str | None, states: Sequence[str], *, limit: int = MOST, after: str = ""
    ) -> list[Lead]:
        """Those of this owner (None: of nobody) in these states, by id from behind `after`."""
        query = OF_NOBODY if owner_id is None else OF_OWNER
        owner = {} if owner_id is None else {"owner": owner_id}
        return self._those(query, states=list(states), after=after, limit=limit, **owner)

    def in_state(self, *states: str, limit: int = MOST, after: str = "") -> list[Lead]:
        return self._those(IN_STATE, states=list(states), after=after, limit=limit)

    def became(self, customer_codes: Collection[str], owner_id: str, states: Sequence[str]) -> list[Lead]:
        """This owner's leads that these customers came from."""
        codes = sorted(customer_codes)
        return (
            self._those(BECAME, owner=owner_id, states=list(states), codes=codes, limit=MOST) if codes else []
        )

    def manager_told(self, person_id: str) -> list[Lead]:
        """What waits with somebody else so long that this person was told, in the present round."""
        told = (
            EVENT.c.kind == "manager_told",
            EVENT.c.person_id == person_id,
            EVENT.c.at >= LEAD.c.offered_at,
        )
        waits = LEAD.c.state.in_(("offered", "accepted")) & (LEAD.c.owner_id != person_id)
        return self._found(waits, exists().where(EVENT.c.lead_id == LEAD.c.id, *told))

    def known_by(self, phone: str = "", tax_id: str = "") -> list[Lead]:
        """Those that are not merged and have this phone or this tax id; an empty one is nobody's."""
        found: dict[str, Lead] = {}
        for column, value in ((LEAD.c.phone, phone), (LEAD.c.tax_id, tax_id)):
            if value:
                found |= {lead.id: lead for lead in self._found(column == value, LEAD.c.state != "merged")}
        return [found[key] for key in sorted(found)]

    def events(self, lead_id: str) -> list[LeadEvent]:
        """The history, oldest first."""
        query = select(EVENT).where(EVENT.c.lead_id == lead_id).order_by(EVENT.c.id)
        return [_event(row._mapping) for row in self._connection.execute(query)]

    def _those(self, query: Prepared, **values: Any) -> list[Lead]:
        return [lead_value(row._asdict()) for row in query.fetch(self.session, **values)]

    def _found(self, *where: Any, limit: int = MOST) -> list[Lead]:
        query = select(LEAD).where(*where).order_by(LEAD.c.id).limit(limit)
        return [lead_value(row._mapping) for row in self._connection.execute(query)]

    # what changes -------------------------------------------------------------------------------------------

    def add(self, lead: Lead, reason: str = "", **details: Any) -> bool:
        """False, and nothing is written, where a lead of that id is there already."""
        values = {**lead.model_dump(), "products": list(lead.products)}
        added = insert_new(self.session, LeadRow, **values)
        if added:
            self.note(lead.id, "received", person_id=lead.owner_id, reason=reason, **details)
        return added

    def change(
        self,
        lead: Lead,
        kind: EventKind,
        values: dict[str, Any],
        *,
        person_id: str | None = None,
        reason: str = "",
        **details: Any,
    ) -> Lead | None:
        """The lead with these values, provided that it still is in the state and round of `lead`; None where not,
        and then nothing is written. `details` are those of the event."""
        there = (LEAD.c.id == lead.id, LEAD.c.state == lead.state, LEAD.c.round == lead.round)
        stored = {
            "state": lead.state,
            **{n: list(v) if isinstance(v, tuple) else v for n, v in values.items()},
        }
        statement = update(LEAD).where(*there).values(**stored).returning(*LEAD.c)
        row = self._connection.execute(statement).first()
        if row is None:
            return None
        self.note(lead.id, kind, person_id=person_id, reason=reason, **details)
        return lead_value(row._mapping)

    def note(
        self,
        lead_id: str,
        kind: EventKind,
        *,
        person_id: str | None = None,
        reason: str = "",
        **details: Any,
    ) -> None:
        """An event that changes nothing of the lead itself."""
        event = LeadEventRow(
            lead_id=lead_id,
            at=self.now,
            kind=kind,
            person_id=person_id,
            who=self.who,
            reason=reason,
            details=details,
        )
        self._connection.execute(NEW_EVENT, event.model_dump(exclude={"id"}))

    def merge(self, gone: Lead, survivor: Lead, values: dict[str, Any], *, reason: str) -> Lead | None:
        """`gone` points at the survivor, which takes over `values`; both tell it in their history.

        None where one of them changed meanwhile; then nothing is written.
        """
        with self._connection.begin_nested() as both:
            kept = self.change(survivor, "merged", values, reason=reason, merged=gone.id)
            pointed = {"state": "merged", "merged_into": survivor.id, "due_at": None}
            if kept and self.change(gone, "merged", pointed, reason=reason, into=survivor.id):
                return kept
            both.rollback()
        return None


def lead_value(found: Any) -> Lead:
    """Of a row or of its mapping."""
    values = found.model_dump() if isinstance(found, LeadRow) else dict(found)
    return Lead.model_validate(values)


def _event(found: Any) -> LeadEvent:
    return LeadEvent.model_validate({name: value for name, value in found.items() if name != "id"})
