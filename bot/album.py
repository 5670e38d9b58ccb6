"""All pictures that were ever sent: is this one among them?

The hashes of every picture (23 of 64 bits, 184 bytes) lie in one array in memory, which is filled from the rows and
topped up before each search: an exact scan, 8 ms for 10,000 pictures. The rows are the truth; the array may be lost.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlmodel import Session

from nlu.senses.photos.fingerprints import Fingerprint, Look
from nlu.senses.photos.hashing import HASHES
from nlu.senses.photos.matching import CANDIDATE_BITS, match, nearest_bits
from nlu.senses.photos.papers import may_be_one_paper
from storage.media import perception
from storage.photos import Photos
from storage.store import Store

MOST_COMPARED = 24
"""Candidates by their hashes, the nearest first; each takes 2 ms."""
RECENT = 20
"""Pictures of the same sender that are compared whatever their hashes say: a cut may be larger than hashes stand."""
OVERLAP = 200
"""On PostgreSQL a smaller id may become visible after a greater one: so many are looked at again."""


class Album:
    """Shared by the perceivers of a process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._rows: dict[int, int] = {}
        self._sha256: list[str] = []
        self._hashes = np.zeros((0, HASHES), dtype=np.uint64)
        self._filled = 0
        self._last = 0

    def earlier(self, text: str, sha256: str, person_id: str, read: dict[str, Any]) -> list[str]:
        """The sha256 of earlier pictures of which this one is a copy, the nearest first.

        `text` is the fingerprint as it came from the worker, `read` what was read on the picture.
        """
        seen = Fingerprint.from_text(text)
        with self._store.read() as session:
            self._top_up(Photos(session))
            candidates = self._candidates(seen, Photos(session), person_id)
            return _copies(session, seen, [c for c in candidates if c != sha256], read)

    def keep(self, session: Session, text: str, sha256: str) -> None:
        seen = Fingerprint.from_text(text)
        hashes = np.array(seen.hashes, dtype="<u8").tobytes()
        Photos(session).keep(sha256, hashes, seen.look.to_bytes())

    def sent_again(
        self, session: Session, inbox_id: int, sha256: str, person_id: str, sent_at: datetime
    ) -> None:
        """Note that a file came which was perceived before; files that are no pictures are not noted."""
        photos = Photos(session)
        if photos.looks([sha256]):
            same = [sha256] if photos.was_sent(sha256, besides=inbox_id) else []
            photos.note_sent(inbox_id, sha256, person_id, sent_at, same)

    def _top_up(self, photos: Photos) -> None:
        with self._lock:
            new = [k for k in photos.known_after(self._last - OVERLAP) if k.id not in self._rows]
            if not new:
                return
            table = np.stack([np.frombuffer(known.hashes, dtype="<u8") for known in new])
            self._grow(len(new))
            self._hashes[self._filled : self._filled + len(new)] = table
            for known in new:
                self._rows[known.id] = len(self._sha256)
                self._sha256.append(known.sha256)
            self._filled += len(new)
            self._last = max(self._last, new[-1].id)

    def _grow(self, more: int) -> None:
        if self._filled + more <= len(self._hashes):
            return
        larger = np.zeros((max(1024, 2 * (self._filled + more)), HASHES), dtype=np.uint64)
        larger[: self._filled] = self._hashes[: self._filled]
        self._hashes = larger

    def _candidates(self, seen: Fingerprint, photos: Photos, person_id: str) -> list[str]:
        with self._lock:
            hashes, names = self._hashes[: self._filled], self._sha256[: self._filled]
        if not names:
            return []
        bits = nearest_bits(np.array(seen.ways, dtype=np.uint64), hashes)
        near = np.flatnonzero(bits <= CANDIDATE_BITS)
        near = near[np.argsort(bits[near], kind="stable")][:MOST_COMPARED]
        recent = photos.latest_of(person_id, RECENT)
        return list(dict.fromkeys([*(names[int(row)] for row in near), *recent]))


def _copies(
    session: Session, seen: Fingerprint, candidates: Sequence[str], read: dict[str, Any]
) -> list[str]:
    looks = Photos(session).looks(candidates)
    return [
        sha256
        for sha256 in candidates
        if sha256 in looks
        and match(seen, Look.from_bytes(looks[sha256]))
        and may_be_one_paper(read, perception(session, sha256, "read") or {})
    ]
