"""The Stream gateway over real sockets, with a client that is nobody's SDK."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import websockets

from bot.playground.clock import PlaygroundClock
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.server import run_platforms
from tests.playground.peers import Calls
from tests.playground.test_dingtalk_cards import CREATE, card

pytestmark = pytest.mark.anyio

TOPICS = [
    {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"},
    {"type": "CALLBACK", "topic": "/v1.0/card/instances/callback"},
    {"type": "EVENT", "topic": "*"},
]


@pytest.fixture
def streaming(clock: PlaygroundClock) -> Iterator[FakeDingTalk]:
    fake = FakeDingTalk(
        client_id="dingapp",
        client_secret="ding-secret",
        robot_code="dingapp",
        corp_id="dingcorp",
        clock=clock,
        members={"zhao": "赵敏", "qian": "钱多多"},
    )
    with run_platforms({"dingtalk": fake}):
        yield fake


class Listener:
    """A Stream client that notes every frame and acknowledges as told."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.mute = False
        self.card_response: dict[str, Any] = {}
        self.event_status = "SUCCESS"

    async def run(self) -> None:
        async for text in self.socket:
            frame = json.loads(text)
            if not self.mute:
                await self.socket.send(json.dumps(self.ack(frame)))
            self.frames.put_nowait(frame)

    def ack(self, frame: dict[str, Any]) -> dict[str, Any]:
        topic = frame["headers"]["topic"]
        data: dict[str, Any] = {"response": self.card_response if "card" in topic else None}
        if frame["type"] == "EVENT":
            data = {"status": self.event_status, "message": ""}
        headers = {"messageId": frame["headers"]["messageId"], "contentType": "application/json"}
        return {"code": 200, "message": "OK", "headers": headers, "data": json.dumps(data)}

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            return await self.frames.get()


async def _ticket(fake: FakeDingTalk, secret: str = "ding-secret") -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        body = {
            "clientId": "dingapp",
            "clientSecret": secret,
            "subscriptions": TOPICS,
            "ua": "t",
            "localIp": "",
        }
        return await http.post(f"{fake.state.base_url}/v1.0/gateway/connections/open", json=body)


@asynccontextmanager
async def connected(fake: FakeDingTalk) -> AsyncIterator[Listener]:
    given = (await _ticket(fake)).json()
    async with websockets.connect(
        f"{given['endpoint']}?ticket={quote(given['ticket'])}", proxy=None
    ) as socket:
        listener = Listener(socket)
        running = asyncio.create_task(listener.run())
        yield listener
        running.cancel()


async def test_a_wrong_secret_gets_no_ticket(streaming: FakeDingTalk) -> None:
    assert (await _ticket(streaming, "no")).status_code == 401


async def test_a_ticket_lives_90_seconds_and_opens_one_connection(
    streaming: FakeDingTalk, clock: PlaygroundClock
) -> None:
    given = (await _ticket(streaming)).json()
    url = f"{given['endpoint']}?ticket={given['ticket']}"
    async with websockets.connect(url, proxy=None):
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(url, proxy=None)
    late = (await _ticket(streaming)).json()
    clock.advance(timedelta(seconds=90))
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(f"{late['endpoint']}?ticket={late['ticket']}", proxy=None)


async def test_a_robot_message_travels_in_a_callback_frame(streaming: FakeDingTalk) -> None:
    async with connected(streaming) as listener:
        delivery = await streaming.say("zhao", "早")
        frame = await listener.next()
        assert delivery.ok and streaming.shown("zhao")[0].progress == "delivered"
        assert (frame["specVersion"], frame["type"]) == ("1.0", "CALLBACK")
        assert frame["headers"]["topic"] == "/v1.0/im/bot/messages/get"
        assert json.loads(frame["data"])["text"] == {"content": "早"}


async def test_without_a_connection_the_failure_is_told(streaming: FakeDingTalk) -> None:
    delivery = await streaming.say("zhao", "早")
    assert delivery.trouble == "小访没有连上钉钉（没有可用的 Stream 连接）"


async def test_what_nobody_acknowledged_is_sent_once_more_after_60_seconds(
    streaming: FakeDingTalk, clock: PlaygroundClock
) -> None:
    streaming.targets.ack_seconds = 0.05
    async with connected(streaming) as listener:
        listener.mute = True
        assert not (await streaming.say("zhao", "早")).ok
        first = await listener.next()
        clock.advance(timedelta(seconds=60))
        await streaming.tick()
        while (again := await listener.next())["headers"]["topic"] == "ping":
            pass
        assert again == first
        clock.advance(timedelta(seconds=60))
        await streaming.tick()
        assert streaming.hub.pending == {}


