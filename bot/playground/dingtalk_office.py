"""Calendar events and to-dos. The user in the path is a unionId although it is named userId."""

from typing import Any

from bot.playground.dingtalk_state import DingState, Refused, require

Answer = dict[str, Any]


def person(state: DingState, union_id: str) -> str:
    userid = state.user_of_union(union_id)
    require(userid, "the path takes the unionId of a member", "invalidParameter.userId")
    return str(userid)


def _moment(given: object, name: str) -> None:
    moment = given if isinstance(given, dict) else {}
    require(moment.get("dateTime") or moment.get("date"), f"{name} needs dateTime or date", f"invalid.{name}")
    require(moment.get("date") or moment.get("timeZone"), f"{name} needs timeZone", f"invalid.{name}")


def create_event(state: DingState, union_id: str, client_token: str, request: Answer) -> Answer:
    """The same x-client-token gives the same event again."""
    person(state, union_id)
    if client_token in state.event_keys_used:
        return state.events[state.event_keys_used[client_token]]
    require(request.get("summary"), "summary is required", "invalid.summary")
    require(len(str(request["summary"])) <= 2048, "summary over 2048", "invalid.summary")
    require(len(str(request.get("description", ""))) <= 5000, "description over 5000", "invalid.description")
    _moment(request.get("start"), "start")
    _moment(request.get("end"), "end")
    attendees = request.get("attendees") or []
    require(len(attendees) <= 500, "at most 500 attendees", "invalid.attendees")
    for one in attendees:
        require(state.user_of_union(one.get("id", "")), "attendee ids are unionIds", "invalid.attendees")
    event = {**request, "id": state.secret_word("ev"), "organizer": {"id": union_id, "self": True}}
    event["attendees"] = [_attendee(state, one) for one in attendees]
    state.events[event["id"]] = event
    if client_token:
        state.event_keys_used[client_token] = event["id"]
    return event


def _attendee(state: DingState, one: Answer) -> Answer:
    name = state.members[person(state, one["id"])]
    return {**one, "displayName": name, "responseStatus": "needsAction", "self": False}


def change_event(state: DingState, event_id: str, request: Answer) -> Answer:
    require(event_id in state.events, "no such event", "eventNotExist")
    require(request.get("id") == event_id, "the body must repeat the id", "invalid.id")
    state.events[event_id] = {**state.events[event_id], **request}
    return state.events[event_id]


def drop_event(state: DingState, event_id: str) -> Answer:
    require(event_id in state.events, "no such event", "eventNotExist")
    del state.events[event_id]
    return {}


def create_todo(state: DingState, union_id: str, request: Answer) -> Answer:
    """sourceId is the caller's own id: one to-do each."""
    person(state, union_id)
    source = str(request.get("sourceId") or "")
    known = next((one for one in state.todos.values() if source and one["sourceId"] == source), None)
    if known:
        return known
    require(request.get("subject"), "subject is required", "invalid.subject")
    require(len(str(request["subject"])) <= 1024, "subject over 1024", "invalid.subject")
    link = request.get("detailUrl") or {}
    require(link.get("appUrl") and link.get("pcUrl"), "detailUrl is required", "invalid.detailUrl")
    for url in (link["appUrl"], link["pcUrl"]):
        require(len(url.encode()) <= 1024, "detailUrl over 1024 bytes", "invalid.detailUrl")
    for name in ("executorIds", "participantIds"):
        ids = request.get(name) or []
        require(len(ids) <= 100, f"at most 100 {name}", f"invalid.{name}")
        require(all(state.user_of_union(one) for one in ids), f"{name} are unionIds", f"invalid.{name}")
    todo = {**request, "sourceId": source, "id": state.secret_word("task"), "done": False}
    state.todos[todo["id"]] = todo
    return todo


def change_todo(state: DingState, task_id: str, request: Answer) -> Answer:
    require(task_id in state.todos, "no such to-do", "taskNotExist")
    state.todos[task_id] = {**state.todos[task_id], **request}
    return {"result": True}


def drop_todo(state: DingState, task_id: str) -> Answer:
    require(task_id in state.todos, "no such to-do", "taskNotExist")
    del state.todos[task_id]
    return {"result": True}


def todo_by_source(state: DingState, source: str) -> Answer:
    found = next((one for one in state.todos.values() if one["sourceId"] == source), None)
    if found is None:
        raise Refused(404, "taskNotExist", "no to-do with this sourceId")
    return found
