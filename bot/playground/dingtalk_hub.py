"""Stream mode: tickets, WebSocket connections, frames, acknowledgements, and what falls due by the clock."""

import asyncio
import concurrent.futures
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.delivery import Attempt
from bot.playground.dingtalk_api import refusal
from bot.playground.dingtalk_state import DingState, Refused, loads

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"

TICKET_LIFE = timedelta(seconds=90)
RESEND_AFTER = timedelta(seconds=60)
CLOSE_AFTER = timedelta(seconds=10)
PING_EVERY = timedelta(seconds=20)
RESENDS = {ROBOT_TOPIC: 1, CARD_TOPIC: 0}
EVENT_RESENDS = 3

Frame = dict[str, Any]
OnAck = Callable[[Attempt], None]


@dataclass(eq=False)
class Connection:
    id: str
    topics: frozenset[tuple[str, str]]
    loop: asyncio.AbstractEventLoop
    pinged_at: datetime
    outbox: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)
    silent: bool = False
    """Half-open: the socket lives, nothing passes in either direction."""
    leaving_since: datetime | None = None
    frames: list[Frame] = field(default_factory=list)
    """Everything sent over this connection."""
    acks: list[Frame] = field(default_factory=list)

    def takes(self, kind: str, topic: str) -> bool:
        return (kind, topic) in self.topics or (kind, "*") in self.topics

    def send(self, frame: Frame) -> None:
        if not self.silent:
            self.frames.append(frame)
            self.loop.call_soon_threadsafe(self.outbox.put_nowait, json.dumps(frame, ensure_ascii=False))

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.outbox.put_nowait, None)


@dataclass(eq=False)
class Pending:
    """A frame that waits for its acknowledgement."""

    frame: Frame
    sent_at: datetime
    began: float
    on_ack: OnAck | None
    tries: int = 1
    first: "concurrent.futures.Future[Attempt]" = field(default_factory=concurrent.futures.Future)

    @property
    def topic(self) -> str:
        return str(self.frame["headers"]["topic"])

    def may_repeat(self) -> bool:
        return self.tries <= RESENDS.get(self.topic, EVENT_RESENDS)


