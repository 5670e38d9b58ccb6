"""The unit of work: everything that one turn reads and writes, in one transaction that only the worker commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage.people import Customers, People
from storage.photos import Photos
from storage.records import Records
from storage.schedule import Schedule
from storage.visits import CheckIns


@dataclass(frozen=True)
class Work:
    session: Session
    people: People
    customers: Customers
    records: Records
    check_ins: CheckIns
    photos: Photos
    schedule: Schedule

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """All that is written in the block, or, when it raises, nothing of it."""
        with self.session.begin_nested():
            try:
                yield
                self.session.flush()
                self.records.write()
            except BaseException:
                self.records.forget()
                raise


def work_of(session: Session, *, who: str, now: datetime, inbox_id: int | None) -> Work:
    """The repositories on one session. Changes are made in the name of `who`, because of message `inbox_id`."""
    return Work(
        session=session,
        people=People(session),
        customers=Customers(session),
        records=Records(session, who=who, now=now, inbox_id=inbox_id),
        check_ins=CheckIns(session),
        photos=Photos(session),
        schedule=Schedule(session),
    )
