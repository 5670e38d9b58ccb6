"""Calendar events and to-dos. The user in the path is a unionId although it is named userId.

Every change, by the app or by a member, is told to whoever subscribed to the platform's events (`DingState.changes`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.playground.dingtalk_state import DingState, Refused, require

Answer = dict[str, Any]
TOKEN_LIFE = timedelta(days=1)
"""For how long the same x-client-token means the same request."""
CALENDAR, TODO = ("Calendar.Event", "Todo.Todo")
TASK_FIELDS = ("subject", "dueTime", "done", "executorIds", "participantIds", "description")


def allowed(state: DingState, scope: str) -> None:
    if scope in state.denied:
        raise Refused(
            403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", f"the app has not applied for {scope}"
        )


def person(state: DingState, union_id: str) -> str:
    userid = state.user_of_union(union_id)
    require(userid, "the path takes the unionId of a member", "invalidParameter.userId")
    return str(userid)


def _moment(given: object, name: str) -> None:
    moment = given if isinstance(given, dict) else {}
    require(moment.get("dateTime") or moment.get("date"), f"{name} needs dateTime or date", f"invalid.{name}")
    require(moment.get("date") or moment.get("timeZone"), f"{name} needs timeZone", f"invalid.{name}")


def create_event(state: DingState, union_id: str, client_token: str, request: Answer) -> Answer:
    """The same x-client-token gives the same event again, for a day."""
    person(state, union_id)
    used, until = state.event_keys_used.get(client_token, ("", state.clock()))
    if used and state.clock() < until:
        return state.events.get(used) or {"id": used}
    require(request.get("summary"), "summary is required", "invalid.summary")
    _check_event(request)
    _moment(request.get("start"), "start")
    _moment(request.get("end"), "end")
    attendees = request.get("attendees") or []
    require(len(attendees) <= 500, "at most 500 attendees", "invalid.attendees")
    for one in attendees:
        require(state.user_of_union(one.get("id", "")), "attendee ids are unionIds", "invalid.attendees")
    event = {**request, "id": state.secret_word("ev"), "organizer": {"id": union_id, "self": True}}
    event["attendees"] = [_attendee(state, one) for one in attendees]
    event |= {"status": "confirmed", "createTime": _iso(state.clock()), "updateTime": _iso(state.clock())}
    state.events[event["id"]] = event
    if client_token:
        state.event_keys_used[client_token] = (event["id"], state.clock() + TOKEN_LIFE)
    _event_changed(state, event["id"], "created")
    return event


def _check_event(request: Answer) -> None:
    require(len(str(request.get("summary", ""))) <= 2048, "summary over 2048", "invalid.summary")
    require(len(str(request.get("description", ""))) <= 5000, "description over 5000", "invalid.description")


def _attendee(state: DingState, one: Answer) -> Answer:
    name = state.members[person(state, one["id"])]
    return {**one, "displayName": name, "responseStatus": "needsAction", "self": False}


def _event(state: DingState, union_id: str, event_id: str) -> Answer:
    """Only its organiser may see or change it here."""
    found = state.events.get(event_id)
    if found is None or found["organizer"]["id"] != union_id:
        raise Refused(404, "itemNotFound", "no such event")
    return found


def read_event(state: DingState, union_id: str, event_id: str) -> Answer:
    return _event(state, union_id, event_id)


def events_view(state: DingState, union_id: str, asked: Mapping[str, str]) -> Answer:
    """What lies between two times in this calendar, a page at a time."""
    person(state, union_id)
    for name in ("timeMin", "timeMax"):
        require("T" in asked.get(name, ""), f"{name} is a time as ISO-8601", f"invalidParameter.{name}")
    since, until = asked["timeMin"][:10], asked["timeMax"][:10]
    mine = [one for one in state.events.values() if one["organizer"]["id"] == union_id]
    days = {one["id"]: str(one["start"].get("date") or one["start"]["dateTime"])[:10] for one in mine}
    found = sorted((one for one in mine if since <= days[one["id"]] < until), key=lambda one: days[one["id"]])
    start, most = int(asked.get("nextToken") or 0), int(asked.get("maxResults") or 100)
    more = {"nextToken": str(start + most)} if len(found) > start + most else {}
    return {"events": found[start : start + most], **more}


def change_event(state: DingState, union_id: str, event_id: str, request: Answer) -> Answer:
    event = _event(state, union_id, event_id)
    require(request.get("id") == event_id, "the body must repeat the id", "invalid.id")
    _check_event(request)
    for name in {"start", "end"} & request.keys():
        _moment(request[name], name)
    state.events[event_id] = {**event, **request, "updateTime": _iso(state.clock())}
    _event_changed(state, event_id, "updated")
    return state.events[event_id]


def drop_event(state: DingState, union_id: str, event_id: str) -> Answer:
    _event(state, union_id, event_id)
    del state.events[event_id]
    _event_changed(state, event_id, "deleted")
    return {}


def _event_changed(state: DingState, event_id: str, how: str) -> None:
    told = {"calendarEventUpdateList": [{"calendarEventId": event_id, "changeType": how}]}
    state.changes.append(("calendar_event_change", told, state.clock()))


def create_todo(state: DingState, union_id: str, request: Answer) -> Answer:
    """sourceId is the caller's own id: a second to-do with the same one is refused."""
    person(state, union_id)
    source = str(request.get("sourceId") or "")
    known = any(source and one["sourceId"] == source for one in state.todos.values())
    require(not known, "task exist", "todo.taskCreate.paramError")
    require(request.get("subject"), "subject is required", "invalid.subject")
    link = request.get("detailUrl") or {}
    require(link.get("appUrl") and link.get("pcUrl"), "detailUrl is required", "invalid.detailUrl")
    for url in (link["appUrl"], link["pcUrl"]):
        require(len(url.encode()) <= 1024, "detailUrl over 1024 bytes", "invalid.detailUrl")
    _check_todo(state, request)
    todo = {**request, "sourceId": source, "id": state.secret_word("task"), "done": False}
    todo |= {"createdTime": _ms(state.clock()), "modifiedTime": _ms(state.clock())}
    todo.setdefault("executorIds", [union_id])
    state.todos[todo["id"]] = todo
    _todo_changed(state, todo)
    return todo


