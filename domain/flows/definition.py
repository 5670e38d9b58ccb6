"""A flow as sales operations write it: what begins it, its steps, and what follows where it does not go through."""

from collections.abc import Iterator
from datetime import time
from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.flows.conditions import HEALTH
from domain.people import Role
from domain.values import Value

EventName = Literal["submitted", "changed", "met", "schedule", "message"]
ACTIONS = {
    "judge_visit": "审核拜访真实性",
    "hold_budget": "占用预算",
    "release_budget": "退回占用的预算",
    "spend_budget": "预算记为已支出",
    "reserve_stock": "预留库存",
    "release_stock": "释放预留",
    "issue_stock": "样品出库",
    "hand_out": "请运营发样品",
    "create_todo": "写进责任人的钉钉日历和待办",
    "check_prices": "核对报价没有低于能给的价",
    "hand_quote": "把批下来的报价给业务员",
}
"""What `do: act` may name about a record: each is done by a function of that name in `handlers`."""
ROUTINES = {"tell_day": "发送本人的一天"}
"""What it may name in flows without a record, about the person whose turn it is."""

SETTLES = frozenset({"approved", "confirmed"})
"""Statuses by which a flow says that the record is decided."""


class Who(Value):
    """Who decides: the applicant's superior (1 is his own, 2 that one's), the nearest above him of a role, everybody
    of a role, or one person. Who is told or gets a task may also be the owner of the customer."""

    superior: int = Field(default=0, ge=0, le=9)
    above: Role | None = None
    role: Role | None = None
    person: str = ""
    owner: bool = False
    """The applicant, where the customer has no owner, or he left."""
    otherwise: tuple[Role, ...] = ("director",)
    """Of a superior: whoever decides about people who have none, or whose superiors are all away."""

    @model_validator(mode="after")
    def _one(self) -> "Who":
        if sum(map(bool, (self.superior, self.above, self.role, self.person, self.owner))) != 1:
            raise ValueError(
                "superior（第几级上级）、above（哪一级的上级）、role（角色）、person（人员编号）、"
                "owner（客户负责人）只能选一个"
            )
        return self


class Trigger(Value):
    """`submitted`: a rep confirmed a record of the form. `changed`: one that counts was changed. `met`: `when` is true
    of it now and was not before. `schedule`: at a time of day. `message`: somebody writes one of the words."""

    event: EventName
    form: str = ""
    when: str = ""
    at: time | None = None
    workdays: bool = True
    """Of a schedule: on working days only."""
    role: Role | None = None
    """Of a schedule: everybody of this role has a turn."""
    words: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "Trigger":
        needs = {"schedule": ("at", "role"), "message": ("words",), "met": ("form", "when")}
        for name in needs.get(self.event, ("form",)):
            if not getattr(self, name):
                raise ValueError(f"触发方式 {self.event} 还缺 {name}")
        return self


class Approve(Value):
    """Waits until people have decided. Hours are working hours, but for `lapse_after`."""

    do: Literal["approve"]
    id: str
    label: str
    who: Who
    mode: Literal["any", "all"] = "any"
    """any: one of them decides (或签); all: each of them must agree (会签). One who refuses is enough to refuse."""
    when: str = ""
    """Skipped where this does not hold; the bands of amounts are written so."""
    remind_after: float = Field(default=4, gt=0)
    escalate_after: float = Field(default=0, ge=0)
    """After so long without an answer his superior is asked instead; 0: never."""
    lapse_after: float = Field(default=0, ge=0)
    """After so many hours of working days (24 a day; days off do not count) nobody need decide any more, and never
    before everybody asked was reminded and had as long again; 0: never."""
    again: bool = False
    """Asks also those who decided the step before, who are otherwise not asked twice."""
    button: str = "同意"
    done: str = "已通过"
    may_refuse: bool = True


class Wait(Value):
    """Lets time pass: working hours, or hours by the clock."""

    do: Literal["wait"]
    hours: float = Field(gt=0, le=24 * 366)
    working: bool = True
    when: str = ""


class Status(Value):
    do: Literal["status"]
    to: Literal["approved", "paid", "confirmed", "expired"]
    when: str = ""


class Act(Value):
    do: Literal["act"]
    action: str
    when: str = ""


class Tell(Value):
    """`text` may hold {申请人}, {单据} and {内容}. Without `who` it goes to the applicant."""

    do: Literal["tell"]
    text: str
    who: Who | None = None
    when: str = ""


class Task(Value):
    """Somebody gets something to do. `text` as in `Tell`; `days` until it is due."""

    do: Literal["task"]
    text: str
    who: Who | None = None
    days: int = Field(default=1, ge=0, le=366)
    when: str = ""


class Webhook(Value):
    """Tells another system. `event` is what it is called there."""

    do: Literal["webhook"]
    event: str
    when: str = ""


class SetField(Value):
    do: Literal["set"]
    field: str
    value: str | float | bool
    when: str = ""


Instant = Annotated[Status | Act | Tell | Task | Webhook | SetField, Field(discriminator="do")]
Step = Annotated[Approve | Wait | Status | Act | Tell | Task | Webhook | SetField, Field(discriminator="do")]
Outcome = Literal["rejected", "withdrawn", "lapsed"]


class Flow(Value):
    key: str
    label: str
    version: int = 1
    begins: Trigger
    steps: tuple[Step, ...]
    rejected: tuple[Instant, ...] = ()
    withdrawn: tuple[Instant, ...] = ()
    lapsed: tuple[Instant, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it takes longer than the moment in which it begins; only such flows leave a row."""
        return any(isinstance(step, Approve | Wait) for step in self.steps)

    @property
    def decides(self) -> bool:
        """Whether somebody else decides about the record: until then it is submitted, not confirmed."""
        return any(isinstance(step, Approve) for step in self.steps)

    def decides_at(self, place: int) -> bool:
        """Whether it is still to decide once it has come to this step: it asks somebody, and has neither settled the
        record nor waits to do so."""
        return self.decides and not any(
            isinstance(step, Status) and step.to in SETTLES for step in self.steps[: place + 1]
        )

    @property
    def asks_health(self) -> bool:
        """Whether a condition of it looks at the colour of the customer."""
        conditions = (self.begins.when, *(step.when for _, _, step in self.all_steps()))
        return any(HEALTH in condition for condition in conditions)

    def all_steps(self) -> Iterator[tuple[str, int, "Step"]]:
        """Section, place and step, of all sections."""
        for section in ("steps", "rejected", "withdrawn", "lapsed"):
            for index, step in enumerate(getattr(self, section)):
                yield section, index, step
