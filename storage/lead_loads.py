"""What dispatching leads needs to know: who is at work, what everybody holds, how leads ended."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Session, col

from domain.leads.lead import WITHDRAWN, Lead
from domain.leads.scoring import Record, facets_of, record_of
from domain.people import Person
from storage.claims import table_of
from storage.flow_tables import LeaveRow
from storage.lead_tables import HELD, HELD_STATES, LeadEventRow, LeadRow
from storage.leads import lead_value
from storage.tables import PersonRow

LEAD, EVENT = table_of(LeadRow), table_of(LeadEventRow)
PERSON, LEAVE = table_of(PersonRow), table_of(LeaveRow)
WAITING = ("offered", "accepted")
"""Somebody has it, nobody is in touch yet."""


class AtWork(NamedTuple):
    id: str
    name: str
    team: str
    region: str


def at_work(session: Session, role: str, now: datetime, zone: ZoneInfo) -> list[AtWork]:
    """Everybody of this role who can be reached now: he is not away, a messenger knows him, and his quiet hours would
    not keep a card back while the clock runs. `zone`: the company's."""
    away = exists().where(LEAVE.c.person_id == PERSON.c.id, *_under_way(now))
    known = or_(PERSON.c.wecom_userid != "", PERSON.c.dingtalk_userid != "", PERSON.c.prefers == "terminal")
    columns = [PERSON.c[name] for name in (*AtWork._fields, "timezone", "quiet_from", "quiet_until")]
    query = select(*columns).where(PERSON.c.role == role, PERSON.c.active.is_(True), known, ~away)
    usual = Person(id="", name="").quiet.holds(now.astimezone(zone).time())
    found = []
    for *person, timezone, start, end in session.connection().execute(query.order_by(PERSON.c.id)).all():
        if timezone or start or end:
            there = Person(id="", name="", timezone=timezone, quiet_from=start, quiet_until=end)
            quiet = there.quiet.holds(now.astimezone(there.zone(zone)).time())
        else:
            quiet = usual
        if not quiet:
            found.append(AtWork(*person))
    return found


def _under_way(now: datetime) -> tuple[Any, ...]:
    return (LEAVE.c.cancelled.is_(False), LEAVE.c.start <= now, LEAVE.c.until > now)


def hold(session: Session, people: Collection[str]) -> None:
    """Until the end of the transaction nobody else gives these people anything: what they hold can be counted.
    Always in the same order, so that no two wait for one another."""
    query = select(PERSON.c.id).where(PERSON.c.id.in_(sorted(people))).order_by(PERSON.c.id)
    session.connection().execute(query.with_for_update(key_share=True)).all()


def loads(
    session: Session, today: datetime, people: Collection[str] | None = None
) -> dict[str, tuple[int, int]]:
    """How many open leads each holds, and how many he was given since `today` began; people without any are left
    out. Of `people`, or of everybody."""
    connection = session.connection()
    among = [] if people is None else [LEAD.c.owner_id.in_(people)]
    held = select(LEAD.c.owner_id, func.count()).where(HELD, *among)
    held = held.with_hint(
        LEAD, "INDEXED BY ix_lead_held", "sqlite"
    )  # it would take the states' index and sort
    open_ = {row[0]: row[1] for row in connection.execute(held.group_by(LEAD.c.owner_id)).all()}
    among = [] if people is None else [EVENT.c.person_id.in_(people)]
    got = select(EVENT.c.person_id, func.count()).where(
        EVENT.c.kind == "offered", EVENT.c.at >= today, *among
    )
    given = {row[0]: row[1] for row in connection.execute(got.group_by(EVENT.c.person_id)).all()}
    return {person: (open_.get(person, 0), given.get(person, 0)) for person in open_.keys() | given.keys()}


def had(session: Session, lead_ids: Collection[str]) -> dict[str, set[str]]:
    """Lead → everybody to whom it was given before."""
    query = select(EVENT.c.lead_id, EVENT.c.person_id).where(
        EVENT.c.lead_id.in_(lead_ids), EVENT.c.kind == "offered"
    )
    found: dict[str, set[str]] = {}
    for lead, person in session.connection().execute(query):
        found.setdefault(lead, set()).add(person)
    return found