def _check_todo(state: DingState, request: Answer) -> None:
    require(len(str(request.get("subject", ""))) <= 1024, "subject over 1024", "invalid.subject")
    for name in ("executorIds", "participantIds"):
        ids = request.get(name) or []
        require(len(ids) <= 100, f"at most 100 {name}", f"invalid.{name}")
        require(all(state.user_of_union(one) for one in ids), f"{name} are unionIds", f"invalid.{name}")


def _todo(state: DingState, task_id: str, what: str) -> Answer:
    require(task_id in state.todos, "task not exist", f"todo.task{what}.paramError")
    return state.todos[task_id]


def read_todo(state: DingState, task_id: str) -> Answer:
    return _todo(state, task_id, "Get")


def change_todo(state: DingState, task_id: str, request: Answer) -> Answer:
    known = _todo(state, task_id, "Update")
    _check_todo(state, request)
    given = {name: request[name] for name in TASK_FIELDS if name in request}
    todo = {**known, **given, "modifiedTime": _ms(state.clock())}
    state.todos[task_id] = todo
    _todo_changed(state, todo)
    return {"result": True}


def drop_todo(state: DingState, task_id: str) -> Answer:
    todo = _todo(state, task_id, "Delete")
    del state.todos[task_id]
    _todo_changed(state, todo)
    return {"result": True}


def todo_by_source(state: DingState, source: str) -> Answer:
    found = next((one for one in state.todos.values() if one["sourceId"] == source), None)
    if found is None:
        raise Refused(404, "taskNotExist", "no to-do with this sourceId")
    return found


def _todo_changed(state: DingState, todo: Answer) -> None:
    told = {"bizTag": "todo", "taskId": todo["id"], "isDone": todo["done"]}
    state.changes.append(("todo_task_change", told, state.clock()))


# what a member sees and does ------------------------------------------------------------------------------------


def agenda(state: DingState, userid: str) -> dict[str, list[Answer]]:
    """The days in somebody's calendar and his to-dos, in the order of their dates."""
    union = state.union_id(userid)
    events = [
        {
            "id": one["id"],
            "title": one["summary"],
            "date": str(one["start"].get("date") or one["start"]["dateTime"]),
        }
        for one in state.events.values()
        if one["organizer"]["id"] == union
    ]
    todos = [
        {"id": one["id"], "title": one["subject"], "due": one.get("dueTime"), "done": one["done"]}
        for one in state.todos.values()
        if union in one["executorIds"]
    ]
    events.sort(key=lambda one: one["date"])
    todos.sort(key=lambda one: (one["done"], one["due"] or 1 << 60))
    return {"events": events, "todos": todos}


def move_event(state: DingState, event_id: str, day: str) -> None:
    """A member drags his event to another day."""
    event = state.events[event_id]
    after = datetime.fromisoformat(day) + timedelta(days=1)
    days = {"start": {"date": day}, "end": {"date": after.date().isoformat()}}
    change_event(state, event["organizer"]["id"], event_id, {"id": event_id, **days})


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
