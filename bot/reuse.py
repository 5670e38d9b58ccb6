"""Which of several files are copies of earlier ones, for the command line: without a database."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import numpy as np

from nlu.senses.perception import Read
from nlu.senses.photos.fingerprints import Fingerprint
from nlu.senses.photos.matching import CANDIDATE_BITS, match, nearest_bits
from nlu.senses.photos.papers import may_be_one_paper


def told_in_order(files: Iterable[tuple[bytes, Read]]) -> Iterator[Read]:
    """Each reading with the sha256 of the earlier files that hold the same picture in `reuse_of`."""
    known: dict[str, tuple[Fingerprint, Read]] = {}
    for content, read in files:
        name = sha256(content).hexdigest()
        if read.fingerprint is None:
            yield read
            continue
        seen = Fingerprint.from_text(read.fingerprint)
        copies = [
            other for other, earlier in known.items() if other == name or _is_copy(seen, read, *earlier)
        ]
        known[name] = seen, read
        yield read.model_copy(update={"reuse_of": tuple(copies)})


def _is_copy(seen: Fingerprint, read: Read, known: Fingerprint, known_read: Read) -> bool:
    ways, hashes = np.array(seen.ways, np.uint64), np.array([known.hashes], np.uint64)
    return (
        nearest_bits(ways, hashes)[0] <= CANDIDATE_BITS
        and match(seen, known.look) is not None
        and may_be_one_paper(read.model_dump(mode="json"), known_read.model_dump(mode="json"))
    )
