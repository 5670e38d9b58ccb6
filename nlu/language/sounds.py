"""How words sound: one letter for each syllable, with the sounds folded that speakers and recognisers mix up.

Two texts of the same sound become the same string, so that homophones are found by comparing strings.
"""

import unicodedata

from pypinyin.constants import PINYIN_DICT

_FIRST = 0x4E00
_FOLDED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FOLDED_FINALS = (("iang", "ian"), ("uang", "uan"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


def _plain(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    return "".join(c for c in letters if c.isascii() and c.isalpha())


def folded(syllable: str) -> str:
    """zh/z, ch/c, sh/s, n/l and -ng/-n are one sound here."""
    for long, short in _FOLDED_INITIALS:
        if syllable.startswith(long):
            syllable = short + syllable[len(long) :]
            break
    for long, short in _FOLDED_FINALS:
        if syllable.endswith(long):
            return syllable[: -len(long)] + short
    return syllable


class _Table(dict[int, int]):
    """Code point → code of its syllable, filled as characters are met."""

    def __init__(self) -> None:
        super().__init__()
        self._syllables: dict[str, int] = {}

    def __missing__(self, char: int) -> int:
        readings = PINYIN_DICT.get(char)
        if not readings:
            code = ord(chr(char).lower()[0])
        else:
            syllable = folded(_plain(readings.split(",")[0]))
            code = self._syllables.setdefault(syllable, _FIRST + len(self._syllables))
        self[char] = code
        return code


_TABLE = _Table()


def sound(text: str) -> str:
    """One letter a syllable, as long as `text`; only to be compared with other sounds of this process."""
    return text.translate(_TABLE)
