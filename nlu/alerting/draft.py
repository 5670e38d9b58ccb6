"""An alert while its sentence is read: what is understood so far, and the words that nobody has accounted for."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from domain.forms import Form, Rulebook
from nlu.alerting.vocabulary import UNITS
from nlu.language import numbers
from nlu.language.lexicon import Lexicon


class Unclear(Exception):
    """In the words that the author is told."""


@dataclass
class Draft:
    rule: str
    author: str
    """Whoever says 提醒我."""
    rulebook: Rulebook
    lexicon: Lexicon
    rest: str = ""
    conditions: list[str] = field(default_factory=list)
    meaning: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Parts of the alert's words."""
    tell: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    season: str = ""
    form: Form | None = None
    once: str = ""

    def __post_init__(self) -> None:
        self.rest = self.rule.replace("　", " ").upper().replace("％", "%")

    def take(self, pattern: str) -> re.Match[str] | None:
        match = re.search(pattern, self.rest)
        if match:
            self.rest = f"{self.rest[: match.start()]}，{self.rest[match.end() :]}"
        return match

    def condition(self, text: str, label: str, words: str) -> None:
        self.conditions.append(text)
        self.meaning.append((label, words))

    def number(self, match: re.Match[str]) -> Decimal:
        found = numbers.exact(match["n"])
        if found is None:
            raise Unclear(f"“{match['n']}”是多少没看懂，请写成数字。")
        return found

    def days(self, match: re.Match[str]) -> int:
        if match["n"] == "半":
            return 15 if "月" in match["u"] else 183
        days = self.number(match) * UNITS[match["u"]]
        if days != days.to_integral_value() or not 0 < days <= 366:
            raise Unclear(f"“{match['n']}{match['u']}”不像是提醒能用的天数，请写 1 到 366 天。")
        return int(days)
