"""Cues made ready: which of a rulebook's patterns are found where in a masked text."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from domain.cues import Beginning, Gap, Part, Row, Slot, Word, anchors, expand, parse
from domain.forms import Rulebook
from nlu.language.spans import LETTERS

_SLOTS = {
    "quantity": LETTERS["quantity"],
    "number": LETTERS["number"] + LETTERS["quantity"],
    "count": LETTERS["number"],
    "money": LETTERS["money"] + LETTERS["price"],
    "price": LETTERS["price"] + LETTERS["money"],
    "discount": LETTERS["factor"],
    "contact": LETTERS["contact"] + LETTERS["person"],
    **{k: LETTERS[k] for k in ("date", "customer", "product", "competitor", "person")},
}
_Q, _G = LETTERS["quantity"], LETTERS["product"]
_GOODS = f"(?:{_Q}的?{_G}|{_G}的?，?{_Q}|{_Q}|{_G})"
_GOODS_LETTERS = _Q + _G
_GAP = "[^。！？；，：]{0,10}?"


@dataclass(frozen=True, slots=True)
class Match:
    """A cue found. `solid` are the positions that the cue names, without what merely fills a gap."""

    start: int
    end: int
    solid: frozenset[int]
    key: str = ""

    @property
    def weight(self) -> int:
        return len(self.solid)


class Anchors:
    """The fixed words of all cues of a rulebook, looked for at once: which of them a text holds."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._automaton: AhoCorasick | None = None
        self._last = "", frozenset[int](), 0

    def number(self, word: str) -> int:
        """The number of a word, the same for every set of cues."""
        self._automaton = None
        return self._numbers.setdefault(word, len(self._numbers))

    def met(self, masked: str) -> tuple[frozenset[int], int]:
        """The words that the text holds, and the kinds of values in it as bits."""
        words, met, values = self._last
        if words == masked and self._automaton:
            return met, values
        if self._automaton is None:
            self._automaton = AhoCorasick(list(self._numbers), matchkind=MatchKind.Standard)
        found = self._automaton.find_matches_as_indexes(masked, overlapping=True)
        met = frozenset(word for word, _, _ in found)
        values = _bits(_VALUES.intersection(masked))
        self._last = masked, met, values
        return met, values


_BIT = {letter: 1 << number for number, letter in enumerate(LETTERS.values())}
_VALUES = frozenset(_BIT)


def _bits(letters: Iterable[str]) -> int:
    return sum(_BIT[letter] for letter in letters)


@dataclass(frozen=True, slots=True)
class _Pattern:
    key: str
    expression: re.Pattern[str]
    gaps: tuple[str, ...]
    needs: tuple[int, ...]
    """Kinds of values as bits; a text must hold at least one of each of these."""

    def find(self, masked: str) -> Iterator[Match]:
        search, at = self.expression.search, 0
        while found := search(masked, at):
            at, end = found.span()
            solid = set(range(at, end))
            for gap in self.gaps:
                solid.difference_update(range(*found.span(gap)))
            yield Match(at, end, frozenset(solid), self.key)
            at += 1


class Cues:
    """A set of cues under keys, searched together. Only those are tried whose words and values the text holds."""

    def __init__(
        self,
        keyed: Iterable[tuple[str, str]],
        classes: Mapping[str, tuple[str, ...]],
        anchors_of_all: Anchors | None = None,
    ) -> None:
        self._anchors = anchors_of_all or Anchors()
        self._patterns: list[_Pattern] = []
        anchored: dict[int, list[int]] = {}
        for key, cue in keyed:
            row = parse(expand(cue, classes))
            gaps: list[str] = []
            expression = re.compile(_regex(row, gaps))
            for word in anchors(row):
                anchored.setdefault(self._anchors.number(word), []).append(len(self._patterns))
            self._patterns.append(_Pattern(key, expression, tuple(gaps), _needs(row)))
        self._anchored = {word: tuple(dict.fromkeys(numbers)) for word, numbers in anchored.items()}

    def find(self, masked: str, keys: Collection[str] | None = None) -> Iterator[Match]:
        """Every match of every cue, in the order of the cues; of these keys only, where some are given."""
        met, values = self._anchors.met(masked)
        numbers = {n for word in met & self._anchored.keys() for n in self._anchored[word]}
        for number in sorted(numbers):
            pattern = self._patterns[number]
            if keys is not None and pattern.key not in keys:
                continue
            for need in pattern.needs:
                if not need & values:
                    break
            else:
                yield from pattern.find(masked)


