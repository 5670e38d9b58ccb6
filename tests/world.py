"""The whole bot between two local platforms, on a clock that only moves when told.

Nothing is faked inside: encrypted callbacks go in through the real web app, cards and messages come out over real
sockets to the platforms of `bot.playground`, which check them by the protocol notes. Work is done by `settle`, on the
test's own thread, so that every test sees the same order of things.
"""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url, text

from bot import imports
from bot.app import web_app
from bot.playground.chat import Bubble
from bot.playground.delivery import Delivery
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from bot.wiring import House, build
from config.settings import Settings
from nlu.senses.workers import SensePool
from storage.people import all_people
from storage.store import Store
from tests.conftest import TestClock
from tests.databases import KEPT, new_file, new_postgres_database

DEMO = Path(__file__).parents[1] / "config" / "demo"
SAMPLES = Path(__file__).parents[1] / "bot" / "playground" / "samples"
SPEECH = Path(__file__).parent / "fixtures" / "speech"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class World:
    def __init__(
        self, start: Callable[[], House], wecom: FakeWeCom, dingtalk: FakeDingTalk, clock: TestClock
    ) -> None:
        self._start = start
        self.house = start()
        self.wecom = wecom
        self.dingtalk = dingtalk
        self.clock = clock

    # what people do -------------------------------------------------------------------------------------------

    def act(self, doing: Awaitable[Delivery]) -> Delivery:
        """Let something happen on a platform, and everything that follows from it."""

        async def run() -> Delivery:
            return await doing

        delivery = _run(run())
        self.settle()
        return delivery

    def say(self, who: str, text: str) -> Delivery:
        return self.act(self._platform(who).say(who, text))

    def say_at_once(self, who: str, *texts: str) -> None:
        """Several messages that all wait in the inbox before the bot gets to the first."""

        async def run() -> None:
            for words in texts:
                await self._platform(who).say(who, words)

        _run(run())
        self.settle()

    def say_again(self, who: str, text: str, times: int) -> None:
        """A message that WeCom delivers over and over, as it does where an answer was lost."""

        async def run() -> None:
            await self.wecom.say(who, text)
            await self.wecom.replay(times)

        _run(run())
        self.settle()

    def restart(self) -> None:
        """End the bot and start it again on the same database."""
        self.house.close()
        self.house = self._start()

    def tap(self, who: str, button: str) -> Delivery:
        """Tap the button with this text on the newest card that has one."""
        if self._platform(who) is self.wecom:
            task_id, key = self._wecom_button(who, button)
            return self.act(self.wecom.click(who, task_id, key))
        track, action, value = self._dingtalk_button(who, button)
        params = {"value": value} if value else None
        card = self.dingtalk.cards[track].seen_by(who)
        told = {"ref": card["ref"], "revision": card["revision"], **(params or {})}

        async def click() -> Any:
            return await self.dingtalk.click(who, track, action, told)

        return self.act(click())

    def settle(self, seconds: float = 30) -> None:
        """Do all there is to do, letting short waits pass."""
        until = self.clock() + timedelta(seconds=seconds)
        self._drain()
        while self.clock() < until and self._waiting():
            self.clock.forward(seconds=1)
            self._drain()

    def _drain(self) -> None:
        """Also what DingTalk has to tell of its calendars, and what follows from that."""
        self.house.drain()
        while self.dingtalk.state.changes:
            _run(self.dingtalk.tell_changes())
            self.house.drain()

    def forward(self, **how_far: float) -> None:
        self.clock.forward(**how_far)
        self.settle()

    # what people see ------------------------------------------------------------------------------------------

    def texts(self, who: str) -> list[str]:
        """What the bot wrote to this person, as plain words."""
        return [_words(b) for b in self._platform(who).shown(who) if not b.mine and not b.recalled]

    def last(self, who: str) -> str:
        found = self.texts(who)
        return found[-1] if found else ""

    def cards(self, who: str) -> list[dict[str, Any]]:
        """The cards in this person's chat in their present state, oldest first."""
        if self._platform(who) is self.wecom:
            return [b.body for b in self.wecom.shown(who) if b.kind == "template_card"]
        return [c.seen_by(who) for c in self.dingtalk.cards.values() if who in c.members]

    def buttons(self, who: str) -> list[str]:
        """The texts of the live buttons on the newest card."""
        return [text for text, *_ in self._live(who)]

    # how it is found out --------------------------------------------------------------------------------------

    def _platform(self, who: str) -> Any:
        return self.dingtalk if who.startswith("d-") else self.wecom

    def _waiting(self) -> bool:
        soon = self.clock() + timedelta(seconds=30)
        stamp = soon.replace(tzinfo=None).isoformat(" ") if self.house.store.sqlite else soon
        query = "SELECT count(*) FROM {} WHERE state = 'pending' AND available_at <= :soon"
        with self.house.store.read() as session:
            return any(
                session.execute(text(query.format(table)), {"soon": stamp}).scalar()
                for table in ("inbox", "outbox", "due", "todo_copy")
            )

    def _wecom_button(self, who: str, button: str) -> tuple[str, str]:
        for bubble in reversed(self.wecom.shown(who)):
            for one in bubble.body.get("button_list") or ():
                if bubble.kind == "template_card" and one["text"] == button:
                    return bubble.body["task_id"], one["key"]
        raise AssertionError(f"{who} sees no button {button!r}; there are {self.buttons(who)}")

    def _dingtalk_button(self, who: str, button: str) -> tuple[str, str, str]:
        for track, card in reversed(self.dingtalk.cards.items()):
            if who not in card.members:
                continue
            for one in json.loads(card.seen_by(who).get("buttons") or "[]"):
                if one["text"] == button:
                    return track, one["id"], one.get("value", "")
        raise AssertionError(f"{who} sees no button {button!r}; there are {self.buttons(who)}")

    def _live(self, who: str) -> list[tuple[str, str]]:
        cards = self.cards(who)
        if not cards:
            return []
        newest = cards[-1]
        if "button_list" in newest or "card_type" in newest:
            return [(b["text"], b["key"]) for b in newest.get("button_list") or ()]
        return [(b["text"], b["id"]) for b in json.loads(newest.get("buttons") or "[]")]


