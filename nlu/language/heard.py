"""Words of the trade that a recogniser wrote down by their sound only: 回宽 is 回款, 便利电 is 便利店.

Letters are put right one for one, so that places stay and the words as they were said remain what is quoted.
"""

import re
from dataclasses import dataclass, replace

from ahocorasick_rs import AhoCorasick, MatchKind

from domain.forms import Rulebook
from nlu.language.normalise import Normalised
from nlu.language.numbers import DIGITS, UNITS
from nlu.language.sounds import sound


@dataclass(frozen=True)
class _Known:
    words: tuple[str, ...]
    written: AhoCorasick
    """Finds the known words as they are spelt, also those that merely sound like one of ours and stay."""
    sounding: AhoCorasick
    units: tuple[tuple[re.Pattern[str], str], ...]
    dialect: tuple[tuple[re.Pattern[str], str], ...]


def mend(said: Normalised, rulebook: Rulebook) -> Normalised:
    """The text with words of the trade in the place of what only sounds like them.

    A stretch is put right where it shares at least half of its letters with a known word of the same sound, and no
    word that is spelt right reaches into it.
    """
    known = _known_of(rulebook)
    text = said.text
    for pattern, standard in known.dialect:
        text = pattern.sub(standard, text)
    said = said if text == said.text else replace(said, text=text)
    letters = list(said.text)
    spelt = [(start, end) for _, start, end in known.written.find_matches_as_indexes(said.text)]
    taken = bytearray(len(letters))
    for number, start, end in known.sounding.find_matches_as_indexes(sound(said.text), overlapping=True):
        word = known.words[number]
        if any(taken[start:end]) or not _alike(word, said.text[start:end]):
            continue
        if any(a < end and b > start and not _within(a, b, start, end) for a, b in spelt):
            continue
        letters[start:end] = word
        taken[start:end] = b"\1" * (end - start)
    text = "".join(letters)
    for pattern, unit in known.units:
        text = pattern.sub(unit, text)
    return said if text == said.text else replace(said, text=text)


def _within(start: int, end: int, left: int, right: int) -> bool:
    """Whether a word is only a part of the stretch (便利 of 便利电)."""
    return left <= start and end <= right and end - start < right - left


def _alike(word: str, said: str) -> bool:
    return sum(a == b for a, b in zip(word, said, strict=True)) * 2 >= len(word)


_READY: dict[str, _Known] = {}
_HAN = re.compile("[\u4e00-\u9fff]{2,6}")


def _known_of(rulebook: Rulebook) -> _Known:
    ready = _READY.get(rulebook.version)
    if ready is None:
        _READY.clear()
        ready = _READY[rulebook.version] = _known(rulebook)
    return ready


def _spelt(rulebook: Rulebook) -> set[str]:
    """Every word that the rulebook knows as it is spelt."""
    cues = [cue for form in rulebook.forms.values() for cue in (*form.cues, *form.plans, *form.doubts)]
    cues += [c for f in rulebook.forms.values() for x in f.fields for c in x.cues]
    cues += [word for lists in rulebook.lexicon.values() for words in lists.values() for word in words]
    return {word for cue in cues for word in _HAN.findall(re.sub(r"\{\w+\}|<[^>]*>", " ", cue))}


def _known(rulebook: Rulebook) -> _Known:
    heard = rulebook.words("speech", "heard")
    units = rulebook.words("speech", "units_heard")
    words = tuple(sorted(heard, key=len, reverse=True))
    numerals = "".join(re.escape(c) for c in (*DIGITS, *UNITS, "半", "几", "来"))
    return _Known(
        words,
        AhoCorasick(sorted({*words, *_spelt(rulebook)}), matchkind=MatchKind.LeftmostLongest),
        AhoCorasick([sound(w) for w in words], matchkind=MatchKind.Standard),
        tuple(
            (re.compile(f"(?<=[{numerals}])[{re.escape(letters)}](?![{numerals}]?号)"), unit)
            for unit, _, letters in (entry.partition("=") for entry in units)
        ),
        tuple(
            (re.compile(spoken), standard)
            for standard, _, spoken in (entry.partition("=") for entry in rulebook.words("speech", "dialect"))
        ),
    )
