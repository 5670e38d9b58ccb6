"""Where somebody means to go on a day: plans, and promises that nothing has overtaken."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage import promises
from storage.promises import plans_of
from storage.store import Store
from storage.tables import CheckInRow, RecordRow
from tests.databases import new_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = datetime(2026, 3, 10, tzinfo=SHANGHAI)
PROMISED = TODAY - timedelta(days=5, hours=-10)
"""When it was said what is promised for today."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store(new_file(tmp_path / "x.db"))
    yield found
    found.close()


def said(form: str, at: datetime = PROMISED, made: datetime = PROMISED, **data: Any) -> RecordRow:
    return RecordRow(
        form=form, reporter_id="P1", customer_code="C1", happened_at=at, status="confirmed", data=data,
        created_at=made, updated_at=made,
    )  # fmt: skip


def left(store: Store, *rows: RecordRow | CheckInRow, start: datetime = TODAY) -> list[str]:
    with store.write() as session:
        session.add_all(rows)
    with store.read() as session:
        return [str(row.data.get("next_step") or row.form) for row in plans_of(session, "P1", start)]


def promise(day: str = "2026-03-10") -> RecordRow:
    return said("visit", next_date=day, next_step="谈价格")


def test_what_was_said_in_the_same_breath_overtakes_no_promise(store: Store) -> None:
    assert left(store, promise(), said("order"), said("payment")) == ["谈价格"]


def test_what_was_recorded_before_the_promised_day_leaves_the_promise_standing(store: Store) -> None:
    before = TODAY - timedelta(days=2)
    assert left(store, promise(), said("payment", before, before)) == ["谈价格"]


@pytest.mark.parametrize(
    "later",
    [
        said("visit", TODAY + timedelta(hours=9), TODAY + timedelta(hours=9)),
        said("visit", TODAY - timedelta(days=1), TODAY - timedelta(days=1), next_date="2026-03-20"),
        CheckInRow(
            person_id="P1", customer_code="C1", latitude=0, longitude=0, datum="GCJ-02",
            at=TODAY + timedelta(hours=8),
        ),
    ],
    ids=["written about on that day", "another date", "been there"],
)  # fmt: skip
def test_a_promise_is_overtaken_by_what_is_done_or_agreed_on_later(
    store: Store, later: RecordRow | CheckInRow
) -> None:
    assert left(store, promise(), later.model_copy()) == []


def test_a_to_do_and_a_plan_about_the_customer_leave_the_promise_standing(store: Store) -> None:
    now = TODAY + timedelta(hours=7)
    plan = said("visit", now, now, planned=True, happened_at="2026-03-10")
    assert left(store, promise(), said("meeting_todo", now, now, title="送样"), plan) == ["谈价格", "visit"]


def test_a_promise_stays_for_two_weeks_after_its_day(store: Store) -> None:
    assert left(store, promise("2026-02-24")) == ["谈价格"]
    assert left(store, start=TODAY + timedelta(days=1)) == []


def test_a_day_that_was_said_without_a_time_is_that_day_in_every_zone(store: Store) -> None:
    plan = said("visit", TODAY, planned=True, happened_at="2026-03-10")
    urumqi = TODAY.replace(tzinfo=ZoneInfo("Asia/Urumqi"))
    assert left(store, plan, start=urumqi) == ["visit"]
    assert left(store, start=urumqi - timedelta(days=1)) == []


def test_a_plan_that_somebody_else_made_for_him_is_his(store: Store) -> None:
    given = said("visit_plan", TODAY + timedelta(hours=15), owner="P1")
    given.reporter_id = "P9"
    assert left(store, given) == ["visit_plan"]


def test_what_is_promised_for_the_coming_days_is_the_last_word_of_each_customer(store: Store) -> None:
    later = PROMISED + timedelta(days=1)
    with store.write() as session:
        session.add_all([promise("2026-03-12"), said("visit", later, later, next_date="2026-03-13")])
    with store.read() as session:
        found = promises.promised_within(session, "P1", TODAY, TODAY + timedelta(days=7))
        assert [day.day for day, _ in found] == [13]
