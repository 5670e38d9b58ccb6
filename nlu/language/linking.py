"""From a name as it was said to the customer it means: abbreviated, misheard or cut short, among 100,000.

Pairs of neighbouring letters and of neighbouring sounds find candidates, an exact comparison ranks them. The speaker's
own customers come first. Margins decide between taking, asking and refusing: a wrong customer is worse than a question.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from nlu.language.postings import Postings
from nlu.language.sounds import sound

TAKE_OWN, MARGIN_OWN = 85.0, 4.0
TAKE_OTHER, MARGIN_OTHER = 93.0, 6.0
WORTH_ASKING = 55.0
ASKED = 84.0
"""As near as one may come that is not taken: 永旺超市 for 永旺食品店."""
MOST_CHOICES = 4
SHORTEST_HEARD = 5
"""Names of fewer letters are too easily met by chance."""
_CANDIDATES = 40


@dataclass(frozen=True, slots=True)
class Link:
    """`code` where the name is taken; else the candidates to ask about, none where nothing comes near."""

    code: str | None
    candidates: tuple[str, ...] = ()
    score: float = 0.0


class NameIndex:
    """An index over names. Names keep the order in which they were given; several may belong to one code."""

    def __init__(self, names: Sequence[str], codes: Sequence[str], generic: Iterable[str]) -> None:
        self._names = list(names)
        self._codes = list(codes)
        self._generic = tuple(sorted(generic, key=len, reverse=True))
        self.sounds = [sound(n) for n in self._names]
        """How each name sounds, in the order of the names."""
        self._first: dict[str, int] = {}
        for row, code in enumerate(self._codes):
            self._first.setdefault(code, row)
        self._postings = Postings(self._names, self.sounds)

    def short(self, name: str) -> str:
        """A name without the words that many shops share (超市, 便利店, 店)."""
        for word in self._generic:
            name = name.replace(word, "")
        return name

    def brand(self, name: str) -> str:
        """What stands before the first generic word: 永旺 of 永旺超市望京店."""
        places = [at for word in self._generic if (at := name.find(word)) > 0]
        return name[: min(places)] if places else name

    def rows(self, codes: Iterable[str]) -> NDArray[np.int64]:
        """The rows of these codes' names."""
        found = [row for code in codes for row in self._rows(code)]
        return np.array(sorted(found), dtype=np.int64)

    def _rows(self, code: str) -> Iterator[int]:
        """The rows of one code; names of one customer stand together."""
        row = self._first.get(code, len(self._codes))
        while row < len(self._codes) and self._codes[row] == code:
            yield row
            row += 1

    def link(self, mention: str, own: frozenset[str] = frozenset()) -> Link:
        """Which customer `mention` means; the speaker's own come first."""
        if not self._names or not mention:
            return Link(None)
        votes = self._postings.votes(mention, sound(mention))
        mine = self._ranked(mention, votes, self.rows(own)) if own else []
        everyone = self._ranked(mention, votes, None)
        best, second = _top_two(mine)
        nearest = max((s for c, s in everyone if c not in own), default=0.0)
        if best and best[1] >= TAKE_OWN and best[1] - second >= MARGIN_OWN and nearest <= best[1]:
            return Link(best[0], (best[0],), best[1])
        best, second = _top_two(everyone)
        own_best = mine[0][1] if mine else 0.0
        clear = best and best[1] >= TAKE_OTHER and best[1] - max(second, 0.0) >= MARGIN_OTHER
        if best and clear and (best[0] in own or best[1] - own_best >= MARGIN_OTHER):
            return Link(best[0], (best[0],), best[1])
        worth = [c for c, s in mine if s >= WORTH_ASKING] + [c for c, s in everyone if s >= TAKE_OWN]
        return Link(None, tuple(dict.fromkeys(worth))[:MOST_CHOICES], best[1] if best else 0.0)

    def within(self, text: str, own: frozenset[str]) -> tuple[int, int, str] | None:
        """A stretch of the text that sounds almost like one name of these codes: (start, end, code)."""
        if not self._names or len(text) < SHORTEST_HEARD:
            return None
        rows = self.rows(own)
        heard = sound(text)
        votes = self._postings.votes(text, heard)[rows]
        best: list[tuple[float, int, int, str]] = []
        for row in rows[np.argsort(-votes)[:12]]:
            name = self.sounds[int(row)]
            if len(name) < SHORTEST_HEARD:
                continue
            found = fuzz.partial_ratio_alignment(name, heard, score_cutoff=TAKE_OWN)
            if found:
                best.append((found.score, found.dest_start, found.dest_end, self._codes[int(row)]))
        best.sort(reverse=True)
        if not best or (len(best) > 1 and best[0][0] - best[1][0] < MARGIN_OWN and best[0][3] != best[1][3]):
            return None
        _, start, end, code = best[0]
        return start, end, code

    def _ranked(
        self, mention: str, votes: NDArray[np.float64], rows: NDArray[np.int64] | None
    ) -> list[tuple[str, float]]:
        if rows is not None:
            order = rows if len(rows) <= _CANDIDATES else rows[np.argsort(-votes[rows])[:_CANDIDATES]]
        else:
            count = min(_CANDIDATES, len(votes))
            order = np.argpartition(-votes, count - 1)[:count]
            order = order[votes[order] > 0]
        best: dict[str, float] = {}
        said = _Said(mention, sound(mention), self.short(mention), self.brand(mention))
        for row in order:
            score = self._score(said, int(row))
            code = self._codes[row]
            best[code] = max(best.get(code, 0.0), score)
        return sorted(best.items(), key=lambda item: -item[1])

    def _score(self, said: "_Said", row: int) -> float:
        """How well the name on `row` fits, 0 to 100: as a whole, without generic words, and by its brand alone."""
        name = self._names[row]
        whole = 0.35 * fuzz.ratio(said.words, name) + 0.65 * fuzz.ratio(said.sound, self.sounds[row])
        short = self.short(name)
        if not short or not said.short:
            return whole
        core = 0.45 * fuzz.ratio(said.short, short) + 0.55 * fuzz.ratio(sound(said.short), sound(short))
        best = (
            max(whole, core * 0.98) if len(said.short) >= 3 else max(whole, core * 0.96 if core > 99 else 0.0)
        )
        if said.short == said.brand and len(said.brand) >= 2 and said.brand == self.brand(name):
            kind = said.words[len(said.brand) :]
            rest = name[len(said.brand) :]
            best = max(best, 90.0) if rest.startswith(kind) or _is_kind(rest, kind) else min(best, ASKED)
        return best


def _is_kind(rest: str, kind: str) -> bool:
    """超市 for 生鲜超市: the last words of a shop's kind."""
    return len(kind) > 1 and rest.endswith(kind)


@dataclass(frozen=True, slots=True)
class _Said:
    words: str
    sound: str
    short: str
    brand: str


def _top_two(ranked: list[tuple[str, float]]) -> tuple[tuple[str, float] | None, float]:
    return (ranked[0] if ranked else None), (ranked[1][1] if len(ranked) > 1 else 0.0)
