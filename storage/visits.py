"""Check-ins: where somebody said he was, and when the server heard it."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage.tables import CheckInRow


class CheckIns:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: CheckInRow) -> CheckInRow:
        self.session.add(row)
        self.session.flush()
        return row

    def get(self, check_in_id: int) -> CheckInRow | None:
        return self.session.get(CheckInRow, check_in_id)

    def between(self, person_id: str, start: datetime, end: datetime) -> list[CheckInRow]:
        query = (
            select(CheckInRow)
            .where(
                col(CheckInRow.person_id) == person_id,
                col(CheckInRow.at) >= start,
                col(CheckInRow.at) < end,
                col(CheckInRow.state) == "done",
            )
            .order_by(col(CheckInRow.at))
        )
        return list(self.session.exec(query))
