"""What is to be practised today, and how far somebody has come. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from coaching.choosing import Past
from domain.coaching import ObjectionType
from domain.training import Gate, Item, PracticeKind, TrainingPath
from domain.values import Value

LATEST, WEIGHT = 5, 0.4
"""A skill is the moving average of the last talks, the newest counting so much."""
TYPES: tuple[ObjectionType, ...] = ("price", "trust", "timing")


class Lost(Value):
    """A deal that was lost in the field, and what would have helped."""

    subject: str
    because: str


class Standing(Value):
    """What a day's plan depends on."""

    lost: tuple[Lost, ...] = ()
    """Not practised since."""
    due: tuple[str, ...] = ()
    """Subjects whose day has come, the longest due first."""
    new_talks: tuple[Item, ...] = ()
    """What he might play next, the best first."""
    new_drills: tuple[str, ...] = ()
    """Objection cards that he never had, in order."""
    talks_today: int = 0
    drills_today: int = 0


def day_of(hired_on: date | None, today: date) -> int | None:
    """The day of the path, 1 on the first; None where no first day is known, or it has not come."""
    day = (today - hired_on).days + 1 if hired_on else 0
    return day if day >= 1 else None


def todays(path: TrainingPath, day: int | None, now: Standing) -> tuple[Item, ...]:
    """What is left of today's minutes, in order: lost deals, the day's talk, what is due, new cards.

    Something always fits where nothing was practised yet.
    """
    stage = path.stage_of(day)
    plan = _Day(path, now)
    for lost in now.lost:
        plan.add(lost.subject, because=lost.because)
    if stage:
        for item in _talks(stage.mode, now):
            if plan.count("talk") + now.talks_today < stage.talks:
                plan.add(item.subject, mode=item.mode, level=item.level)
    for subject in now.due:
        plan.add(subject)
    for subject in now.new_drills if stage else ():
        if stage and plan.new_drills + now.drills_today < stage.drills:
            plan.new_drills += plan.add(subject)
    return tuple(plan.items)


def _talks(mode: str, now: Standing) -> list[Item]:
    """The due ones come before new ones, but not before an exam."""
    due = [Item(subject=s, kind="talk") for s in now.due if kind_of(s) == "talk"]
    exams = [item for item in now.new_talks if item.mode == "exam"]
    others = [item for item in now.new_talks if item.mode != "exam"]
    return [*exams, *due, *others]


class _Day:
    def __init__(self, path: TrainingPath, now: Standing) -> None:
        self._minutes: dict[PracticeKind, int] = {"talk": path.talk_minutes, "drill": path.drill_minutes}
        spent = now.talks_today * path.talk_minutes + now.drills_today * path.drill_minutes
        self._left = path.minutes - spent
        self._fresh = spent == 0
        self.items: list[Item] = []
        self.new_drills = 0

    def add(self, subject: str, **more: object) -> bool:
        kind = kind_of(subject)
        fits = self._minutes[kind] <= self._left or (self._fresh and not self.items)
        if not fits or any(item.subject == subject for item in self.items):
            return False
        self._left -= self._minutes[kind]
        self.items.append(Item.model_validate({"subject": subject, "kind": kind, **more}))
        return True

    def count(self, kind: PracticeKind) -> int:
        return sum(item.kind == kind for item in self.items)


def kind_of(subject: str) -> PracticeKind:
    return "talk" if subject.startswith("scene:") else "drill"


class Dated(Value):
    """A talk that ended, and the day it was played on."""

    past: Past
    day: date


class Passed(Value):
    """How far a gate is."""

    scenes: tuple[str, ...]
    """Different ones with enough points, the earliest first."""
    done: bool


def skill(kind: ObjectionType, talks: Sequence[Dated]) -> int | None:
    """Of 100; `talks` the newest first. None where none was scored."""
    points = [t.past.overall for t in talks if t.past.type == kind and t.past.overall is not None][:LATEST]
    if not points:
        return None
    value = float(points[-1])
    for one in reversed(points[:-1]):
        value = WEIGHT * one + (1 - WEIGHT) * value
    return round(value)


def passed(gate: Gate, kind: ObjectionType, talks: Sequence[Dated]) -> Passed:
    first: dict[str, date] = {}
    last: dict[str, date] = {}
    for talk in reversed(talks):
        past = talk.past
        if past.type == kind and not past.breach and past.won and (past.overall or 0) >= gate.points:
            first.setdefault(past.scene, talk.day)
            last[past.scene] = talk.day
    apart = max(last.values()) - min(first.values()) if first else timedelta()
    done = len(first) >= gate.scenes and apart >= timedelta(days=gate.days_apart)
    return Passed(scenes=tuple(first), done=done)
