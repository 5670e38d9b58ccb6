"""Cues made ready: which of a rulebook's patterns are found where in a masked text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from domain.cues import Beginning, Gap, Part, Row, Slot, Word, anchors, parse
from domain.forms import Rulebook
from nlu.language.spans import LETTERS

_SLOTS = {
    "quantity": LETTERS["quantity"],
    "number": LETTERS["number"] + LETTERS["quantity"],
    "money": LETTERS["money"] + LETTERS["price"],
    "price": LETTERS["price"] + LETTERS["money"],
    "discount": LETTERS["factor"],
    **{k: LETTERS[k] for k in ("date", "customer", "contact", "product", "competitor", "person")},
}
_Q, _G = LETTERS["quantity"], LETTERS["product"]
_GOODS = f"(?:{_Q}的?{_G}|{_G}的?，?{_Q}|{_Q}|{_G})"
_GAP = "[^。！？；，]{0,10}?"


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


@dataclass(frozen=True)
class Cues:
    """A set of cues under keys, searched together."""

    patterns: tuple[tuple[str, tuple[str, ...], re.Pattern[str], tuple[str, ...]], ...] = field(default=())

    @classmethod
    def of(cls, keyed: Iterable[tuple[str, str]]) -> "Cues":
        made = []
        for key, cue in keyed:
            row = parse(cue)
            gaps: list[str] = []
            made.append((key, anchors(row), re.compile(_regex(row, gaps)), tuple(gaps)))
        return cls(tuple(made))

    def find(self, masked: str) -> Iterator[Match]:
        """Every match of every cue, in the order of the cues."""
        for key, words, pattern, gaps in self.patterns:
            if not any(word in masked for word in words):
                continue
            at = 0
            while found := pattern.search(masked, at):
                filled = {i for g in gaps for i in range(*found.span(g))}
                solid = frozenset(i for i in range(found.start(), found.end()) if i not in filled)
                yield Match(found.start(), found.end(), solid, key)
                at = found.start() + 1


def _regex(row: Row, gaps: list[str]) -> str:
    return "".join(_part(part, gaps) for part in row)


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
    return f"(?:{'|'.join(options)})" + ("?" if part.optional else "")


@dataclass(frozen=True)
class Compiled:
    """All cues of a rulebook."""

    forms: Cues
    negatives: Cues
    plans: Cues
    commands: Cues
    objections: Cues
    not_objections: Cues
    choices: dict[str, Cues]
    """Form → cues of its choices, keyed `field=choice`."""
    fields: dict[str, Cues]
    """Form → cues of its fields."""


_READY: dict[str, Compiled] = {}


def compiled(rulebook: Rulebook) -> Compiled:
    """The cues of this rulebook, made once for each version."""
    ready = _READY.get(rulebook.version)
    if ready is None:
        ready = _compile(rulebook)
        if len(_READY) > 8:
            _READY.clear()
        _READY[rulebook.version] = ready
    return ready


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
    return Compiled(
        forms=Cues.of(own),
        negatives=Cues.of((f.key, cue) for f in forms for cue in f.negatives),
        plans=Cues.of((f.key, cue) for f in forms for cue in f.plans),
        commands=Cues.of((k, cue) for k, cues in rulebook.lexicon["commands"].items() for cue in cues),
        objections=Cues.of((k, cue) for k in ("price", "trust", "timing") for cue in objections[k]),
        not_objections=Cues.of(
            (k, cue) for k in ("price", "trust", "timing") for cue in objections[f"not_{k}"]
        ),
        choices={
            f.key: Cues.of((f"{x.id}={c.key}", cue) for x in f.fields for c in x.choices for cue in c.cues)
            for f in forms
        },
        fields={f.key: Cues.of((x.id, cue) for x in f.fields for cue in x.cues) for f in forms},
    )


@lru_cache(maxsize=64)
def word_pattern(words: tuple[str, ...], tail: str = "") -> re.Pattern[str]:
    """Any of the words, the longest first, then `tail`."""
    choice = "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"
    return re.compile(f"(?:{choice}){tail}")
