"""Check-ins: where somebody said he was, and when the server heard it. And the places that visits taught."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from domain.places import Lesson
from domain.positions import Position
from domain.visits import Fix, Place
from storage.rows import Rare
from storage.tables import CheckInRow, InboxRow, LearnedPlaceRow

FORGOTTEN = "forgotten"
"""The state of a check-in whose coordinates were deleted: past the days that positions are kept."""

LOOK_BACK = timedelta(days=60)
"""How far back, and forth, the same coordinates and the same device are looked for."""

HALF_GRAIN = 5e-7
"""Degrees: half of the last decimal that messengers send."""

BETWEEN = Rare(
    select(CheckInRow)
    .where(
        col(CheckInRow.person_id) == bindparam("person"),
        col(CheckInRow.at) >= bindparam("start"),
        col(CheckInRow.at) < bindparam("end"),
        col(CheckInRow.state).in_(bindparam("states", expanding=True)),
    )
    .order_by(col(CheckInRow.at), col(CheckInRow.id))
)


def position_of(row: CheckInRow | LearnedPlaceRow) -> Position:
    known = {"latitude": row.latitude, "longitude": row.longitude, "datum": row.datum}
    if isinstance(row, CheckInRow):
        known |= {"accuracy": row.accuracy, "label": row.label}
    return Position.model_validate(known)


def fix_of(row: CheckInRow) -> Fix:
    return Fix(
        ref=f"check_in:{row.id}",
        person=row.person_id,
        at=row.at,
        sent_at=row.sent_at,
        position=position_of(row),
        customer=row.customer_code,
        left_at=row.left_at,
        device=row.device,
    )


class CheckIns:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: CheckInRow) -> CheckInRow:
        self.session.add(row)
        self.session.flush()
        return row

    def get(self, check_in_id: int) -> CheckInRow | None:
        return self.session.get(CheckInRow, check_in_id)

    def received_at(self, inbox_id: int | None) -> datetime | None:
        """When the message came in, however long it waited for its turn."""
        row = self.session.get(InboxRow, inbox_id) if inbox_id else None
        return row.received_at if row else None

    def between(
        self, person_id: str, start: datetime, end: datetime, states: Iterable[str] = ("done",)
    ) -> list[CheckInRow]:
        """Oldest first."""
        known = {"person": person_id, "start": start, "end": end, "states": list(states)}
        return BETWEEN.rows(self.session, **known)

    def like(self, row: CheckInRow) -> list[CheckInRow]:
        """Check-ins of anybody with the very same coordinates, or from the same device; the newest first."""
        same = (col(CheckInRow.latitude) >= row.latitude - HALF_GRAIN) & (
            col(CheckInRow.latitude) <= row.latitude + HALF_GRAIN
        )
        query = (
            select(CheckInRow)
            .where(
                or_(same, col(CheckInRow.device) == row.device) if row.device else same,
                col(CheckInRow.id) != row.id,
                col(CheckInRow.customer_code).is_not(None),
                col(CheckInRow.at) >= row.at - LOOK_BACK,
                col(CheckInRow.at) <= row.at + LOOK_BACK,
            )
            .order_by(col(CheckInRow.at).desc())
            .limit(50)
        )
        return list(self.session.exec(query))


class LearnedPlaces:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now

    def of(self, codes: Iterable[str]) -> dict[str, Place]:
        wanted = list(codes)
        if not wanted:
            return {}
        rows = self.session.exec(
            select(LearnedPlaceRow).where(col(LearnedPlaceRow.customer_code).in_(wanted))
        )
        return {
            r.customer_code: Place(
                position=position_of(r), source="learned", spread=r.spread, visits=r.visits
            )
            for r in rows
        }

    def put(self, code: str, lesson: Lesson | None) -> bool:
        """Keep what was learned, or forget what no longer holds. True where that is another place than before."""
        row = self.session.get(LearnedPlaceRow, code)
        if lesson is None:
            if row is not None:
                self.session.delete(row)
            return row is not None
        taught_by = list(lesson.taught_by)
        if row is not None and row.taught_by == taught_by:
            return False
        place = lesson.place
        row = row or LearnedPlaceRow(
            customer_code=code, latitude=0, longitude=0, datum="", spread=0, visits=0, updated_at=self.now
        )
        row.latitude, row.longitude = place.position.latitude, place.position.longitude
        row.datum, row.spread, row.visits = place.position.datum, place.spread, place.visits
        row.taught_by, row.updated_at = taught_by, self.now
        self.session.add(row)
        return True
