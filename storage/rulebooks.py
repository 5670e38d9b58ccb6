"""Versions of the rulebook: drafts, what was published when, by whom and why. Nothing is ever changed or deleted.

A version is its files, kept by their content, so that a hundred versions of which each changes one form take little
more than one. Which version holds is the last row of `rulebook_change`; there is none until somebody publishes, and
then the files of the installation hold. A published version's own files are laid over those of the installation.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlmodel import Field, Session, SQLModel, col

from storage.claims import insert_new
from storage.columns import BIG, document, identity, long_text, moment
from storage.people import bump_master_version

Files = Mapping[str, bytes]


class RulebookFileRow(SQLModel, table=True):
    """What a file of a rulebook says, by its content."""

    __tablename__ = "rulebook_file"

    sha256: str = Field(primary_key=True)
    text: str = long_text()


class RulebookVersionRow(SQLModel, table=True):
    """States: draft, published, dropped; installed, where it is what the installation brought along."""

    __tablename__ = "rulebook_version"

    id: int | None = identity()
    state: str = "draft"
    version: str = Field(index=True)
    """Of its content: `domain.forms.Rulebook.version`."""
    files: dict[str, str] = document()
    """Name → sha256 of every file."""
    own: dict[str, str] = document()
    """Of those that differ from the installation's; empty for one that is left out."""
    carried: dict[str, Any] = document()
    """JSON of domain.rulebook_changes.Carried."""
    base: int | None = Field(default=None, sa_type=BIG)
    """The change that was in force when it was drafted."""
    who: str
    why: str = long_text()
    created_at: datetime = moment()


class RulebookChangeRow(SQLModel, table=True):
    """From here on another version holds."""

    __tablename__ = "rulebook_change"

    id: int | None = identity()
    version_id: int = Field(sa_type=BIG)
    kind: str
    """published or rolled_back."""
    who: str
    why: str = long_text()
    at: datetime = moment()


def in_force(session: Session) -> RulebookChangeRow | None:
    """The last change; None where nothing was ever published."""
    return session.scalars(
        select(RulebookChangeRow).order_by(col(RulebookChangeRow.id).desc()).limit(1)
    ).first()


def version(session: Session, version_id: int | None) -> RulebookVersionRow | None:
    return session.get(RulebookVersionRow, version_id) if version_id else None


def files_of(session: Session, row: RulebookVersionRow) -> dict[str, bytes]:
    """All of its files, as they were."""
    return _texts(session, row.files)


def laid_over(session: Session, row: RulebookVersionRow, installed: Files) -> dict[str, bytes]:
    """The installation's files with the version's own ones in their places."""
    own = _texts(session, {name: digest for name, digest in row.own.items() if digest})
    kept = {name: raw for name, raw in installed.items() if row.own.get(name, "kept")}
    return {**kept, **own}


def _texts(session: Session, digests: Mapping[str, str]) -> dict[str, bytes]:
    wanted = set(digests.values())
    query = select(RulebookFileRow).where(col(RulebookFileRow.sha256).in_(wanted))
    texts = {row.sha256: row.text.encode() for row in session.scalars(query)}
    return {name: texts[digest] for name, digest in digests.items()}


def keep(
    session: Session,
    content: str,
    files: Files,
    *,
    own: Mapping[str, str],
    carried: dict[str, Any],
    state: str,
    who: str,
    why: str,
    now: datetime,
) -> RulebookVersionRow:
    """Keep a version with everything that makes it up. `content` is its `Rulebook.version`."""
    digests = {name: sha256(raw).hexdigest() for name, raw in files.items()}
    for name, digest in digests.items():
        insert_new(session, RulebookFileRow, sha256=digest, text=files[name].decode("utf-8"))
    last = in_force(session)
    row = RulebookVersionRow(
        state=state,
        version=content,
        files=digests,
        own=dict(own),
        carried=carried,
        base=last.id if last else None,
        who=who,
        why=why,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def own_of(before: Mapping[str, str], old: Files, new: Files) -> dict[str, str]:
    """What of `new` is a version's own, where `before` was own of the version that `old` are the files of."""
    own = {name: digest for name, digest in before.items() if digest == "" or name in new}
    for name in {*old, *new}:
        if name not in new:
            own[name] = ""
        elif old.get(name) != new[name]:
            own[name] = sha256(new[name]).hexdigest()
    return own


def decide(session: Session, row: RulebookVersionRow, state: str) -> bool:
    """Compare and set; False where somebody decided about this draft before."""
    statement = (
        update(RulebookVersionRow)
        .where(col(RulebookVersionRow.id) == row.id, col(RulebookVersionRow.state) == "draft")
        .values(state=state)
    )
    won = cast(CursorResult[Any], session.execute(statement)).rowcount == 1
    session.refresh(row)
    return won


def change(session: Session, version_id: int, kind: str, *, who: str, why: str, now: datetime) -> None:
    """From the commit on that version holds, in every process within a second."""
    session.add(RulebookChangeRow(version_id=version_id, kind=kind, who=who, why=why, at=now))
    bump_master_version(session)
    session.flush()


def history(session: Session, limit: int = 50) -> list[tuple[RulebookChangeRow, RulebookVersionRow | None]]:
    """The changes with the versions that they put in force, newest first."""
    rows = session.scalars(
        select(RulebookChangeRow).order_by(col(RulebookChangeRow.id).desc()).limit(limit)
    ).all()
    return [(row, version(session, row.version_id)) for row in rows]


def before(session: Session, row: RulebookVersionRow) -> RulebookVersionRow | None:
    """The version that this one came after; the installation's for the first, None for the installation's own."""
    change = session.get(RulebookChangeRow, row.base) if row.base else None
    if change is not None:
        return version(session, change.version_id)
    if not row.own:
        return None
    return next((one for one in good_versions(session) if one.state == "installed"), None)


def good_versions(session: Session) -> list[RulebookVersionRow]:
    """Versions that held once, the latest in force first, then what installations brought along."""
    held = (row for _, row in history(session, 10) if row)
    query = (
        select(RulebookVersionRow)
        .where(col(RulebookVersionRow.state) == "installed")
        .order_by(col(RulebookVersionRow.id).desc())
        .limit(10)
    )
    return list({row.id: row for row in (*held, *session.scalars(query))}.values())


def of_content(session: Session, content: str) -> RulebookVersionRow | None:
    """A version by its `Rulebook.version`: what a record or a running flow began under."""
    query = select(RulebookVersionRow).where(col(RulebookVersionRow.version) == content).limit(1)
    return session.scalars(query).first()
