"""Who is signed in on the web pages: one-time links that the bot gives in chat, and the sessions that they begin.

Keys and tokens are 256 random bits; the database holds their digests only, so that reading it signs nobody in.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, update
from sqlmodel import Field, Session, col

from storage.columns import Row, moment

LINK_LASTS = timedelta(minutes=5)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""After this long somebody signs in anew, however busy he is."""
NOTED_EVERY = timedelta(minutes=1)
"""Being seen is written down no more often: pages are read far more often than that."""


class SignInLinkRow(Row, table=True):
    __tablename__ = "sign_in_link"

    digest: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    made_at: datetime = moment(index=True)
    used_at: datetime | None = moment(null=True)


class WebSessionRow(Row, table=True):
    __tablename__ = "web_session"

    digest: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    begun_at: datetime = moment()
    seen_at: datetime = moment(index=True)


def new_link(session: Session, person_id: str, now: datetime) -> str:
    """The key of a new link. Older links of the same person are void from now on."""
    session.execute(
        delete(SignInLinkRow).where(
            (col(SignInLinkRow.person_id) == person_id) | (col(SignInLinkRow.made_at) < now - LINK_LASTS)
        )
    )
    key = secrets.token_urlsafe(32)
    session.add(SignInLinkRow(digest=_digest(key), person_id=person_id, made_at=now))
    return key


def usable(session: Session, key: str, now: datetime) -> bool:
    """Whether the link could still be used; asking does not use it up."""
    row = session.get(SignInLinkRow, _digest(key))
    return row is not None and row.used_at is None and row.made_at > now - LINK_LASTS


@dataclass(frozen=True)
class Begun:
    person_id: str
    token: str
    """For the browser alone."""


def redeem(session: Session, key: str, now: datetime) -> Begun | None:
    """Use a link and begin a session; None where it was used before, ran out or never was."""
    used = (
        update(SignInLinkRow)
        .where(
            col(SignInLinkRow.digest) == _digest(key),
            col(SignInLinkRow.used_at).is_(None),
            col(SignInLinkRow.made_at) > now - LINK_LASTS,
        )
        .values(used_at=now)
        .returning(col(SignInLinkRow.person_id))
    )
    person_id = session.execute(used).scalar()
    return begin(session, person_id, now) if person_id else None


def begin(session: Session, person_id: str, now: datetime) -> Begun:
    """A new session of somebody whom a link or his messenger vouches for."""
    session.execute(delete(WebSessionRow).where(col(WebSessionRow.seen_at) < now - IDLE))
    token = secrets.token_urlsafe(32)
    session.add(WebSessionRow(digest=_digest(token), person_id=person_id, begun_at=now, seen_at=now))
    return Begun(person_id, token)


def signed_in(session: Session, token: str, now: datetime) -> WebSessionRow | None:
    """The session of a token, None where it ended: idle for too long, too old, signed out, or never there."""
    row = session.get(WebSessionRow, _digest(token))
    if row is None or row.seen_at < now - IDLE or row.begun_at < now - LONGEST:
        return None
    return row


def seen(session: Session, row: WebSessionRow, now: datetime) -> None:
    session.execute(update(WebSessionRow).where(col(WebSessionRow.digest) == row.digest).values(seen_at=now))


def sign_out(session: Session, token: str) -> None:
    session.execute(delete(WebSessionRow).where(col(WebSessionRow.digest) == _digest(token)))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
