"""A reminder as sales operations write it: when, to whom, what it says, and how much of it people want to have."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.people import ROLE_WORDS, Role
from domain.push_times import Quiet
from domain.values import Value

DayOff = Literal["keep", "skip", "before", "after"]
"""Where a day falls on a day without work: all the same, not at all, on the last working day before, or the next."""
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
CONCERNED = ("person", "owner", "manager")
"""Of a date that is about something: whose record it is (the one who has to do it, where the form names him), whose
customer, and the manager of the first of these that there is."""
PEOPLE: dict[str, str] = {**ROLE_WORDS, "person": "记录的本人", "owner": "客户负责人", "manager": "他的上级"}
CONTENTS = {
    "day_plan": "当天的计划：要去的客户、约好的跟进、要问的反馈、到期的待办",
    "missing_records": "今天去过或计划去、还没有记录的客户",
    "open_approvals": "等着自己审批的单子",
    "week_points": "过去七天团队的要点",
    "my_week": "本人过去七天做了什么，手上的待办，接下来七天约好的跟进",
    "practice": "今天的十分钟：昨天丢的单、到期的、路上该练的",
}
"""What `says: {content: …}` may name: each is written by a function of that name in `handlers.reminder_contents`."""
MASTER_DATES = {"customer.contract_end": "客户合同到期日", "contact.birthday": "联系人生日"}
"""Dates of the master data that schedules may wait for, beside the days and times of forms."""
PLACES = ("姓名", "日期", "天数", "客户", "联系人", "职务", "业务员")
"""What may stand in braces in a text; of a form's date also the labels of its fields."""
MOST_JITTER = 25
LONGEST_LATE = 7 * 24 * 60


class Daily(Value):
    kind: Literal["daily"]
    at: time
    day_off: Literal["keep", "skip"] = "keep"


class Weekly(Value):
    kind: Literal["weekly"]
    weekday: Literal["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    at: time
    day_off: DayOff = "keep"


class Monthly(Value):
    kind: Literal["monthly"]
    day: int = Field(ge=1, le=31)
    """The last day of shorter months."""
    at: time
    day_off: DayOff = "keep"


class OnDate(Value):
    """Days before (negative) or after a date that the data carry; of a birthday every year."""

    kind: Literal["date"]
    of: str
    """One of `MASTER_DATES`, or `form.field`."""
    days: int = Field(default=0, ge=-180, le=180)
    at: time
    day_off: DayOff = "keep"


class AfterEvent(Value):
    kind: Literal["event"]
    of: str
    """`form.field` of a day with its time, or `form.happened_at`."""
    hours: float = Field(ge=0, le=24 * 60)


When = Annotated[Daily | Weekly | Monthly | OnDate | AfterEvent, Field(discriminator="kind")]
Anchored = OnDate | AfterEvent


class Says(Value):
    content: str = ""
    text: str = ""
    flow: str = ""
    """The flow whose steps are taken in the person's turn. No file says so: flows say themselves when they begin."""

    @model_validator(mode="after")
    def _one(self) -> "Says":
        if sum(map(bool, (self.content, self.text, self.flow))) != 1:
            raise ValueError("content（现成的内容）和 text（自己写的话）二选一")
        return self


class Late(Value):
    """What becomes of a reminder that could not go out in time. Minutes after its time."""

    mark_after: int = Field(default=60, ge=0)
    """From here on it says that it is late."""
    skip_after: int = Field(default=120, gt=0, le=LONGEST_LATE)
    """From here on it is left out."""


class Repeat(Value):
    """Said again as long as nobody has done anything about it."""

    times: int = Field(default=1, ge=1, le=10)
    """How often at most, the first one counted."""
    every_days: int = Field(default=1, ge=1, le=60)


class Schedule(Value):
    key: str
    label: str
    version: int = 1
    when: When
    whom: tuple[str, ...] = Field(min_length=1)
    """Roles, or, for a date or event, of `CONCERNED`."""
    says: Says
    quiet: Quiet | None = None
    """Hours in which it is not told, beside everybody's own."""
    collapse: str = ""
    """Reminders of one group that fall together become one message; empty: always a message of its own."""
    jitter: int = Field(default=0, ge=0, le=MOST_JITTER)
    """Minutes over which people are spread, so that not everybody is reminded at once."""
    late: Late = Late()
    repeat: Repeat = Repeat()
    unless_done: bool = False
    """Of a record's date: not where its customer was seen or written about from that day on, or another date was
    agreed on since."""
    words: tuple[str, ...] = ()
    """Other names by which people stop and resume it."""
    off: bool = False

    @property
    def anchored(self) -> bool:
        return isinstance(self.when, Anchored)

    @property
    def exact(self) -> bool:
        """Whether it is told to the minute: the time of an event is somebody's own, and not everybody's at once."""
        return isinstance(self.when, AfterEvent)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.label, *self.words)

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(one for one in self.whom if one in ROLE_WORDS)  # type: ignore[misc]
