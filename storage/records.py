"""Records, their proposals, evidence and audit trail. Every change of a record leaves an audit row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from domain.statuses import STANDING
from storage.claims import table_of
from storage.invoices import free
from storage.prepared import Prepared
from storage.rows import insert_row, update_row
from storage.tables import AuditRow, EvidenceRow, ProposalRow, RecordRow
from storage.todo_copies import wake
from storage.todos import FORM as TODO

GIVEN_UP = frozenset({"rejected", "undone", "dropped", "expired"})
AUDIT, EVIDENCE = table_of(AuditRow), table_of(EvidenceRow)
PROPOSAL, RECORD = table_of(ProposalRow), table_of(RecordRow)

OF_PROPOSAL = (
    select(RecordRow)
    .where(col(RecordRow.proposal_id) == bindparam("proposal"), col(RecordRow.status) != "dropped")
    .order_by(col(RecordRow.id))
)
PROPOSAL_WITH = select(ProposalRow).where(col(ProposalRow.id) == bindparam("proposal"))
TOLD_OF, PROPOSAL_AS_IT_IS = Prepared(OF_PROPOSAL), Prepared(PROPOSAL_WITH)
EVIDENCE_OF = Prepared(
    select(EVIDENCE).where(EVIDENCE.c.record_id == bindparam("record")).order_by(EVIDENCE.c.id)
)
CLOSE = Prepared(
    update(PROPOSAL).where(PROPOSAL.c.id == bindparam("which"), PROPOSAL.c.state == bindparam("expected"))
)
LINK = Prepared(update(RECORD).where(RECORD.c.id.in_(bindparam("which", expanding=True))))
NEW_EVIDENCE, NEW_AUDIT = Prepared(insert(EVIDENCE)), Prepared(insert(AUDIT))


class Records:
    """All changes are made in the name of `who`, because of the message `inbox_id`."""

    def __init__(self, session: Session, *, who: str, now: datetime, inbox_id: int | None) -> None:
        self.session = session
        self.who = who
        self.now = now
        self.inbox_id = inbox_id
        self.forget()

    # records ------------------------------------------------------------------------------------------------

    def add(self, rows: list[RecordRow]) -> list[RecordRow]:
        """The same rows, with their ids."""
        for row in rows:
            row.inbox_id = self.inbox_id
            row.created_at = row.updated_at = self.now
            insert_row(self.session, row)
        for row in rows:
            self.audit(f"record:{row.id}", "status", None, row.status)
        return rows

    def link(self, rows: list[RecordRow], visit: RecordRow) -> None:
        """They were said of this visit."""
        if rows:
            LINK.write(self.session, which=[row.id for row in rows], visit_id=visit.id)
        for row in rows:
            set_committed_value(row, "visit_id", visit.id)

    def get(self, record_id: int) -> RecordRow | None:
        return self.session.get(RecordRow, record_id)

    def read_anew(self, row: RecordRow) -> None:
        """The row as it is now, whoever changed it since it was read."""
        self.session.flush()
        self.session.refresh(row)

    def hold(self, row: RecordRow) -> RecordRow:
        """The row as it is now, which nobody else changes before this turn is over."""
        self.session.flush()
        self.session.refresh(row, with_for_update=True)
        return row

    def of_proposal(self, proposal_id: int) -> list[RecordRow]:
        """The records of a proposal without those that were taken off its card."""
        return list(self.session.scalars(OF_PROPOSAL, {"proposal": proposal_id}))

    def between(
        self, reporter_id: str, start: datetime, end: datetime, statuses: Iterable[str]
    ) -> list[RecordRow]:
        """What this person did between the two times, oldest first."""
        query = (
            select(RecordRow)
            .where(
                col(RecordRow.reporter_id) == reporter_id,
                col(RecordRow.happened_at) >= start,
                col(RecordRow.happened_at) < end,
                col(RecordRow.status).in_(list(statuses)),
            )
            .order_by(col(RecordRow.happened_at), col(RecordRow.id))
        )
        return list(self.session.scalars(query))

    def change(self, row: RecordRow, field: str, value: Any, source: str, why: str) -> None:
        """Give a field another value; None takes it away."""
        old = row.data.get(field)
        data, sources = dict(row.data), dict(row.sources)
        data.pop(field, None)
        sources.pop(field, None)
        if value is not None:
            data[field], sources[field] = value, source
        row.data, row.sources = data, sources
        row.revision += 1
        row.updated_at = self.now
        self.session.add(row)
        self._wake(row)
        self.audit(f"record:{row.id}", field, old, value, why)

    def set_status(self, row: RecordRow, status: str, why: str = "") -> None:
        old = row.status
        update_row(self.session, row, status=status, updated_at=self.now)
        if status in GIVEN_UP:
            free(self.session, row.id or 0)
        self._wake(row)
        self.audit(f"record:{row.id}", "status", old, status, why)

    def _wake(self, row: RecordRow) -> None:
        """A to-do has copies in another calendar, which follow it."""
        if row.form == TODO:
            wake(self.session, row.id or 0, self.now)

    def of_customer(self, code: str, reporter_id: str, *, limit: int) -> list[RecordRow]:
        """This person's latest records of a customer that count, newest first."""
        query = (
            select(RecordRow)
            .where(
                col(RecordRow.customer_code) == code,
                col(RecordRow.reporter_id) == reporter_id,
                col(RecordRow.status).in_(STANDING),
            )
            .order_by(col(RecordRow.happened_at).desc(), col(RecordRow.id).desc())
            .limit(limit)
        )
        return list(self.session.scalars(query))

    def with_status(self, reporter_id: str, status: str, since: datetime) -> list[RecordRow]:
        """The person's records that came to this status since then, the latest first."""
        query = (
            select(RecordRow)
            .where(
                col(RecordRow.reporter_id) == reporter_id,
                col(RecordRow.status) == status,
                col(RecordRow.updated_at) >= since,
            )
            .order_by(col(RecordRow.updated_at).desc(), col(RecordRow.id).desc())
        )
        return list(self.session.scalars(query))

    # proposals ----------------------------------------------------------------------------------------------

    def propose(self, question: dict[str, Any] | None) -> ProposalRow:
        row = ProposalRow(
            person_id=self.who,
            question=question,
            asked=int(question is not None),
            inbox_id=self.inbox_id,
            created_at=self.now,
        )
        return insert_row(self.session, row)

    def proposal(self, proposal_id: int) -> ProposalRow | None:
        return self.session.scalars(PROPOSAL_WITH, {"proposal": proposal_id}).first()

    def if_open(self, proposal_id: int) -> tuple[ProposalRow, list[RecordRow]] | None:
        """A proposal and its records where it is open, to be read and not to be changed."""
        row = PROPOSAL_AS_IT_IS.fetch_one(self.session, proposal=proposal_id)
        if row is None or row.state != "open":
            return None
        return row, TOLD_OF.fetch(self.session, proposal=proposal_id)

    def close(self, row: ProposalRow, state: str, expected: str = "open") -> bool:
        """Decide a proposal; False where it is no longer in the expected state: one decision wins."""
        self.session.flush()
        written = {"state": state, "decided_at": self.now}
        won = CLOSE.write(self.session, which=row.id, expected=expected, **written) == 1
        if won:
            for name, value in written.items():
                set_committed_value(row, name, value)
        return won

    def last_confirmed(self, person_id: str, since: datetime) -> ProposalRow | None:
        query = (
            select(ProposalRow)
            .where(
                col(ProposalRow.person_id) == person_id,
                col(ProposalRow.state) == "confirmed",
                col(ProposalRow.decided_at) >= since,
            )
            .order_by(col(ProposalRow.decided_at).desc(), col(ProposalRow.id).desc())
        )
        return self.session.scalars(query).first()

    # evidence and audit -------------------------------------------------------------------------------------

    def prove(self, record_id: int, kind: str, words: str, sha256: str | None = None, **details: Any) -> None:
        self._evidence.append(
            {
                "record_id": record_id,
                "kind": kind,
                "words": words,
                "sha256": sha256,
                "details": details,
                "inbox_id": self.inbox_id,
            }
        )

    def evidence(self, record_id: int) -> list[EvidenceRow]:
        """What proves a record, to be read and not to be changed."""
        return EVIDENCE_OF.fetch(self.session, record=record_id)

    def audit(self, subject: str, field: str, old: Any, new: Any, why: str = "") -> None:
        self._audit.append(
            {
                "subject": subject,
                "field": field,
                "old": old,
                "new": new,
                "who": self.who,
                "why": why,
                "at": self.now,
                "inbox_id": self.inbox_id,
            }
        )

    def last_change(self, subject: str, field: str) -> AuditRow | None:
        """The latest audited change of one field of a thing."""
        query = (
            select(AuditRow)
            .where(col(AuditRow.subject) == subject, col(AuditRow.field) == field)
            .order_by(col(AuditRow.id).desc())
        )
        return self.session.scalars(query).first()

    def write(self) -> None:
        """Write evidence and audit rows, which are collected until then."""
        NEW_EVIDENCE.write_all(self.session, self._evidence)
        NEW_AUDIT.write_all(self.session, self._audit)
        self.forget()

    def forget(self) -> None:
        """Drop the evidence and audit rows of what is not to be."""
        self._evidence: list[dict[str, Any]] = []
        self._audit: list[dict[str, Any]] = []
