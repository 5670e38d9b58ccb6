"""What of a message is to be written down, and what is asked before that."""

from typing import Any, Literal

from pydantic import Field

from domain.papers import Paper
from domain.values import Value

CommandName = Literal[
    "chitchat",
    "query_day",
    "query_leads",
    "query_customer",
    "query_stock",
    "expense",
    "practise",
    "objection_help",
    "daily_report",
    "help",
    "undo",
]


class Said(Value):
    """A value and the very words it was taken from.

    `value` is JSON-able: text, list, bool, or a number (int where whole, else a float of at most three
    decimals; money in yuan); times as ISO 8601 with offset,
    days as `YYYY-MM-DD`. `words` is a span of the source text, empty only for `planned` and values that
    the form's default gave.
    """

    value: Any
    words: str = ""
    alternatives: tuple[Any, ...] = ()
    """Other readings, where the words allow several; such a value is asked about, never taken silently."""


class RecordIntent(Value):
    intent: Literal["record"] = "record"
    form: str
    fields: dict[str, Said] = Field(default_factory=dict)
    words: str = ""
    """The clause of the message that this record was taken from."""


class Command(Value):
    intent: CommandName
    fields: dict[str, Said] = Field(default_factory=dict)
    words: str = ""


class Question(Value):
    """The one thing that has to be asked before the records can be saved."""

    field: str
    ask: str
    """In Chinese, as the rep reads it."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label) for quick replies, at most five."""
    form: str = ""
    index: int = 0
    """Which of the intents it belongs to."""
    pending: str = ""
    """Words of a value that could go to several places: the question is where to, and each choice names a place."""


class Understanding(Value):
    """Everything that one text means, in the order it was said."""

    text: str
    intents: tuple[RecordIntent | Command, ...] = ()
    question: Question | None = None


class Proof(Value):
    """What a record rests on: the words heard, or a file."""

    kind: Literal["text", "voice", "receipt", "photo", "position"]
    words: str = ""
    sha256: str | None = None
    paper: Paper | None = None
    """Of a receipt: what identifies it, and what does not fit on it."""
    reuse_of: tuple[str, ...] = ()
    """The sha256 of earlier pictures of which this one is a copy."""


class Propose(Value):
    """Records found in one message: shown to the rep on one card before they count."""

    intent: Literal["propose"] = "propose"
    records: tuple[RecordIntent, ...]
    question: Question | None = None
    evidence: tuple[Proof, ...] = ()
