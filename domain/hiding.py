"""Take values out of a record for somebody who may not see them, and the very words that they came from."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.policies import HIDDEN

BLOT = "＊"
NUMBER = re.compile(r"1\d\d[ -]\d{4}[ -]\d{4}|\(?0\d{2,3}\)?[ -]?\d{7,8}(?:-\d+)?|\+?\d{7,}")
"""Mobiles, landlines, and whatever else is as long."""
NESTED = frozenset((dict, list))


def hide(
    data: Mapping[str, Any], sources: Mapping[str, str], hidden: frozenset[str]
) -> tuple[dict[str, Any], dict[str, str], tuple[str, ...]]:
    """(data, sources, the words that must not be read anywhere near the record either).

    `HIDDEN` stands where a field of the record was taken out; inside lists it is simply gone.
    """
    taken = set(_values(data, hidden))
    if not taken:
        return dict(data), dict(sources), ()
    said = {sources.get(key, "") for key in hidden} | {str(value) for value in taken}
    words = tuple(sorted(filter(None, said), key=len, reverse=True))
    marks = dict.fromkeys(hidden & data.keys(), HIDDEN)
    open_sources = {key: words_ for key, words_ in sources.items() if key not in hidden}
    return blotted(_without(data, hidden), words) | marks, blotted(open_sources, words), words


def may_hold(data: Mapping[str, Any], hidden: frozenset[str]) -> bool:
    """Whether `hide` could change anything: nearly all records hold neither a hidden field nor a list of others."""
    return bool(hidden) and not (hidden.isdisjoint(data) and NESTED.isdisjoint(map(type, data.values())))


def blotted(value: Any, words: Iterable[str]) -> Any:
    """The same with these words made illegible; a number is not looked for inside longer ones."""
    if isinstance(value, str):
        for word in words:
            before = r"(?<![\w.:-])" if word[0].isascii() else ""
            after = r"(?![\w:-])(?!\.\d)" if word[-1].isascii() else ""
            value = re.sub(before + re.escape(word) + after, BLOT * len(word), value, flags=re.ASCII)
        return value
    if isinstance(value, Mapping):
        return {key: blotted(inner, words) for key, inner in value.items()}
    return [blotted(inner, words) for inner in value] if isinstance(value, list) else value


def without_numbers(value: Any) -> Any:
    """The same with everything that may be a phone number made illegible, at any depth."""
    if isinstance(value, str):
        return NUMBER.sub(lambda found: BLOT * len(found[0]), value)
    if isinstance(value, Mapping):
        return {key: without_numbers(inner) for key, inner in value.items()}
    return [without_numbers(inner) for inner in value] if isinstance(value, list) else value


def _values(value: Any, hidden: frozenset[str]) -> Iterator[Any]:
    """Every word and number under a hidden key, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner) if key in hidden else _values(inner, hidden)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, hidden)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield value


def _without(value: Any, hidden: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(inner, hidden) for key, inner in value.items() if key not in hidden}
    return [_without(inner, hidden) for inner in value] if isinstance(value, list) else value
