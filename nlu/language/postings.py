"""Which names share a pair of neighbouring letters, or of neighbouring sounds, with a text.

Plain arrays: a pair is a number made of its two letters, and its names are a stretch of one long array.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_COMMON, _FEW = 0.08, 200
"""A pair that this share of the names has in common, and more than a few of them, says nothing."""
_ROW = np.uint64(32)
_LETTERS = 0x110000


class Postings:
    """How much each name has in common with a text, by its letters and by its sounds."""

    def __init__(self, names: Sequence[str], sounds: Sequence[str]) -> None:
        self._count = len(names)
        self._written, self._heard = _Pairs(names), _Pairs(sounds)
        self._norms = np.sqrt(self._written.told + self._heard.told + 1.0).astype(np.float32)

    def votes(self, text: str, heard: str) -> NDArray[np.float64]:
        """For each name its share of telling pairs that the text has too."""
        found = [*self._written.of(text), *self._heard.of(heard)]
        if not found:
            return np.zeros(self._count)
        rows = np.concatenate([rows for rows, _ in found])
        weights = np.repeat([weight for _, weight in found], [len(rows) for rows, _ in found])
        return np.asarray(np.bincount(rows, weights, self._count) / self._norms, dtype=np.float64)


class _Pairs:
    """Every pair of neighbouring letters of some texts: the rows of the texts that hold it, and how telling it is."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        letters, rows = _letters(texts)
        self._alphabet = np.unique(letters)
        place = np.zeros(_LETTERS, dtype=np.uint64)
        place[self._alphabet] = np.arange(len(self._alphabet), dtype=np.uint64)
        numbers = place[letters]
        beside = rows[1:] == rows[:-1]
        keys = (numbers[:-1] * np.uint64(len(self._alphabet)) + numbers[1:])[beside] << _ROW
        keys |= rows[1:][beside].astype(np.uint64)
        keys.sort()
        # A pair that a text holds twice counts once.
        if len(keys):
            keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
        self._rows = (keys & np.uint64(0xFFFFFFFF)).astype(np.int32)
        keys >>= _ROW
        first = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, bool)
        self._pairs = keys[first]
        self._starts = np.append(np.flatnonzero(first), len(keys)).astype(np.int32)
        frequency = np.diff(self._starts)
        self._weights = np.log1p(self._count / np.maximum(frequency, 1)).astype(np.float32)
        self.told = np.bincount(self._rows, np.repeat(self._weights, frequency), self._count)
        """The weight of all pairs of each text."""

    def of(self, text: str) -> list[tuple[NDArray[np.int32], float]]:
        """For each telling pair of `text` the rows that hold it, and its weight."""
        letters, _ = _letters([text])
        places = np.searchsorted(self._alphabet, letters)
        places[places == len(self._alphabet)] = 0
        known = self._alphabet[places] == letters if len(self._alphabet) else np.zeros(len(letters), bool)
        both = known[1:] & known[:-1]
        wanted = (places[:-1] * len(self._alphabet) + places[1:])[both].astype(np.uint64)
        found = []
        for pair in dict.fromkeys(wanted.tolist()):
            number = int(np.searchsorted(self._pairs, np.uint64(pair)))
            if number == len(self._pairs) or int(self._pairs[number]) != pair:
                continue
            rows = self._rows[self._starts[number] : self._starts[number + 1]]
            if len(rows) <= max(_COMMON * self._count, _FEW):
                found.append((rows, float(self._weights[number])))
        return found


def _letters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """All letters of the texts, and for each the row of its text."""
    lengths = np.fromiter(map(len, texts), np.int32, len(texts))
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return letters, np.repeat(np.arange(len(texts), dtype=np.int32), lengths)
