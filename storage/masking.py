"""What is hidden inside rows that somebody may see: sums by role, and personal data by purpose, hours and age.

Values are taken out as rows are loaded, before anybody can look at them; and with a value the very words that it came
from, wherever they stand in the record.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState
from sqlalchemy.orm.attributes import set_committed_value

from domain.hiding import blotted, hide, may_hold, without_numbers
from domain.policies import HIDDEN, PersonalKind
from storage import lead_tables, tables

if TYPE_CHECKING:
    from storage.guarding import GuardedSession
    from storage.policies import Guard

DOCUMENTS = frozenset(
    (
        *("data", "sources", "checks", "words", "details", "sha256", "old", "new", "why", "reasons"),
        *("latitude", "longitude", "accuracy", "label", "device", "mobile", "phone"),
    )
)
"""Columns that may hold hidden values, whoever they are hidden from: no query compares, sorts or adds them up."""
PERSONAL: dict[str, PersonalKind] = {"position": "position", "voice": "voice", "photo": "photo"}
"""Evidence kind → personal data. Receipts and texts are the company's papers."""


def mask(session: "GuardedSession", loaded: InstanceState[Any]) -> None:
    guard, row = session.guard, loaded.class_
    if row is tables.RecordRow and _open(loaded.dict, guard):
        return
    if masking := MASKS.get(row):
        masking(loaded.obj(), session)
    for name in _masked_columns(cast(Any, row), guard.masked):
        set_committed_value(loaded.obj(), name, None)


def _open(values: dict[str, Any], guard: "Guard") -> bool:
    """Whether a record, of all that lists are made of, holds nothing to hide: looked up without its attributes, which
    cost more than the rest. Whatever was not loaded with it is looked at in the usual way."""
    try:
        hidden = guard.masked_in(values["form"], mine=values["reporter_id"] == guard.viewer.id)
        data = values["data"]
    except KeyError:
        return False
    return not may_hold(data, hidden) and not _masked_columns(tables.RecordRow, guard.masked)


@cache
def _masked_columns(row: Any, masked: frozenset[str]) -> frozenset[str]:
    return masked & frozenset(inspect(row).columns.keys())


def _record(row: tables.RecordRow, session: "GuardedSession") -> None:
    hidden = session.guard.masked_in(row.form, mine=row.reporter_id == session.guard.viewer.id)
    if not may_hold(row.data, hidden):
        return
    data, sources, words = hide(row.data, row.sources, hidden)
    if words:
        for name, value in (("data", data), ("sources", sources), ("checks", [])):
            set_committed_value(row, name, value)
        session.info.setdefault("hidden_words", {})[row.id] = words


def _evidence(row: tables.EvidenceRow, session: "GuardedSession") -> None:
    """Evidence shows itself only where its record was loaded before it: what is hidden there is hidden here."""
    record = session.identity_map.get(session.identity_key(tables.RecordRow, row.record_id))
    kind = PERSONAL.get(row.kind)
    if record is None or (kind and not seen(kind, record.reporter_id, record.created_at, session)):
        for name, value in (("words", ""), ("sha256", None), ("details", {})):
            set_committed_value(row, name, value)
        return
    words = session.info.get("hidden_words", {}).get(row.record_id, ())
    for name in ("words", "details"):
        set_committed_value(row, name, blotted(getattr(row, name), words))


def _audit(row: tables.AuditRow, session: "GuardedSession") -> None:
    record = session.identity_map.get(session.identity_key(tables.RecordRow, _number(row.subject)))
    if record is None:
        hidden, words = True, ()
    else:
        mine = record.reporter_id == session.guard.viewer.id
        hidden = row.field in session.guard.masked_in(record.form, mine=mine)
        words = session.info.get("hidden_words", {}).get(record.id, ())
    for name in ("old", "new", "why"):
        value = getattr(row, name)
        set_committed_value(row, name, (HIDDEN if value else value) if hidden else blotted(value, words))


def _number(subject: str) -> int:
    return int(subject.partition(":")[2])


def _check_in(row: tables.CheckInRow, session: "GuardedSession") -> None:
    if not seen("position", row.person_id, row.at, session):
        for name, value in (
            ("latitude", None),
            ("longitude", None),
            ("accuracy", None),
            ("label", ""),
            ("device", ""),
        ):
            set_committed_value(row, name, value)


def _contact(row: tables.ContactRow, session: "GuardedSession") -> None:
    if not _sees_mobiles(session):
        set_committed_value(row, "mobile", "")


def _sees_mobiles(session: "GuardedSession") -> bool:
    viewer = session.guard.viewer
    return viewer.role in session.guard.policies.personal.kinds["mobile"].seen_for.get(viewer.purpose, ())


def _lead(row: lead_tables.LeadRow, session: "GuardedSession") -> None:
    if not _sees_mobiles(session):
        set_committed_value(row, "phone", "")
        for name in ("need", "details"):
            set_committed_value(row, name, without_numbers(getattr(row, name)))


def _lead_event(row: lead_tables.LeadEventRow, session: "GuardedSession") -> None:
    if not _sees_mobiles(session):
        for name in ("reason", "details"):
            set_committed_value(row, name, without_numbers(getattr(row, name)))


def _verdict(row: tables.VisitVerdictRow, session: "GuardedSession") -> None:
    """The reasons tell where somebody was."""
    record = session.identity_map.get(session.identity_key(tables.RecordRow, row.record_id))
    if record is None or not seen("position", record.reporter_id, record.created_at, session):
        set_committed_value(row, "reasons", [])


def _person(row: tables.PersonRow, session: "GuardedSession") -> None:
    """A colleague's name is everybody's; how the platforms know him is his."""
    if row.id != session.guard.viewer.id:
        set_committed_value(row, "wecom_userid", None)
        set_committed_value(row, "dingtalk_userid", None)


def seen(kind: PersonalKind, whose: str, recorded: datetime, session: "GuardedSession") -> bool:
    viewer, zone = session.guard.viewer, session.now.tzinfo
    return session.guard.policies.personal.kinds[kind].shown(
        mine=whose == viewer.id,
        role=viewer.role,
        purpose=viewer.purpose,
        recorded=recorded.astimezone(zone),
        now=session.now,
    )


MASKS: dict[type[Any], Callable[[Any, Any], None]] = {
    tables.RecordRow: _record,
    tables.EvidenceRow: _evidence,
    tables.AuditRow: _audit,
    tables.CheckInRow: _check_in,
    tables.ContactRow: _contact,
    tables.VisitVerdictRow: _verdict,
    lead_tables.LeadRow: _lead,
    lead_tables.LeadEventRow: _lead_event,
    tables.PersonRow: _person,
}
