"""The register of papers: each receipt or invoice once, whoever shows it, and who claims it.

Two people who show one paper at the same time are told apart by its unique key; two who claim it, by a
compare-and-set. Rows are never deleted: a paper that was given up is still known.
"""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Select, select, update
from sqlmodel import Session, col

from domain.papers import Paper, Seen, plain_name
from domain.statuses import STANDING
from storage.claims import insert_new
from storage.tables import InvoiceRow, PersonRow, RecordRow

STATES = {"proposed": "open", **dict.fromkeys(STANDING, "claimed")}
"""What a record's status means for its paper; all others have given it up."""


class Invoices:
    """In the name of `who`."""

    def __init__(self, session: Session, *, who: str, now: datetime) -> None:
        self.session, self.who, self.now = session, who, now

    def show(self, paper: Paper, key: str, record_id: int, sha256: str) -> Seen | None:
        """Enter a paper into the register; the one that was there before, None where it is new.

        What the same person gave up before is his again.
        """
        is_new = insert_new(
            self.session,
            InvoiceRow,
            key=key,
            seller=plain_name(paper.seller),
            day=paper.day,
            total=paper.total,
            person_id=self.who,
            record_id=record_id,
            sha256=sha256,
            state="shown",
            shown_at=self.now,
        )
        earlier = None if is_new else self.earlier(key)
        if earlier and earlier.own and earlier.state == "ended":
            again = update(InvoiceRow).where(col(InvoiceRow.key) == key, col(InvoiceRow.state) == "shown")
            self.session.execute(again.values(record_id=record_id, sha256=sha256, shown_at=self.now))
        return earlier

    def earlier(self, key: str) -> Seen | None:
        """The paper as somebody showed it before."""
        found = self.session.execute(_shown().where(col(InvoiceRow.key) == key)).first()
        return self._seen(*found) if found else None

    def neighbours(self, paper: Paper) -> list[Seen]:
        """The papers of the same seller and day."""
        if not paper.seller or not paper.day:
            return []
        same = _shown().where(
            col(InvoiceRow.seller) == plain_name(paper.seller), col(InvoiceRow.day) == paper.day
        )
        return [self._seen(*found) for found in self.session.execute(same.order_by(col(InvoiceRow.id)))]

    def claim(self, key: str, record_id: int) -> Seen | None:
        """Take the paper for this record: None where it is ours now, else who has it."""
        free_or_ours = (col(InvoiceRow.state) == "shown") | (col(InvoiceRow.record_id) == record_id)
        take = update(InvoiceRow).where(col(InvoiceRow.key) == key, free_or_ours)
        taken = self.session.execute(take.values(state="claimed", record_id=record_id, person_id=self.who))
        return None if cast(CursorResult[Any], taken).rowcount == 1 else self.earlier(key)

    def subjects_before(self, seller: str) -> tuple[str, ...]:
        """The subjects of the same seller's latest expenses that were handed in and not refused, newest first."""
        query = (
            select(col(RecordRow.data))
            .join(InvoiceRow, col(InvoiceRow.record_id) == col(RecordRow.id))
            .where(
                col(InvoiceRow.seller) == plain_name(seller),
                col(RecordRow.status).in_(("submitted", "approved", "paid")),
            )
            .order_by(col(RecordRow.id).desc())
            .limit(5)
        )
        found = (data.get("subject") for data in self.session.scalars(query))
        return tuple(str(subject) for subject in found if subject)

    def _seen(self, row: InvoiceRow, status: str | None, name: str | None) -> Seen:
        return Seen.model_validate(
            {
                "key": row.key,
                "who": name or row.person_id,
                "own": row.person_id == self.who,
                "at": row.shown_at,
                "sha256": row.sha256,
                "state": STATES.get(status or "", "ended"),
            }
        )


def free(session: Session, record_id: int) -> None:
    """Give back the papers that a record claimed and no longer needs."""
    session.execute(
        update(InvoiceRow)
        .where(col(InvoiceRow.record_id) == record_id, col(InvoiceRow.state) == "claimed")
        .values(state="shown")
    )


def _shown() -> Select[InvoiceRow, str, str]:
    return (
        select(InvoiceRow, col(RecordRow.status), col(PersonRow.name))
        .join(RecordRow, col(RecordRow.id) == col(InvoiceRow.record_id), isouter=True)
        .join(PersonRow, col(PersonRow.id) == col(InvoiceRow.person_id), isouter=True)
    )
