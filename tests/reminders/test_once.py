"""Every occurrence is told exactly once: over restarts, several workers, clocks put back, and people's own hours."""

import random
import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import rulebook
from domain.push_times import Quiet
from domain.schedules.definition import Schedule
from storage.store import Store
from storage.tables import ContactRow, CustomerRow, RecordRow
from tests.databases import new_file, new_postgres_database
from tests.reminders.company import Held, Working, failed, hire, messages, reminders

ZONES = (None, "Asia/Urumqi", "Asia/Kathmandu", "America/New_York")
START = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)  # New York puts its clocks forward on 8 March
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


def schedules(draw: st.DrawFn) -> dict[str, Schedule]:
    found = {}
    for number in range(draw(st.integers(1, 3))):
        at = draw(st.times()).replace(second=0, microsecond=0)
        weekday = draw(st.sampled_from(WEEKDAYS))
        when = draw(
            st.sampled_from(
                [{"kind": "daily", "at": at}, {"kind": "weekly", "weekday": f"周{weekday}", "at": at}]
            )
        )
        found[f"s{number}"] = Schedule.model_validate(
            {
                "key": f"s{number}",
                "label": f"提醒{number}",
                "when": when,
                "whom": ["rep"],
                "says": {"text": "{日期}"},
                "collapse": draw(st.sampled_from(["", "a"])),
                "jitter": draw(st.integers(0, 25)),
                "late": {"mark_after": 2000, "skip_after": 1000},
                "quiet": draw(st.sampled_from([None, {"start": "12:00", "end": "13:02"}])),
            }
        )
    return found


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, Schedule], list[tuple[str | None, time | None]], int]:
    people = draw(
        st.lists(
            st.tuples(st.sampled_from(ZONES), st.sampled_from([None, time(20), time(0, 17)])),
            min_size=1,
            max_size=2,
        )
    )
    return schedules(draw), people, draw(st.integers(0, 10**6))


def expected(schedule: Schedule, zone: ZoneInfo, start: datetime, end: datetime) -> set[date]:
    """The days on which it falls, found the slow way: minute by minute in that zone."""
    days = set()
    moment = start
    while moment < end:
        local = moment.astimezone(zone)
        on = getattr(schedule.when, "weekday", "") in ("", f"周{WEEKDAYS[local.weekday()]}")
        if on and (local.hour, local.minute) == (schedule.when.at.hour, schedule.when.at.minute):
            days.add(local.date())
        moment += timedelta(minutes=1)
    return days


@given(histories())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_occurrence_is_told_once_whatever_happens_to_the_workers(
    tmp_path_factory: pytest.TempPathFactory,
    history: tuple[dict[str, Schedule], list[tuple[str | None, time | None]], int],
) -> None:
    rules, people, seed = history
    chance, now = random.Random(seed), [START]
    store = Store(new_file(tmp_path_factory.mktemp("once") / "x.db"))
    for number, (zone, quiet_from) in enumerate(people):
        hire(store, f"P{number}", zone, quiet_from=quiet_from)
    knowledge = Held(rules)
    workers = [Working(f"w{n}", store, knowledge, lambda: now[0]) for n in range(2)]
    end = START + timedelta(days=3)
    latest = now[0]
    while now[0] < end:
        chance.choice(workers).run()
        if chance.random() < 0.1:
            workers[chance.randrange(2)] = Working(f"w{chance.random()}", store, knowledge, lambda: now[0])
        if chance.random() < 0.05:
            now[0] = latest - timedelta(minutes=chance.randrange(600))
        now[0] = max(now[0], latest - timedelta(hours=10)) + timedelta(
            minutes=chance.randrange(1, 90), seconds=chance.randrange(60)
        )
        latest = max(latest, now[0])
    sure = end - timedelta(hours=30)
    rows, sent = reminders(store), messages(store)
    assert failed(store) == []
    for number, (zone, quiet_from) in enumerate(people):
        local = ZoneInfo(zone) if zone else SHANGHAI
        mine = [row for row in rows if row.person_id == f"P{number}"]
        got = [(at, words) for person, at, words in sent if person == f"P{number}"]
        own = Quiet(start=quiet_from or Quiet().start)
        for schedule in rules.values():
            days = [row.day for row in mine if row.schedule == schedule.key]
            told = [row for row in mine if row.schedule == schedule.key and row.state == "told"]
            assert len(days) == len(set(days))
            assert expected(schedule, local, START + timedelta(hours=1), sure) <= set(days)
            assert sum(words.count(f"【{schedule.label}】") for _, words in got) == len(told)
            for row in mine:  # only what quiet hours carried past its day is left out
                if row.schedule == schedule.key and row.planned < sure and row.state != "told":
                    assert row.send_at.astimezone(local).date() > row.planned.astimezone(local).date()
            for at, words in got:
                if f"【{schedule.label}】" in words:
                    assert not (schedule.quiet and schedule.quiet.holds(at.astimezone(local).time()))
        for at, _ in got:
            assert not own.holds(at.astimezone(local).time())
            assert at.astimezone(local).minute not in (0, 30)
    store.close()


