"""Cues made ready: which of a rulebook's patterns are found where in a masked text."""

import re
from collections.abc import Iterable, Iterator, Mapping
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


class Cues:
    """A set of cues under keys, searched together. One pass for their anchors tells which of them are worth trying."""

    def __init__(self, keyed: Iterable[tuple[str, str]], classes: Mapping[str, tuple[str, ...]]) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], tuple[str, ...]]] = []
        anchored: dict[str, list[int]] = {}
        for key, cue in keyed:
            row = parse(expand(cue, classes))
            gaps: list[str] = []
            pattern = re.compile(_regex(row, gaps))
            for word in anchors(row):
                anchored.setdefault(word, []).append(len(self._patterns))
            self._patterns.append((key, pattern, tuple(gaps)))
        self._anchored = [tuple(dict.fromkeys(numbers)) for numbers in anchored.values()]
        self._anchors = AhoCorasick(list(anchored), matchkind=MatchKind.Standard)

    def find(self, masked: str) -> Iterator[Match]:
        """Every match of every cue, in the order of the cues."""
        met = {word for word, _, _ in self._anchors.find_matches_as_indexes(masked, overlapping=True)}
        for number in sorted({n for word in met for n in self._anchored[word]}):
            key, pattern, gaps = self._patterns[number]
            at = 0
            while found := pattern.search(masked, at):
                filled = {i for g in gaps for i in range(*found.span(g))}
                solid = frozenset(i for i in range(found.start(), found.end()) if i not in filled)
                yield Match(found.start(), found.end(), solid, key)
                at = found.start() + 1


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
    kinds = ("price", "trust", "timing")

    def cues(keyed: Iterable[tuple[str, str]]) -> Cues:
        return Cues(keyed, rulebook.lexicon["words"])

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
