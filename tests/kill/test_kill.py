"""Fifty times kill -9 under load: nothing acknowledged is lost, nothing happens twice.

Real processes (`xiaofang serve --only web` and `--only work`) on a real database, fed with encrypted callbacks by a
local platform that repeats what is not answered, as the real one does.
"""

import asyncio
import contextlib
import json
import multiprocessing
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.benchmarks import company
from bot.playground.delivery import Delivery
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from storage import migrate
from storage.store import Store
from tests.databases import new_postgres_database
from tests.kill.host import PRELOAD, serve

KILLS = 50
BETWEEN_KILLS = (0.1, 0.4)
"""Seconds; a process needs about a fifth of a second until it is at work."""
REPS = 40
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SEED = 7


class Processes:
    """The bot's processes: any of them can be killed and is then started again."""

    def __init__(self, config: Path, roles: list[str], log: Path) -> None:
        self._config = config
        self._log = log
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self.running = {f"{role}{n}": self._start(role) for n, role in enumerate(roles)}

    def _start(self, role: str) -> Any:
        process = self._context.Process(target=serve, args=(str(self._config), role, str(self._log)))
        process.start()
        return process

    def kill(self, name: str) -> None:
        self.running[name].kill()  # SIGKILL
        self.running[name].join()
        self.running[name] = self._start(name.rstrip("0123456789"))

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.join(20)
            process.kill()


class Load(threading.Thread):
    """Reps who keep writing. `pushed` holds every message with whether the bot acknowledged it."""

    def __init__(self, platform: FakeWeCom) -> None:
        super().__init__(daemon=True)
        self.platform = platform
        self.pushed: list[Delivery] = []
        self.enough = threading.Event()

    def run(self) -> None:
        asyncio.run(self._write())

    async def _write(self) -> None:
        chance = random.Random(SEED)
        number = 0
        under_way: set[asyncio.Task[None]] = set()
        while not self.enough.is_set():
            rep, number = number % REPS, number + 1
            words = company.visit_note(rep, number % 5, number % 90 + 1) if number % 3 else "我的一天"
            inner = self.platform.text(company.rep_id(rep), words)
            task = asyncio.create_task(self._push(inner, replay=chance.random() < 0.2))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(0.05)
        await asyncio.gather(*under_way)

    async def _push(self, inner: dict[str, Any], *, replay: bool) -> None:
        self.pushed.append(await self.platform.push(inner))
        for _ in range(2 if replay else 0):
            self.pushed.append(await self.platform.push(inner))


@pytest.fixture(params=["sqlite", "postgresql"])
def setup(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kill.db'}", ["web", "work"]
    else:
        yield new_postgres_database(request.getfixturevalue("postgres_url")), ["web", "work", "work"]


@pytest.mark.timeout(240)
@pytest.mark.xdist_group("kill")
def test_fifty_kills_lose_nothing_and_double_nothing(setup: tuple[str, list[str]], tmp_path: Path) -> None:
    url, roles = setup
    store = Store(url)
    migrate.upgrade(store)
    company.found(store, reps=REPS, shops=5, now=datetime.now(UTC))
    platform = FakeWeCom(
        corp_id="wwkill",
        agent_id=1000002,
        secret="s",
        token="t",
        aes_key=AES_KEY,
        callback_url="",
        clock=lambda: datetime.now(UTC),
        members={company.rep_id(n): company.rep_id(n) for n in range(REPS)},
        answer_seconds=2.0,
    )
    with run_platforms({"wecom": platform}) as hosts:
        port = _free_port()
        platform.set_callback_url(f"http://127.0.0.1:{port}/wecom/callback")
        config = tmp_path / "kill.yaml"
        config.write_text(json.dumps(_settings(url, tmp_path, port, hosts["wecom"])))
        processes = Processes(config, roles, tmp_path / "serve.log")
        load = Load(platform)
        try:
            _until(lambda: _answers(port), 60)
            load.start()
            chance = random.Random(SEED)
            for _ in range(KILLS):
                time.sleep(chance.uniform(*BETWEEN_KILLS))
                name = chance.choice(list(processes.running))
                processes.kill(name)
                if name.startswith("web"):
                    _until(lambda: _answers(port), 30)
            load.enough.set()
            load.join(60)
            _until(lambda: _idle(store), 150)
        except AssertionError as error:
            error.add_note(f"the log ends: {(tmp_path / 'serve.log').read_text()[-3000:]}")
            raise
        finally:
            load.enough.set()
            processes.stop()
        _check(store, platform, load)
    store.close()


def _check(store: Store, platform: FakeWeCom, load: Load) -> None:
    acknowledged = {d.inner["MsgId"] for d in load.pushed if d.ok}
    sent = {d.inner["MsgId"] for d in load.pushed}
    assert len(acknowledged) > 100, f"only {len(acknowledged)} of {len(sent)} messages were acknowledged"
    with store.read() as session:
        rows = session.execute(text("SELECT id, key, state FROM inbox")).all()
        outbox = session.execute(text("SELECT key, state, inbox_id FROM outbox")).all()
        records = session.execute(text("SELECT inbox_id, count(*) FROM record GROUP BY inbox_id")).all()
        proposals = session.execute(text("SELECT inbox_id, count(*) FROM proposal GROUP BY inbox_id")).all()
    stored = {int(key.rpartition(":")[2]) for _, key, _ in rows}
    assert acknowledged <= stored, f"lost: {sorted(acknowledged - stored)[:5]}"
    assert {state for *_, state in rows} == {"done"}
    assert len(stored) == len(rows), "a message was stored twice"
    assert all(count == 1 for _, count in proposals), "a message was proposed twice"
    assert len({count for _, count in records}) == 1, (
        "the same note made more records of one message than another"
    )
    # The real clock runs here: at some hours reminders go out too, and the last may still be on its way.
    answers = [(key, state, inbox_id) for key, state, inbox_id in outbox if inbox_id is not None]
    assert {inbox_id for *_, inbox_id in answers} == {row_id for row_id, *_ in rows}, (
        "a message went unanswered"
    )
    assert {state for _, state, _ in answers} <= {"sent"}
    shown = Counter(s.raw["envelope"] for s in platform.sent if s.delivered)
    assert {k for k, count in shown.items() if count > 1} == set(), "something was shown twice"
    deliveries = {key.partition("#")[0] for key in shown}  # a long text is shown in several parts
    assert {key for key, state, _ in outbox if state == "sent"} <= deliveries, "something was never shown"
    assert deliveries <= {key for key, *_ in outbox}, "something was shown that nobody posted"


def _settings(url: str, directory: Path, port: int, api_base: str) -> dict[str, Any]:
    return {
        "database_url": url,
        "media_dir": str(directory / "media"),
        "listen": {"host": "127.0.0.1", "port": port},
        "wecom": {
            "corp_id": "wwkill",
            "agent_id": 1000002,
            "secret": "s",
            "token": "t",
            "aes_key": AES_KEY,
            "api_base": api_base,
        },
    }


def _free_port() -> int:
    """Below the ports that the system gives to connections, so that none takes it while the web process is dead."""
    chance = random.Random()
    while True:
        port = chance.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return line.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _idle(store: Store) -> bool:
    query = "SELECT count(*) FROM {} WHERE state IN ('pending', 'claimed')"
    with store.read() as session:
        return not any(session.execute(text(query.format(table))).scalar() for table in ("inbox", "outbox"))


def _until(holds: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"{holds} did not hold within {seconds} s")
