"""What is hidden inside rows that somebody may see: sums by role, and personal data by purpose, hours and age.

Values are taken out as rows are loaded, before anybody can look at them; and with a value the very words that it came
from, wherever they stand in the record.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm.attributes import set_committed_value

from domain.policies import HIDDEN, PersonalKind
from storage import tables

if TYPE_CHECKING:
    from storage.guarding import GuardedSession

DOCUMENTS = frozenset(
    {"data", "sources", "checks", "words", "details", "old", "new", "latitude", "longitude", "mobile"}
)
"""Columns that may hold hidden values: no query compares, sorts or adds them up."""
BLOT = "＊"
PERSONAL: dict[str, PersonalKind] = {"position": "position", "voice": "voice", "photo": "photo"}
"""Evidence kind → personal data. Receipts and texts are the company's papers."""


def mask(instance: Any, session: "GuardedSession") -> None:
    if masking := MASKS.get(type(instance)):
        masking(instance, session)
    for name in session.guard.masked & _columns(type(instance)):
        set_committed_value(instance, name, None)


@cache
def _columns(row: type[Any]) -> frozenset[str]:
    return frozenset(inspect(row).columns.keys())


def _record(row: tables.RecordRow, session: "GuardedSession") -> None:
    hidden = session.guard.masked_in(row.form, mine=row.reporter_id == session.guard.viewer.id)
    taken = set(_values(row.data, hidden))
    if not taken:
        return
    said = {row.sources.get(key, "") for key in hidden} | {str(value) for value in taken}
    words = tuple(sorted(filter(None, said), key=len, reverse=True))
    marks = dict.fromkeys(hidden & row.data.keys(), HIDDEN)
    set_committed_value(row, "data", blotted(without(row.data, hidden), words) | marks)
    set_committed_value(row, "sources", blotted(without(row.sources, hidden), words))
    set_committed_value(row, "checks", [])
    session.info.setdefault("hidden_words", {})[row.id] = words


def _values(value: Any, hidden: frozenset[str]) -> Iterator[Any]:
    """Every word and number under a hidden key, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner) if key in hidden else _values(inner, hidden)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, hidden)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield value


def without(value: Any, hidden: frozenset[str]) -> Any:
    """The same without hidden keys, in lines of lists too."""
    if isinstance(value, dict):
        return {key: without(inner, hidden) for key, inner in value.items() if key not in hidden}
    return [without(inner, hidden) for inner in value] if isinstance(value, list) else value


def blotted(value: Any, words: Iterable[str]) -> Any:
    """The same with these words made illegible; a number is not looked for inside longer ones."""
    if isinstance(value, str):
        for word in words:
            before = r"(?<![\w.:-])" if word[0].isascii() else ""
            after = r"(?![\w:-])(?!\.\d)" if word[-1].isascii() else ""
            value = re.sub(before + re.escape(word) + after, BLOT * len(word), value, flags=re.ASCII)
        return value
    if isinstance(value, dict):
        return {key: blotted(inner, words) for key, inner in value.items()}
    return [blotted(inner, words) for inner in value] if isinstance(value, list) else value


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
    viewer = session.guard.viewer
    if viewer.role not in session.guard.policies.personal.kinds["mobile"].seen_for.get(viewer.purpose, ()):
        set_committed_value(row, "mobile", "")


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
    tables.PersonRow: _person,
}
