"""Pictures that are known again, who sent them, and the visit that they were sent in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from domain.photos import Before
from domain.statuses import STANDING
from storage.claims import insert_new
from storage.photo_tables import PhotoRow, SentPhotoRow
from storage.rows import Rare
from storage.tables import EvidenceRow, RecordRow

SENT_BY = Rare(
    select(SentPhotoRow)
    .where(
        col(SentPhotoRow.person_id) == bindparam("person"), col(SentPhotoRow.sent_at) >= bindparam("since")
    )
    .order_by(col(SentPhotoRow.sent_at), col(SentPhotoRow.inbox_id))
)
LIVE = ("proposed", *STANDING)


@dataclass(frozen=True)
class KnownPhoto:
    id: int
    sha256: str
    hashes: bytes


class Photos:
    def __init__(self, session: Session) -> None:
        self.session = session

    # known again --------------------------------------------------------------------------------------------

    def keep(self, sha256: str, hashes: bytes, look: bytes) -> None:
        insert_new(self.session, PhotoRow, sha256=sha256, hashes=hashes, look=look)

    def known_after(self, photo_id: int) -> list[KnownPhoto]:
        """All pictures with a greater id, oldest first, without their looks."""
        query = (
            select(PhotoRow.id, PhotoRow.sha256, PhotoRow.hashes)
            .where(col(PhotoRow.id) > photo_id)
            .order_by(col(PhotoRow.id))
        )
        return [
            KnownPhoto(number or 0, sha256, hashes) for number, sha256, hashes in self.session.exec(query)
        ]

    def looks(self, sha256s: Sequence[str]) -> dict[str, bytes]:
        query = select(PhotoRow.sha256, PhotoRow.look).where(col(PhotoRow.sha256).in_(sha256s))
        return dict(self.session.exec(query).all())

    # sent ---------------------------------------------------------------------------------------------------

    def note_sent(
        self, inbox_id: int, sha256: str, person_id: str, sent_at: datetime, reuse_of: Sequence[str]
    ) -> None:
        """Once for each message and picture."""
        row = {"inbox_id": inbox_id, "sha256": sha256, "person_id": person_id, "sent_at": sent_at}
        insert_new(self.session, SentPhotoRow, **row, reuse_of=list(reuse_of))

    def was_sent(self, sha256: str, *, besides: int) -> bool:
        """Whether the very same file came with another message."""
        query = select(func.count()).where(
            col(SentPhotoRow.sha256) == sha256, col(SentPhotoRow.inbox_id) != besides
        )
        return bool(self.session.exec(query).one())

    def sent(self, inbox_id: int, sha256: str) -> SentPhotoRow | None:
        return self.session.get(SentPhotoRow, (inbox_id, sha256))

    def sent_by(self, person_id: str, since: datetime) -> list[SentPhotoRow]:
        """This person's pictures since then, in the order in which they came."""
        return SENT_BY.rows(self.session, person=person_id, since=since)

    def latest_of(self, person_id: str, most: int) -> list[str]:
        """The sha256 of this person's latest pictures, the newest first."""
        query = (
            select(SentPhotoRow.sha256)
            .where(col(SentPhotoRow.person_id) == person_id)
            .order_by(col(SentPhotoRow.inbox_id).desc())
            .limit(most)
        )
        return list(self.session.exec(query))

    def before(self, inbox_id: int, sha256: str) -> tuple[Before, ...]:
        """The first sending of each picture that this one is a copy of."""
        row = self.sent(inbox_id, sha256)
        found = (self._first(other, inbox_id) for other in (row.reuse_of if row else ()))
        return tuple(one for one in found if one)

    def _first(self, sha256: str, besides: int) -> Before | None:
        first = self.session.exec(
            select(SentPhotoRow)
            .where(col(SentPhotoRow.sha256) == sha256, col(SentPhotoRow.inbox_id) != besides)
            .order_by(col(SentPhotoRow.sent_at), col(SentPhotoRow.inbox_id))
        ).first()
        if first is None:
            return None
        record = self.session.exec(
            select(RecordRow)
            .join(EvidenceRow, col(EvidenceRow.record_id) == col(RecordRow.id))
            .where(
                col(EvidenceRow.sha256) == sha256,
                col(RecordRow.reporter_id) == first.person_id,
                col(RecordRow.status).in_(LIVE),
            )
            .order_by(col(RecordRow.id))
        ).first()
        customer = record.customer_code if record else None
        return Before(
            sha256=sha256,
            person=first.person_id,
            at=first.sent_at,
            customer=customer,
            counts=record is not None,
        )

    # visits -------------------------------------------------------------------------------------------------

    def visit_under_way(self, person_id: str, customer: str, since: datetime) -> RecordRow | None:
        """The latest visit to this customer that the person wrote down since then and that is not given up."""
        query = (
            select(RecordRow)
            .where(
                col(RecordRow.reporter_id) == person_id,
                col(RecordRow.form) == "visit",
                col(RecordRow.customer_code) == customer,
                col(RecordRow.created_at) >= since,
                col(RecordRow.status).in_(LIVE),
            )
            .order_by(col(RecordRow.id).desc())
        )
        return next((row for row in self.session.exec(query) if not row.data.get("planned")), None)

    def proves_other_customer(self, sha256: str, person_id: str, customer: str) -> bool:
        """Whether this person's record of another customer rests on the picture."""
        query = (
            select(func.count())
            .select_from(EvidenceRow)
            .join(RecordRow, col(EvidenceRow.record_id) == col(RecordRow.id))
            .where(
                col(EvidenceRow.sha256) == sha256,
                col(RecordRow.reporter_id) == person_id,
                col(RecordRow.customer_code) != customer,
                col(RecordRow.status).in_(LIVE),
            )
        )
        return bool(self.session.exec(query).one())

    def proves(self, record_id: int) -> set[str]:
        """The sha256 of the pictures that this record rests on already."""
        query = select(EvidenceRow.sha256).where(
            col(EvidenceRow.record_id) == record_id, col(EvidenceRow.sha256).is_not(None)
        )
        return {sha256 for sha256 in self.session.exec(query) if sha256}
