"""Quotations: records of the form `quotation`, which only the price engine makes."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from storage.tables import RecordRow

FORM = "quotation"
IN_FORCE = ("confirmed", "approved")
LOOKED_THROUGH = 50


def whom(row: RecordRow) -> tuple[str, str, str]:
    """For whom it is: a customer, else a lead, else a name that is in no list."""
    return (
        row.customer_code or "",
        str(row.data.get("lead") or ""),
        str(row.data.get("customer_name") or ""),
    )


def latest(session: Session, like: RecordRow, statuses: Iterable[str]) -> RecordRow | None:
    """The newest quotation of the same person for the same customer as `like`, in one of these states."""
    query = (
        select(RecordRow)
        .where(
            col(RecordRow.form) == FORM,
            col(RecordRow.reporter_id) == like.reporter_id,
            col(RecordRow.status).in_(list(statuses)),
        )
        .order_by(col(RecordRow.id).desc())
        .limit(LOOKED_THROUGH)
    )
    return next((row for row in session.exec(query) if whom(row) == whom(like)), None)
