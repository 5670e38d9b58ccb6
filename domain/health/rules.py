"""The rules of red, yellow and green: data that sales operations edit (`config/health.yaml`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from pydantic import Field, model_validator

from domain.expressions import Expression, ExpressionError, compile
from domain.health.facts import NAMES, Evidence, Known
from domain.values import Value

Colour = Literal["red", "yellow", "green"]
COLOURS: dict[Colour, str] = {"red": "🔴 红", "yellow": "🟡 黄", "green": "🟢 绿"}
PLACE = re.compile(r"\{([^{}]+)\}")


class Rule(Value):
    """One reason: where `when` holds, the customer is of this colour."""

    key: str
    label: str
    """A few words; also what somebody is told who may not see what it rests on."""
    when: str
    """A condition (`domain.expressions`) over `domain.health.facts.NAMES`."""
    colour: Literal["red", "yellow"]
    words: str
    """With `{name}` for any of the names."""
    rests_on: str
    """The fact whose evidence is shown beside it."""
    fallback: str = ""
    """Instead of `words` where one of their names is not known."""

    @model_validator(mode="after")
    def _can_be_read(self) -> "Rule":
        """A rulebook with a mistake in it is not taken; `config.health_file` tells of it with its line."""
        if self.rests_on not in NAMES:
            raise ValueError(f"rests_on 写了 {self.rests_on}，没有这个名字，可用的是 {'、'.join(NAMES)}")
        for name in PLACE.findall(self.words + self.fallback):
            if name not in NAMES:
                raise ValueError(f"话里没有 {{{name}}} 可填，可用的是 {'、'.join(NAMES)}")
        return self

    def said(self, facts: Mapping[str, object]) -> str:
        named = PLACE.findall(self.words)
        if any(facts.get(name) is None for name in named):
            return self.fallback or self.label
        return PLACE.sub(lambda match: _shown(facts[match[1]]), self.words)


class HealthRules(Value):
    """`config/health.yaml`."""

    most_reasons: int = Field(default=3, ge=1, le=9)
    complaint_days: int = Field(default=30, ge=1)
    """After that a complaint that nobody closed is held against nobody any more."""
    minutes_a_stop: int = Field(default=45, ge=1)
    """What one stop takes with its way, where a day is put in order."""
    gate: tuple[Literal["red", "yellow"], ...] = ("red",)
    """For which colours a visit that is to come needs a reason."""
    reasons: tuple[Rule, ...] = ()
    """The most important first."""


@dataclass(frozen=True)
class Reason:
    rule: Rule
    words: str
    evidence: Evidence


@dataclass(frozen=True)
class Health:
    colour: Colour
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()


def judged(known: Known, rules: HealthRules) -> Health:
    """The colour and its reasons, red ones first. What is not known makes no reason."""
    met = [rule for rule in rules.reasons if _holds(rule, known.facts)]
    met.sort(key=lambda rule: rule.colour != "red")
    reasons = tuple(
        Reason(rule, rule.said(known.facts), known.evidence.get(rule.rests_on, Evidence(None)))
        for rule in met
    )
    colour: Colour = met[0].colour if met else "green"
    return Health(colour, reasons[: rules.most_reasons], known.unknown)


def _holds(rule: Rule, facts: Mapping[str, object]) -> bool:
    try:
        return bool(compiled(rule.when)(facts))
    except ExpressionError:
        return False


@lru_cache(maxsize=256)
def compiled(when: str) -> Expression:
    """Raises ExpressionError."""
    return compile(when, NAMES)


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return f"{value.month}月{value.day}日" if isinstance(value, date) else str(value)
