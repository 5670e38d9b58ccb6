"""Serves the fakes on loopback sockets, each on its own port, from one background thread."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn

from bot.playground.dingtalk import FakeDingTalk
from bot.playground.wecom import FakeWeCom

TICK_SECONDS = 1.0


@contextlib.contextmanager
def run_platforms(
    apps: Mapping[str, Any], *, ports: Mapping[str, int] | None = None, host: str = "127.0.0.1"
) -> Iterator[dict[str, str]]:
    """Serves every value (a fake, or any ASGI app); yields name -> base URL without a slash at the end.

    A port that is not named, or 0, is a free one. A FakeWeCom or FakeDingTalk learns its own address, and a
    FakeDingTalk is ticked once a second, so that resends follow its clock. All is stopped on leaving.
    """
    sockets = {name: _listen(host, (ports or {}).get(name, 0)) for name in apps}
    urls = {name: f"http://{host}:{bound.getsockname()[1]}" for name, bound in sockets.items()}
    for name, app in apps.items():
        if isinstance(app, FakeWeCom | FakeDingTalk):
            app.set_base_url(urls[name])
    servers = [(_server(app), sockets[name]) for name, app in apps.items()]
    fakes = [app for app in apps.values() if isinstance(app, FakeDingTalk)]
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(servers, fakes, ready)), daemon=True)
    thread.start()
    ready.wait(timeout=20)
    try:
        yield urls
    finally:
        for server, _ in servers:
            server.should_exit = True
        thread.join(timeout=10)


def _listen(host: str, port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as taken:
        bound.close()
        raise OSError(
            taken.errno, f"port {port} on {host} cannot be used ({taken.strerror}): choose another"
        ) from taken
    bound.listen(256)
    return bound


def _server(app: Any) -> uvicorn.Server:
    served = app.app if isinstance(app, FakeWeCom | FakeDingTalk) else app
    settings = uvicorn.Config(
        served, log_level="critical", lifespan="on", access_log=False, timeout_graceful_shutdown=2
    )
    return uvicorn.Server(settings)


async def _serve(
    servers: list[tuple[uvicorn.Server, socket.socket]], fakes: list[FakeDingTalk], ready: threading.Event
) -> None:
    running = [asyncio.create_task(server.serve(sockets=[bound])) for server, bound in servers]
    ticking = asyncio.create_task(_tick(fakes))
    ready.set()  # the sockets listen already: whoever connects before uvicorn is up waits in the backlog
    await asyncio.gather(*running, return_exceptions=True)
    ticking.cancel()


async def _tick(fakes: list[FakeDingTalk]) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for fake in fakes:
            await fake.tick()