def _needs(row: Row) -> tuple[int, ...]:
    """For each value that a cue cannot do without, the kinds of values that may stand for it."""
    letters = (
        _GOODS_LETTERS if part.name == "goods" else _SLOTS[part.name]
        for part in row
        if isinstance(part, Slot)
    )
    return tuple(dict.fromkeys(map(_bits, letters)))


def _regex(row: Row, gaps: list[str]) -> str:
    """A gap behind a date does not reach over another date: the nearest one is meant."""
    made = ""
    before: Part | None = None
    for part in row:
        if isinstance(part, Gap) and isinstance(before, Slot) and before.name == "date":
            gaps.append(f"g{len(gaps)}")
            made += f"(?P<{gaps[-1]}>{_GAP.replace('：]', '：' + LETTERS['date'] + ']')})"
        else:
            made += _part(part, gaps)
        before = part
    return made


def _part(part: Part, gaps: list[str]) -> str:
    if isinstance(part, Word):
        return re.escape(part.text)
    if isinstance(part, Slot):
        return _GOODS if part.name == "goods" else f"[{_SLOTS[part.name]}]"
    if isinstance(part, Beginning):
        return "(?<![^。！？；，、：])"
    if isinstance(part, Gap):
        gaps.append(f"g{len(gaps)}")
        return f"(?P<{gaps[-1]}>{_GAP})"
    options = sorted((_regex(option, gaps) for option in part.options), key=len, reverse=True)
    single = [o for o in options if len(o) == 1]
    choices = [o for o in options if len(o) > 1] + ([f"[{''.join(single)}]"] if single else [])
    return f"(?:{'|'.join(choices)})" + ("?" if part.optional else "")


@dataclass(frozen=True)
class Compiled:
    """All cues of a rulebook."""

    forms: Cues
    negatives: Cues
    plans: Cues
    doubts: Cues
    certainties: Cues
    commands: Cues
    objections: Cues
    not_objections: Cues
    choices: dict[str, Cues]
    """Form → cues of its choices, keyed `field=choice`."""
    fields: dict[str, Cues]
    """Form → cues of its fields."""


_READY: dict[str, tuple[Rulebook, Compiled]] = {}


def compiled(rulebook: Rulebook) -> Compiled:
    """The cues of this rulebook, made once for each version, and not anew where only something else is changed: an
    alert, a flow, a price."""
    ready = _READY.get(rulebook.version)
    if ready is None:
        same = next((made for known, made in _READY.values() if _cues_of(known) == _cues_of(rulebook)), None)
        if len(_READY) > 8:
            _READY.clear()
        ready = _READY[rulebook.version] = (rulebook, same or _compile(rulebook))
    return ready[1]


def _cues_of(rulebook: Rulebook) -> tuple[object, object]:
    """All that cues are made from."""
    return rulebook.forms, rulebook.lexicon


def _compile(rulebook: Rulebook) -> Compiled:
    forms = rulebook.forms.values()
    own = [(f.key, cue) for f in forms for cue in f.cues]
    # A state that must be known (closed, new) is itself what the words are about.
    own += [
        (f.key, cue)
        for f in forms
        for x in f.fields
        if x.type == "choice" and x.required
        for c in x.choices
        for cue in c.cues
    ]
    objections = rulebook.lexicon["objections"]
    kinds = ("price", "trust", "timing")

    known = Anchors()

    def cues(keyed: Iterable[tuple[str, str]]) -> Cues:
        return Cues(keyed, rulebook.lexicon["words"], known)

    return Compiled(
        forms=cues(own),
        negatives=cues((f.key, cue) for f in forms for cue in f.negatives),
        plans=cues((f.key, cue) for f in forms for cue in f.plans),
        doubts=cues((f.key, cue) for f in forms for cue in f.doubts),
        certainties=cues((f.key, cue) for f in forms for cue in f.certainties),
        commands=cues((k, cue) for k, said in rulebook.lexicon["commands"].items() for cue in said),
        objections=cues((k, cue) for k in kinds for cue in objections[k]),
        not_objections=cues((k, cue) for k in kinds for cue in objections[f"not_{k}"]),
        choices={
            f.key: cues((f"{x.id}={c.key}", cue) for x in f.fields for c in x.choices for cue in c.cues)
            for f in forms
        },
        fields={f.key: cues((x.id, cue) for x in f.fields for cue in x.cues) for f in forms},
    )


@lru_cache(maxsize=64)
def word_pattern(words: tuple[str, ...], tail: str = "") -> re.Pattern[str]:
    """Any of the words, the longest first, then `tail`."""
    choice = "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"
    return re.compile(f"(?:{choice}){tail}")
