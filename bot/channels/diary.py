"""What a calendar with to-dos offers: to make, see, change and drop the copy of a to-do in somebody's calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.todo_copies import Content, Kind


@dataclass(frozen=True)
class Remote:
    """A copy of a to-do as the platform has it."""

    title: str
    due: str
    """The day as YYYY-MM-DD in the company's zone; empty where it has none."""
    done: bool
    at: datetime | None
    """When it was changed last; None where the platform does not say."""
    holder: str = ""
    """Whose it is now; empty where several people or nobody have it, or where that cannot change."""


class Diary(Protocol):
    """A calendar with to-dos. Every call may block and raises DeliveryError; doing it twice is as good as once."""

    token_lasts: timedelta
    """For how long an event that is created with the same key is known again. Tasks are for ever."""

    def holder(self, userid: str) -> str:
        """The id by which the calendar knows a person of the channel."""

    def userid(self, holder: str) -> str: ...

    def create(self, kind: Kind, key: str, holder: str, content: Content) -> str:
        """The platform's id of it: of the one that there is, where it was created with this key before."""

    def find_event(self, key: str, holder: str, content: Content) -> str:
        """The id of the event that was created with this key, however long ago; empty where there is none."""

    def read(self, kind: Kind, holder: str, remote_id: str) -> Remote | None:
        """None where it is not there any more."""

    def update(self, kind: Kind, holder: str, remote_id: str, before: Content, content: Content) -> None:
        """Change what differs from `before`, and nothing else."""

    def drop(self, kind: Kind, holder: str, remote_id: str) -> None:
        """Also where it is gone already."""
