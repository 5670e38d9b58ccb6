"""Frames of the Stream protocol: what each kind asks for, and its acknowledgement.

Source: open-dingtalk/developerpedia docs/learn/stream/protocol.md. Robot messages and events are
acknowledged only after they were stored; without an acknowledgement the platform sends them again.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.base import Accept, InboxBusy
from bot.channels.dingtalk.answers import card_answer
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.inbound import card_action, event, robot_message
from bot.channels.dingtalk.payload import Foreign, Malformed, nested, parse, text

log = logging.getLogger(__name__)

ROBOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"

SUBSCRIPTIONS = [
    {"type": "EVENT", "topic": "*"},
    {"type": "CALLBACK", "topic": ROBOT},
    {"type": "CALLBACK", "topic": CARD},
]

Json = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    kind: str
    topic: str
    headers: Json
    data: Json

    @property
    def is_disconnect(self) -> bool:
        return self.kind == "SYSTEM" and self.topic == "disconnect"

    @property
    def is_message(self) -> bool:
        return self.kind in ("CALLBACK", "EVENT")


def read_frame(received: str | bytes) -> Frame:
    """Raises Malformed."""
    found = parse(received)
    headers = nested(found, "headers")
    return Frame(
        kind=text(found, "type").upper(),
        topic=text(headers, "topic"),
        headers=headers,
        data=nested(found, "data"),
    )


async def acknowledge(
    frame: Frame, config: DingTalkConfig, accept: Accept, now: Callable[[], datetime]
) -> str | None:
    """Stores what the frame brings and returns its acknowledgement; None where none is to be sent."""
    answer = ANSWERS.get((frame.kind, frame.topic)) or ANSWERS.get((frame.kind, "*"))
    if frame.is_disconnect:
        return None
    if answer is None:
        return _ack(frame, {"message": "unknown topic"}, code=404)
    try:
        return _ack(frame, await answer(frame, config, accept, now()))
    except (Malformed, Foreign) as error:
        # Acknowledged all the same: it would come again and be refused again.
        log.warning("refused a %s frame: %s", frame.topic or frame.kind, error)
        return _ack(frame, {"response": None})
    except InboxBusy:
        log.warning("the inbox is busy: a %s frame stays unacknowledged and will be sent again", frame.topic)
        return None


async def _system(frame: Frame, config: DingTalkConfig, accept: Accept, now: datetime) -> Json:
    return frame.data


async def _robot(frame: Frame, config: DingTalkConfig, accept: Accept, now: datetime) -> Json:
    await accept(robot_message(frame.data, config, now))
    return {"response": None}


async def _card(frame: Frame, config: DingTalkConfig, accept: Accept, now: datetime) -> Json:
    fresh = await accept(card_action(frame.data, config, now))
    return {"response": card_answer(fresh)}


async def _event(frame: Frame, config: DingTalkConfig, accept: Accept, now: datetime) -> Json:
    await accept(event(frame.data, config, now, frame.headers))
    return {"status": "SUCCESS", "message": "ok"}


ANSWERS: dict[tuple[str, str], Callable[[Frame, DingTalkConfig, Accept, datetime], Awaitable[Json]]] = {
    ("SYSTEM", "*"): _system,
    ("CALLBACK", ROBOT): _robot,
    ("CALLBACK", CARD): _card,
    ("EVENT", "*"): _event,
}


def _ack(frame: Frame, data: Json, code: int = 200) -> str:
    headers = {"messageId": text(frame.headers, "messageId"), "contentType": "application/json"}
    body = {"code": code, "message": "OK" if code == 200 else "not found", "headers": headers}
    return json.dumps({**body, "data": json.dumps(data, ensure_ascii=False)}, ensure_ascii=False)
