import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.wecom import FakeWeCom
from tests.playground.peers import AES_KEY, CORP, DingBot, WeComBot

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        words = "no chromium on this machine: the page cannot be driven (install the chromium package)"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield running
        running.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> PlaygroundClock:
    return PlaygroundClock(datetime(2026, 11, 23, 2, 7, tzinfo=UTC))


@pytest.fixture
def bot() -> WeComBot:
    return WeComBot()


@pytest.fixture
def wecom(clock: PlaygroundClock, bot: WeComBot) -> FakeWeCom:
    return FakeWeCom(
        corp_id=CORP,
        agent_id=1000002,
        secret="app-secret",
        token="QDG6eK",
        aes_key=AES_KEY,
        callback_url="http://bot.test/wecom/callback",
        clock=clock,
        members={"WangFang": "王芳", "LiLei": "李雷"},
        transport=httpx.ASGITransport(bot.app),
    )


@pytest.fixture
def ding_bot() -> DingBot:
    return DingBot()


@pytest.fixture
def dingtalk(clock: PlaygroundClock, ding_bot: DingBot) -> FakeDingTalk:
    return FakeDingTalk(
        client_id="dingapp",
        client_secret="ding-secret",
        robot_code="dingapp",
        corp_id="dingcorp",
        clock=clock,
        members={"zhao": "赵敏", "qian": "钱多多"},
        mode="http",
        robot_url="http://bot.test/dingtalk/robot",
        event_url="http://bot.test/dingtalk/events",
        event_token="event-token",
        event_aes_key=AES_KEY,
        groups={"cidNorth": ("华北区", ("zhao", "qian"))},
        transport=httpx.ASGITransport(ding_bot.app),
    )
