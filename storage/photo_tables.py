"""The tables by which photographs are known again."""

from datetime import datetime

from sqlmodel import Field

from storage.columns import BIG, Row, document, identity, moment


class PhotoRow(Row, table=True):
    """What a picture is known again by, once for each content. See `nlu.senses.photos.fingerprints`."""

    __tablename__ = "photo"

    id: int | None = identity()
    sha256: str = Field(unique=True)
    hashes: bytes
    """Of the whole and of its parts: 64-bit numbers, little-endian, one after another."""
    look: bytes


class SentPhotoRow(Row, table=True):
    """Who sent which picture when, and which earlier ones it is a copy of."""

    __tablename__ = "sent_photo"

    inbox_id: int = Field(primary_key=True, sa_type=BIG)
    sha256: str = Field(primary_key=True, index=True)
    person_id: str = Field(index=True)
    sent_at: datetime = moment()
    """By the platform's clock, as good as ours."""
    reuse_of: list[str] = document(default=list)
    """The sha256 of each, its own where the very same file was sent before; the nearest first."""
