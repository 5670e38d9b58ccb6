"""Where a speaker draws breath, though nobody wrote a comma: a recogniser gives whole reports without one."""

import re
from functools import lru_cache

from domain.forms import Rulebook
from nlu.language.normalise import Normalised


def part(said: Normalised, rulebook: Rulebook) -> Normalised:
    """The text with a comma before each word that begins a new thought (然后, 还说). What was said is not touched."""
    places = [m.start() for m in _breaths(rulebook.words("speech", "breaths")).finditer(said.text)]
    if not places:
        return said
    text, starts, ends = list(said.text), list(said.starts), list(said.ends)
    for at in reversed(places):
        text.insert(at, "，")
        starts.insert(at, said.starts[at])
        ends.insert(at, said.starts[at])
    return Normalised(said.source, "".join(text), tuple(starts), tuple(ends))


@lru_cache(maxsize=8)
def _breaths(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<=[^，。！？；：、\s])(?:{'|'.join(words)})")
