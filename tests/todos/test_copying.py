"""To-dos in DingTalk's calendar and list against the local platform: once each, through every kind of failure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import imports
from bot.playground.dingtalk import FakeDingTalk
from storage.tables import AuditRow, OutboxRow, PersonRow
from storage.todo_copies import TodoCopies
from tests.conftest import TestClock
from tests.todos.office import DEMO, Office, office, platform

EVENTS, TASKS = "calendars/primary/events", "/tasks"


@pytest.fixture(scope="module")
def moving() -> TestClock:
    return TestClock(datetime(2026, 3, 10, 2, 7, tzinfo=UTC))


@pytest.fixture(scope="module")
def there(moving: TestClock) -> Iterator[tuple[FakeDingTalk, str]]:
    with platform(moving) as found:
        yield found


@pytest.fixture
def here(there: tuple[FakeDingTalk, str], moving: TestClock, tmp_path: Path) -> Iterator[Office]:
    moving.at = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
    with office(tmp_path / "x.db", moving, *there) as found:
        yield found


def the_event(here: Office) -> dict[str, Any]:
    (event,) = here.platform.events.values()
    return event


def the_task(here: Office) -> dict[str, Any]:
    (task,) = here.platform.todos.values()
    return task


def told(here: Office) -> list[str]:
    with here.store.read() as session:
        return list(session.scalars(select(OutboxRow.content)))  # type: ignore[call-overload]


def test_a_to_do_becomes_a_day_in_its_owners_calendar_and_a_task_of_his(here: Office) -> None:
    here.noted("把报价发给华联", "P101", "2026-03-13")
    here.settle()
    event, task = the_event(here), the_task(here)
    union = here.platform.union_id("d-liwei")
    assert (event["summary"], event["start"], event["end"]) == (
        "把报价发给华联",
        {"date": "2026-03-13"},
        {"date": "2026-03-14"},
    )
    assert event["organizer"]["id"] == union and task["executorIds"] == [union]
    due = datetime.fromtimestamp(task["dueTime"] / 1000, UTC)
    assert (task["subject"], due) == ("把报价发给华联", datetime(2026, 3, 13, 10, tzinfo=UTC))


def test_three_runs_and_their_echoes_make_one_event(here: Office) -> None:
    record = here.noted("送样")
    for _ in range(3):
        with here.store.write() as session:
            TodoCopies(session, here.clock()).want(record)
        here.settle()
    assert len(here.platform.events) == len(here.platform.todos) == 1
    assert {row.state for row in here.copies(record).values()} == {"done"}
    assert told(here) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "code": "Throttling"},
        {"status": 403, "code": "Forbidden.AccessDenied.QpsLimitForApi"},
        {"status": 503, "code": "ServiceUnavailable"},
        {"drop": True},
    ],
)
@pytest.mark.parametrize("path", [f"POST {EVENTS}", f"POST {TASKS}"])
def test_a_failed_call_is_made_again_and_makes_one(here: Office, fault: dict[str, Any], path: str) -> None:
    """`drop`: it was carried out, and the answer never came."""
    here.platform.fail_next(path, times=2, **fault)
    here.noted("送样")
    here.settle()
    assert the_event(here)["summary"] == the_task(here)["subject"] == "送样"


def test_an_expired_token_is_fetched_anew(here: Office) -> None:
    here.noted("送样")
    here.platform.expire_tokens()
    here.settle()
    assert len(here.platform.events) == len(here.platform.todos) == 1


@pytest.mark.parametrize("call", [1, -2, 3, -3])
def test_a_process_that_dies_in_between_leaves_one_event(here: Office, call: int) -> None:
    here.noted("送样")
    here.fragile.dies_in = call
    here.settle()
    assert len(here.platform.events) == len(here.platform.todos) == 1


def test_what_is_cancelled_while_its_creation_had_no_answer_leaves_nothing(here: Office) -> None:
    record = here.noted("送样")
    for path in (EVENTS, TASKS):
        here.platform.fail_next(f"POST {path}", drop=True)
    here.work()
    assert here.platform.events and here.platform.todos
    here.cancel(record)
    here.settle()
    assert here.platform.events == here.platform.todos == {}


@pytest.mark.parametrize("moved", [False, True])
def test_what_had_no_answer_for_a_day_is_looked_for_and_no_second_event_is_made(
    here: Office, moved: bool
) -> None:
    record = here.noted("送样")
    here.platform.fail_next(f"POST {EVENTS}", drop=True)
    here.platform.fail_next(f"POST {EVENTS}", times=10_000, status=503)
    for _ in range(2):
        here.settle(hours=1)
        here.clock.forward(hours=26)
    if moved:
        here.platform.move_event(the_event(here)["id"], "2026-03-30")
    here.platform.state.faults.pending.clear()
    here.change(record, "title", "送三箱样")
    here.settle(hours=6)
    assert here.copies(record)["event"].state == "done"
    assert the_event(here)["summary"] == the_task(here)["subject"] == "送三箱样"
    assert here.record(record).data["due"] == ("2026-03-30" if moved else "2026-03-13")


def test_what_was_never_made_for_a_day_is_made_once_the_platform_answers(here: Office) -> None:
    record = here.noted("送样")
    here.platform.fail_next(f"POST {EVENTS}", times=10_000, status=503)
    for _ in range(2):
        here.settle(hours=1)
        here.clock.forward(hours=26)
    assert here.platform.events == {}
    here.platform.state.faults.pending.clear()
    here.settle(hours=6)
    assert the_event(here)["summary"] == "送样" and here.copies(record)["event"].state == "done"


def test_a_change_here_changes_both_there(here: Office) -> None:
    record = here.noted("送样")
    here.settle()
    before = the_event(here)["id"]
    here.change(record, "due", "2026-03-16")
    here.change(record, "title", "送两箱样")
    here.settle()
    assert (the_event(here)["id"], the_event(here)["start"]) == (before, {"date": "2026-03-16"})
    assert the_event(here)["summary"] == the_task(here)["subject"] == "送两箱样"


def test_another_owner_gets_it_and_the_former_one_is_rid_of_it(here: Office) -> None:
    record = here.noted("送样", "P101")
    here.settle()
    here.change(record, "owner", "P102")
    here.settle()
    assert the_event(here)["organizer"]["id"] == here.platform.union_id("d-zhangmin")
    assert the_task(here)["executorIds"] == [here.platform.union_id("d-zhangmin")]


def test_what_is_done_here_is_ticked_there(here: Office) -> None:
    record = here.noted("送样")
    here.settle()
    here.change(record, "status", "done")
    here.settle()
    assert the_task(here)["done"] is True and len(here.platform.events) == 1


def test_a_day_that_was_moved_there_moves_the_record_and_the_task_and_is_told(here: Office) -> None:
    record = here.noted("送样", reporter="P002")
    here.settle()
    here.platform.move_event(the_event(here)["id"], "2026-03-18")
    here.settle()
    assert here.record(record).data["due"] == "2026-03-18"
    assert datetime.fromtimestamp(the_task(here)["dueTime"] / 1000, UTC).day == 18
    assert sum("改到 3月18日" in words for words in told(here)) == 2  # whoever does it, and whoever noted it
    with here.store.read() as session:
        query = select(AuditRow).where(AuditRow.subject == f"record:{record}", AuditRow.field == "due")  # type: ignore[arg-type]
        (audit,) = session.scalars(query)
    assert (audit.who, audit.old, audit.new) == ("dingtalk", "2026-03-13", "2026-03-18")


def test_a_task_that_is_ticked_there_is_done_here(here: Office) -> None:
    record = here.noted("送样")
    here.settle()
    here.platform.tick_off(the_task(here)["id"])
    here.settle()
    assert here.record(record).data["status"] == "done"


def test_an_event_that_is_deleted_there_cancels_the_to_do_and_its_task(here: Office) -> None:
    record = here.noted("送样")
    here.settle()
    here.platform.delete_event(the_event(here)["id"])
    here.settle()
    assert here.record(record).status == "undone"
    assert here.platform.events == here.platform.todos == {}


def test_a_task_that_is_handed_on_there_gets_its_new_owner_here(here: Office) -> None:
    record = here.noted("送样", "P101")
    here.settle()
    here.platform.change_todo(the_task(here)["id"], executorIds=[here.platform.union_id("d-wanglei")])
    here.settle()
    assert here.record(record).data["owner"] == "P103"
    assert the_event(here)["organizer"]["id"] == here.platform.union_id("d-wanglei")
    assert the_task(here)["executorIds"] == [here.platform.union_id("d-wanglei")]


@pytest.mark.parametrize(("ours_first", "day"), [(True, "2026-03-20"), (False, "2026-03-16")])
def test_where_both_sides_change_the_day_the_later_wins_and_it_is_told(
    here: Office, ours_first: bool, day: str
) -> None:
    record = here.noted("送样")
    here.settle()
    changes = [
        lambda: here.change(record, "due", "2026-03-16"),
        lambda: here.platform.move_event(the_event(here)["id"], "2026-03-20"),
    ]
    for change in changes if ours_first else reversed(changes):
        change()
        here.clock.forward(seconds=5)
    here.settle()
    assert here.record(record).data["due"] == day and the_event(here)["start"]["date"] == day
    assert any("以后改的为准" in words or "以这边的为准" in words for words in told(here))


def test_whoever_has_no_dingtalk_is_left_in_peace(here: Office) -> None:
    with here.store.write() as session:
        person = session.get(PersonRow, "P101")
        assert person is not None
        person.dingtalk_userid = None
    record = here.noted("送样")
    here.settle()
    assert here.platform.events == here.platform.todos == {}
    assert {row.state for row in here.copies(record).values()} == {"done"}


def test_without_the_right_it_waits_and_goes_on_once_it_is_given(here: Office) -> None:
    here.platform.denied.add("Calendar.Event")
    record = here.noted("送样")
    for _ in range(2):
        here.settle(hours=1)
        here.clock.forward(hours=26)
    assert here.platform.events == {} and len(here.platform.todos) == 1
    assert "apply for the permission" in here.copies(record)["event"].error
    here.platform.denied.clear()
    here.settle()
    assert len(here.platform.events) == 1


def test_what_the_platform_refuses_is_tried_again_by_itself_with_growing_pauses(here: Office) -> None:
    here.platform.fail_next(f"POST {EVENTS}", times=4, status=400, code="invalidParameter.summary")
    here.noted("送样")
    here.settle(hours=1)
    assert here.platform.events == {} and len(here.platform.todos) == 1
    here.settle(hours=24)
    assert the_event(here)["summary"] == "送样"


def test_what_nobody_could_copy_for_months_is_given_up(here: Office) -> None:
    here.platform.fail_next(f"POST {EVENTS}", times=10_000, status=400, code="invalidParameter.summary")
    record = here.noted("送样")
    here.settle(hours=1)
    here.clock.forward(hours=24 * 91)
    here.settle(hours=1)
    assert here.copies(record)["event"].state == "failed"


def test_whoever_tidies_away_what_is_done_takes_nothing_back(here: Office) -> None:
    record = here.noted("送样")
    here.settle()
    here.change(record, "status", "done")
    here.settle()
    here.platform.delete_event(the_event(here)["id"])
    here.settle()
    assert (here.record(record).status, here.record(record).data["status"]) == ("confirmed", "done")
    assert the_task(here)["done"] is True and told(here) == []


def test_whoever_gets_a_dingtalk_account_later_gets_his_to_dos_then(here: Office) -> None:
    people = (DEMO / "people.csv").read_text(encoding="utf-8-sig")
    imports.load("people", people.replace("d-liwei", "").encode(), here.store, now=here.clock())
    here.noted("送样", "P101")
    here.settle()
    assert here.platform.events == {}
    imports.load("people", people.encode(), here.store, now=here.clock())
    here.settle()
    assert len(here.platform.events) == len(here.platform.todos) == 1


def test_what_the_platform_refuses_is_tried_at_once_where_it_is_changed(here: Office) -> None:
    here.platform.fail_next(f"POST {EVENTS}", status=400, code="invalidParameter.summary")
    record = here.noted("送样")
    here.settle()
    here.change(record, "title", "送两箱样")
    here.settle()
    assert the_event(here)["summary"] == "送两箱样"
