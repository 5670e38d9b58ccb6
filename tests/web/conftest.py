"""The pages of a company whose people sign in through their chats."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.app import web_app
from nlu.senses.workers import SensePool
from tests.conftest import TestClock
from tests.world import World, world

LINK = re.compile(r"http://bot(/manage/login/[\w-]+)")


@pytest.fixture
def there(tmp_path: Path, clock: TestClock, pool: SensePool) -> Iterator[World]:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as found:
        yield found


def browser_of(there: World) -> TestClient:
    return TestClient(web_app(there.house, work=False), base_url="http://bot")


def link_for(there: World, who: str) -> str:
    """The path of the link that the bot gives somebody who asks for it."""
    there.say(who, "管理后台")
    found = LINK.search(there.last(who))
    assert found, there.last(who)
    return found[1]


def signed_in(there: World, who: str) -> TestClient:
    browser = browser_of(there)
    assert browser.post(link_for(there, who)).status_code == 200
    return browser


def form_token(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]
