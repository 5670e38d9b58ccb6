"""The unit of work: everything that one turn reads and writes, in one transaction that only the worker commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage.budgets import Budgets
from storage.coaching import CardFeedback
from storage.flows import Flows
from storage.invoices import Invoices
from storage.leads import Leads
from storage.people import Customers, People
from storage.photos import Photos
from storage.practice import Appeals, Practices, TaughtCases
from storage.prepared import connection_of, run_sql
from storage.records import Records
from storage.reminders import Reminders
from storage.schedule import Schedule
from storage.stock import Stock
from storage.todo_copies import TodoCopies
from storage.verdicts import Verdicts
from storage.visits import CheckIns, LearnedPlaces


@dataclass(frozen=True)
class Work:
    session: Session
    people: People
    customers: Customers
    records: Records
    invoices: Invoices
    check_ins: CheckIns
    places: LearnedPlaces
    verdicts: Verdicts
    photos: Photos
    schedule: Schedule
    flows: Flows
    budgets: Budgets
    feedback: CardFeedback
    stock: Stock
    reminders: Reminders
    todo_copies: TodoCopies
    leads: Leads
    practices: Practices
    cases: TaughtCases
    appeals: Appeals

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """All that is written in the block, or, when it raises, nothing of it.

        Rows that were read before the block are read anew after one that raised. One may stand inside another.
        """
        self.session.flush()
        self.records.write()
        connection = connection_of(self.session)
        run_sql(connection, "SAVEPOINT attempt")  # the session's own costs ten times as much
        try:
            yield
            self.session.flush()
            self.records.write()
        except BaseException:
            self.records.forget()
            self.session.expunge_all()
            run_sql(connection, "ROLLBACK TO SAVEPOINT attempt")
            run_sql(connection, "RELEASE SAVEPOINT attempt")  # or one around it would end here as well
            raise
        run_sql(connection, "RELEASE SAVEPOINT attempt")


def work_of(session: Session, *, who: str, now: datetime, inbox_id: int | None) -> Work:
    """The repositories on one session. Changes are made in the name of `who`, because of message `inbox_id`."""
    records = Records(session, who=who, now=now, inbox_id=inbox_id)
    return Work(
        session=session,
        people=People(session),
        customers=Customers(session),
        records=records,
        invoices=Invoices(session, who=who, now=now),
        check_ins=CheckIns(session),
        places=LearnedPlaces(session, now),
        verdicts=Verdicts(session, now),
        photos=Photos(session),
        schedule=Schedule(session),
        flows=Flows(session, records),
        budgets=Budgets(session, now),
        feedback=CardFeedback(session, who=who, now=now),
        stock=Stock(session, who=who, now=now, inbox_id=inbox_id),
        reminders=Reminders(session),
        todo_copies=TodoCopies(session, now),
        leads=Leads(session, who=who, now=now),
        practices=Practices(session, who=who, now=now),
        cases=TaughtCases(session),
        appeals=Appeals(session),
    )
