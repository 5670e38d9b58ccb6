"""Words about reminders."""

from datetime import datetime, time
from typing import Literal

from domain.values import Value


class Snooze(Value):
    """Somebody wants the last reminder again later: at a time, or, without one, tomorrow."""

    intent: Literal["snooze"] = "snooze"
    until: datetime | None = None
    words: str


class RemindMe(Value):
    """Somebody wants to be reminded of something of his own. Without `at` he said no time; `often`: again and again."""

    intent: Literal["remind_me"] = "remind_me"
    at: datetime | None = None
    what: str
    often: bool = False
    customer: str = ""
    """The code of the customer whom it is about, where he named one."""
    words: str


class StopReminder(Value):
    """Somebody does not want a reminder any more: the one of this name, or, without one, the last that he got."""

    intent: Literal["stop_reminder"] = "stop_reminder"
    words: str = ""


class ResumeReminder(Value):
    """Somebody wants the reminder of this name again."""

    intent: Literal["resume_reminder"] = "resume_reminder"
    words: str


class QuietHours(Value):
    """Somebody wants nothing unasked after a time in the evening, or before one in the morning; without either: the
    usual hours again."""

    intent: Literal["quiet_hours"] = "quiet_hours"
    start: time | None = None
    end: time | None = None


class ReminderList(Value):
    """Somebody asks which reminders he gets."""

    intent: Literal["reminder_list"] = "reminder_list"
