"""Verdicts on visits, and what a visit is compared with: earlier notes, replayed voices, accepted spots."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, bindparam, or_, select, union, update
from sqlmodel import Session, col

from domain.authenticity import Verdict
from domain.places import Sample
from domain.positions import Position
from domain.statuses import STANDING
from domain.visits import Note
from storage.claims import table_of
from storage.prepared import Prepared
from storage.rows import Rare, insert_row
from storage.tables import CheckInRow, EvidenceRow, RecordRow, VisitVerdictRow
from storage.visits import FORGOTTEN, position_of

OVER = ("replaced", "withdrawn")
MOST_NOTES = 40
MOST_SAMPLES = 30
MOST_SPOTS = 10

EVIDENCE, RECORD = table_of(EvidenceRow), table_of(RecordRow)


def _notes_of_visits(*which: ColumnElement[bool]) -> Select[Any]:
    """The latest notes of other visits than `this`, which did not come with `messages`."""
    with_it = EVIDENCE.c.inbox_id.in_(bindparam("messages", expanding=True))
    return (
        select(
            *(EVIDENCE.c[name] for name in ("id", "kind", "words", "sha256")),
            *(RECORD.c[name] for name in ("happened_at", "customer_code", "reporter_id")),
        )
        .join(RECORD, RECORD.c.id == EVIDENCE.c.record_id)
        .where(
            *which,
            *_VISITS,
            RECORD.c.id != bindparam("this"),
            or_(EVIDENCE.c.inbox_id.is_(None), ~with_it),
        )
        .order_by(EVIDENCE.c.id.desc())
        .limit(MOST_NOTES)
    )


def _latest_visits(column: ColumnElement[Any], name: str) -> Select[Any]:
    visits = select(RECORD.c.id).where(column == bindparam(name), *_VISITS)
    return select(visits.order_by(RECORD.c.happened_at.desc()).limit(MOST_NOTES).subquery().c.id)


_VISITS = (RECORD.c.form == "visit", RECORD.c.status.in_(STANDING))
EARLIER = Prepared(
    _notes_of_visits(
        RECORD.c.id.in_(
            union(
                _latest_visits(RECORD.c.reporter_id, "reporter"),
                _latest_visits(RECORD.c.customer_code, "customer"),
            )
        ),
        EVIDENCE.c.kind.in_(("text", "voice")),
    )
)
"""From the latest visits of either, by index: the table of all evidence is long."""
REPLAYED = Prepared(_notes_of_visits(EVIDENCE.c.sha256.in_(bindparam("files", expanding=True))))
HOLDING = Rare(
    select(VisitVerdictRow).where(
        col(VisitVerdictRow.record_id) == bindparam("record"), col(VisitVerdictRow.state).not_in(OVER)
    )
)


class Verdicts:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now

    # verdicts -----------------------------------------------------------------------------------------------

    def of(self, record_id: int) -> VisitVerdictRow | None:
        """The one that holds, None where the visit was not judged yet or was taken back."""
        return next(iter(HOLDING.rows(self.session, record=record_id)), None)

    def add(
        self,
        record_id: int,
        verdict: Verdict,
        before: VisitVerdictRow | None,
        *,
        check_in: int | None,
        rulebook: str,
        reviewer: str | None,
    ) -> VisitVerdictRow:
        """The next version for this visit. The one before is replaced, the rep's answer to it stays."""
        row = VisitVerdictRow(
            record_id=record_id,
            version=before.version + 1 if before else 1,
            check_in_id=check_in,
            score=verdict.score,
            level=verdict.level,
            reasons=[f.model_dump(mode="json") for f in verdict.findings],
            rulebook=rulebook,
            state="waiting" if reviewer else "told",
            reviewer_id=reviewer,
            created_at=self.now,
        )
        if before:
            row.answer, row.answered_at = before.answer, before.answered_at
            before.state = "replaced"
            self.session.add(before)
        self.session.flush()
        return insert_row(self.session, row)

    def change(self, row: VisitVerdictRow, state: str, **values: Any) -> bool:
        """Compare and set: False where the verdict has another state by now."""
        statement = (
            update(VisitVerdictRow)
            .where(col(VisitVerdictRow.id) == row.id, col(VisitVerdictRow.state) == row.state)
            .values(state=state, **values)
        )
        won = cast(CursorResult[Any], self.session.execute(statement)).rowcount == 1
        self.session.refresh(row)
        return won

    # what visits are compared with --------------------------------------------------------------------------

    def earlier_notes(self, record: RecordRow, messages: Iterable[int]) -> list[Note]:
        """The latest notes of this rep's, or this customer's, other visits; none that came with `messages`."""
        whose = {"reporter": record.reporter_id, "customer": record.customer_code}
        return self._notes(EARLIER, record, messages, whose)

    def replays(self, record: RecordRow, messages: Iterable[int], files: list[str]) -> list[Note]:
        """Notes of anybody's other visits that are these very files."""
        return self._notes(REPLAYED, record, messages, {"files": files}) if files else []

    def _notes(
        self, query: Prepared, record: RecordRow, messages: Iterable[int], which: dict[str, Any]
    ) -> list[Note]:
        known = {"this": record.id, "messages": list(messages), **which}
        return [note_of(found, found) for found in query.fetch(self.session, **known)]

    def accepted_spots(self, customer: str) -> list[Position]:
        """Where reps stood whose visits of this customer a manager accepted."""
        return [position_of(check_in) for check_in, _ in self._judged(customer, ("accepted",), MOST_SPOTS)]

    def samples(self, customer: str, zone: Any) -> list[Sample]:
        """The positions of confirmed visits that nobody has reason to doubt, oldest first."""
        found = [
            Sample(
                ref=f"check_in:{check_in.id}",
                person=check_in.person_id,
                day=check_in.at.astimezone(zone).date(),
                position=position_of(check_in),
            )
            for check_in, verdict in self._judged(customer, ("told", "accepted"), MOST_SAMPLES)
            if verdict.state == "accepted" or verdict.level != "suspicious"
        ]
        return found[::-1]

    def _judged(
        self, customer: str, states: tuple[str, ...], limit: int
    ) -> list[tuple[CheckInRow, VisitVerdictRow]]:
        query = (
            select(CheckInRow, VisitVerdictRow)
            .join(VisitVerdictRow, col(VisitVerdictRow.check_in_id) == col(CheckInRow.id))
            .join(RecordRow, col(RecordRow.id) == col(VisitVerdictRow.record_id))
            .where(
                col(RecordRow.customer_code) == customer,
                col(VisitVerdictRow.state).in_(states),
                col(CheckInRow.state) != FORGOTTEN,
            )
            .order_by(col(CheckInRow.at).desc())
            .limit(limit)
        )
        return [(check_in, verdict) for check_in, verdict in self.session.execute(query)]

    def waiting_at(self, customer: str) -> list[RecordRow]:
        """The visits of a customer that a manager has still to decide about."""
        query = (
            select(RecordRow)
            .join(VisitVerdictRow, col(VisitVerdictRow.record_id) == col(RecordRow.id))
            .where(col(RecordRow.customer_code) == customer, col(VisitVerdictRow.state) == "waiting")
            .order_by(col(RecordRow.id))
        )
        return list(self.session.scalars(query))

    def visits_at(self, check_ins: Iterable[int]) -> list[int]:
        """The records whose verdicts rest on these check-ins."""
        query = select(col(VisitVerdictRow.record_id)).where(
            col(VisitVerdictRow.check_in_id).in_(list(check_ins)), col(VisitVerdictRow.state).not_in(OVER)
        )
        return list(self.session.scalars(query))


def note_of(evidence: Any, record: Any) -> Note:
    """A row of evidence, and the row of its visit."""
    return Note(
        ref=f"evidence:{evidence.id}",
        at=record.happened_at,
        customer=record.customer_code,
        person=record.reporter_id,
        words=evidence.words,
        sha256=evidence.sha256 if evidence.kind == "voice" else None,
    )