class WayIn(httpx.AsyncBaseTransport):
    """How the platforms reach the bot: its own web app, without a socket. The app is built after the platforms."""

    app: httpx.AsyncBaseTransport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.app.handle_async_request(request)


@contextmanager
def world(
    directory: Path, database_url: str, clock: TestClock, *, pool: SensePool | None = None, **settings: Any
) -> Iterator[World]:
    """A company with its bot. `settings` are merged over those of the test company."""
    members = _members()
    way_in = WayIn()
    wecom = FakeWeCom(
        corp_id="wwdemo",
        agent_id=1000002,
        secret="wecom-secret",
        token="wecomtoken",
        aes_key=AES_KEY,
        callback_url="http://bot/wecom/callback",
        clock=clock,
        members={userid: name for userid, name in members.items() if not userid.startswith("d-")},
        transport=way_in,
    )
    dingtalk = FakeDingTalk(
        client_id="dingdemo",
        client_secret="ding-secret",
        robot_code="dingdemo",
        corp_id="dingcorp",
        clock=clock,
        members={userid: name for userid, name in members.items() if userid.startswith("d-")},
        mode="http",
        robot_url="http://bot/dingtalk/robot",
        event_url="http://bot/dingtalk/events",
        event_token="dingtoken",
        event_aes_key=AES_KEY,
        transport=way_in,
    )
    with run_platforms({"wecom": wecom, "dingtalk": dingtalk}) as hosts:
        given = {
            "database_url": database_url,
            "media_dir": str(directory / "media"),
            "public_url": "http://bot",
            "speech": {"model_dir": str(SPEECH / "model")},
            "wecom": {
                "corp_id": "wwdemo",
                "agent_id": 1000002,
                "secret": "wecom-secret",
                "token": "wecomtoken",
                "aes_key": AES_KEY,
                "api_base": hosts["wecom"],
            },
            "dingtalk": {
                "client_id": "dingdemo",
                "client_secret": "ding-secret",
                "robot_code": "dingdemo",
                "corp_id": "dingcorp",
                "mode": "http",
                "card_template_id": "xiaofang.schema",
                "event_token": "dingtoken",
                "event_aes_key": AES_KEY,
                "api_base": hosts["dingtalk"],
                "oapi_base": hosts["dingtalk"],
            },
        }

        def start() -> House:
            house = build(Settings.model_validate({**given, **settings}), now=clock, pool=pool)
            way_in.app = httpx.ASGITransport(web_app(house, work=False), raise_app_exceptions=False)
            return house

        file = make_url(database_url).database or ""
        if database_url.startswith("sqlite") and not Path(file).exists():
            shutil.copyfile(_company_to_copy(clock()), file)
        there = World(start, wecom, dingtalk, clock)
        with there.house.store.read() as session:
            founded = bool(all_people(session))
        if not founded:
            _found_company(database_url, clock())
        try:
            yield there
        finally:
            there.house.close()


@cache
def _company_to_copy(at: datetime) -> Path:
    """A file with the demo company as it was entered at that time."""
    path = KEPT / f"company-{at.timestamp()}.db"
    _found_company(new_file(path), at)
    return path


@cache
def _postgres_company_to_copy(server_url: str, at: datetime) -> str:
    url = new_postgres_database(server_url)
    _found_company(url, at)
    return url


def new_postgres_company(server_url: str, at: datetime) -> str:
    """A database for a world that begins at that time; returns its URL."""
    return new_postgres_database(server_url, like=_postgres_company_to_copy(server_url, at))


def _found_company(database_url: str, at: datetime) -> None:
    store = Store(database_url)
    for kind in ("people", "customers", "products", "competitors", "stock"):
        imports.load(kind, (DEMO / f"{kind}.csv").read_bytes(), store, now=at)
    store.close()


def _run(doing: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: where a browser is open, the test's own is taken by the browser's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, doing).result()


def _members() -> dict[str, str]:
    lines = (DEMO / "people.csv").read_text(encoding="utf-8-sig").splitlines()
    names = lines[0].split(",")
    found = {"luren": "路人"}  # can see the app, but is not in the company's list
    for line in lines[1:]:
        row = dict(zip(names, line.split(","), strict=True))
        found |= {row[column]: row["name"] for column in ("wecom_userid", "dingtalk_userid") if row[column]}
    return found


def _words(bubble: Bubble) -> str:
    """Everything that can be read on a message."""
    return json.dumps(bubble.body, ensure_ascii=False) if isinstance(bubble.body, dict) else str(bubble.body)
