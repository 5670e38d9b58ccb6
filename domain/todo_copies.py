"""A to-do has copies in another calendar: what each should hold, what it holds, and the next step between the two.

Pure. Two sides may change a to-do, ours (the record) and theirs (the copy). What both last agreed on is the base of
every comparison, so that the echo of a change of ours is no change, and only what differs is carried over.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from domain.values import Value

Kind = Literal["event", "task"]
KINDS: tuple[Kind, ...] = ("event", "task")
LONGEST_TITLE = 1024
"""Characters that the narrower of the two takes; the record keeps more."""


class Content(Value):
    """What a to-do and its copy say alike. `owner` is our id of the person, `due` a day as YYYY-MM-DD or empty."""

    title: str
    owner: str
    due: str = ""
    done: bool = False


class Copy(Value):
    """One copy as we know it."""

    kind: Kind
    generation: int = 0
    """Counts the copies of this kind that were begun for the to-do; a part of the platform's idempotency key."""
    remote_id: str = ""
    """The platform's id; empty where there is none, or none that we know yet."""
    told: Content | None = None
    """What both sides last agreed on. With an empty `remote_id`: what the creation that was begun asks for; none with
    one: it is being dropped."""

    @property
    def begun(self) -> bool:
        """Creation was begun and nobody knows how it ended."""
        return self.told is not None and not self.remote_id


class Seen(Value):
    """A copy as the platform shows it now."""

    content: Content
    at: datetime | None = None
    """When it was changed last, by the platform's clock; None where it does not say."""


class Step(Value):
    do: Literal["begin", "create", "update", "drop"]
    content: Content | None = None
    """What to create or to change it to."""


def content_of(data: Mapping[str, Any]) -> Content:
    """What a record of a to-do says."""
    return Content(
        title=str(data.get("title") or "")[:LONGEST_TITLE],
        owner=str(data.get("owner") or ""),
        due=str(data.get("due") or "")[:10],
        done=data.get("status") == "done",
    )


def wanted(kind: Kind, ours: Content | None) -> Content | None:
    """What the copy should hold; `ours` is None where the to-do does not stand. A day without a date has no event."""
    if ours is None or not ours.owner or (kind == "event" and not ours.due):
        return None
    return ours if kind == "task" else ours.model_copy(update={"done": False})


def next_step(copy: Copy, want: Content | None, *, finished: bool) -> Step | None:
    """What has to be done next; None where nothing has. What is finished already is not entered any more.

    A creation that was begun is always repeated as it was asked for, also where nobody wants the copy any more: only
    its answer says what there is to be dropped.
    """
    if copy.begun:
        return Step(do="create", content=copy.told)
    if copy.remote_id:
        if want is None or copy.told is None or want.owner != copy.told.owner:
            return Step(do="drop")
        return None if want == copy.told else Step(do="update", content=want)
    return None if want is None or finished else Step(do="begin", content=want)


class Change(Value):
    """A field of the record that takes the other side's value."""

    field: Literal["title", "owner", "due", "done"]
    value: str | bool


class Merge(Value):
    theirs: tuple[Change, ...] = ()
    """Goes into the record."""
    overruled: tuple[Change, ...] = ()
    """Was changed there, but later here: the record's own value goes back to the copy."""
    conflicts: bool = False
    """Both sides had changed one field to different values."""


def merge(base: Content, ours: Content, seen: Seen, changed_at: Mapping[str, datetime]) -> Merge:
    """Field by field: who changed it since both agreed? Where both did, whoever did it later.

    `changed_at`: when the record's fields were changed last. Where the platform tells no time, its change counts as
    the later one: it is what somebody sees in his calendar now.
    """
    theirs: list[Change] = []
    overruled: list[Change] = []
    conflicts = False
    for field in ("title", "owner", "due", "done"):
        was, mine, now = (getattr(side, field) for side in (base, ours, seen.content))
        if now in (was, mine):
            continue
        change = Change(field=field, value=now)
        both = mine != was
        conflicts |= both
        mine_at = changed_at.get(field)
        later = both and seen.at is not None and mine_at is not None and mine_at > seen.at
        (overruled if later else theirs).append(change)
    return Merge(theirs=tuple(theirs), overruled=tuple(overruled), conflicts=conflicts)