class Hub:
    def __init__(self, state: DingState) -> None:
        self._state = state
        self.connections: list[Connection] = []
        self.pending: dict[str, Pending] = {}
        self._tickets: dict[str, tuple[datetime, frozenset[tuple[str, str]]]] = {}

    def routes(self) -> list[BaseRoute]:
        opening = self._state.faults.guard(self._open)
        return [
            Route("/v1.0/gateway/connections/open", opening, methods=["POST"]),
            WebSocketRoute("/stream/connect", self._serve),
        ]

    async def _open(self, request: Request) -> Response:
        try:
            body = loads(await request.body())
        except Refused as refused:
            return refusal(refused)
        wanted = (self._state.client_id, self._state.client_secret)
        if (body.get("clientId"), body.get("clientSecret")) != wanted:
            return refusal(Refused(401, "authFailed", "clientId or clientSecret is wrong"))
        topics = frozenset((str(one["type"]), str(one["topic"])) for one in body.get("subscriptions") or [])
        ticket = self._state.secret_word("ticket_")
        self._tickets[ticket] = (self._state.clock() + TICKET_LIFE, topics)
        base = urlsplit(self._state.base_url or str(request.base_url))
        scheme = "wss" if base.scheme == "https" else "ws"
        endpoint = urlunsplit((scheme, base.netloc, "/stream/connect", "", ""))
        return JSONResponse({"endpoint": endpoint, "ticket": ticket})

    async def _serve(self, socket: WebSocket) -> None:
        until, topics = self._tickets.pop(
            socket.query_params.get("ticket", ""), (self._state.clock(), frozenset())
        )
        if until <= self._state.clock():
            await socket.close(4401)
            return
        loop = asyncio.get_running_loop()
        connection = Connection(self._state.secret_word("conn_"), topics, loop, self._state.clock())
        self.connections.append(connection)
        await socket.accept()
        writer = asyncio.create_task(_write(socket, connection))
        try:
            while True:
                self._heard(connection, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self.connections.remove(connection)
            writer.cancel()

    def _heard(self, connection: Connection, text: str) -> None:
        if connection.silent:
            return
        try:
            ack = json.loads(text)
            message_id = str(ack["headers"]["messageId"])
        except (ValueError, KeyError, TypeError):
            return
        connection.acks.append(ack)
        waiting = self.pending.get(message_id)
        if waiting is None:
            return
        attempt = _judge(ack, time.perf_counter() - waiting.began)
        if attempt.ok:
            del self.pending[message_id]
        if waiting.on_ack:
            waiting.on_ack(attempt)
        if not waiting.first.done():
            waiting.first.set_result(attempt)

    async def push(
        self, kind: str, topic: str, data: Any, seconds: float, on_ack: OnAck | None = None, **headers: str
    ) -> Attempt:
        """Sends one frame to one connection at random and waits at most `seconds` for the first answer."""
        frame = self._frame(kind, topic, data, headers)
        connection = self._choose(kind, topic)
        if connection is None:
            return Attempt(None, 0.0, trouble="小访没有连上钉钉（没有可用的 Stream 连接）")
        waiting = Pending(frame, self._state.clock(), time.perf_counter(), on_ack)
        self.pending[frame["headers"]["messageId"]] = waiting
        connection.send(frame)
        if connection.silent:
            return Attempt(None, 0.0, trouble="小访没有确认收到（连接已无响应），60 秒后会再送一次")
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(waiting.first)), seconds)
        except TimeoutError:
            return Attempt(
                None, time.perf_counter() - waiting.began, trouble=f"小访 {seconds:g} 秒内没有确认收到"
            )

    def _frame(self, kind: str, topic: str, data: Any, headers: dict[str, str]) -> Frame:
        stamp = str(int(self._state.clock().timestamp() * 1000))
        known = {
            "topic": topic,
            "messageId": self._state.secret_word("fr_"),
            "contentType": "application/json",
        }
        return {
            "specVersion": "1.0",
            "type": kind,
            "headers": known | {"time": stamp} | headers,
            "data": json.dumps(data, ensure_ascii=False),
        }

    def _choose(self, kind: str, topic: str) -> Connection | None:
        fit = [one for one in self.connections if one.leaving_since is None and one.takes(kind, topic)]
        return self._state.chance.choice(fit) if fit else None

    def tick(self) -> None:
        """Pings, resends what nobody acknowledged for 60 s, closes what was told to leave 10 s ago."""
        now = self._state.clock()
        for waiting in list(self.pending.values()):
            if now - waiting.sent_at >= RESEND_AFTER:
                self._resend(waiting, now)
        for connection in list(self.connections):
            if connection.leaving_since is not None:
                if now - connection.leaving_since >= CLOSE_AFTER:
                    connection.close()
            elif now - connection.pinged_at >= PING_EVERY:
                connection.pinged_at = now
                opaque = {"opaque": self._state.secret_word("")}
                connection.send(self._frame("SYSTEM", "ping", opaque, {}))

    def _resend(self, waiting: Pending, now: datetime) -> None:
        connection = self._choose(waiting.frame["type"], waiting.topic)
        if not waiting.may_repeat():
            self.pending.pop(waiting.frame["headers"]["messageId"], None)
        elif connection is not None:
            waiting.tries += 1
            waiting.sent_at = now
            connection.send(waiting.frame)

    def disconnect(self, connections: list[Connection] | None = None) -> None:
        """Asks to reconnect; from now on these connections are silent, and `tick` closes them after 10 s."""
        for connection in self.connections if connections is None else connections:
            connection.send(self._frame("SYSTEM", "disconnect", {"reason": "connection is expired"}, {}))
            connection.leaving_since = self._state.clock()


async def _write(socket: WebSocket, connection: Connection) -> None:
    while (text := await connection.outbox.get()) is not None:
        await socket.send_text(text)
    await socket.close(1000)


def _judge(ack: Frame, seconds: float) -> Attempt:
    data = str(ack.get("data") or "")
    code = ack.get("code")
    if code != 200:
        return Attempt(code, seconds, data, f"小访回答处理失败（{code}）")
    try:
        later = json.loads(data or "{}").get("status") == "LATER"
    except (ValueError, AttributeError):
        later = False
    return Attempt(200, seconds, data, "小访请平台稍后再送" if later else "")
