"""`xiaofang demo`: the demo company, both local platforms and the bot in one process, on SQLite.

The bot runs as it would in production; only its hosts' addresses and its clock are the playground's. Nothing leaves
this machine.
"""

import argparse
import asyncio
import secrets
import shutil
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

import domain.people
from bot import imports, trail
from bot.app import web_app
from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.page import Person, Place, playground_app
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from bot.wiring import House, build
from config.settings import Settings
from domain.people import ROLE_WORDS
from storage import migrate
from storage.people import Customers, all_people

SEED = Path(__file__).parents[1] / "config" / "demo"
SMALL_MODEL = Path(__file__).parents[1] / "tests" / "fixtures" / "speech" / "model"
KINDS = ("people", "customers", "products", "competitors", "stock")
FIRST = ("rep", "manager", "director", "finance", "operations", "trainer", "admin")
"""In this order people are offered on the page."""

COMPANY = "青禾乳业"
AES_KEY_LENGTH = 43


@dataclass(frozen=True)
class Secrets:
    """Credentials of the local platforms, new at every start."""

    secret: str
    token: str
    aes_key: str

    @classmethod
    def new(cls) -> "Secrets":
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        # The last of 43 letters carries only four bits of the key: "A" leaves the unused ones empty.
        key = "".join(secrets.choice(letters) for _ in range(AES_KEY_LENGTH - 1)) + "A"
        return cls(secrets.token_hex(16), secrets.token_hex(8), key)


def main(arguments: list[str]) -> int:
    """`--port`, `--host` and `--directory`."""
    parser = argparse.ArgumentParser(prog="xiaofang demo", description="在一个进程里运行样例公司和网页")
    parser.add_argument("--host", default="127.0.0.1", help="网页监听的地址")
    parser.add_argument("--port", type=int, default=8000, help="网页的端口")
    parser.add_argument(
        "--directory", type=Path, default=Path("var/demo"), help="数据放在哪里，每次启动都会清空"
    )
    given = parser.parse_args(arguments)
    run(given.directory, host=given.host, port=given.port)
    return 0


def run(directory: Path, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the playground until interrupted. `directory` is emptied first."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    clock = PlaygroundClock()
    clock.advance(_until_working_hours(clock()))
    keys, bot_port = Secrets.new(), _free_port()
    bot_url = f"http://127.0.0.1:{bot_port}"
    wecom, dingtalk = _platforms(keys, clock, bot_url)
    with run_platforms({"wecom": wecom, "dingtalk": dingtalk}) as hosts:
        house = build(_settings(directory, keys, hosts, bot_url, bot_port), now=clock)
        migrate.upgrade(house.store)
        for kind in KINDS:
            imports.load(kind, (SEED / f"{kind}.csv").read_bytes(), house.store, now=clock())
        _name_members(house, wecom, dingtalk)
        page = _page(house, wecom, dingtalk, clock)
        print(
            f"\n  小访演示已经就绪，请在浏览器里打开：  http://{host}:{port}\n  按 Ctrl+C 结束。\n",
            flush=True,
        )
        asyncio.run(_serve(house, page, host, port, bot_port))


async def _serve(house: House, page: Any, host: str, port: int, bot_port: int) -> None:
    """The bot on its own port, the page on another; both stop together."""
    bot = uvicorn.Server(
        uvicorn.Config(web_app(house), host="127.0.0.1", port=bot_port, log_level="warning", access_log=False)
    )
    shown = uvicorn.Server(
        uvicorn.Config(
            page, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
        )
    )

    async def together(server: uvicorn.Server, other: uvicorn.Server) -> None:
        await server.serve()
        other.should_exit = True

    await asyncio.gather(together(bot, shown), together(shown, bot))
    await asyncio.to_thread(house.close)


def _until_working_hours(now: datetime) -> timedelta:
    """In the evening and at night nobody would be sent anything unasked: the demo starts on a morning."""
    local = now.astimezone(PlaygroundClock().zone)
    if 8 <= local.hour < 20:
        return timedelta()
    morning = local.replace(hour=10, minute=7, second=0, microsecond=0)
    return (morning if local.hour < 8 else morning + timedelta(days=1)) - local


def _platforms(keys: Secrets, clock: PlaygroundClock, bot_url: str) -> tuple[FakeWeCom, FakeDingTalk]:
    wecom = FakeWeCom(
        corp_id="wwqinghe",
        agent_id=1000002,
        secret=keys.secret,
        token=keys.token,
        aes_key=keys.aes_key,
        callback_url=f"{bot_url}/wecom/callback",
        clock=clock,
        members={},
    )
    dingtalk = FakeDingTalk(
        client_id="dingqinghe",
        client_secret=keys.secret,
        robot_code="dingqinghe",
        corp_id="dingqinghecorp",
        clock=clock,
        members={},
    )
    return wecom, dingtalk


def _settings(directory: Path, keys: Secrets, hosts: dict[str, str], bot_url: str, bot_port: int) -> Settings:
    return Settings.model_validate(
        {
            "company": {"name": COMPANY},
            "database_url": f"sqlite:///{directory / 'demo.db'}",
            "media_dir": directory / "media",
            "public_url": bot_url,
            "listen": {"host": "127.0.0.1", "port": bot_port},
            "speech": {"model_dir": _speech_model()},
            "wecom": {
                "corp_id": "wwqinghe",
                "agent_id": 1000002,
                "secret": keys.secret,
                "token": keys.token,
                "aes_key": keys.aes_key,
                "api_base": hosts["wecom"],
            },
            "dingtalk": {
                "client_id": "dingqinghe",
                "client_secret": keys.secret,
                "corp_id": "dingqinghecorp",
                "card_template_id": "xiaofang.schema",
                "api_base": hosts["dingtalk"],
                "oapi_base": hosts["dingtalk"],
            },
        }
    )


def _speech_model() -> Path:
    """A real model where one was fetched, else the small one of the tests, which knows twelve sentences only."""
    fetched = Path("var/models")
    return fetched if fetched.is_dir() or not SMALL_MODEL.is_dir() else SMALL_MODEL


def _name_members(house: House, wecom: FakeWeCom, dingtalk: FakeDingTalk) -> None:
    with house.store.read() as session:
        for person in all_people(session):
            if person.wecom_userid:
                wecom.members[person.wecom_userid] = person.name
            if person.dingtalk_userid:
                dingtalk.members[person.dingtalk_userid] = person.name


def _page(house: House, wecom: FakeWeCom, dingtalk: FakeDingTalk, clock: PlaygroundClock) -> Any:
    with house.store.read() as session:
        known = sorted(all_people(session), key=lambda p: (FIRST.index(p.role), p.id))
        people = [_shown(person) for person in known]
        customers = [
            Place(c.name, c.position.latitude, c.position.longitude)
            for owner in all_people(session)
            for c in Customers(session).owned_by(owner.id)
            if c.position
        ]

    def rows() -> list[dict[str, Any]]:
        with house.store.read() as session:
            return trail.recent(session, house.knowledge.current(session), clock(), house.zone)

    return playground_app(
        wecom, dingtalk, people=people, clock=clock, trail=rows, customers=customers, company=COMPANY
    )


def _shown(person: domain.people.Person) -> Person:
    """Reps write in WeCom and everybody else in DingTalk, so that each phone has its own people."""
    rep = person.role == "rep"
    wecom, dingtalk = person.wecom_userid or "", person.dingtalk_userid or ""
    return Person(
        person.id,
        person.name,
        ROLE_WORDS[person.role],
        wecom if rep else "",
        "" if rep else dingtalk,
        dingtalk,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
