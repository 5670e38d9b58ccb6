"""Words about to-dos, and what other calendars tell of them."""

from typing import Literal

from domain.intents.records import Said
from domain.values import Value


class TodoDone(Value):
    """Somebody did a to-do of his: the one of this number in his list, or of this title, or the only one."""

    intent: Literal["todo_done"] = "todo_done"
    number: int = 0
    title: str = ""


class TodoList(Value):
    """Somebody asks what he has to do."""

    intent: Literal["todo_list"] = "todo_list"


class TodoChange(Value):
    """A to-do that stands is to be somebody else's, due another day, or not to be at all. `title` says which, or
    `number` of his list."""

    intent: Literal["todo_change"] = "todo_change"
    title: str = ""
    number: int = 0
    owner: Said | None = None
    due: Said | None = None
    cancel: bool = False


class CopiesChanged(Value):
    """The platform says that something in its calendars was changed; whether it is ours, the ids tell."""

    intent: Literal["copies_changed"] = "copies_changed"
    ids: tuple[str, ...]
