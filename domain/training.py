"""A path rather than a pile: what a new hire practises on which day, and what shows that he is ready. Data."""

from typing import Literal

from pydantic import Field, model_validator

from domain.roleplay import Mode
from domain.values import Value

PracticeKind = Literal["talk", "drill"]


class PathStage(Value):
    """Some days of the path, counted from 1, the first day with the company."""

    first: int = Field(ge=1)
    last: int
    label: str
    talks: int = Field(default=0, ge=0, le=3)
    """Talks with a customer a day, from what is due or new."""
    drills: int = Field(default=0, ge=0, le=5)
    """New objection cards a day, as far as the minutes go."""
    mode: Mode = "train"
    placement: bool = False
    """Whether the talks are there to find out where he stands: one exam of each type that he has had none of."""
    task: str = ""
    """What he is to do beside practising."""


class Gate(Value):
    """What shows that somebody can handle a type of objection."""

    points: int = Field(default=75, ge=1, le=100)
    scenes: int = Field(default=3, ge=1)
    """In so many different scenes."""
    days_apart: int = Field(default=2, ge=0)
    """The first and the last of them at least so many days apart."""


class TrainingPath(Value):
    minutes: int = Field(default=10, ge=2)
    """Of practice a day."""
    talk_minutes: int = Field(default=6, ge=1)
    drill_minutes: int = Field(default=2, ge=1)
    lost_for_days: int = Field(default=3, ge=1)
    """So many days a lost deal puts its card in front, until it is practised."""
    lost: tuple[str, ...] = Field(min_length=1)
    """Cues in a record's result or in its words that tell of a lost deal."""
    placement_level: int = Field(default=1, ge=0)
    gate: Gate = Gate()
    stages: tuple[PathStage, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _day_after_day(self) -> "TrainingPath":
        expected = 1
        for stage in self.stages:
            if stage.first != expected or stage.last < stage.first:
                raise ValueError(f"阶段「{stage.label}」应当从第 {expected} 天开始，并且不早于那天结束")
            expected = stage.last + 1
        return self

    @property
    def days(self) -> int:
        return self.stages[-1].last

    def stage_of(self, day: int | None) -> PathStage | None:
        """None before the first day, after the last, and for whom no first day is known."""
        return next((s for s in self.stages if day is not None and s.first <= day <= s.last), None)


class Item(Value):
    """One thing to practise today."""

    subject: str
    """`scene:…` or `card:…`."""
    kind: PracticeKind
    mode: Mode = "train"
    level: int | None = None
    """None where it follows from his latest talks."""
    because: str = ""
    """Why it stands in front; empty where it is simply its turn."""