async def test_a_half_open_connection_swallows_until_another_one_takes_the_resend(
    streaming: FakeDingTalk, clock: PlaygroundClock
) -> None:
    async with connected(streaming) as dead:
        streaming.half_open()
        assert not (await streaming.say("zhao", "早")).ok
        async with connected(streaming) as alive:
            streaming.connections[0].topics = frozenset()
            clock.advance(timedelta(seconds=60))
            await streaming.tick()
            while (frame := await alive.next())["headers"]["topic"] == "ping":
                pass
            assert json.loads(frame["data"])["text"] == {"content": "早"}
        assert dead.frames.empty()


async def test_disconnect_means_silence_and_closing_ten_seconds_later(
    streaming: FakeDingTalk, clock: PlaygroundClock
) -> None:
    async with connected(streaming) as old:
        await streaming.disconnect()
        assert (await old.next())["headers"]["topic"] == "disconnect"
        assert not (await streaming.say("zhao", "在吗")).ok
        async with connected(streaming) as new:
            assert (await streaming.say("zhao", "在吗")).ok
            assert (await new.next())["type"] == "CALLBACK"
            clock.advance(timedelta(seconds=10))
            await streaming.tick()
            async with asyncio.timeout(5):
                await old.socket.wait_closed()
        assert old.frames.empty()


async def test_pings_come_every_twenty_seconds(streaming: FakeDingTalk, clock: PlaygroundClock) -> None:
    async with connected(streaming) as listener:
        clock.advance(timedelta(seconds=20))
        await streaming.tick()
        frame = await listener.next()
        assert (frame["type"], frame["headers"]["topic"]) == ("SYSTEM", "ping")
        assert "opaque" in json.loads(frame["data"])


async def test_pushes_are_spread_at_random_over_connections(streaming: FakeDingTalk) -> None:
    async with connected(streaming) as one, connected(streaming) as two:
        for number in range(12):
            await streaming.say("zhao", str(number))
        counts = one.frames.qsize(), two.frames.qsize()
        assert sum(counts) == 12 and min(counts) > 0


async def test_an_event_put_off_comes_again(streaming: FakeDingTalk, clock: PlaygroundClock) -> None:
    async with connected(streaming) as listener:
        listener.event_status = "LATER"
        assert not (await streaming.push_event("user_leave_org", {"userId": ["qian"]})).ok
        first = await listener.next()
        assert first["headers"]["eventType"] == "user_leave_org"
        listener.event_status = "SUCCESS"
        clock.advance(timedelta(seconds=60))
        await streaming.tick()
        while (again := await listener.next())["headers"]["topic"] == "ping":
            pass
        assert again["headers"]["eventId"] == first["headers"]["eventId"]


async def test_a_click_by_stream_is_answered_in_the_acknowledgement(streaming: FakeDingTalk) -> None:
    async with connected(streaming) as listener:
        await _create_card(streaming)
        listener.card_response = {
            "cardData": {"cardParamMap": {"status": "已同意"}},
            "cardUpdateOptions": {"updateCardDataByKey": True},
        }
        click = await streaming.click("zhao", "exp-1.1", "approve")
        assert click.ok and streaming.shown("zhao")[0].body["params"]["status"] == "已同意"
        assert json.loads((await listener.next())["data"])["type"] == "actionCallback"


async def test_an_answer_after_the_limit_does_not_change_the_card(streaming: FakeDingTalk) -> None:
    streaming.targets.card_seconds = 0.05
    async with connected(streaming) as listener:
        await _create_card(streaming)
        listener.mute = True
        click = await streaming.click("zhao", "exp-1.1", "approve")
        assert not click.in_time and click.trouble == "小访 0.05 秒内没有确认收到"
        listener.card_response = {"cardData": {"cardParamMap": {"status": "已同意"}}}
        await listener.socket.send(json.dumps(listener.ack(await listener.next())))
        listener.mute = False
        # Its acknowledgement follows the late answer on the same line, so that one has been read by then.
        assert (await streaming.say("zhao", "x")).ok
        assert streaming.shown("zhao")[0].body["params"]["status"] == "待审批"


async def _create_card(fake: FakeDingTalk) -> None:
    calls = Calls(fake.app, "http://ding.test")
    await calls.ding("POST", CREATE, card(callbackType="STREAM"))
