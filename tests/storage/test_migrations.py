"""Databases in use come to the newest version with what is in them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage import migrate
from storage.flows import Flows
from storage.leads import Leads
from storage.records import Records
from storage.stock import Stock
from storage.stock_books import differences
from storage.store import Store
from storage.tables import PersonRow
from tests.conftest import BACKENDS
from tests.databases import new_postgres_database

EXPRESSIONS = {"ix_person_wecom", "ix_person_dingtalk"}
"""Indexes on expressions, which Alembic cannot compare."""


@pytest.fixture(params=BACKENDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'x.db'}"
    return new_postgres_database(request.getfixturevalue("postgres_url"), empty=True)


def comparable(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    return not (kind == "index" and name in EXPRESSIONS)


def upgrade_to(store: Store, version: str) -> None:
    config = migrate._config()
    with store.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def test_the_newest_version_has_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": comparable})
        assert compare_metadata(context, PersonRow.metadata) == []


def test_codes_of_cards_that_lie_in_chats_are_kept(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    upgrade_to(store, "0003")
    with store.transaction() as connection:
        for person, handle in (("P1", "'RC1', '2026-03-10 02:00:00'"), ("P2", "'', NULL")):
            connection.execute(
                text(
                    "INSERT INTO shown_card"
                    " (ref, revision, person_id, channel, recipient, card, open, handle, handle_at)"
                    f" VALUES ('proposal:1', 1, '{person}', 'wecom', '{person}', 'card-{person}', TRUE, {handle})"
                )
            )
    upgrade_to(store, "head")
    with store.engine.connect() as connection:
        kept = connection.execute(text("SELECT channel, card, handle FROM card_handle")).all()
        shown = connection.execute(text("SELECT card FROM shown_card ORDER BY card")).scalars().all()
    assert [tuple(row) for row in kept] == [("wecom", "card-P1", "RC1")]
    assert shown == ["card-P1", "card-P2"]
    store.close()


def test_a_claim_that_waits_for_its_manager_goes_on_by_its_single_step(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    upgrade_to(store, "0008")
    at = "'2026-03-10 02:00:00'"
    with store.transaction() as connection:
        for record, state in ((1, "submitted"), (2, "approved"), (3, "undone")):
            connection.execute(
                text(
                    "INSERT INTO record (id, form, form_version, reporter_id, happened_at, status, data, sources,"
                    " checks, revision, created_at, updated_at) VALUES"
                    f" ({record}, 'expense', 1, 'P101', {at}, '{state}', '{{}}', '{{}}', '[]', 1, {at}, {at})"
                )
            )
        for record, state in ((1, "pending"), (2, "approved"), (3, "cancelled")):
            connection.execute(
                text(
                    "INSERT INTO approval (record_id, step, approver_id, state, reason, revision, created_at)"
                    f" VALUES ({record}, 0, 'P002', '{state}', '', 1, {at})"
                )
            )
    upgrade_to(store, "head")
    with store.write() as session:
        flows = Flows(session, Records(session, who="P002", now=datetime.now(UTC), inbox_id=None))
        (waiting,) = flows.waiting_for("P002")
        run = flows.lock(waiting.flow_id or 0)
        assert run is not None and (run.record_id, run.applicant_id, run.state) == (1, "P101", "running")
        flow, state = flows.definition(run), flows.state_of(run)
        assert [step.do for step in flow.steps] == ["approve", "status"]
        assert state.pending("P002")
        ended = session.execute(text("SELECT state FROM flow_run ORDER BY record_id")).scalars().all()
        assert ended == ["running", "done", "withdrawn"]
    store.close()


def test_stock_that_was_a_bare_number_becomes_the_first_movement(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    upgrade_to(store, "0008")
    with store.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO product (code, name, aliases, unit, pack_size) VALUES ('A', '奶', '[]', '箱', 12)"
            )
        )
        for code, on_hand in (("A", "60.50"), ("B", "7")):
            connection.execute(
                text(f"INSERT INTO stock VALUES ('{code}', '{on_hand}', '2026-03-10 02:00:00+00:00')")
            )
    upgrade_to(store, "head")
    now = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
    with store.write() as session:
        stock = Stock(session, who="P101", now=now, inbox_id=None)
        assert [stock.balance(code, now.date()).on_hand for code in "AB"] == [726, 7]
        assert differences(session) == []
        assert stock.count("C", Decimal(1)) == "added"
    store.close()


def test_leads_that_were_bare_columns_become_leads_with_a_history(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    upgrade_to(store, "0013")
    details = (
        '{"contact": "钱店长", "mobile": "+86 139-0000-0001", "city": "北京", "product": "SKU-YW|SKU-NL",'
        ' "received_at": "2026-03-09T16:25:00+08:00", "note": "想了解进货价", "展会": "糖酒会"}'
    )
    with store.transaction() as connection:
        for key, given in (("L1", details), ("L2", "{}")):
            connection.execute(
                text(
                    "INSERT INTO lead (id, company, details, created_at) VALUES (:id, '喜乐汇', :details, :at)"
                ),
                {"id": key, "details": given, "at": "2026-03-10 02:00:00"},
            )
    upgrade_to(store, "head")
    with store.read() as session:
        leads = Leads(session, who="x", now=datetime.now(UTC))
        full, bare = leads.in_state("new")
        assert (full.contact, full.phone, full.products) == ("钱店长", "13900000001", ("SKU-YW", "SKU-NL"))
        assert (full.need, full.details) == ("想了解进货价", {"展会": "糖酒会"})
        assert full.received_at == datetime(2026, 3, 9, 8, 25, tzinfo=UTC)
        assert (bare.received_at, bare.owner_id, bare.round) == (bare.created_at, None, 0)
        assert [event.kind for event in leads.events("L1")] == ["received"]
    store.close()
