"""Running flows and the decisions that they wait for: one decision wins, each is audited.

Whoever moves a flow on takes its row first (`lock`), so that of two who decide at once the second sees what the first
did; a decision itself is a compare-and-set.
"""

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, select, update
from sqlmodel import Session, col

from domain.flows.definition import Flow
from domain.flows.state import Ask, Run
from domain.policies import may_decide
from storage.claims import insert_new
from storage.flow_tables import FlowDefinitionRow, FlowRunRow, LeaveRow, WebhookRow
from storage.prepared import Prepared
from storage.records import Records
from storage.tables import ApprovalRow


@lru_cache(maxsize=256)
def _digest(definition: str) -> str:
    return sha256(definition.encode()).hexdigest()[:12]


AWAY = Prepared(
    select(col(LeaveRow.deputy_id))
    .where(
        col(LeaveRow.person_id) == bindparam("person"),
        col(LeaveRow.cancelled).is_(False),
        col(LeaveRow.start) <= bindparam("now"),
        col(LeaveRow.until) > bindparam("now"),
    )
    .order_by(col(LeaveRow.id).desc())
)


class Flows:
    """In the name of `records.who`."""

    def __init__(self, session: Session, records: Records) -> None:
        self.session, self.records = session, records

    # runs ---------------------------------------------------------------------------------------------------

    def begin(self, flow: Flow, record_id: int, applicant_id: str) -> FlowRunRow:
        digest = _digest(flow.model_dump_json())
        definition = flow.model_dump(mode="json")
        insert_new(self.session, FlowDefinitionRow, flow=flow.key, digest=digest, definition=definition)
        row = FlowRunRow(
            flow=flow.key,
            digest=digest,
            record_id=record_id,
            applicant_id=applicant_id,
            started_at=self.records.now,
        )
        self.session.add(row)
        self.session.flush()
        self.records.audit(f"record:{record_id}", "flow", None, f"{flow.key} v{flow.version}", flow.label)
        return row

    def definition(self, run: FlowRunRow) -> Flow:
        """The flow as it was when the run began."""
        row = self.session.get(FlowDefinitionRow, (run.flow, run.digest))
        if row is None:
            raise LookupError(f"flow_run {run.id}: its definition {run.flow} {run.digest} is gone")
        return Flow.model_validate(row.definition)

    def lock(self, run_id: int) -> FlowRunRow | None:
        """The run, held against everybody else until the end of the transaction, together with the others of its
        record that are running: always in the same order, so that no two wait for one another."""
        if known := self.run(run_id):
            self.running(known.record_id)
        return self.session.get(FlowRunRow, run_id, with_for_update=True, populate_existing=True)

    def run(self, run_id: int) -> FlowRunRow | None:
        """Only to look at."""
        return self.session.get(FlowRunRow, run_id)

    def running(self, record_id: int) -> list[FlowRunRow]:
        """The runs of a record that are not over, held like those of `lock`; what this turn changed counts."""
        self.session.flush()
        query = (
            select(FlowRunRow)
            .where(col(FlowRunRow.record_id) == record_id, col(FlowRunRow.state) == "running")
            .order_by(col(FlowRunRow.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(query))

    def runs_of(self, applicant_id: str) -> list[FlowRunRow]:
        """What this person asked for and nobody has finished."""
        query = (
            select(FlowRunRow)
            .where(col(FlowRunRow.applicant_id) == applicant_id, col(FlowRunRow.state) == "running")
            .order_by(col(FlowRunRow.id))
        )
        return list(self.session.scalars(query))

    def state_of(self, run: FlowRunRow) -> Run:
        asks = [
            Ask(
                step=a.step,
                person=a.approver_id,
                behalf=a.behalf,
                added_by=a.added_by,
                state=cast(Any, a.state),
            )
            for a in self.approvals_of(run.id or 0)
        ]
        return Run(state=cast(Any, run.state), step=run.step, asks=tuple(asks))

    def save(self, row: FlowRunRow, run: Run) -> None:
        if run.state != "running" and row.state == "running":
            row.ended_at = self.records.now
            self.records.audit(f"record:{row.record_id}", "flow", row.flow, run.state)
        row.state, row.step = run.state, run.step
        self.session.add(row)

    # decisions ----------------------------------------------------------------------------------------------

    def ask(self, run: FlowRunRow, ask: Ask) -> ApprovalRow:
        if not may_decide(ask.person, run.applicant_id):
            raise ValueError(
                f"{ask.person} applied in flow_run {run.id} and cannot be asked to decide about it"
            )
        row = ApprovalRow(
            record_id=run.record_id,
            flow_id=run.id,
            step=ask.step,
            approver_id=ask.person,
            behalf=ask.behalf,
            added_by=ask.added_by,
            created_at=self.records.now,
        )
        self.session.add(row)
        self.session.flush()
        why = f"代 {ask.behalf}" if ask.behalf else f"{ask.added_by} 加签" if ask.added_by else ""
        self.records.audit(f"approval:{row.id}", "state", None, "pending", why)
        return row

    def approval(self, approval_id: int) -> ApprovalRow | None:
        return self.session.get(ApprovalRow, approval_id, populate_existing=True)

    def approvals_of(self, run_id: int) -> list[ApprovalRow]:
        """All decisions of a run, as they are now."""
        query = (
            select(ApprovalRow)
            .where(col(ApprovalRow.flow_id) == run_id)
            .order_by(col(ApprovalRow.id))
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(query))

    def waiting_for(self, approver_id: str) -> list[ApprovalRow]:
        query = (
            select(ApprovalRow)
            .where(col(ApprovalRow.approver_id) == approver_id, col(ApprovalRow.state) == "pending")
            .order_by(col(ApprovalRow.id))
        )
        return list(self.session.scalars(query))

    def decide(self, row: ApprovalRow, state: str, reason: str = "") -> bool:
        """Compare and set: False where somebody decided before."""
        decided = (
            update(ApprovalRow)
            .where(col(ApprovalRow.id) == row.id, col(ApprovalRow.state) == "pending")
            .values(
                state=state, reason=reason, decided_at=self.records.now, revision=ApprovalRow.revision + 1
            )
        )
        won = cast(CursorResult[Any], self.session.execute(decided)).rowcount == 1
        if won:
            self.records.audit(f"approval:{row.id}", "state", "pending", state, reason)
            self.session.refresh(row)
        return won

    # leaves -------------------------------------------------------------------------------------------------

    def away(self, person_id: str, now: datetime) -> str | None:
        """None where he is at work; else who stands in for him, empty where he named nobody."""
        leave = AWAY.fetch_one(self.session, person=person_id, now=now)
        return leave.deputy_id if leave else None

    def go_on_leave(self, person_id: str, deputy_id: str, start: datetime, until: datetime) -> None:
        self.end_leave(person_id, until)
        row = LeaveRow(
            person_id=person_id, deputy_id=deputy_id, start=start, until=until, created_at=self.records.now
        )
        self.session.add(row)
        words = f"{start.isoformat()} – {until.isoformat()}"
        self.records.audit(
            f"person:{person_id}", "leave", None, words, f"代理 {deputy_id}" if deputy_id else ""
        )

    def end_leave(self, person_id: str, before: datetime | None = None) -> bool:
        """Call off what leave is still ahead or under way; whether there was any."""
        ends = (
            update(LeaveRow)
            .where(
                col(LeaveRow.person_id) == person_id,
                col(LeaveRow.cancelled).is_(False),
                col(LeaveRow.until) > self.records.now,
                *([col(LeaveRow.start) < before] if before else []),
            )
            .values(cancelled=True)
        )
        ended = cast(CursorResult[Any], self.session.execute(ends)).rowcount > 0
        if ended:
            self.records.audit(f"person:{person_id}", "leave", "planned", "cancelled")
        return ended

    # other systems ------------------------------------------------------------------------------------------

    def call(self, key: str, event: str, body: str) -> None:
        """Have another system told; a key that was used before changes nothing."""
        now = self.records.now
        insert_new(
            self.session,
            WebhookRow,
            key=key,
            event=event,
            body=body,
            state="pending",
            available_at=now,
            created_at=now,
            attempts=0,
            error="",
        )


def approvals_about(session: Session, record_ids: list[int]) -> list[ApprovalRow]:
    """All decisions about these records, in the order in which they were asked for."""
    query = (
        select(ApprovalRow).where(col(ApprovalRow.record_id).in_(record_ids)).order_by(col(ApprovalRow.id))
    )
    return list(session.scalars(query))
