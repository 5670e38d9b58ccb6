"""Approval flows as tables: who claims what, what happens, who decides next."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.rulebook import load
from domain.errors import Refusal
from domain.flows.conditions import names_of
from domain.flows.definition import Act, Flow, Status
from domain.flows.engine import Scene, advance
from domain.flows.state import (
    Added,
    Decided,
    Do,
    Effect,
    Event,
    Lapsed,
    Overdue,
    Run,
    Started,
    WaitOver,
    Withdrawn,
)
from domain.flows.working_time import OfficeHours, WorkingTime
from tests.domain.flows.company import SUPERIORS, Town, announced

RULES = load()
EXPENSE = RULES.flows["expense"]
ZONE = ZoneInfo("Asia/Shanghai")
ROWS = yaml.safe_load((Path(__file__).parent / "expenses.yaml").read_text(encoding="utf-8"))


def scene(who: str, town: Town, **facts: object) -> Scene:
    return Scene(
        now=datetime(2026, 3, 10, 2, 7, tzinfo=UTC),
        applicant=who,
        company=town,
        working=WorkingTime(OfficeHours(), ZONE, announced),
        facts=facts,
        names=names_of(RULES.forms["expense"]),
    )


def event(words: str) -> Event:
    if words == "撤回":
        return Withdrawn()
    who, verb, *whom = words.split()
    made: dict[str, Event] = {
        "同意": Decided(person=who, approves=True),
        "驳回": Decided(person=who, approves=False),
        "超时": Overdue(person=who),
    }
    return Added(by=who, person=whom[0]) if verb == "加签" else made[verb]


def played(row: dict[str, Any]) -> tuple[Run, list[Effect]]:
    town = Town(dict(row.get("leave", {})), {**SUPERIORS, **row.get("superiors", {})})
    at = scene(row["who"], town, amount=Decimal(str(row["amount"])))
    run, effects = Run(), []
    for happened in (Started(), *map(event, row.get("does", ()))):
        progress = advance(EXPENSE, run, happened, at)
        run = progress.run
        effects += progress.effects
    return run, effects


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda r: " ".join(map(str, (r["who"], r["amount"], *r.get("does", ()))))
)
def test_who_decides_next(row: dict[str, Any]) -> None:
    if "refused" in row:
        with pytest.raises(Refusal, match=row["refused"]):
            played(row)
        return
    run, effects = played(row)
    assert sorted(a.person for a in run.at_work if a.state == "pending") == sorted(row.get("asks", []))
    assert run.state == row.get("ends", "running")
    done = [e.step for e in effects if isinstance(e, Do)]
    if "status" in row:
        assert [s.to for s in done if isinstance(s, Status)][-1] == row["status"]
    if "acts" in row:
        assert [s.action for s in done if isinstance(s, Act)] == row["acts"]


def flow(*steps: dict[str, Any], **more: Any) -> Flow:
    begins = {"event": "submitted", "form": "expense"}
    return Flow.model_validate({"key": "x", "label": "试", "begins": begins, "steps": steps, **more})


ALL = flow({"do": "approve", "id": "a", "label": "会签", "who": {"role": "finance"}, "mode": "all"})


def test_where_all_must_agree_one_is_not_enough() -> None:
    at = scene("李伟", Town())
    run = advance(ALL, Run(), Started(), at).run
    run = advance(ALL, run, Decided(person="孙丽", approves=True), at).run
    assert run.state == "running" and run.pending("钱多")
    assert advance(ALL, run, Decided(person="钱多", approves=True), at).run.state == "done"


def test_where_all_must_agree_one_who_refuses_is() -> None:
    at = scene("李伟", Town())
    run = advance(ALL, Run(), Started(), at).run
    run = advance(ALL, run, Decided(person="钱多", approves=False), at).run
    assert run.state == "rejected" and run.pending("孙丽") is None


def test_a_wait_goes_on_when_its_working_hours_are_over() -> None:
    waits = flow({"do": "wait", "hours": 8}, {"do": "status", "to": "approved"})
    at = scene("李伟", Town())
    progress = advance(waits, Run(), Started(), at)
    (until,) = progress.effects
    assert until.at.astimezone(ZONE) == datetime(2026, 3, 11, 10, 7, tzinfo=ZONE)  # type: ignore[union-attr]
    assert advance(waits, progress.run, WaitOver(), at).run.state == "done"


def test_what_lapses_does_what_the_flow_says_for_that() -> None:
    samples = RULES.flows["sample_request"]
    at = scene("李伟", Town())
    run = advance(samples, Run(), Started(), at).run
    progress = advance(samples, run, Lapsed(), at)
    assert progress.run.state == "lapsed"
    assert [e.step.action for e in progress.effects if isinstance(e, Do) and isinstance(e.step, Act)] == [
        "release_stock"
    ]


def test_a_condition_that_cannot_be_worked_out_asks_rather_than_skips() -> None:
    broken = flow(
        {"do": "approve", "id": "a", "label": "审批", "who": {"superior": 1}, "when": "gone > 5"},
        {"do": "act", "action": "hold_budget", "when": "gone > 5"},
    )
    run = advance(broken, Run(), Started(), scene("李伟", Town())).run
    assert run.pending("周建国")


PEOPLE = sorted(SUPERIORS)
EVENTS = st.one_of(
    st.builds(Decided, person=st.sampled_from(PEOPLE), approves=st.booleans()),
    st.builds(Added, by=st.sampled_from(PEOPLE), person=st.sampled_from(PEOPLE)),
    st.builds(Overdue, person=st.sampled_from(PEOPLE)),
    st.just(Withdrawn()),
)


@given(
    applicant=st.sampled_from(PEOPLE),
    amount=st.integers(1, 3000),
    leaves=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(["", *PEOPLE]), max_size=4),
    happens=st.lists(EVENTS, max_size=12),
)
def test_nobody_ever_decides_about_himself_and_nothing_is_left_waiting_for_nobody(
    applicant: str, amount: int, leaves: dict[str, str], happens: list[Event]
) -> None:
    at = scene(applicant, Town(leaves), amount=Decimal(amount))
    run = Run()
    for what in (Started(), *happens):
        try:
            run = advance(EXPENSE, run, what, at).run
        except Refusal:
            continue
    assert all(a.person != applicant for a in run.asks)
    asked = [(a.step, a.person) for a in run.asks]
    assert len(asked) == len(set(asked))
    pending = [a for a in run.asks if a.state == "pending"]
    assert bool(pending) == (run.state == "running" and bool(run.asks))
    assert all(a.step == run.step for a in pending)


CLOCK = """
2026-03-10 10:07 + 4h  = 2026-03-10 15:07   over lunch
2026-03-10 10:07 + 1h53 = 2026-03-10 12:00  to the end of the morning
2026-03-10 10:07 + 16h = 2026-03-12 10:07   two working days
2026-03-10 19:30 + 1h  = 2026-03-11 10:00   after hours
2026-03-13 17:30 + 1h  = 2026-03-16 09:30   over a weekend
2026-02-14 17:00 + 2h  = 2026-02-24 10:00   a Saturday that is worked, then the Spring Festival
2026-02-13 17:30 + 1h  = 2026-02-14 09:30   into the Saturday that is worked
2026-02-27 17:59 + 2m  = 2026-02-28 09:01   another one, to the minute
2026-02-18 11:00 + 30m = 2026-02-24 09:30   in the middle of the holidays
2026-03-10 12:30 + 0m  = 2026-03-10 13:00   nothing to wait for but the end of lunch
"""


@pytest.mark.parametrize("line", CLOCK.strip().splitlines())
def test_working_time_passes_only_while_people_work(line: str) -> None:
    asked, _, rest = line.partition("=")
    start, _, wait = asked.partition("+")
    hours, _, minutes = wait.strip().partition("h")
    if not minutes and "m" in hours:
        hours, minutes = "0", hours
    waits = timedelta(hours=int(hours), minutes=int(minutes.rstrip("m") or 0))
    working = WorkingTime(OfficeHours(), ZONE, announced)
    found = working.after(datetime.fromisoformat(start.strip()).replace(tzinfo=ZONE).astimezone(UTC), waits)
    assert f"{found.astimezone(ZONE):%Y-%m-%d %H:%M}" == rest.split("  ")[0].strip()


def test_the_companys_own_days_win_over_the_announced_ones() -> None:
    office = OfficeHours.model_validate({"days_off": ["2026-03-11"], "extra_days": ["2026-03-14"]})
    working = WorkingTime(office, ZONE, announced)
    start = datetime(2026, 3, 10, 17, tzinfo=ZONE)
    assert working.after(start, timedelta(hours=2)) == datetime(2026, 3, 12, 10, tzinfo=ZONE)
    friday = datetime(2026, 3, 13, 17, tzinfo=ZONE)
    assert working.after(friday, timedelta(hours=2)) == datetime(2026, 3, 14, 10, tzinfo=ZONE)


@given(
    minutes=st.integers(0, 60 * 24 * 30),
    wait=st.integers(1, 60 * 60),
)
def test_what_passes_is_what_was_waited_for(minutes: int, wait: int) -> None:
    working = WorkingTime(OfficeHours(), ZONE, announced)
    start = datetime(2026, 2, 1, tzinfo=ZONE) + timedelta(minutes=minutes)
    waited = timedelta(minutes=wait)
    end = working.after(start, waited)
    assert working.between(start, end) == waited
    assert working.works_on(end.date())
