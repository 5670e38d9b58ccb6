"""What somebody sees of records and customers: every answer, page, card, search and export reads through here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import col

from domain.people import Customer
from domain.statuses import COUNTS
from storage.guarding import RECHECKED, GuardedSession
from storage.lead_tables import LeadEventRow, LeadRow
from storage.people import customer_value
from storage.tables import (
    ApprovalRow,
    AuditRow,
    ContactRow,
    CustomerRow,
    EvidenceRow,
    PersonRow,
    RecordRow,
    VisitVerdictRow,
)

SHOWN = (*COUNTS, "undone")
"""What others are shown: a proposal is nobody's business before it is confirmed."""
SEARCHED = ("result", "reason", "next_step", "purpose", "title", "customer_name", "competitor_brand")
"""Fields of records in which words are looked for."""
BATCH = 500


@dataclass(frozen=True)
class Wanted:
    """Which records: all conditions hold together; empty ones ask for nothing."""

    form: str = ""
    person: str = ""
    customer: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    statuses: tuple[str, ...] = SHOWN


class Seen:
    def __init__(self, session: GuardedSession) -> None:
        self.session = session

    # records ------------------------------------------------------------------------------------------------

    def records(self, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> list[RecordRow]:
        """The newest first, from below the id `before`."""
        found: list[RecordRow] = []
        while len(found) < limit:
            query = self._query(wanted).order_by(col(RecordRow.id).desc()).limit(limit)
            batch = list(
                self.session.scalars(query if before is None else query.where(col(RecordRow.id) < before))
            )
            found += self._rechecked(batch, wanted)
            if len(batch) < limit:
                break
            before = batch[-1].id
        return found[:limit]

    def count(self, wanted: Wanted) -> int:
        if wanted.words:
            return sum(map(len, self.batches(wanted)))
        return int(self.session.scalar(self._query(wanted, func.count(col(RecordRow.id)))) or 0)

    def batches(self, wanted: Wanted) -> Iterator[list[RecordRow]]:
        """In the order in which they were made. Memory stays flat: a batch is good until the next one is asked for."""
        last = 0
        while True:
            query = (
                self._query(wanted).where(col(RecordRow.id) > last).order_by(col(RecordRow.id)).limit(BATCH)
            )
            batch = list(self.session.scalars(query))
            if found := self._rechecked(batch, wanted):
                yield found
            if len(batch) < BATCH:
                return
            last = batch[-1].id or 0
            self.session.expunge_all()

    def record(self, record_id: int) -> RecordRow | None:
        query = select(RecordRow).where(col(RecordRow.id) == record_id, col(RecordRow.status).in_(SHOWN))
        return self.session.scalars(query).first()

    def _query(self, wanted: Wanted, what: Any = RecordRow) -> Select[Any]:
        query = select(what).where(col(RecordRow.status).in_(wanted.statuses))
        if wanted.form:
            query = query.where(col(RecordRow.form) == wanted.form)
        if wanted.person:
            query = query.where(col(RecordRow.reporter_id) == wanted.person)
        if wanted.customer:
            query = query.where(col(RecordRow.customer_code) == wanted.customer)
        if wanted.since:
            query = query.where(col(RecordRow.happened_at) >= wanted.since)
        if wanted.until:
            query = query.where(col(RecordRow.happened_at) < wanted.until)
        if wanted.words:
            said = (self._field(f).contains(wanted.words, autoescape=True) for f in self._searched)
            query = query.where(or_(*said)).execution_options(**{RECHECKED: True})
        return query

    @property
    def _searched(self) -> list[str]:
        guard = self.session.guard
        return [f for f in SEARCHED if f in guard.open_texts | guard.open_values]

    @staticmethod
    def _field(name: str) -> Any:
        return col(RecordRow.data)[name].as_string()

    def _rechecked(self, rows: list[RecordRow], wanted: Wanted) -> list[RecordRow]:
        """Those whose words are still there after masking: nobody finds out by searching what he is not shown."""
        if not wanted.words:
            return rows
        words, fields = wanted.words.lower(), self._searched
        return [row for row in rows if any(words in str(row.data.get(f, "")).lower() for f in fields)]

    # what belongs to a record ---------------------------------------------------------------------------------

    def evidence(self, records: Sequence[RecordRow]) -> dict[int, list[EvidenceRow]]:
        """By record, which must have been read in this session: what is hidden there is hidden in its evidence."""
        ids = [row.id for row in records]
        query = select(EvidenceRow).where(col(EvidenceRow.record_id).in_(ids)).order_by(col(EvidenceRow.id))
        found: dict[int, list[EvidenceRow]] = {}
        for row in self.session.scalars(query):
            found.setdefault(row.record_id, []).append(row)
        return found

    def file(self, record: RecordRow, evidence: int) -> EvidenceRow | None:
        """A piece of evidence whose file this person may open. A picture or a voice cannot be made illegible in part:
        of a record in which anything is hidden from him he opens none."""
        if self.session.info.get("hidden_words", {}).get(record.id):
            return None
        found = next(
            (row for row in self.evidence([record]).get(record.id or 0, []) if row.id == evidence), None
        )
        return found if found and found.sha256 else None

    def trail(self, record: RecordRow) -> list[AuditRow]:
        query = (
            select(AuditRow).where(col(AuditRow.subject) == f"record:{record.id}").order_by(col(AuditRow.id))
        )
        return list(self.session.scalars(query))

    def approvals(self, record: RecordRow) -> list[ApprovalRow]:
        query = (
            select(ApprovalRow).where(col(ApprovalRow.record_id) == record.id).order_by(col(ApprovalRow.id))
        )
        return list(self.session.scalars(query))

    def verdict(self, record: RecordRow) -> VisitVerdictRow | None:
        query = (
            select(VisitVerdictRow)
            .where(
                col(VisitVerdictRow.record_id) == record.id,
                col(VisitVerdictRow.state).not_in(("replaced", "withdrawn")),
            )
            .order_by(col(VisitVerdictRow.version).desc())
        )
        return self.session.scalars(query).first()

    # leads ----------------------------------------------------------------------------------------------------

    def leads(
        self, *, owner: str = "", states: Sequence[str] = (), words: str = "", limit: int = 50
    ) -> list[LeadRow]:
        """The newest first. `words`: in the name of the company or of the contact."""
        query = select(LeadRow).order_by(col(LeadRow.received_at).desc(), col(LeadRow.id)).limit(limit)
        if owner:
            query = query.where(col(LeadRow.owner_id) == owner)
        if states:
            query = query.where(col(LeadRow.state).in_(states))
        if words:
            named = (col(LeadRow.company), col(LeadRow.contact))
            query = query.where(or_(*(name.contains(words, autoescape=True) for name in named)))
        return list(self.session.scalars(query))

    def lead(self, lead_id: str) -> LeadRow | None:
        return self.session.scalars(select(LeadRow).where(col(LeadRow.id) == lead_id)).first()

    def lead_events(self, lead_id: str) -> list[LeadEventRow]:
        query = (
            select(LeadEventRow).where(col(LeadEventRow.lead_id) == lead_id).order_by(col(LeadEventRow.id))
        )
        return list(self.session.scalars(query))

    # customers and people -------------------------------------------------------------------------------------

    def customer(self, code: str) -> Customer | None:
        row = self.session.scalars(select(CustomerRow).where(col(CustomerRow.code) == code)).first()
        return customer_value(row) if row else None

    def customers(self, words: str, *, limit: int = 20, after: str = "") -> list[Customer]:
        """Those whose name holds these words, by their codes, from behind the code `after`."""
        query = (
            select(CustomerRow)
            .where(col(CustomerRow.name).contains(words, autoescape=True), col(CustomerRow.code) > after)
            .order_by(col(CustomerRow.code))
            .limit(limit)
        )
        return [customer_value(row) for row in self.session.scalars(query)]

    def contacts(self, code: str) -> list[ContactRow]:
        query = select(ContactRow).where(col(ContactRow.customer_code) == code).order_by(col(ContactRow.name))
        return list(self.session.scalars(query))

    def names(self, people: Iterable[str], customers: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """The names of these people, and of those of these customers that one sees."""
        persons = select(col(PersonRow.id), col(PersonRow.name)).where(col(PersonRow.id).in_(set(people)))
        shops = select(col(CustomerRow.code), col(CustomerRow.name)).where(
            col(CustomerRow.code).in_(set(customers))
        )
        return (
            dict(map(tuple, self.session.execute(persons))),
            dict(map(tuple, self.session.execute(shops))),
        )
