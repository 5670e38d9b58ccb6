import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from bot.channels.dingtalk.answers import WORKING
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.frames import CARD, ROBOT
from bot.channels.dingtalk.gateway import NoConnection
from bot.channels.dingtalk.line import SILENT_AFTER
from bot.channels.dingtalk.stream import DRAIN, StreamSupervisor, pause
from tests.channels.dingtalk.company import CONFIG, NOW, Inbox, SimulatedClock, payload


class Gateway:
    """A WebSocket server on loopback that plays the platform's side by hand."""

    def __init__(self) -> None:
        self.lines: list[ServerConnection] = []
        self.acks: list[dict[str, Any]] = []
        self.asked = 0
        self.refusals: list[NoConnection] = []
        self.changed = asyncio.Condition()
        self.server: Server | None = None

    async def connect(self, config: DingTalkConfig) -> ClientConnection:
        self.asked += 1
        if self.refusals:
            raise self.refusals.pop(0)
        assert self.server is not None
        port = next(iter(self.server.sockets)).getsockname()[1]
        return await connect(f"ws://127.0.0.1:{port}/", proxy=None, ping_interval=None)

    async def serve_line(self, line: ServerConnection) -> None:
        async with self.changed:
            self.lines.append(line)
            self.changed.notify_all()
        try:
            async for raw in line:
                async with self.changed:
                    self.acks.append(json.loads(raw))
                    self.changed.notify_all()
        except ConnectionClosed:
            pass
        async with self.changed:
            self.changed.notify_all()

    async def has_lines(self, count: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.lines) >= count)

    async def acked(self, count: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.acks) >= count)

    async def send(
        self, line: int, kind: str, topic: str, data: Any, message_id: str = "f1", **more: str
    ) -> None:
        headers = {"topic": topic, "messageId": message_id, "contentType": "application/json", **more}
        frame = {"specVersion": "1.0", "type": kind, "headers": headers, "data": json.dumps(data)}
        await self.lines[line].send(json.dumps(frame))

    async def say(self, line: int, msg_id: str) -> None:
        await self.send(
            line, "CALLBACK", ROBOT, payload("text") | {"msgId": msg_id}, message_id=f"frame-{msg_id}"
        )

    async def disconnect(self, line: int) -> None:
        await self.send(line, "SYSTEM", "disconnect", {"reason": "connection is expired"})


class World:
    def __init__(self) -> None:
        self.gateway, self.inbox, self.clock = Gateway(), Inbox(), SimulatedClock()
        self.stop = asyncio.Event()
        self.supervisor = StreamSupervisor(
            CONFIG, self.inbox.accept, clock=self.clock, random=Random(1), connect=self.gateway.connect
        )


@asynccontextmanager
async def running(world: World) -> AsyncIterator[World]:
    async with serve(world.gateway.serve_line, "127.0.0.1", 0) as world.gateway.server:
        task = asyncio.create_task(world.supervisor.run(world.stop))
        try:
            yield world
        finally:
            world.stop.set()
            await task


