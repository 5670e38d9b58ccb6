"""The copies of to-dos in another calendar: one row for each kind of copy of a to-do, worked on until both agree.

The row is no command but a wish: whoever works on it compares the record with the copy and does what is missing. So
changes that come quickly fall together, repetition does no harm, and the order in which they were made is no matter.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Index, UniqueConstraint, bindparam, case, select, update
from sqlmodel import Field, Session, col

from domain.todo_copies import KINDS, Content, Copy
from storage.claims import LeaseLost, insert_new, table_of
from storage.columns import BIG, JSON_TYPE, Claimable, identity, moment
from storage.tables import UNFINISHED, RecordRow
from storage.todos import FORM


class TodoCopyRow(Claimable, table=True):
    """States: pending, claimed, done (both sides agree), failed (given up after months of trying)."""

    __tablename__ = "todo_copy"
    __table_args__ = (
        UniqueConstraint("record_id", "kind"),
        Index("ix_todo_copy_open", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )

    id: int | None = identity()
    record_id: int = Field(sa_type=BIG)
    kind: str
    """event or task."""
    wishes: int = 1
    """Grows whenever somebody wants it looked at again; whoever works on it is not done before he saw the last."""
    generation: int = 0
    remote_id: str = Field(default="", index=True)
    holder: str = ""
    """The platform's id of the person in whose calendar it is."""
    told: dict[str, Any] | None = Field(default=None, sa_type=JSON_TYPE)
    """JSON of domain.todo_copies.Content."""
    begun_at: datetime | None = moment(null=True)
    """Since when the outcome of its creation is not known; none once it is."""
    wanted_at: datetime = moment()
    created_at: datetime = moment()
    done_at: datetime | None = moment(null=True)


COPY, RECORD = table_of(TodoCopyRow), table_of(RecordRow)
SOME, A_WHILE = 3, timedelta(minutes=20)
PENDING = ("pending", "claimed")
WAKE = update(COPY).values(
    wishes=COPY.c.wishes + 1,
    state=case((COPY.c.state == "claimed", "claimed"), else_="pending"),
    available_at=bindparam("now"),
    wanted_at=bindparam("now"),
    attempts=0,
)


class TodoCopies:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now

    def want(self, record_id: int) -> None:
        """Have a to-do copied, or its copies brought up to date."""
        for kind in KINDS:
            insert_new(
                self.session,
                TodoCopyRow,
                record_id=record_id,
                kind=kind,
                wishes=0,
                generation=0,
                remote_id="",
                holder="",
                state="pending",
                attempts=0,
                error="",
                available_at=self.now,
                wanted_at=self.now,
                created_at=self.now,
            )
        wake(self.session, record_id, self.now)

    def look_again(self, remote_ids: Iterable[str]) -> int:
        """These copies were changed on the platform. Returns how many of them are ours."""
        known = [one for one in dict.fromkeys(remote_ids) if one]
        if not known:
            return 0
        woken = WAKE.where(COPY.c.remote_id.in_(known))
        result = self.session.connection().execute(woken, {"now": self.now})
        return int(cast(CursorResult[Any], result).rowcount)

    def of(self, record_id: int) -> list[TodoCopyRow]:
        query = select(TodoCopyRow).where(col(TodoCopyRow.record_id) == record_id).order_by(COPY.c.id)
        return list(self.session.scalars(query))


def wake(session: Session, record_id: int, now: datetime) -> None:
    """The to-do was changed here: its copies, where it has any, are looked at again."""
    session.connection().execute(WAKE.where(COPY.c.record_id == record_id), {"now": now})


def copy_of(row: dict[str, Any]) -> Copy:
    told = Content.model_validate(row["told"]) if row["told"] else None
    return Copy(kind=row["kind"], generation=row["generation"], remote_id=row["remote_id"], told=told)


def note(session: Session, row: dict[str, Any], worker: str, **values: Any) -> None:
    """Write down how far a claimed row has come, in `row` as well; it stays claimed. Raises LeaseLost."""
    _write(session, row, worker, values)
    row.update(values)


def settle(session: Session, row: dict[str, Any], worker: str, **values: Any) -> None:
    """End a claim; what was wished meanwhile is pending again at once. Raises LeaseLost."""
    newer = COPY.c.wishes > row["wishes"]
    again = case((newer, COPY.c.wanted_at), else_=values.get("available_at", COPY.c.available_at))
    state = case((newer, "pending"), else_=values["state"])
    ended = {"worker": None, "lease_until": None, "state": state, "available_at": again}
    _write(session, row, worker, {**values, **ended})


def _write(session: Session, row: dict[str, Any], worker: str, values: dict[str, Any]) -> None:
    held = (COPY.c.id == row["id"]) & (COPY.c.worker == worker) & (COPY.c.state == "claimed")
    result = session.connection().execute(update(COPY).where(held).values(values))
    if cast(CursorResult[Any], result).rowcount != 1:
        raise LeaseLost(f"todo_copy {row['id']} was taken over after its lease ran out")


def wake_of(session: Session, owners: Iterable[str], now: datetime) -> None:
    """These people came, left, or are somebody else in the calendar now: the copies of their to-dos are looked at."""
    theirs = select(RECORD.c.id).where(
        RECORD.c.form == FORM,
        RECORD.c.status == "confirmed",
        RECORD.c.data["owner"].as_string().in_(list(owners)),
    )
    session.connection().execute(WAKE.where(COPY.c.record_id.in_(theirs)), {"now": now})


def stuck(session: Session, now: datetime) -> list[TodoCopyRow]:
    """What was given up, or was tried in vain more than once or twice, for people to look at, the oldest first."""
    waits_long = col(TodoCopyRow.available_at) > now + A_WHILE
    in_vain = (col(TodoCopyRow.error) != "") & (waits_long | (col(TodoCopyRow.attempts) >= SOME))
    trouble = (col(TodoCopyRow.state) == "failed") | (col(TodoCopyRow.state).in_(PENDING) & in_vain)
    return list(session.scalars(select(TodoCopyRow).where(trouble).order_by(COPY.c.id)))
