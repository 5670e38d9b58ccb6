"""A lead is seen by whoever has it and those above him; one that nobody has, by whoever hands it out."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from config import rulebook
from domain.policies import Viewer
from storage.guarding import read_as
from storage.lead_tables import LeadEventRow, LeadRow
from storage.policies import Guard
from storage.store import Store
from storage.tables import PersonRow

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
PEOPLE: tuple[tuple[str, Any, str | None], ...] = (
    ("D1", "director", None),
    ("M1", "manager", "D1"),
    ("M2", "manager", "D1"),
    ("R1", "rep", "M1"),
    ("R2", "rep", "M2"),
    ("O1", "operations", None),
    ("F1", "finance", None),
    ("A1", "admin", None),
)
SEES = {
    "D1": {"L-R1", "L-R2", "L-nobody"},
    "M1": {"L-R1"},
    "M2": {"L-R2"},
    "R1": {"L-R1"},
    "R2": {"L-R2"},
    "O1": {"L-R1", "L-R2", "L-nobody"},
    "F1": set(),
    "A1": {"L-R1", "L-R2", "L-nobody"},
}


@pytest.fixture
def company(sqlite_store: Store) -> Store:
    with sqlite_store.write() as session:
        for key, role, above in PEOPLE:
            session.add(PersonRow(id=key, name=key, role=role, manager_id=above))
        for owner in ("R1", "R2", None):
            key = f"L-{owner or 'nobody'}"
            session.add(
                LeadRow(
                    id=key,
                    company="喜乐汇",
                    phone="13900000001",
                    need="打 139 0000 0001 找我，2026-03-10 前",
                    owner_id=owner,
                    received_at=NOW,
                    created_at=NOW,
                )
            )
            session.add(
                LeadEventRow(lead_id=key, at=NOW, kind="received", who="x", details={"p": "13900000001"})
            )
    return sqlite_store


def rows(store: Store, person: str, row: Any) -> list[Any]:
    role = next(role for key, role, _ in PEOPLE if key == person)
    rules = rulebook.load()
    guard = Guard(rules.policies, Viewer(id=person, role=role), rules.forms)
    with read_as(store, guard, NOW.astimezone(ZoneInfo("Asia/Shanghai"))) as session:
        return list(session.scalars(select(row)))


@pytest.mark.parametrize("person", SEES)
def test_a_lead_and_its_history_are_seen_by_the_same_people(company: Store, person: str) -> None:
    assert {row.id for row in rows(company, person, LeadRow)} == SEES[person]
    assert {row.lead_id for row in rows(company, person, LeadEventRow)} == SEES[person]


def test_a_phone_number_is_for_those_who_may_read_numbers(company: Store) -> None:
    (mine,) = rows(company, "R1", LeadRow)
    assert mine.phone == "13900000001"
    theirs = rows(company, "O1", LeadRow)[0]
    assert theirs.phone == "" and theirs.need == f"打 {'＊' * 13} 找我，2026-03-10 前"
    assert "139" not in str(rows(company, "O1", LeadEventRow)[0].details)