def play(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def answer(ack: dict[str, Any]) -> Any:
    return json.loads(ack["data"])


def test_a_message_is_acknowledged_only_after_it_was_stored() -> None:
    async def story() -> None:
        async with running(World()) as world:
            door = asyncio.Event()
            world.inbox.before = lambda: _wait(door)
            await world.gateway.has_lines(1)
            await world.gateway.say(0, "m1")
            await world.gateway.send(0, "SYSTEM", "ping", {"opaque": "o1"}, message_id="p1")
            await world.gateway.acked(1)
            assert [ack["headers"]["messageId"] for ack in world.gateway.acks] == ["p1"]
            door.set()
            await world.gateway.acked(2)
            assert world.inbox.keys == ["dingrobot01:m1"]
            assert world.gateway.acks[1] == {
                "code": 200,
                "message": "OK",
                "headers": {"messageId": "frame-m1", "contentType": "application/json"},
                "data": '{"response": null}',
            }

    async def _wait(door: asyncio.Event) -> None:
        await door.wait()

    play(story())


def test_every_kind_of_frame_gets_its_own_answer() -> None:
    async def story() -> None:
        async with running(World()) as world:
            send = world.gateway.send
            await world.gateway.has_lines(1)
            tap = card_answer_of(0)
            leave = {"eventId": "e1", "eventType": "user_leave_org", "eventCorpId": "dingcorp01"}
            for count, sending in enumerate(
                [
                    send(0, "SYSTEM", "ping", {"opaque": "o1"}),
                    send(0, "CALLBACK", CARD, payload("card_action")),
                    send(0, "CALLBACK", CARD, payload("card_action")),
                    send(0, "EVENT", "*", {"UserId": ["lili"]}, **leave),
                    send(0, "CALLBACK", "/v1.0/graph/api/invoke", {}),
                    send(0, "CALLBACK", ROBOT, {"msgtype": "text"}),
                    send(0, "CALLBACK", ROBOT, payload("text") | {"robotCode": "stranger"}),
                ],
                1,
            ):
                await sending
                await world.gateway.acked(count)
            assert [(ack["code"], answer(ack)) for ack in world.gateway.acks] == [
                (200, {"opaque": "o1"}),
                (200, {"response": tap}),
                (200, {"response": {}}),
                (200, {"status": "SUCCESS", "message": "ok"}),
                (404, {"message": "unknown topic"}),
                (200, {"response": None}),
                (200, {"response": None}),
            ]
            assert [message.kind for message in world.inbox.messages] == ["action", "event"]
            assert world.inbox.keys[1] == "event:e1"

    def card_answer_of(_: int) -> dict[str, Any]:
        return {
            "userPrivateData": {"cardParamMap": {"status": WORKING, "buttons": "[]"}},
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        }

    play(story())


def test_what_a_busy_inbox_did_not_take_is_left_for_the_platform_to_repeat() -> None:
    async def story() -> None:
        async with running(World()) as world:
            await world.gateway.has_lines(1)
            world.inbox.busy = True
            await world.gateway.say(0, "m1")
            async with world.inbox.arrived:
                await world.inbox.arrived.wait()
            world.inbox.busy = False
            await world.gateway.say(0, "m1")
            await world.gateway.acked(1)
            await world.gateway.say(0, "m1")
            await world.gateway.acked(2)
            assert (world.inbox.keys, len(world.gateway.acks)) == (["dingrobot01:m1"], 2)

    play(story())


def test_frames_that_are_none_do_not_end_the_connection() -> None:
    async def story() -> None:
        async with running(World()) as world:
            await world.gateway.has_lines(1)
            for rubbish in ("", "[]", "{", b"\xff", '{"type":"CALLBACK"}', '{"headers":[]}'):
                await world.gateway.lines[0].send(rubbish)
            await world.gateway.say(0, "m1")
            await world.inbox.holds(1)
            assert world.gateway.asked == 1

    play(story())


def test_messages_are_stored_in_the_order_in_which_they_came() -> None:
    async def story() -> None:
        async with running(World()) as world:
            await world.gateway.has_lines(1)
            for count in range(40):
                await world.gateway.say(0, f"m{count}")
            await world.inbox.holds(40)
            assert world.inbox.keys == [f"dingrobot01:m{count}" for count in range(40)]

    play(story())


def test_on_disconnect_the_next_connection_opens_before_the_old_one_closes() -> None:
    async def story() -> None:
        async with running(World()) as world:
            await world.gateway.has_lines(1)
            await world.gateway.disconnect(0)
            await world.gateway.has_lines(2)
            assert world.gateway.lines[0].state is State.OPEN
            await world.gateway.say(0, "late")
            await world.gateway.say(1, "fresh")
            await world.inbox.holds(2)
            assert sorted(world.inbox.keys) == ["dingrobot01:fresh", "dingrobot01:late"]
            await world.clock.someone_sleeps(at_most=DRAIN)
            world.clock.advance(DRAIN)
            await world.gateway.lines[0].wait_closed()
            assert world.gateway.lines[1].state is State.OPEN

    play(story())


def test_a_day_of_disconnects_loses_no_message() -> None:
    async def story() -> None:
        async with running(World()) as world:
            for turn in range(12):
                await world.gateway.has_lines(turn + 1)
                await world.gateway.say(turn, f"before{turn}")
                await world.inbox.holds(2 * turn + 1)
                world.clock.advance(40)  # a connection that lived; the next may open at once
                await world.gateway.disconnect(turn)
                await world.gateway.has_lines(turn + 2)
                await world.gateway.say(turn, f"between{turn}")
            await world.inbox.holds(24)
            assert len(set(world.inbox.keys)) == 24
            await world.gateway.acked(24)

    play(story())


def test_a_half_open_connection_is_noticed_after_90_silent_seconds() -> None:
    async def story() -> None:
        async with running(World()) as world:
            await world.gateway.has_lines(1)
            await world.clock.someone_sleeps(at_least=SILENT_AFTER)
            world.clock.advance(60)
            await world.gateway.send(0, "SYSTEM", "ping", {"opaque": "o1"})
            await world.gateway.acked(1)
            world.clock.advance(89)
            await world.clock.someone_sleeps(at_most=1)
            assert world.gateway.asked == 1
            world.clock.advance(1)
            await world.gateway.has_lines(2)
            await world.gateway.say(1, "m1")
            await world.inbox.holds(1)
            assert world.supervisor.state().last_error == "no frame for 90 s"

    play(story())


def test_a_closed_connection_is_opened_again_after_a_pause() -> None:
    async def story() -> None:
        async with running(World()) as world:
            await world.gateway.has_lines(1)
            await world.gateway.lines[0].close()
            wait = await world.clock.someone_sleeps(at_most=1)
            assert (0.5 <= wait <= 1, world.gateway.asked) == (True, 1)
            world.clock.advance(1)
            await world.gateway.has_lines(2)

    play(story())


def test_a_platform_that_closes_at_once_is_asked_ever_more_rarely() -> None:
    async def story() -> None:
        async with running(World()) as world:
            waits = []
            for turn in range(6):
                await world.gateway.has_lines(turn + 1)
                await world.gateway.lines[turn].close()
                waits.append(await world.clock.someone_sleeps(at_most=60))
                world.clock.advance(waits[-1])
            assert waits[-1] > 15

    play(story())


def test_wrong_credentials_back_off_quietly_and_show(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        world = World()
        world.gateway.refusals = [NoConnection("HTTP 401 authFailed", refused=True) for _ in range(6)]
        async with running(world):
            waits = []
            for _ in range(6):
                waits.append(await world.clock.someone_sleeps())
                assert (world.supervisor.state().status, world.supervisor.state().since) == ("refused", NOW)
                assert world.supervisor.state().last_error == "HTTP 401 authFailed"
                world.clock.advance(waits[-1])
                await asyncio.sleep(0)
            assert [round(wait / 60) for wait in waits[:3]] == [1, 2, 4]
            assert all(wait >= 60 for wait in waits)
            assert max(waits) <= 660
            await world.gateway.has_lines(1)
            await world.gateway.say(0, "m1")
            await world.inbox.holds(1)
            assert world.supervisor.state().status == "connected"

    with caplog.at_level(logging.INFO, "bot"):
        play(story())
    assert [record.getMessage() for record in caplog.records] == [
        "DingTalk Stream is connecting",
        "DingTalk Stream is refused: HTTP 401 authFailed",
        "DingTalk Stream is connected",
        "DingTalk Stream is stopped",
    ]


def test_on_stop_the_message_in_hand_is_finished_and_the_socket_closed() -> None:
    async def story() -> None:
        world = World()
        async with running(world):
            await world.gateway.has_lines(1)
            door, reached = asyncio.Event(), asyncio.Event()

            async def held() -> None:
                reached.set()
                await door.wait()

            world.inbox.before = held
            await world.gateway.say(0, "m1")
            await reached.wait()
            world.stop.set()
            await asyncio.sleep(0)
            door.set()
            await world.gateway.acked(1)
            await world.gateway.lines[0].wait_closed()
        assert world.inbox.keys == ["dingrobot01:m1"]
        assert world.supervisor.state().status == "stopped"

    play(story())


@pytest.mark.parametrize("moment", ["opening", "resting", "connected", "draining"])
def test_a_cancelled_run_leaves_no_task_and_no_socket(moment: str) -> None:
    async def story() -> None:
        world = World()
        async with serve(world.gateway.serve_line, "127.0.0.1", 0) as world.gateway.server:
            if moment == "resting":
                world.gateway.refusals = [NoConnection("down", refused=False)]
            before = asyncio.all_tasks()
            task = asyncio.create_task(world.supervisor.run(world.stop))
            if moment == "resting":
                await world.clock.someone_sleeps()
            elif moment != "opening":
                await world.gateway.has_lines(1)
            else:
                await asyncio.sleep(0)
            if moment == "draining":
                await world.gateway.disconnect(0)
                await world.gateway.has_lines(2)
                await world.clock.someone_sleeps(at_most=DRAIN)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            for line in world.gateway.lines:
                await line.wait_closed()
            await asyncio.sleep(0)
            left = {
                one
                for one in asyncio.all_tasks() - before
                if "supervisor" in repr(one) or "line.py" in repr(one) or "stream.py" in repr(one)
            }
            assert left == set()

    play(story())


def test_one_supervisor_can_be_started_again() -> None:
    async def story() -> None:
        world = World()
        for count in (1, 2):
            world.stop.clear()
            async with running(world):
                await world.gateway.has_lines(count)
                await world.gateway.say(count - 1, f"m{count}")
                await world.inbox.holds(count)

    play(story())


@given(st.integers(1, 10**6), st.booleans(), st.randoms(use_true_random=False))
def test_pauses_grow_within_their_bounds(failures: int, refused: bool, random: Random) -> None:
    low, high = (60.0, 660.0) if refused else (0.5, 60.0)
    assert low <= pause(failures, refused, random) <= high
