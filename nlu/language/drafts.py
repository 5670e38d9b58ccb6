"""A record while its fields are being collected."""

from dataclasses import dataclass, field

from domain.forms import Form
from domain.intents.records import Said
from nlu.language.lines import Line
from nlu.language.spans import Span


@dataclass
class Draft:
    """One record while its fields are being collected."""

    form: Form
    start: int
    end: int
    left: int
    right: int
    planned: bool
    spans: list[Span]
    done: bool = False
    fields: dict[str, Said] = field(default_factory=dict)
    customer: Span | None = None
    lines: list[Line] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    cued: set[str] = field(default_factory=set)
    """Fields that words of their own announced."""
    went: bool = False
    """Of a visit: whether the words say that he was there, not merely that they talked."""
    reach: int = 0
    """How far beyond its stretch what was said of its customer goes; only visits reach so far."""

    @property
    def told(self) -> bool:
        """Whether an amount was said, or that nothing is left."""
        return any(x.quantity or x.zero for x in self.lines)

    def of(self, *kinds: str) -> list[Span]:
        return [s for s in self.spans if s.kind in kinds and s.at not in self.used]

    @property
    def plannable(self) -> bool:
        return self.form.field("planned") is not None
