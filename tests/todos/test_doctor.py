"""`doctor` on the rights that to-dos in DingTalk need, and on what was given up."""

from pathlib import Path

import pytest

from bot.channels.dingtalk.channel import DingTalkChannel
from bot.channels.dingtalk.config import DingTalkConfig
from bot.doctor import of_probe, to_dos
from tests.conftest import TestClock
from tests.todos.office import office, platform


@pytest.mark.parametrize(
    ("scope", "name"), [("Calendar.Event", "dingtalk.calendar"), ("Todo.Todo", "dingtalk.todo")]
)
def test_a_right_that_is_missing_is_named_with_its_remedy(clock: TestClock, scope: str, name: str) -> None:
    with platform(clock) as (there, host):
        channel = DingTalkChannel(DingTalkConfig("dingdemo", "ding-secret", api_base=host, oapi_base=host))
        assert {one.name: one.ok for one in channel.probe()}[name] is True
        there.denied.add(scope)
        found = of_probe(next(one for one in channel.probe() if one.name == name))
        assert (found.state, f"{scope}.Write" in found.remedy) == ("warn", True)
        assert there.events == there.todos == {}
        channel.close()


def test_a_copy_that_the_platform_refuses_is_reported_as_long_as_it_does(
    clock: TestClock, tmp_path: Path
) -> None:
    with platform(clock) as (there, host), office(tmp_path / "x.db", clock, there, host) as here:
        there.fail_next("POST calendars/primary/events", status=400, code="invalidParameter.summary")
        record = here.noted("送样")
        here.settle(hours=0)
        with here.store.read() as session:
            (found,) = to_dos(session, clock())
        assert found.state == "warn" and f"记录 {record}" in found.words and "invalidParameter" in found.words
        here.settle(hours=2)
        with here.store.read() as session:
            assert [one.state for one in to_dos(session, clock())] == ["ok"]