def one(at: str, **also: object) -> dict[str, Schedule]:
    given = {"key": "s", "label": "提醒", "whom": ["rep"], "says": {"text": "{姓名}"}, **also}
    return {"s": Schedule.model_validate({"when": {"kind": "daily", "at": at}, **given})}


def test_two_workers_at_the_same_time_tell_it_once(postgres_url: str) -> None:
    store = Store(new_postgres_database(postgres_url))
    for number in range(12):
        hire(store, f"P{number}")
    now = [datetime(2026, 3, 10, 0, 0, tzinfo=UTC)]
    held = Held(one("10:10") | {"t": one("10:12", collapse="a")["s"].model_copy(update={"key": "t"})})
    workers = [Working(f"w{n}", store, held, lambda: now[0]) for n in range(2)]
    for minutes in (100, 131, 131, 140):
        now[0] = datetime(2026, 3, 10, 0, 0, tzinfo=UTC) + timedelta(minutes=minutes)
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(person for person, _, _ in messages(store)) == sorted(
        f"P{n}" for n in range(12) for _ in "st"
    )
    assert {row.state for row in reminders(store)} == {"told"} and failed(store) == []
    store.close()


def test_dates_in_the_data_are_found_on_postgresql_too(postgres_url: str) -> None:
    store = Store(new_postgres_database(postgres_url))
    hire(store, "P1")
    noted = at(10, 2, 9)
    with store.write() as session:
        session.add(CustomerRow(code="C1", name="惠民", owner_id="P1", contract_end=date(2026, 4, 9)))
        session.add(ContactRow(customer_code="C1", name="王芳", birthday="03-11"))
        data = {"customer": "C1", "next_date": "2026-03-10"}
        session.add(
            RecordRow(
                form="visit", reporter_id="P1", customer_code="C1", happened_at=noted, status="confirmed",
                data=data, created_at=noted, updated_at=noted,
            )
        )  # fmt: skip
    shipped = rulebook.load().schedules
    found = run(store, {key: shipped[key] for key in ("follow_up", "birthday", "contract_end")}, at(9, 27))
    assert [line.split("】")[0] for line in "\n".join(found).splitlines() if "【" in line] == [
        "【跟进提醒", "【生日提醒", "【合同到期"
    ]  # fmt: skip
    assert failed(store) == []
    store.close()


@pytest.fixture
def office(tmp_path: Path) -> Store:
    store = Store(new_file(tmp_path / "x.db"))
    hire(store, "P1")
    return store


def run(store: Store, rules: dict[str, Schedule], *times: datetime) -> list[str]:
    """A process started anew at each of these times; what it told."""
    for at in times:
        Working("w", store, Held(rules), lambda at=at: at).run()
    return [words for _, _, words in messages(store)]


def at(hour: int, minute: int, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def test_after_an_hour_without_a_process_it_is_told_and_says_that_it_is_late(office: Store) -> None:
    rules = one("10:10", late={"mark_after": 30, "skip_after": 120})
    assert run(office, rules, at(11, 12))[0].startswith("【提醒】（晚了）员工P1")


def test_what_is_too_late_is_left_out(office: Store) -> None:
    assert run(office, one("10:10", late={"skip_after": 120}), at(9, 3), at(12, 12)) == []
    assert [row.state for row in reminders(office)] == ["late"]


def test_after_days_without_a_process_only_the_last_one_is_told(office: Store) -> None:
    rules = one("10:10", late={"mark_after": 30, "skip_after": 4320})
    before = len(run(office, rules, at(8, 12, 10)))  # the one of the 10th is written down and waits
    assert len(run(office, rules, at(11, 3, 13), at(11, 9, 13))) == before + 1


def test_a_clock_put_back_repeats_nothing(office: Store) -> None:
    rules = one("10:10")
    assert len(run(office, rules, at(10, 12), at(9, 50), at(10, 12), at(10, 13))) == 1
