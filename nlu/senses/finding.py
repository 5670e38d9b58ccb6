"""Finding values on a page: amounts, dates, times and names beside their labels, each with where it stood."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nlu.senses.pages import Page, Row
from nlu.senses.perception import FieldValue, Source

SURE = 0.85
"""Values from lines that were read with less confidence are left out."""

AMOUNT = r"(?<![\d.])(-?\d{1,3}(?:,\d{3})+\.\d{1,2}|-?\d{1,8}\.\d{1,2})(?![\d.])"
WHOLE = r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d{1,7})(?![\d.,])"
_DAY = r"(?<!\d)(20\d\d)\s*[-/.年]\s*(1[0-2]|0?[1-9])\s*[-/.月]\s*(3[01]|[12]\d|0?[1-9])"
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?!\d)"
# Recognition may drop the space between date and time: `2026-03-2020:11`.
_DAY_AND_CLOCK = re.compile(_DAY + r"日?\s*" + _CLOCK)
_DAY_ALONE = re.compile(_DAY + r"(?!\d)")
_CLOCK_ALONE = re.compile(r"(?<![\d:])" + _CLOCK + r"(?!:)")


@dataclass(frozen=True)
class Found:
    """A piece of text, with its place and how surely it was read."""

    text: str
    source: Source
    confidence: float

    def field(self, value: str | None = None) -> FieldValue:
        return FieldValue(value=value or self.text, source=self.source, confidence=round(self.confidence, 3))


def found_at(page: Page, row: Row, start: int, end: int, text: str | None = None) -> Found:
    lines = row.of(start, end)
    sure = min((line.confidence for line in lines), default=0.0)
    return Found(text if text is not None else row.text[start:end], page.source(lines), sure)


def matches(page: Page, pattern: str | re.Pattern[str], group: int = 1) -> Iterator[Found]:
    """Every match of the pattern on the page, from top to bottom."""
    for row in page.rows:
        for match in re.finditer(pattern, row.text):
            start, end = match.span(group)
            yield found_at(page, row, start, end)


def sure(found: Iterable[Found]) -> Iterator[Found]:
    return (one for one in found if one.confidence >= SURE)


def only(found: Iterable[Found]) -> Found | None:
    """The one value that all of them agree on; None where there is none, or where they contradict one another."""
    candidates = list(sure(found))
    if len({one.text for one in candidates}) != 1:
        return None
    return candidates[0]


def labelled_amounts(page: Page, labels: str) -> list[Found]:
    """The amounts that stand right of one of the labels (a regular expression), in yuan with two decimals.

    An amount with decimals is preferred to the whole number beside it (`合计 3 46.50`); a whole number counts
    only with a yuan sign or directly behind the label.
    """
    found: list[Found] = []
    for row in page.rows:
        for label in re.finditer(labels, row.text):
            rest = row.text[label.end() :]
            match = re.search(AMOUNT, rest) or re.match(
                r"[^\d¥]{0,6}¥?\s*" + WHOLE + r"(?!\s*[件份个项号桌人])", rest
            )
            if match and not _other_label_between(rest[: match.start(1)]):
                start, end = label.end() + match.start(1), label.end() + match.end(1)
                found.append(found_at(page, row, start, end, yuan(match.group(1))))
    return list(sure(found))


def _other_label_between(text: str) -> bool:
    return len(re.sub(r"[^\u4e00-\u9fff]", "", text)) > 6


def yuan(text: str) -> str:
    return f"{Decimal(text.replace(',', '')):.2f}"


def first_day(page: Page, labels: str = "") -> Found | None:
    """The date beside one of the labels, or without labels the first date of the page, as `2026-03-20`."""
    for row in page.rows:
        after = 0
        if labels:
            label = re.search(labels, row.text)
            if label is None:
                continue
            after = label.end()
        match = _DAY_AND_CLOCK.search(row.text, after) or _DAY_ALONE.search(row.text, after)
        if match and (day := _as_day(match)):
            found = found_at(page, row, match.start(), match.end(), day)
            if found.confidence >= SURE:
                return found
    return None


def _as_day(match: re.Match[str]) -> str | None:
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return None


def first_time(page: Page, labels: str = "") -> Found | None:
    """The time of day beside one of the labels, or without labels the one behind the first date, as `20:11`."""
    for row in page.rows:
        joined = _DAY_AND_CLOCK.search(row.text)
        label = re.search(labels, row.text) if labels else joined
        if label is None:
            continue
        match = None if labels else joined
        if match is None:
            match = _CLOCK_ALONE.search(row.text, label.end())
        if match is None:
            continue
        hour, minute = match.groups()[-2:]
        found = found_at(page, row, match.start(), match.end(), f"{hour}:{minute}")
        if found.confidence >= SURE:
            return found
    return None


def labelled_texts(page: Page, labels: str, value: str) -> list[Found]:
    """What matches `value` behind each of the labels, across the page, in reading order."""
    return list(sure(matches(page, rf"(?:{labels})[:\s]*({value})")))
