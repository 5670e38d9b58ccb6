"""A real `xiaofang serve` on a company of its own, with a local platform to send to."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot.benchmarks import company
from bot.benchmarks.callbacks import AES_KEY, AGENT, CORP, TOKEN
from bot.playground.server import run_platforms
from bot.playground.wecom import FakeWeCom
from storage import migrate
from storage.store import Store

REPS, SHOPS = 50, 20


@contextmanager
def served(directory: Path, database: str, roles: str, backlog: int = 0) -> Iterator[tuple[str, int]]:
    """Yields address and process id; `roles` are "web" or "all"."""
    url = f"sqlite:///{directory / database}"
    prepare(url, backlog)
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
    with run_platforms({"wecom": platform}) as hosts:
        port = _free_port()
        settings = {
            "database_url": url,
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
        config = directory / f"{database}.yaml"
        config.write_text(json.dumps(settings))
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


def prepare(url: str, backlog: int) -> None:
    """A database with a company in it, and with messages that wait for their turn."""
    store = Store(url)
    migrate.upgrade(store)
    company.found(store, reps=REPS, shops=SHOPS, now=datetime.now(UTC))
    if backlog:
        company.fill(store, f"{CORP}:{AGENT}", backlog, reps=REPS, shops=SHOPS, now=datetime.now(UTC))
    store.close()


def cpu(pid: int) -> float:
    """CPU seconds of a process so far, over all its threads, to the nanosecond (Linux)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
