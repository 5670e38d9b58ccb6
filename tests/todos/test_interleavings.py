"""Whatever happens in whatever order: one event and one task for each to-do that stands, none for any other, and the
same title, owner and day on both sides."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.playground.dingtalk import FakeDingTalk
from tests.conftest import TestClock
from tests.todos.office import SHANGHAI, Office, office, platform

OWNERS = {"P101": "d-liwei", "P102": "d-zhangmin"}
DAYS = ("2026-03-13", "2026-03-16", "2026-03-20")
EVENTS, TASKS = "calendars/primary/events", "/tasks"

EXAMPLES = int(os.environ.get("TODO_EXAMPLES", "6"))
"""Few, as each is a company and a platform; more by hand: TODO_EXAMPLES=250, pytest --timeout=1500."""

which = st.integers(0, 1)
ours = st.one_of(
    st.tuples(st.just("due"), which, st.sampled_from(DAYS)),
    st.tuples(st.just("title"), which, st.sampled_from(["发报价", "送样", "收款"])),
    st.tuples(st.just("owner"), which, st.sampled_from(sorted(OWNERS))),
    st.tuples(st.just("status"), which, st.sampled_from(["done", None])),
    st.tuples(st.just("cancel"), which, st.none()),
)
theirs = st.one_of(
    st.tuples(st.just("move"), which, st.sampled_from(DAYS)),
    st.tuples(st.just("tick"), which, st.booleans()),
    st.tuples(st.just("rename"), which, st.sampled_from(["发报价单", "送三箱样"])),
    st.tuples(st.just("hand on"), which, st.sampled_from(sorted(OWNERS))),
    st.tuples(st.just("delete"), which, st.none()),
)
trouble = st.one_of(
    st.tuples(st.just("crash"), st.integers(-3, 3), st.none()),
    st.tuples(st.just("fault"), st.sampled_from([429, 503, 0]), st.sampled_from([EVENTS, TASKS, "*"])),
    st.tuples(st.just("tokens"), which, st.none()),
)
passing = st.sampled_from([("work", 0, None), ("told", 0, None), ("work", 0, None)])


@pytest.fixture(scope="module")
def moving() -> TestClock:
    return TestClock(datetime(2026, 3, 10, 2, 7, tzinfo=UTC))


@pytest.fixture(scope="module")
def there(moving: TestClock) -> Iterator[tuple[FakeDingTalk, str]]:
    with platform(moving) as found:
        yield found


@settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(steps=st.lists(st.one_of(ours, theirs, trouble, passing, passing), max_size=14))
def test_one_event_for_each_to_do_that_stands_whatever_happens(
    steps: list[tuple[str, Any, Any]], there: tuple[FakeDingTalk, str], moving: TestClock, tmp_path: Path
) -> None:
    moving.at = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
    with office(tmp_path / "x.db", moving, *there) as here:
        records = [here.noted("发报价", "P101"), here.noted("送样", "P102", due="")]
        for step in steps:
            _happens(here, records, *step)
            moving.forward(seconds=1)
        here.platform.state.faults.pending.clear()
        here.fragile.dies_in = 0
        here.settle()
        _both_sides_agree(here, records)


def _happens(here: Office, records: list[int], what: str, value: Any, more: Any) -> None:
    platform = here.platform
    if what in ("work", "told"):
        getattr(here, what)()
    elif what == "crash":
        here.fragile.dies_in = value
    elif what == "fault":
        how = {"status": value} if value else {"drop": True}
        platform.fail_next(f"POST {more}" if more != "*" else "*", **how)
    elif what == "tokens":
        platform.expire_tokens()
    elif what in ("due", "title", "owner", "status", "cancel"):
        row = here.record(records[value])
        if what == "cancel":
            here.cancel(records[value])
        elif row.status == "confirmed":
            here.change(records[value], what, more)
    else:
        _there(here, records[value], what, more)


def _there(here: Office, record: int, what: str, more: Any) -> None:
    """What people do in DingTalk, as far as there is anything to do it to."""
    copies = here.copies(record)
    event, task = copies["event"].remote_id, copies["task"].remote_id
    if what in ("move", "delete") and event in here.platform.events:
        here.platform.move_event(event, more) if what == "move" else here.platform.delete_event(event)
    elif task in here.platform.todos and what not in ("move", "delete"):
        fields = {
            "tick": {"done": more},
            "rename": {"subject": more},
            "hand on": {"executorIds": [here.platform.union_id(OWNERS.get(str(more), "d-liwei"))]},
        }
        here.platform.change_todo(task, **fields[what])


def _both_sides_agree(here: Office, records: list[int]) -> None:
    platform, events, tasks = here.platform, 0, 0
    for record in records:
        row, copies = here.record(record), here.copies(record)
        assert {copy.state for copy in copies.values()} == {"done"}
        if row.status != "confirmed":
            assert not copies["event"].remote_id and not copies["task"].remote_id
            continue
        data, done = row.data, row.data.get("status") == "done"
        event, task = (
            platform.events.get(copies["event"].remote_id),
            platform.todos.get(copies["task"].remote_id),
        )
        union = platform.union_id(OWNERS[data["owner"]])
        if data.get("due") and not (done and event is None):
            assert event is not None
            assert (event["summary"], event["start"]["date"]) == (data["title"], data["due"])
            assert event["organizer"]["id"] == union
        if not (done and task is None):
            assert task is not None
            assert (task["subject"], task["executorIds"], task["done"]) == (data["title"], [union], done)
            day = (
                datetime.fromtimestamp(task["dueTime"] / 1000, SHANGHAI).date()
                if task.get("dueTime")
                else None
            )
            assert str(day or "") == data.get("due", "")
        events, tasks = events + (event is not None), tasks + (task is not None)
    assert (len(platform.events), len(platform.todos)) == (events, tasks)
