"""Where somebody means to go on a day: the visits that he plans, and the customers whom he promised something."""

from collections import defaultdict
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from domain.statuses import STANDING
from storage.tables import CheckInRow, RecordRow
from storage.todos import FORM as TODO

PLANS = ("visit", "visit_plan")
PROMISED_WITHIN = timedelta(days=60)
"""How far back a promise was made that falls on a day."""
OVERDUE_WITHIN = timedelta(days=14)
"""After that nobody is sent after it any more."""
A_DAY = timedelta(days=1)


def is_plan(row: RecordRow) -> bool:
    return row.form == "visit_plan" or (row.form == "visit" and bool(row.data.get("planned")))


def whose(row: RecordRow) -> str:
    """Who is to go."""
    return str(row.data.get("owner") or row.reporter_id) if row.form == "visit_plan" else row.reporter_id


def planned_day(row: RecordRow, zone: tzinfo) -> date:
    """A day that was said without a time is that day wherever one is."""
    said = str(row.data.get("happened_at") or "")
    return date.fromisoformat(said) if len(said) == 10 else row.happened_at.astimezone(zone).date()


def promised_day(row: RecordRow) -> date | None:
    said = str(row.data.get("next_date") or "")[:10]
    return date.fromisoformat(said) if said else None


def overtakes(other: RecordRow, row: RecordRow, since: datetime) -> bool:
    """Whether another record of the same person and customer leaves nothing to do of what `row` promised for the day
    that begins at `since`: it was said later, and tells of that day or after, or names another date. What was said in
    the same breath overtakes nothing, nor do plans."""
    if other.created_at <= row.created_at or is_plan(other) or other.form == TODO:
        return False
    return other.happened_at >= since or bool(other.data.get("next_date"))


def plans_at(session: Session, customer: str, since: datetime) -> list[RecordRow]:
    """Visits to this customer that are still to come: planned, from this day on."""
    query = (
        select(RecordRow)
        .where(
            col(RecordRow.customer_code) == customer,
            col(RecordRow.form).in_(PLANS),
            col(RecordRow.status).in_(STANDING),
            col(RecordRow.happened_at) >= since,
        )
        .order_by(col(RecordRow.id))
    )
    return [row for row in session.scalars(query) if is_plan(row)]


def plans_of(session: Session, person: str, start: datetime) -> list[RecordRow]:
    """What this person plans for the day that begins at `start`, or others planned for him, in the order in which it
    was said; with what he promised a customer for that day or the two weeks before and has not done since."""
    day = start.date()
    rows = [row for row in _around(session, person, start) if whose(row) == person]
    been = _last_seen(session, person, start - OVERDUE_WITHIN)
    of_customer: dict[str | None, list[RecordRow]] = defaultdict(list)
    for row in rows:
        of_customer[row.customer_code].append(row)

    def stands(row: RecordRow) -> bool:
        promised = promised_day(row)
        if promised is None or row.customer_code is None or not day - OVERDUE_WITHIN <= promised <= day:
            return False
        since = datetime.combine(promised, datetime.min.time(), start.tzinfo)
        seen = been.get(row.customer_code)
        return not (seen and seen >= since) and not any(
            overtakes(other, row, since) for other in of_customer[row.customer_code]
        )

    zone = start.tzinfo
    assert zone is not None, "a day begins somewhere"
    return [row for row in rows if (planned_day(row, zone) == day if is_plan(row) else stands(row))]


def promised_within(
    session: Session, person: str, start: datetime, end: datetime
) -> list[tuple[date, RecordRow]]:
    """What this person promised customers for the days from `start` to before `end`, by day, the last word of each."""
    query = select(RecordRow).where(
        col(RecordRow.reporter_id) == person,
        col(RecordRow.happened_at) >= start - PROMISED_WITHIN,
        col(RecordRow.status).in_(STANDING),
        col(RecordRow.customer_code).is_not(None),
    )
    last: dict[str | None, RecordRow] = {}
    for row in session.scalars(query.order_by(col(RecordRow.created_at), col(RecordRow.id))):
        if row.data.get("next_date") and not is_plan(row):
            last[row.customer_code] = row
    days = ((promised_day(row), row) for row in last.values())
    found = [(day, row) for day, row in days if day and start.date() <= day < end.date()]
    return sorted(found, key=lambda one: (one[0], one[1].id or 0))


def _around(session: Session, person: str, start: datetime) -> list[RecordRow]:
    """His records of the last weeks, and the plans that others made for him, a day around that day."""
    own = and_(col(RecordRow.reporter_id) == person, col(RecordRow.happened_at) >= start - PROMISED_WITHIN)
    given = and_(
        col(RecordRow.form) == "visit_plan",
        col(RecordRow.happened_at) >= start - A_DAY,
        RecordRow.data["owner"].as_string() == person,
    )
    query = select(RecordRow).where(
        or_(own, given),
        col(RecordRow.happened_at) < start + 2 * A_DAY,
        col(RecordRow.status).in_(STANDING),
    )
    return list(session.scalars(query.order_by(col(RecordRow.id))))


def _last_seen(session: Session, person: str, since: datetime) -> dict[str | None, datetime]:
    """Customer → when he was there last, since then."""
    query = (
        select(col(CheckInRow.customer_code), func.max(col(CheckInRow.at)))
        .where(
            col(CheckInRow.person_id) == person,
            col(CheckInRow.at) >= since,
            col(CheckInRow.customer_code).is_not(None),
        )
        .group_by(col(CheckInRow.customer_code))
    )
    return dict(session.execute(query).all())
