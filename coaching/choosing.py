"""Which talk comes next, and how hard it is. Pure."""

from collections.abc import Iterable, Sequence

from domain.coaching import ObjectionType
from domain.roleplay import Mode, Scene
from domain.values import Value

HARDER, EASIER = 75, 50
"""Points from which on the next talk of the type is a level harder, and below which it is one easier."""
FIRST_LEVEL = 0


class Past(Value):
    """One talk that ended, as far as what comes next depends on it."""

    scene: str
    type: ObjectionType
    mode: Mode
    level: int
    won: bool
    overall: int | None
    breach: bool = False


def level_for(kind: ObjectionType, past: Sequence[Past], levels: int) -> int:
    """`past` the newest first. Won with a good score: one up; a poor score: one down; else the same again."""
    last = next((one for one in past if one.type == kind and one.overall is not None), None)
    if last is None:
        return FIRST_LEVEL
    points = last.overall or 0
    step = 1 if last.won and points >= HARDER and not last.breach else -1 if points < EASIER else 0
    return max(0, min(levels - 1, last.level + step))


def named(text: str, scenes: Iterable[Scene]) -> Scene | None:
    """The scene that is called by its label or one of its words; the longest name counts."""
    found = [(len(word), scene) for scene in scenes for word in (scene.label, *scene.words) if word in text]
    return max(found, key=lambda one: one[0])[1] if found else None


def next_scene(
    scenes: Sequence[Scene], past: Sequence[Past], kind: ObjectionType | None, due: Sequence[str] = ()
) -> Scene:
    """Of the type, where one is wanted: what is due first, then what was never played, then what was longest ago.

    Without a type, the type that was played least.
    """
    of_type = [s for s in scenes if kind is None or s.type == kind] or list(scenes)
    for name in due:
        if found := next((s for s in of_type if s.id == name), None):
            return found
    if kind is None:
        counts = {s.type: sum(p.type == s.type for p in past) for s in of_type}
        least = min(counts, key=lambda one: counts[one])
        of_type = [s for s in of_type if s.type == least]
    ago = {one.scene: number for number, one in reversed(list(enumerate(past)))}
    return max(of_type, key=lambda s: ago.get(s.id, len(past)))
