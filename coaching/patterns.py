"""Cues of the coaching files, as regular expressions over plain text. `{number}` is a number in any writing."""

import re
from collections.abc import Iterable
from functools import lru_cache

from domain.cues import Beginning, Gap, OneOf, Part, Row, Slot, Word, parse

_NUMBER = r"[0-9０-９一二两三四五六七八九十百千万半几]+(?:\.[0-9]+)?(?:来|多)?"
_GAP = "[^。！？；]{0,12}?"


@lru_cache(maxsize=4096)
def pattern(cues: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern that finds any of the cues; of no cues, one that finds nothing."""
    return re.compile("|".join(_row(parse(cue)) for cue in cues) or r"(?!)", re.IGNORECASE)


def literal(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern that finds any of the words as they stand."""
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)) or r"(?!)")


def _row(row: Row) -> str:
    return "".join(map(_part, row))


def _part(part: Part) -> str:
    if isinstance(part, Word):
        return re.escape(part.text)
    if isinstance(part, Slot):
        return _NUMBER
    if isinstance(part, Beginning):
        return "(?<![^。！？；，、：])"
    if isinstance(part, Gap):
        return _GAP
    assert isinstance(part, OneOf)
    return f"(?:{'|'.join(map(_row, part.options))})" + ("?" if part.optional else "")
