"""Files by content, and what was heard or read in them: the same bytes are stored and perceived once."""

import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from storage.claims import insert_new
from storage.tables import MediaRow, MessageMediaRow, PerceptionRow


class MediaStore:
    """A directory of files named by their sha256. Writing is atomic and writing the same bytes again is free."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def put(self, content: bytes) -> str:
        """Store the bytes durably and return their sha256 in hex."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
        return sha256

    def get(self, sha256: str) -> bytes:
        return self.path(sha256).read_bytes()

    def path(self, sha256: str) -> Path:
        return self.directory / sha256[:2] / sha256[2:4] / sha256


def note_media(
    session: Session,
    inbox_id: int,
    position: int,
    sha256: str,
    *,
    size: int,
    name: str,
    content_type: str,
    now: datetime,
) -> None:
    """Note that this file came with this message."""
    insert_new(
        session, MediaRow, sha256=sha256, size=size, name=name, content_type=content_type, created_at=now
    )
    insert_new(session, MessageMediaRow, inbox_id=inbox_id, position=position, sha256=sha256)


def media_of(session: Session, inbox_id: int) -> list[str]:
    """The sha256 of each file of a message, in order."""
    query = (
        select(MessageMediaRow.sha256)
        .where(col(MessageMediaRow.inbox_id) == inbox_id)
        .order_by(col(MessageMediaRow.position))
    )
    return list(session.exec(query))


def perception(session: Session, sha256: str, sense: str) -> dict[str, Any] | None:
    """What was perceived in these bytes before, None where nobody looked yet."""
    row = session.get(PerceptionRow, (sha256, sense))
    return row.result if row else None


def keep_perception(session: Session, sha256: str, sense: str, result: dict[str, Any], now: datetime) -> None:
    insert_new(session, PerceptionRow, sha256=sha256, sense=sense, result=result, created_at=now)