def left_behind(session: Session, now: datetime, limit: int = 100) -> list[tuple[Lead, bool]]:
    """Leads whose owner has left, or that wait for somebody who is away; each with whether he has left."""
    gone = PERSON.c.active.is_(False)
    away = and_(
        LEAD.c.state.in_(WAITING), exists().where(LEAVE.c.person_id == LEAD.c.owner_id, *_under_way(now))
    )
    query = (
        select(*LEAD.c, gone.label("gone"))
        .join(PERSON, PERSON.c.id == LEAD.c.owner_id)
        .where(HELD, or_(gone, away))
        .order_by(LEAD.c.id)
        .limit(limit)
    )
    rows = (dict(row._mapping) for row in session.connection().execute(query))
    return [(lead_value({k: v for k, v in row.items() if k != "gone"}), row["gone"]) for row in rows]


def oldest_new(session: Session) -> datetime | None:
    """Since when the lead that waits longest for somebody has waited."""
    query = select(LEAD.c.created_at).where(LEAD.c.state == "new").order_by(LEAD.c.created_at).limit(1)
    return session.connection().scalar(query)


class LeadTimes(NamedTuple):
    """Of a lead what figures are made of. `value` in fen."""

    id: str
    name: str
    owner_id: str | None
    touched_by: str | None
    value: int | None
    created_at: datetime
    touched_at: datetime | None


def created_since(session: Session, since: datetime) -> list[LeadTimes]:
    """All that this session may see but those that were merged into others, or taken back by whoever told of them."""
    names = (col(LeadRow.id), col(LeadRow.company), col(LeadRow.owner_id), col(LeadRow.touched_by))
    times = (col(LeadRow.value), col(LeadRow.created_at), col(LeadRow.touched_at))
    counts = (col(LeadRow.state) != "merged", col(LeadRow.lost_reason) != WITHDRAWN)
    query = select(*names, *times).where(col(LeadRow.created_at) >= since, *counts)
    return [LeadTimes(*row) for row in session.execute(query.order_by(col(LeadRow.created_at)))]


def held_now(session: Session) -> dict[str, Counter[str]]:
    """Person → how many of the leads that he holds, among those that this session may see, are in which state."""
    owner, state = col(LeadRow.owner_id), col(LeadRow.state)
    query = (
        select(owner, state, func.count(col(LeadRow.id))).where(state.in_(HELD_STATES)).group_by(owner, state)
    )
    found: dict[str, Counter[str]] = {}
    for person, in_state, count in session.execute(query):
        found.setdefault(person, Counter())[in_state] = count
    return found


def everybodys_teams(session: Session) -> list[tuple[str, str, str]]:
    """(id, name, team), those who left among them."""
    query = select(col(PersonRow.id), col(PersonRow.name), col(PersonRow.team))
    return [(key, name, team) for key, name, team in session.execute(query)]


_COUNTED: dict[tuple[str, datetime, datetime], Record] = {}


def record(session: Session, since: datetime, until: datetime) -> Record:
    """How the leads ended that were closed in this time; counted once a process, since what is past stays as it is."""
    key = (str(session.connection().engine.url), since, until)
    if key not in _COUNTED:
        if len(_COUNTED) > 8:
            _COUNTED.clear()
        _COUNTED[key] = record_of(_closed(session, since, until))
    return _COUNTED[key]


def _closed(session: Session, since: datetime, until: datetime) -> Iterator[Any]:
    told = (EVENT.c.kind.in_(("won", "lost")), EVENT.c.at >= since, EVENT.c.at < until)
    over = (LEAD.c.state.in_(("won", "lost")), LEAD.c.owner_id.is_not(None))
    columns = (LEAD.c.owner_id, EVENT.c.kind, LEAD.c.level, LEAD.c.source, LEAD.c.products)
    query = select(*columns).join(EVENT, EVENT.c.lead_id == LEAD.c.id).where(*told, *over)
    for owner, kind, level, source, products in session.connection().execute(query):
        yield owner, kind == "won", facets_of(level, source, products)
