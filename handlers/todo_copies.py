"""To-dos and their copies in DingTalk: having them made, and following what people change in them.

The calls themselves are made by `bot.todo_copying`, outside of turns.
"""

from typing import Any

from domain.cards import Text
from domain.intents import Intent
from domain.intents.todos import CopiesChanged
from domain.messages import Inbound
from domain.todo_copies import Change, Content, Seen, merge
from handlers import flows
from handlers.turn import Reply, Turn, tell
from handlers.wording import moment
from storage.tables import RecordRow

EVENTS = ("calendar_event", "todo_task")
"""What the names of the platform's events about calendars and to-dos begin with."""
NAMES = frozenset({"taskId", "calendarEventId"})
FIELD = {"title": "title", "owner": "owner", "due": "due", "done": "status"}
"""A part of the copy → the field of the record that holds it."""
SOURCE = "钉钉"


def heard_from_platform(message: Inbound) -> tuple[Intent, ...]:
    """An event of the platform says only that something was changed; what it is now is asked by its id. Pure."""
    if not message.text.startswith(EVENTS):
        return ()
    found = tuple(dict.fromkeys(_ids(message.raw)))
    return (CopiesChanged(ids=found),) if found else ()


def _ids(payload: Any) -> list[str]:
    """Wherever they stand."""
    if isinstance(payload, list):
        return [one for part in payload for one in _ids(part)]
    if not isinstance(payload, dict):
        return []
    here = [str(payload[name]) for name in NAMES & payload.keys() if payload[name]]
    return here + [one for part in payload.values() for one in _ids(part)]


def changed(intent: CopiesChanged, turn: Turn) -> Reply:
    turn.work.todo_copies.look_again(intent.ids)
    return Reply()


def follow(row: RecordRow, base: Content, ours: Content, seen: Seen | None, turn: Turn) -> Reply:
    """Carry over what was changed in a copy. `base`: what both last agreed on; no `seen`: it was deleted there.

    Who tidies away what is done takes nothing back."""
    title = str(row.data.get("title"))
    if seen is None and row.data.get("status") == "done":
        return Reply()
    if seen is None:
        turn.work.records.set_status(row, "undone", "在钉钉里删除了")
        return _told(row, f"待办「{title}」在钉钉里被删除了，这边也取消了。", turn)
    times = {part: turn.work.records.last_change(f"record:{row.id}", field) for part, field in FIELD.items()}
    changed_at = {part: audit.at if audit else row.created_at for part, audit in times.items()}
    found = merge(base, ours, seen, changed_at)
    before = dict(row.data)
    was = str(row.data.get("owner"))
    for change in found.theirs:
        _take(row, change, turn)
    told = "，".join(_in_words(change, turn) for change in found.theirs)
    reply = Reply()
    if told:
        more = "（两边都改过，以后改的为准）" if found.conflicts and not found.overruled else ""
        reply += flows.begin_changed(row, before, turn)
        reply += _told(row, f"待办「{title}」在钉钉里{told}{more}，这边已经跟着改了。", turn, was)
    if found.overruled:
        lost = "，".join(_in_words(change, turn) for change in found.overruled)
        reply += _told(row, f"待办「{title}」在钉钉里{lost}，但这边后来又改过，以这边的为准。", turn, was)
    return reply


def _take(row: RecordRow, change: Change, turn: Turn) -> None:
    value: str | bool | None = change.value or None
    if change.field == "done":
        value = "done" if change.value else None
    if change.field in ("title", "owner") and value is None:
        return  # a to-do needs both: what the record says goes back to the copy
    turn.work.records.change(row, FIELD[change.field], value, SOURCE, "在钉钉里改的")


def _in_words(change: Change, turn: Turn) -> str:
    value = str(change.value)
    match change.field:
        case "done":
            return "标成了已完成" if change.value else "改回了未完成"
        case "due":
            return f"改到 {moment(value, turn.now, turn.zone)}" if value else "去掉了截止日期"
        case "owner":
            person = turn.work.people.ever(value)
            return f"转给了{person.name if person else value}"
        case _:
            return f"改名为「{value}」"


def _told(row: RecordRow, words: str, turn: Turn, *others: str) -> Reply:
    """Whoever has to do it and whoever noted it learn of it, and whoever had it before."""
    people = dict.fromkeys((str(row.data.get("owner")), row.reporter_id, *others))
    return sum((tell(person, Text(text=words)) for person in people), Reply())
