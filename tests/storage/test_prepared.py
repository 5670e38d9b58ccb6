"""Prepared statements say and write what SQLAlchemy itself would, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col

from config import rulebook
from domain.policies import Viewer
from storage.by_customer import ByCustomer
from storage.claims import table_of, take
from storage.guarding import read_as
from storage.policies import Forbidden, Guard
from storage.prepared import Prepared, run_sql
from storage.rows import Rare, insert_row, update_row
from storage.store import Store
from storage.tables import CheckInRow, CustomerRow, InboxRow, RecordRow

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
CHECK_IN, CUSTOMER, RECORD = table_of(CheckInRow), table_of(CustomerRow), table_of(RecordRow)
IN_STATES = select(CheckInRow).where(
    col(CheckInRow.state).in_(bindparam("states", expanding=True)), col(CheckInRow.at) >= bindparam("since")
)


def check_in(state: str, **values: object) -> CheckInRow:
    known = {
        "person_id": "li",
        "latitude": 39.9,
        "longitude": 116.4,
        "datum": "gcj02",
        "at": NOW,
        "sent_at": NOW,
    }
    return CheckInRow(**{**known, "state": state, **values})


def record(**values: object) -> RecordRow:
    known = {"form": "visit", "reporter_id": "li", "happened_at": NOW, "created_at": NOW, "updated_at": NOW}
    return RecordRow(**{**known, **values})


@pytest.mark.parametrize("states", [[], ["done"], ["done", "left", "asked"]])
def test_it_finds_what_the_session_would_find(store: Store, states: list[str]) -> None:
    with store.write() as session:
        session.add_all([check_in("done", accuracy=None), check_in("left", at=NOW - timedelta(days=9))])
    looking = {"states": states, "since": NOW - timedelta(days=1)}
    with store.read() as session:
        found = Prepared(IN_STATES).fetch(session, **looking)
        rows = list(session.scalars(IN_STATES, looking))
        assert [r._asdict() for r in found] == [r.model_dump() for r in rows]
        assert Rare(IN_STATES).rows(session, **looking) == rows


def test_what_the_session_holds_is_found(store: Store) -> None:
    with store.write() as session:
        session.add(check_in("done"))
        assert len(Prepared(IN_STATES).fetch(session, states=["done"], since=NOW)) == 1


def test_a_new_row_belongs_to_the_session(store: Store) -> None:
    with store.write() as session:
        row = insert_row(session, record(data={"amount": 12.5, "planned": None}, customer_code="C1"))
        row.customer_code = "C2"
        update_row(session, row, status="confirmed")
        assert (row.status, session.get(RecordRow, row.id)) == ("confirmed", row)
    with store.read() as session:
        (kept,) = session.scalars(select(RecordRow))
        assert (kept.status, kept.customer_code, kept.data) == (
            "confirmed",
            "C2",
            {"amount": 12.5, "planned": None},
        )


def test_nothing_of_a_failed_attempt_is_left(store: Store) -> None:
    with store.write() as session:
        row = insert_row(session, record())
        session.flush()
    with pytest.raises(ZeroDivisionError), store.write() as session:
        known = session.get_one(RecordRow, row.id)
        update_row(session, known, status="confirmed")
        raise ZeroDivisionError
    with store.read() as session:
        assert session.get_one(RecordRow, row.id).status == "proposed"


def test_an_insert_fills_in_what_it_was_not_given(store: Store) -> None:
    new = Prepared(insert(RECORD))
    given = {"form": "visit", "reporter_id": "li", "happened_at": NOW, "created_at": NOW, "updated_at": NOW}
    with store.write() as session:
        new.write_all(session, [given, {**given, "form": "order"}])
    with store.read() as session:
        assert [
            (r.form, r.status, r.data) for r in session.scalars(select(RecordRow).order_by(RECORD.c.id))
        ] == [
            ("visit", "proposed", {}),
            ("order", "proposed", {}),
        ]


def test_how_many_rows_were_written_is_told(store: Store) -> None:
    drop = Prepared(update(RECORD).where(RECORD.c.form == bindparam("of_form")).values(status="dropped"))
    with store.write() as session:
        insert_row(session, record())
        insert_row(session, record())
        assert (drop.write(session, of_form="visit"), drop.write(session, of_form="order")) == (2, 0)


def test_what_the_database_refuses_is_told_as_sqlalchemy_tells_it(store: Store) -> None:
    customer = Prepared(insert(CUSTOMER))
    with pytest.raises(IntegrityError), store.write() as session:
        for _ in range(2):
            customer.write(session, code="C1", name="华联")
    with pytest.raises(DBAPIError), store.read() as session:
        run_sql(session.connection(), "SELECT * FROM nothing")


def test_a_persons_session_refuses_it(store: Store) -> None:
    guard = Guard(rulebook.load().policies, Viewer(id="li", role="rep"), rulebook.load().forms)
    with read_as(store, guard, NOW) as session, pytest.raises(Forbidden):
        Prepared(IN_STATES).fetch(session, states=["done"], since=NOW)


def test_customers_are_found_by_any_number_of_codes(store: Store) -> None:
    codes = [f"C{number:03d}" for number in range(7)]
    with store.write() as session:
        session.add_all(CustomerRow(code=code, name=code) for code in codes)
    query = ByCustomer(
        CUSTOMER.c.code, "code", lambda which: select(CUSTOMER.c.code).where(which).order_by(CUSTOMER.c.code)
    )
    with store.read() as session:
        for many in range(8):
            assert [row.code for row in query.rows(session, codes[:many])] == codes[:many]
        assert [row.code for row in query.rows(session, None)] == codes


def test_looking_for_work_where_there_is_none_waits_for_nobody(sqlite_store: Store) -> None:
    look = {"worker": "w", "now": NOW, "lease": timedelta(seconds=30), "limit": 5}
    with sqlite_store.write():  # a second transaction of this thread would be an error
        assert take(sqlite_store, InboxRow, **look) == []
