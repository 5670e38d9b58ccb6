"""Words about the rulebook and the lexicon: what is taught, and which alerts there are."""

from typing import Literal

from domain.alerts import Alert
from domain.learning import WordKind
from domain.values import Value


class Teach(Value):
    """Somebody teaches a word; `problem` says why it cannot be learned."""

    intent: Literal["teach"] = "teach"
    words: str
    kind: WordKind = "alias"
    target: str = ""
    changed: int = 0
    """How many of the last messages would be understood differently."""
    examples: tuple[str, ...] = ()
    problem: str = ""


class Forget(Value):
    """Somebody takes a word back that was taught."""

    intent: Literal["forget"] = "forget"
    words: str


class WordList(Value):
    """Somebody asks which words were taught."""

    intent: Literal["word_list"] = "word_list"


class NewAlert(Value):
    """Somebody asks for an alert; `problem` says why it cannot be made."""

    intent: Literal["new_alert"] = "new_alert"
    words: str
    alert: Alert | None = None
    meaning: tuple[tuple[str, str], ...] = ()
    """How each part was understood: label and words."""
    preview: tuple[str, ...] = ()
    """What it would have done over real data, in words."""
    problem: str = ""


class StopAlert(Value):
    """Somebody wants an alert stopped, by its label."""

    intent: Literal["stop_alert"] = "stop_alert"
    words: str


class AlertList(Value):
    """Somebody asks which alerts there are."""

    intent: Literal["alert_list"] = "alert_list"


class RollBack(Value):
    """Somebody wants the rulebook back as it was before the last publication."""

    intent: Literal["roll_back"] = "roll_back"
