"""From the XML inside a callback to `domain.messages.Inbound`.

Message types: developer.work.weixin.qq.com/document/path/96467; events: path/90376.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from typing import Any

from bot.channels.wecom import keys, xml
from bot.channels.wecom.config import WeComConfig
from domain.messages import Inbound, Media
from domain.positions import Position

CHANNEL = "wecom"

Raw = dict[str, Any]
Fields = dict[str, Any]

# Events carry no MsgId. The documented key (sender, time) confuses two taps within one second.
EVENT_KEY = (
    "ToUserName",
    "AgentID",
    "FromUserName",
    "CreateTime",
    "Event",
    "EventKey",
    "TaskId",
    "ResponseCode",
    "CalId",
    "ScheduleId",
)

# The platform's own sender: nobody to answer.
SYSTEM = frozenset({"", "sys"})

# "OpitonId" is how the platform's own sample once spelt it.
OPTION_TAGS = ("OptionIds", "OptionId", "OpitonIds", "OpitonId")


def read(message: bytes, config: WeComConfig, received: datetime) -> Inbound:
    """The message as the house knows it; never raises, whatever is inside.

    What nobody knows becomes kind `unknown` with everything kept in `raw`; what is no XML, or empty, is kept
    as `raw["xml"]`. `received` stands in where the platform's own time is missing.
    """
    try:
        raw = xml.read(message)
    except xml.XmlRefused:
        raw = {}
    if not raw:
        return _unreadable(message, config, received)
    build = MESSAGES.get(_text(raw, "MsgType"), _unknown)
    sender = _text(raw, "FromUserName").lower()
    return Inbound(
        channel=CHANNEL,
        tenant=config.tenant,
        key=message_key(raw),
        sender="" if sender in SYSTEM else sender,
        sent_at=_sent_at(raw, received),
        raw=raw,
        **build(raw),
    )


def message_key(raw: Raw) -> str:
    """The same for every repetition of a message, different for any two messages of one app."""
    number = _text(raw, "MsgId")
    if number.strip("0"):
        return f"msg:{number}"
    parts: list[Any] = [_text(raw, name) for name in EVENT_KEY]
    if _text(raw, "FromUserName") in SYSTEM:
        # One import of the directory makes many events in one second, told apart by their content alone.
        parts.append(raw)
    return "event:" + sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _unreadable(message: bytes, config: WeComConfig, received: datetime) -> Inbound:
    return Inbound(
        channel=CHANNEL,
        tenant=config.tenant,
        key="xml:" + sha256(message).hexdigest(),
        sender="",
        kind="unknown",
        sent_at=received,
        # PostgreSQL keeps no NUL in JSON.
        raw={"xml": message.decode("utf-8", "replace").replace("\x00", "\ufffd")},
    )


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────


def _typed(raw: Raw) -> Fields:
    return {"kind": "text", "text": _verbatim(raw, "Content")}


def _image(raw: Raw) -> Fields:
    return _media("image", raw)


def _voice(raw: Raw) -> Fields:
    form = _text(raw, "Format")
    return _media(
        "voice", raw, name=f"voice.{form}" if form else "", recognition=_verbatim(raw, "Recognition")
    )


def _video(raw: Raw) -> Fields:
    return _media("video", raw)


def _file(raw: Raw) -> Fields:
    return _media("file", raw, name=_text(raw, "FileName"))


def _media(kind: str, raw: Raw, **about: str) -> Fields:
    handle = _text(raw, "MediaId")
    return {"kind": kind, "media": (Media(handle=handle, **about),)} if handle else _unknown(raw)


def _link(raw: Raw) -> Fields:
    parts = (_verbatim(raw, name) for name in ("Title", "Description", "Url"))
    return {"kind": "link", "text": "\n".join(part for part in parts if part)}


def _location(raw: Raw) -> Fields:
    position = _position(raw, "Location_X", "Location_Y", label=_text(raw, "Label"))
    return {"kind": "location", "position": position} if position else _unknown(raw)


def _unknown(_raw: Raw) -> Fields:
    return {"kind": "unknown"}


def _event(raw: Raw) -> Fields:
    name = _text(raw, "Event")
    return EVENTS.get(name, _happening)(raw) if name else _unknown(raw)


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────


def _happening(raw: Raw) -> Fields:
    return {"kind": "event", "text": _text(raw, "Event")}


def _reported_position(raw: Raw) -> Fields:
    position = _position(raw, "Latitude", "Longitude", accuracy=_number(raw, "Precision"))
    return {**_happening(raw), "position": position}


def _picked_position(raw: Raw) -> Fields:
    info = raw.get("SendLocationInfo")
    info = info if isinstance(info, dict) else {}
    label = " ".join(filter(None, (_text(info, "Poiname"), _text(info, "Label"))))
    return {**_happening(raw), "position": _position(info, "Location_X", "Location_Y", label=label)}


def _tap(raw: Raw) -> Fields:
    key, card, code = (_text(raw, name) for name in ("EventKey", "TaskId", "ResponseCode"))
    return {"kind": "action", "action": keys.read_tap(key, _selected(raw), card, code)}


def _selected(raw: Raw) -> dict[str, tuple[str, ...]]:
    """Question → options, whether one or many were selected and however the platform spells it."""
    items = raw.get("SelectedItems")
    found: dict[str, tuple[str, ...]] = {}
    for item in items.get("SelectedItem", []) if isinstance(items, dict) else []:
        if isinstance(item, dict):
            question = _text(item, "QuestionKey")
            found[question] = found.get(question, ()) + tuple(_options(item))
    return found


def _options(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        if node.strip():
            yield node.strip()
    elif isinstance(node, list):
        for part in node:
            yield from _options(part)
    else:
        for tag in OPTION_TAGS:
            if tag in node:
                yield from _options(node[tag])


MESSAGES: dict[str, Callable[[Raw], Fields]] = {
    "text": _typed,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
    "file": _file,
    "event": _event,
}

# Every other event is a happening: its name as text, everything else in raw.
EVENTS: dict[str, Callable[[Raw], Fields]] = {
    "LOCATION": _reported_position,
    "location_select": _picked_position,
    "template_card_event": _tap,
    "template_card_menu_event": _tap,
    "taskcard_click": _tap,
}


# ── fields ───────────────────────────────────────────────────────────────────────────────────────────────


def _verbatim(raw: Raw, name: str) -> str:
    value = raw.get(name, "")
    return value if isinstance(value, str) else ""


def _text(raw: Raw, name: str) -> str:
    return _verbatim(raw, name).strip()


def _number(raw: Raw, name: str) -> float | None:
    try:
        number = float(_text(raw, name))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _position(
    raw: Raw, latitude: str, longitude: str, label: str = "", accuracy: float | None = None
) -> Position | None:
    """GCJ-02, as the client's map shows it; None where the numbers are no place on earth."""
    north, east = _number(raw, latitude), _number(raw, longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    return Position(latitude=north, longitude=east, datum="GCJ-02", label=label, accuracy=accuracy)


def _sent_at(raw: Raw, received: datetime) -> datetime:
    seconds = _number(raw, "CreateTime")
    if not seconds:
        return received
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return received
