"""What the page shows, as JSON."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.chat import Bubble, Chats
from bot.playground.delivery import Delivery
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.wecom import FakeWeCom

WEEKDAYS = "一二三四五六日"

View = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody of the company; an empty id means: not on that platform."""

    id: str
    name: str
    role: str
    """As the visitor reads it: 业务员, 大区经理, 财务."""
    wecom_userid: str = ""
    dingtalk_userid: str = ""
    calendar_userid: str = ""
    """In whose DingTalk calendar his to-dos are, also where he is shown with his WeCom only."""


@dataclass(frozen=True)
class Place:
    """A customer on the map; degrees, GCJ-02."""

    name: str
    lat: float
    lng: float
    note: str = ""


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"


def bubble_view(bubble: Bubble, zone: ZoneInfo) -> View:
    known = asdict(bubble)
    return known | {"at": bubble.at.isoformat(), "time": f"{bubble.at.astimezone(zone):%H:%M}"}


def side_view(chats: Chats, shown_to: str, members: Iterable[str], zone: ZoneInfo) -> View:
    return {
        "messages": [bubble_view(bubble, zone) for bubble in chats.shown(shown_to)],
        "unread": {member: chats.unread(member) for member in members},
    }


def line_view(pushed: Sequence[Delivery]) -> View:
    """How the last push to the bot went."""
    last = next((delivery for delivery in reversed(pushed) if delivery.attempts), None)
    return {"tried": last is not None, "ok": last is None or last.ok, "trouble": last.trouble if last else ""}


def agenda_view(dingtalk: FakeDingTalk, shown_to: str, zone: ZoneInfo) -> View:
    """This member's calendar and to-dos, the days in words."""
    if shown_to not in dingtalk.members:
        return {"events": [], "todos": []}
    found = dingtalk.agenda(shown_to)
    events = [{**one, "day": day_words(datetime.fromisoformat(one["date"]))} for one in found["events"]]
    dues = (datetime.fromtimestamp(one["due"] / 1000, zone) if one["due"] else None for one in found["todos"])
    todos = [
        {**one, "day": day_words(due) if due else ""} for one, due in zip(found["todos"], dues, strict=True)
    ]
    return {"events": events, "todos": todos}


def day_words(at: datetime) -> str:
    return f"{at.month}月{at.day}日 周{WEEKDAYS[at.weekday()]}"


def state_view(
    wecom: FakeWeCom,
    dingtalk: FakeDingTalk,
    who: tuple[str, str],
    trail: list[View],
    zone: ZoneInfo,
    calendars: tuple[str, str] = ("", ""),
) -> View:
    """Everything but the clock. `version` changes with anything in it; `calendars`: whose are shown on either side."""
    view: View = {
        "wecom": side_view(wecom.chats, who[0], wecom.members, zone) | {"line": line_view(wecom.pushed)},
        "dingtalk": side_view(dingtalk.chats, who[1], dingtalk.members, zone)
        | {
            "line": line_view(dingtalk.pushed),
            "streams": len(dingtalk.connections),
            "mode": dingtalk.targets.mode,
        },
        "trail": trail,
    }
    for side, member in zip(("wecom", "dingtalk"), calendars, strict=True):
        view[side] |= {"agenda": agenda_view(dingtalk, member, zone)}
    text = json.dumps(view, ensure_ascii=False, sort_keys=True, default=str)
    return view | {"version": hashlib.sha256(text.encode()).hexdigest()[:16]}
