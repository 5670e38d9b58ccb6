"""What is known about a visit when it is judged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from domain.photos import plain
from domain.positions import Position
from domain.values import Value

SHORTEST_NAME = 3
"""Letters: shorter ones are parts of streets and districts."""


class Place(Value):
    """Where a customer is: as the master data say, or as learned from visits."""

    position: Position
    source: Literal["master", "learned"] = "master"
    spread: float = 0
    """Metres within which the visits that taught it lie; 0 for master data."""
    visits: int = 0
    """How many visits taught it."""

    @property
    def words(self) -> str:
        return "" if self.source == "master" else f"按最近 {self.visits} 次拜访学到的位置"


class Fix(Value):
    """A position that somebody shared, and the customer at which he said he was."""

    ref: str
    """`check_in:3`"""
    person: str
    at: datetime
    """When our server got it."""
    sent_at: datetime | None = None
    """When it was sent, by the platform's or the phone's clock."""
    position: Position
    customer: str | None = None
    left_at: datetime | None = None
    device: str = ""

    def same_point(self, other: "Fix") -> bool:
        """The very same coordinates, to the six decimals (11 cm) that messengers send. Phones that measure jitter."""
        mine, others = self.position, other.position
        return (
            abs(mine.latitude - others.latitude) < 5e-7
            and abs(mine.longitude - others.longitude) < 5e-7
            and mine.datum == others.datum
        )

    @property
    def measured(self) -> bool:
        """The phone said how exact it is; without that the point may have been picked on a map."""
        return self.position.accuracy is not None

    def names(self, names: tuple[str, ...]) -> bool:
        """Whether the map's label of the point is one of these names, with or without the address behind it."""
        place, label = plain(self.position.label.partition(" ")[0]), plain(self.position.label)
        return any(
            (len(name) >= SHORTEST_NAME and name in label) or (len(place) > SHORTEST_NAME and place in name)
            for name in map(plain, names)
        )

    def after(self, earlier: "Fix") -> timedelta:
        """The time between two fixes; of the two clocks the one that makes it longer, as messages may be held up."""
        by_server = abs(self.at - earlier.at)
        if self.sent_at is None or earlier.sent_at is None:
            return by_server
        return max(by_server, abs(self.sent_at - earlier.sent_at))


class Photo(Value):
    """A photo of the visit, as it was read."""

    ref: str
    """`evidence:7`"""
    minutes_off: float | None = None
    """Between the time printed on it and the time at which it came; None where none is printed."""
    place_match: bool | None = None
    """Whether the printed place is the customer's; None where none is printed or it cannot be compared."""
    reuse_of: str = ""
    """The earlier photo that it is a copy of, in words or as a reference."""


class Note(Value):
    """The words of a visit, typed or spoken."""

    ref: str
    at: datetime
    customer: str | None = None
    person: str = ""
    words: str = ""
    sha256: str | None = None
    """The voice file."""


class Visit(Value):
    """A visit with everything that it is compared with."""

    person: str
    customer: str
    called: tuple[str, ...] = ()
    """The customer's name and aliases."""
    names: tuple[str, ...] = ()
    """The names that vary between notes of the same wording: customers and contacts."""
    happened_at: datetime
    """In the company's zone."""
    place: Place | None = None
    fix: Fix | None = None
    accepted: tuple[Position, ...] = ()
    """Spots from which the manager accepted earlier visits of this customer."""
    own: tuple[Fix, ...] = ()
    """Other fixes of the same person: the days around the visit, and all at the very same point."""
    others: tuple[Fix, ...] = ()
    """Fixes of other people at the very same point on the same day, or from the same device."""
    places: Mapping[str, Place] = {}
    """The places of the customers of `own`, as far as they are known."""
    notes: tuple[Note, ...] = ()
    photos: tuple[Photo, ...] = ()
    earlier: tuple[Note, ...] = ()
    """Notes of other visits, none of which came with the same message."""
