"""What sales operations decide about leads: who gets them, how many, and how soon somebody must be in touch.

`config/leads.yaml` as a value. Minutes are working minutes; sums of money are yuan there and fen everywhere else.
"""

from typing import Annotated

from pydantic import Field, model_validator

from domain.values import Value

Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[int, Field(gt=0, le=24 * 60)]


class Weights(Value):
    """How much each of the four parts of a score counts; only their proportions matter."""

    region: float = Field(default=40, ge=0)
    past: float = Field(default=20, ge=0)
    product: float = Field(default=20, ge=0)
    load: float = Field(default=20, ge=0)

    @model_validator(mode="after")
    def _some(self) -> "Weights":
        if self.total <= 0:
            raise ValueError("四个权重不能都是 0")
        return self

    @property
    def total(self) -> float:
        return self.region + self.past + self.product + self.load


class Regions(Value):
    areas: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """A person's region → what lies in it: `北京/朝阳`, or `天津` for the whole city."""
    wider: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """A name for several cities."""
    same_city: Share = 0.6
    same_wider: Share = 0.3


class Past(Value):
    """How cooperation went with leads of this level, source and product."""

    days: int = Field(default=180, gt=0)
    smoothing: float = Field(default=10, gt=0)
    """So many leads of average outcome are added to everybody's own."""
    cap: Share = 0.3
    """The most by which a record may lie above or below the average."""


class Limits(Value):
    open: int = Field(default=30, ge=0)
    """How many open leads a person may hold."""
    day: int = Field(default=15, ge=0)
    """How many he may be given on one day."""


class Capacity(Limits):
    people: dict[str, Limits] = Field(default_factory=dict)
    """By a person's id, where his limits are others."""


class Only(Value):
    """Leads like these go to these people alone. Every condition that is written must hold."""

    sources: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Only":
        if not (self.sources or self.cities or self.districts or self.products or self.levels):
            raise ValueError("要写明哪些线索（sources、cities、districts、products、levels 至少一项）")
        if not (self.teams or self.people):
            raise ValueError("要写明只给谁（teams 或 people）")
        return self


class FirstTouch(Value):
    """The clock: it starts when somebody gets the lead and stops when he is in touch."""

    remind: Minutes = 5
    manager: Minutes = 15
    move: Minutes = 30
    after_accept: Minutes = 10
    """Who accepts late has at least this long."""
    rounds: int = Field(default=2, ge=1, le=10)
    """How many people are tried before the manager has it."""
    nobody: Minutes = 15
    """A lead that nobody may be given is told after so long."""
    told: tuple[str, ...] = (
        "打了",
        "联系上",
        "联系了",
        "加了微信",
        "聊了",
        "见了",
        "拜访",
        "没接",
        "约了",
        "约好",
    )
    """Words by which a person says that he was in touch."""
    not_told: tuple[str, ...] = ("还没", "没有联系", "没联系", "待会", "晚点", "等下", "没空")
    """Words that say that he was not."""

    @model_validator(mode="after")
    def _in_order(self) -> "FirstTouch":
        if not self.remind < self.manager < self.move:
            raise ValueError("提醒要早于告知上级，告知上级要早于改派")
        return self


class LeadRules(Value):
    weights: Weights = Weights()
    regions: Regions = Regions()
    past: Past = Past()
    skills: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """A person's id or a team → the codes of the products that he knows best."""
    capacity: Capacity = Capacity()
    only: tuple[Only, ...] = ()
    first_touch: FirstTouch = FirstTouch()
    high_value: int = Field(default=10_000, gt=0)
    """Yuan: from there on a lead that was not reached in time is listed by itself."""
    pass_reasons: tuple[str, ...] = ("不是我的片区", "手上太满", "不熟悉这个产品", "已经离开岗位")

    @model_validator(mode="after")
    def _few_reasons(self) -> "LeadRules":
        if not 1 <= len(self.pass_reasons) <= 5:
            raise ValueError("pass_reasons 要写一到五条")
        return self
