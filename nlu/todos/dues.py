"""Until when: which of the times in a to-do is its due day, and which merely belongs to what is to be done."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from domain.intents.records import Said
from nlu.language.spans import LETTERS, Span
from nlu.language.times import When, find_times, iso

DATE = LETTERS["date"]
_ANNOUNCED = re.compile(
    r"(?:截止|截至|期限|时限|限期|时间|日期|节点|ddl|DDL|最晚|最迟|务必|必须|于|在)(?:时间|日期)?(?:到|于|在|是|为|[：:])?$"
)
_FINISHED = re.compile(r"(?:之?前)?(?:完成|搞定|到位|就要|办完|做完|前|截止|为止|交(?![给接])|给我)")
_BELONGS = re.compile(r"的|份的?|(?:期间|当天|那天|那次|举办|召开|开的|上市)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})[.．](\d{1,2})(?![\d.])")
_SINCE = re.compile(r"(?:从|自|截至|对)$")


@dataclass(frozen=True)
class Due:
    """The due day as said, and where it stands in the masked text (-1 where it stands elsewhere)."""

    said: Said
    at: int = -1


def due_among(text: str, spans: list[Span], today: date) -> Due | None:
    """The due day among the times of a piece. `text` is the masked text that they stand in."""
    best: tuple[int, Due] | None = None
    for span in spans:
        if span.kind != "date":
            continue
        said = said_due(span.value, span.words, today)
        weight = _weight(text, span, span.value)
        if said is None or weight == 0:
            continue
        if best is None or weight > best[0]:
            best = (weight, Due(said, span.at))
    return best[1] if best else None


def _weight(text: str, span: Span, when: When) -> int:
    left, right = text[: span.at], text[span.at + 1 :]
    if when.deadline:
        return 4
    if _BELONGS.match(right) or _SINCE.search(left):
        return 0
    if _ANNOUNCED.search(left) or _FINISHED.match(right):
        return 3
    return 1


def said_due(when: When, words: str, today: date) -> Said | None:
    """A day YYYY-MM-DD; a period ends with its last day; two readings are asked about. None where it is no due day."""
    if when.kind == "impossible":
        return Said(value=None, words=words, alternatives=(when.problem,))
    if when.kind in ("recurring", "vague"):
        return None
    if when.alternatives:
        return Said(value=None, words=words, alternatives=tuple(iso(_day(a)) for a in when.alternatives))
    value = when.until if when.kind == "range" and when.until is not None else when.at(False)
    if value is None or _day(value) < today:
        return None
    return Said(value=iso(_day(value)), words=words)


def due_in(words: str, now: datetime) -> Said | None:
    """The due day that a cell, a key line or a remark gives."""
    for when in find_times(_DOTTED.sub(r"\1/\2", words), now):
        if said := said_due(when, words[when.start : when.end], now.date()):
            return said
    return None


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
