"""To-dos in DingTalk: an all-day event in the owner's own calendar, and a task in his list of to-dos.

Source: open.dingtalk.com and help.dingtalk.io, pages create-schedule, modify-event, query-details-about-an-event,
list-events-view, add-dingtalk-to-do-task. The person in every path is a unionId, and of an event only its organiser may
change it. Creating the same event again within a day, by `x-client-token`, gives the first one; a task is found by its
`sourceId`.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.channels.diary import Remote
from bot.channels.dingtalk.calls import Json
from bot.channels.dingtalk.client import DingTalkClient
from bot.channels.dingtalk.payload import moment, nested, number, text
from domain.errors import DeliveryError
from domain.todo_copies import Content, Kind

EVENING = time(18, 0)
"""When a task of a day is due: the platform wants a time."""
HOME = "https://www.dingtalk.com/"
MOVED_AT_MOST = timedelta(days=90)
"""How far from its day an event that nobody knows of is looked for."""
A_PAGE = 100
MOST_PAGES = 20
NOT_THERE = frozenset({"itemnotfound", "eventnotexist", "tasknotexist", "404"})


class DingTalkDiary:
    """Implements `bot.channels.diary.Diary`. `link` is where a task leads to, which the platform demands."""

    token_lasts = timedelta(hours=23)

    def __init__(self, client: DingTalkClient, zone: ZoneInfo, link: str = "") -> None:
        self._client = client
        self._call = client.calls.call
        self._zone = zone
        self._link = link or HOME

    def holder(self, userid: str) -> str:
        return self._client.union_id(userid)

    def userid(self, holder: str) -> str:
        return self._client.user_id(holder)

    def create(self, kind: Kind, key: str, holder: str, content: Content) -> str:
        made = self._create_event if kind == "event" else self._create_task
        found = made(key, holder, content)
        if not found:
            raise DeliveryError(f"DingTalk named no id for the {kind} that it took", code="no_id")
        return found

    def find_event(self, key: str, holder: str, content: Content) -> str:
        """Known by the key, which its description ends with."""
        day = datetime.combine(date.fromisoformat(content.due), time(), self._zone)
        params = {"timeMin": (day - MOVED_AT_MOST).isoformat(), "timeMax": (day + MOVED_AT_MOST).isoformat()}
        params["maxResults"] = str(A_PAGE)
        for _ in range(MOST_PAGES):
            found = self._call("GET", f"{self._path('event', holder)}view", params=params)
            events = found.get("events")
            for one in events if isinstance(events, list) else []:
                if _mark(key) in text(one, "description") and text(one, "status") != "cancelled":
                    return text(one, "id")
            if not text(found, "nextToken"):
                return ""
            params["nextToken"] = text(found, "nextToken")
        raise DeliveryError("the calendar has too many events to look for one", code="too_many")

    def read(self, kind: Kind, holder: str, remote_id: str) -> Remote | None:
        try:
            found = self._call("GET", f"{self._path(kind, holder)}/{remote_id}")
        except DeliveryError as error:
            if _gone(error):
                return None
            raise
        if kind == "event":
            return None if text(found, "status") == "cancelled" else self._event_read(found)
        return self._task_read(found)

    def update(self, kind: Kind, holder: str, remote_id: str, before: Content, content: Content) -> None:
        """Give only the fields that are to change: whatever else somebody changed there stays."""
        if kind == "event":
            body: Json = {"id": remote_id}
            body |= {"summary": content.title} if content.title != before.title else {}
            body |= _days(content.due) if content.due != before.due else {}
        else:
            body = {"subject": content.title} if content.title != before.title else {}
            body |= {"dueTime": self._due(content.due)} if content.due != before.due else {}
            body |= {"done": content.done} if content.done != before.done else {}
        params = {"operatorId": holder} if kind == "task" else None
        self._call("PUT", f"{self._path(kind, holder)}/{remote_id}", body, params=params)

    def drop(self, kind: Kind, holder: str, remote_id: str) -> None:
        params = {"operatorId": holder} if kind == "task" else {"pushNotification": "false"}
        try:
            self._call("DELETE", f"{self._path(kind, holder)}/{remote_id}", params=params)
        except DeliveryError as error:
            if not _gone(error):
                raise

    # events and tasks -------------------------------------------------------------------------------------------

    def _create_event(self, key: str, holder: str, content: Content) -> str:
        body = {"summary": content.title, "isAllDay": True, **_days(content.due)}
        body["description"] = f"小访记下的会议待办，改这里或在小访里改都行。{_mark(key)}"
        headers = {"x-client-token": key}
        return text(self._call("POST", self._path("event", holder), body, headers=headers), "id")

    def _create_task(self, key: str, holder: str, content: Content) -> str:
        body: Json = {
            "sourceId": key,
            "subject": content.title,
            "creatorId": holder,
            "executorIds": [holder],
            "detailUrl": {"appUrl": self._link, "pcUrl": self._link},
        }
        if content.due:
            body["dueTime"] = self._due(content.due)
        try:
            made = self._call("POST", self._path("task", holder), body, params={"operatorId": holder})
        except DeliveryError as error:
            if not _says(error, "paramerror", "task exist"):
                raise
            made = self._call("GET", f"{self._path('task', holder)}/sources/{key}")
        return text(made, "id")

    def _event_read(self, found: Json) -> Remote:
        start, end = nested(found, "start"), nested(found, "end")
        due = text(start, "date")
        if due and text(end, "date"):
            due = (date.fromisoformat(text(end, "date")) - timedelta(days=1)).isoformat()
        elif at := text(end, "dateTime") or text(start, "dateTime"):
            due = datetime.fromisoformat(at).astimezone(self._zone).date().isoformat()
        changed = text(found, "updateTime")
        return Remote(title=text(found, "summary"), due=due, done=False, at=_instant(changed))

    def _task_read(self, found: Json) -> Remote:
        due = number(found.get("dueTime"))
        executors = found.get("executorIds")
        only = executors[0] if isinstance(executors, list) and len(executors) == 1 else ""
        return Remote(
            title=text(found, "subject"),
            due=datetime.fromtimestamp(due / 1000, self._zone).date().isoformat() if due else "",
            done=found.get("done") is True,
            at=_instant(found.get("modifiedTime")),
            holder=str(only),
        )

    def _due(self, day: str) -> int | None:
        if not day:
            return None
        return int(datetime.combine(date.fromisoformat(day), EVENING, self._zone).timestamp() * 1000)

    def _path(self, kind: Kind, holder: str) -> str:
        if kind == "event":
            return f"/v1.0/calendar/users/{holder}/calendars/primary/events"
        return f"/v1.0/todo/users/{holder}/tasks"


def _mark(key: str) -> str:
    return f"（编号 {key}）"


def _days(day: str) -> Json:
    """The whole day; the end is the day after it."""
    after = date.fromisoformat(day) + timedelta(days=1)
    return {"start": {"date": day}, "end": {"date": after.isoformat()}}


def _instant(told: object) -> datetime | None:
    """A time as ISO-8601 or in milliseconds; None where there is none."""
    if isinstance(told, str) and not told.isdigit():
        try:
            found = datetime.fromisoformat(told)
        except ValueError:
            return None
        return found if found.tzinfo else None
    never = datetime.min
    found = moment(told, never)
    return None if found is never else found


def _gone(error: DeliveryError) -> bool:
    return error.code.lower() in NOT_THERE or _says(error, "paramerror", "task not exist")


def _says(error: DeliveryError, code: str, words: str) -> bool:
    """Tasks have one code for everything that is wrong with a call; only the words tell what it is."""
    return error.permanent and code in error.code.lower() and words in str(error)
