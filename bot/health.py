"""`/healthz`: the process lives. `/readyz`: messages can be taken and answered. `/metrics`: figures for Prometheus.

A missing speech model, a paused channel or a quiet line is told in the body of `/readyz`, not by its status:
messages are taken all the same, and a restart would not help.
"""

import asyncio
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.wiring import House
from storage import migrate, queues

HOME = "小访正在运行。请回到企业微信或钉钉里和它说话。\n"
"""Where cards without a page of their own lead."""


def routes(house: House) -> list[Route]:
    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        ready, body = await asyncio.to_thread(readiness, house)
        return JSONResponse(body, 200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        text = await asyncio.to_thread(_figures, house)
        return Response(text, media_type="text/plain; version=0.0.4")

    async def home(_request: Request) -> Response:
        return PlainTextResponse(HOME)

    return [
        Route("/", home),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]


def readiness(house: House) -> tuple[bool, dict[str, Any]]:
    """Whether messages can be taken and answered, and everything an administrator wants to know at a glance."""
    body: dict[str, Any] = {"database": "ok", "migrations": "ok", "models": {}, "channels": {}, "queues": {}}
    try:
        current, newest = migrate.versions(house.store)
        if current != newest:
            body["migrations"] = (
                f"database is at {current or 'nothing'}, needs {newest}: run `xiaofang migrate`"
            )
            return False, body
        with house.store.read() as session:
            body["queues"] = queues.depths(session, house.now())
            body["channels"] = queues.channel_states(session, list(house.channels))
            waiting = queues.waiting_notes(session)
    except SQLAlchemyError as error:
        body["database"] = f"not reachable: {type(error).__name__}"
        return False, body
    body["models"] = {"speech": house.senses.cannot_hear() or "ok"}
    if waiting:
        body["models"]["waiting"] = waiting
    for name, channel in house.channels.items():
        if line := channel.line():
            body["channels"][name]["stream"] = line
    return True, body


class _Queues:
    """Reads the queues' figures when Prometheus asks, so that they are those of all processes together."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> list[GaugeMetricFamily]:
        with self._house.store.read() as session:
            depths = queues.depths(session, self._house.now())
        rows = GaugeMetricFamily("xiaofang_rows", "Rows by queue and state", labels=["queue", "state"])
        age = GaugeMetricFamily("xiaofang_oldest_seconds", "Age of the oldest row to do", labels=["queue"])
        for queue, figures in depths.items():
            for state, count in figures["states"].items():
                rows.add_metric([queue, state], count)
            age.add_metric([queue], figures["oldest_seconds"])
        return [rows, age]


def _figures(house: House) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Queues(house))
    return generate_latest(registry)
