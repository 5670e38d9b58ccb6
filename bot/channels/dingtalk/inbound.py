"""Robot messages, card taps and events as `Inbound`.

Shapes: help.dingtalk.io/open/development/receive-message and open.dingtalk.com …/event-callback-card.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.payload import Foreign, Malformed, identifier, moment, nested, number, text
from domain.messages import Action, Inbound, Kind, Media

CHANNEL = "dingtalk"
GROUP = "2"

CAPABILITIES = frozenset({"sessionWebhook", "sessionWebhookExpiredTime"})
"""Left out of what is kept: whoever holds the webhook can speak as the robot for 90 minutes."""

MENTION = re.compile(r"@\S+\s*")

Parsed = tuple[Kind, str, tuple[Media, ...]]


def robot_message(payload: dict[str, Any], config: DingTalkConfig, received: datetime) -> Inbound:
    """One message to the robot. `received` stands in where the payload names no time.

    Raises Malformed without a message id or a sender, Foreign where it belongs to another robot or company.
    """
    _own_robot(payload, config)
    message_id = identifier(payload, "msgId")
    if not message_id:
        raise Malformed("robot message has no msgId")
    read = READERS.get(text(payload, "msgtype"), _unknown)
    kind, words, media = read(payload)
    return Inbound(
        channel=CHANNEL,
        tenant=config.tenant,
        # Two robots mentioned in one message are given the same msgId.
        key=f"{identifier(payload, 'robotCode') or config.robot}:{message_id}",
        sender=_sender(payload, config),
        kind=kind,
        sent_at=moment(payload.get("createAt"), received),
        text=words,
        media=media,
        raw=_kept(payload),
    )


def card_action(payload: dict[str, Any], config: DingTalkConfig, received: datetime) -> Inbound:
    """A tap on a card.

    The key is made of the card, the person, the button and what the button carried. The platform gives
    every tap a new id, so its ids would let a double tap through. A card whose buttons are to be tapped again is
    therefore drawn anew (`3.1` after `3`). Raises Malformed and Foreign.
    """
    _own_company(identifier(payload, "corpId"), config)
    card, user = identifier(payload, "outTrackId"), identifier(payload, "userId")
    places = _places(payload)
    button = next(filter(None, map(_action_id, places)), "")
    if not (card and user and button):
        raise Malformed("card callback lacks outTrackId, userId or an action id")
    params = next(filter(None, (nested(place, "params") for place in places)), {})
    action = _action(button, card, params)
    tapped = [
        card,
        user.lower(),
        button,
        action.ref,
        text(params, "revision") or action.revision,
        action.value,
        sorted(action.selected.items()),
    ]
    return Inbound(
        channel=CHANNEL,
        tenant=config.tenant,
        key=f"card:{_digest(tapped)}",
        sender=user if text(payload, "userIdType") == "2" else user.lower(),
        kind="action",
        sent_at=received,
        action=action,
        raw=_kept(payload),
    )


def event(
    payload: dict[str, Any],
    config: DingTalkConfig,
    received: datetime,
    headers: dict[str, Any] | None = None,
) -> Inbound:
    """An event of the company: somebody left, an approval or a calendar entry or a to-do changed.

    Stream tells name, id and time in frame headers, HTTP in the payload. Raises Malformed and Foreign.
    """
    headers = headers or {}
    _own_company(identifier(headers, "eventCorpId") or identifier(payload, "CorpId", "corpId"), config)
    name = identifier(headers, "eventType") or identifier(payload, "EventType", "eventType")
    if not name:
        raise Malformed("event has no EventType")
    event_id = identifier(headers, "eventId") or identifier(payload, "eventId", "EventId")
    return Inbound(
        channel=CHANNEL,
        tenant=config.tenant,
        key=f"event:{event_id or _digest([name, payload])}",
        sender="",
        kind="event",
        sent_at=moment(headers.get("eventBornTime") or payload.get("TimeStamp"), received),
        text=name,
        raw={**payload, "EventType": name},
    )


def _own_robot(payload: dict[str, Any], config: DingTalkConfig) -> None:
    robot = identifier(payload, "robotCode")
    if robot and robot not in (config.robot, config.client_id):
        raise Foreign("robot message is addressed to another robot")
    _own_company(identifier(payload, "chatbotCorpId"), config)


def _own_company(corp: str, config: DingTalkConfig) -> None:
    if corp and config.corp_id and corp != config.corp_id:
        raise Foreign("message belongs to another company")


def _sender(payload: dict[str, Any], config: DingTalkConfig) -> str:
    staff = identifier(payload, "senderStaffId")
    corp = identifier(payload, "senderCorpId")
    outsider = bool(corp and config.corp_id and corp != config.corp_id)
    if staff and not outsider:  # another company may use the same staff id for somebody else
        return staff.lower()
    sender = identifier(payload, "senderId")
    if not sender:
        raise Malformed("robot message has no sender")
    return sender


def _kept(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in CAPABILITIES}


def _text(payload: dict[str, Any]) -> Parsed:
    return (
        "text",
        _spoken(text(nested(payload, "text") or nested(payload, "content"), "content"), payload),
        (),
    )


def _picture(payload: dict[str, Any]) -> Parsed:
    return _file("image", nested(payload, "content"))


def _audio(payload: dict[str, Any]) -> Parsed:
    content = nested(payload, "content")
    duration = number(content.get("duration"))
    return _file(
        "voice",
        content,
        seconds=duration / 1000 if duration is not None and duration >= 0 else None,
        recognition=text(content, "recognition").strip(),
    )


def _video(payload: dict[str, Any]) -> Parsed:
    return _file("video", nested(payload, "content"))


def _document(payload: dict[str, Any]) -> Parsed:
    content = nested(payload, "content")
    return _file("file", content, name=text(content, "fileName"))


def _rich(payload: dict[str, Any]) -> Parsed:
    parts = nested(payload, "content").get("richText")
    parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    words = "".join(text(part, "text") for part in parts)
    media = tuple(found for part in parts if (found := _media(part)))
    if not words.strip() and not media:
        return _unknown(payload)
    return ("image" if media else "text"), _spoken(words, payload), media


def _unknown(payload: dict[str, Any]) -> Parsed:
    return "unknown", "", ()


READERS: dict[str, Callable[[dict[str, Any]], Parsed]] = {
    "text": _text,
    "picture": _picture,
    "audio": _audio,
    "video": _video,
    "file": _document,
    "richText": _rich,
}


def _file(kind: Kind, content: dict[str, Any], **known: Any) -> Parsed:
    media = _media(content, **known)
    return (kind, "", (media,)) if media else ("unknown", "", ())


def _media(content: dict[str, Any], **known: Any) -> Media | None:
    handle = text(content, "downloadCode", "pictureDownloadCode")
    return Media(handle=handle, **known) if handle else None


def _spoken(words: str, payload: dict[str, Any]) -> str:
    """Without the mention that calls the robot.

    A leading space says that the platform took it out already; HarmonyOS leaves it in.
    """
    if text(payload, "conversationType") == GROUP and words.startswith("@"):
        words = MENTION.sub("", words, count=1)
    return words.strip()


def _places(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Where templates of different ages put the action: in private data, beside it, on top, in actionData."""
    content, value, data = (nested(payload, name) for name in ("content", "value", "actionData"))
    return [
        nested(content, "cardPrivateData"),
        content,
        nested(value, "cardPrivateData"),
        value,
        nested(data, "cardPrivateData"),
        data,
        payload,
    ]


def _action_id(place: dict[str, Any]) -> str:
    ids = place.get("actionIds")
    if isinstance(ids, list) and ids:
        return identifier({"actionId": ids[0]}, "actionId")
    return identifier(place, "actionId")


def _action(button: str, card: str, params: dict[str, Any]) -> Action:
    own = {"ref", "revision", "value", "action", "actionId"}
    return Action(
        button=button,
        ref=text(params, "ref"),
        revision=number(text(params, "revision").partition(".")[0] or params.get("revision")) or 0,
        value=text(params, "value"),
        selected={name: _chosen(value) for name, value in params.items() if name not in own},
        card=card,
    )


def _chosen(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in values)


def _digest(parts: list[Any]) -> str:
    told = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()[:40]
