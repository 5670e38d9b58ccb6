"""Whether two pictures are one: near hashes make a candidate, features in the same arrangement and the same light and
dark at the same places make it certain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.senses.photos.fingerprints import HIDDEN, PER_TINY, Features, Fingerprint, Look

CANDIDATE_BITS = 14
"""Copies differ by at most this many of 64 bits from the original or one of its parts; so do many that are none."""
SAME_LOOK_BITS = 64
"""Of 256, between the same corner on two copies."""
MOST_PAIRED = 40
"""Corners, most alike first, whose pairs are tried as the arrangement: all pairs, so that nothing is left to chance."""
NEAR_PIXELS = 3.0
FEWEST_CORNERS = 12
ALIKE = 0.93
"""Correlation of light and dark. Copies measure 0.94 and more, different shelves with the same packs up to 0.86."""
LEAST_SHARED = 0.4
"""Of the smaller of the two."""

_AS_COMPLEX = np.array([1, 1j])
Points = NDArray[np.complex128]


@dataclass(frozen=True)
class Match:
    corners: int
    alike: float
    bits: int


def nearest_bits(ways: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """By how many bits each row of `hashes` differs at least from any of `ways`."""
    nearest = np.full(len(hashes), 64, dtype=np.int64)
    for way in ways:  # one at a time: the table may be large
        nearest = np.minimum(nearest, np.bitwise_count(hashes ^ way).min(axis=1))
    return nearest


def match(seen: Fingerprint, known: Look, bits: int = 64) -> Match | None:
    """`known` is the same picture as `seen`, perhaps mirrored, turned, resized or cut; None where it is not."""
    for look in (seen.look, seen.mirrored):
        corners, alike = _compare(look, known)
        if corners >= FEWEST_CORNERS and alike >= ALIKE:
            return Match(corners, round(alike, 3), bits)
    return None


def _compare(seen: Look, known: Look) -> tuple[int, float]:
    """How many corners lie alike, and how alike the pictures are when laid over one another."""
    pairs = _pairs(seen.features, known.features)
    if len(pairs) < FEWEST_CORNERS:
        return 0, 0.0
    here, there = (
        f.places[pairs[:, side]] @ _AS_COMPLEX for side, f in enumerate((seen.features, known.features))
    )
    arrangement = _arrangement(here, there)
    if arrangement is None:
        return 0, 0.0
    factor, shift = arrangement
    corners = int((abs(factor * here + shift - there) < NEAR_PIXELS).sum())
    if corners < FEWEST_CORNERS:
        return corners, 0.0
    return corners, _alike(seen, known, factor, shift)


def _pairs(seen: Features, known: Features) -> NDArray[np.int64]:
    """Corners that are one another's nearest, the most alike first."""
    if not len(seen) or not len(known):
        return np.zeros((0, 2), dtype=np.int64)
    a, b = (np.ascontiguousarray(f.looks).view(np.uint64) for f in (seen, known))
    bits = np.zeros((len(a), len(b)), dtype=np.int32)
    for word in range(a.shape[1]):
        bits += np.bitwise_count(a[:, word, None] ^ b[None, :, word])
    nearest, back = bits.argmin(axis=1), bits.argmin(axis=0)
    rows = np.arange(len(a))
    rows = rows[(back[nearest] == rows) & (bits[rows, nearest] <= SAME_LOOK_BITS)]
    rows = rows[np.argsort(bits[rows, nearest[rows]], kind="stable")]
    return np.stack([rows, nearest[rows]], axis=1)


def _arrangement(here: Points, there: Points) -> tuple[complex, complex] | None:
    """Turning and resizing (a factor) and moving (a shift) that take most corners from here to there."""
    first, second = np.triu_indices(min(len(here), MOST_PAIRED), 1)
    apart = here[first] - here[second]
    far = abs(apart) > 20
    first, second, apart = first[far], second[far], apart[far]
    factors = (there[first] - there[second]) / apart
    sensible = (abs(factors) > 1 / 3) & (abs(factors) < 3)
    factors, first = factors[sensible], first[sensible]
    if not len(factors):
        return None
    shifts = there[first] - factors * here[first]
    hits = (abs(factors[:, None] * here + shifts[:, None] - there) < NEAR_PIXELS).sum(axis=1)
    factor, shift = complex(factors[hits.argmax()]), complex(shifts[hits.argmax()])
    return _refined(factor, shift, here, there)


def _refined(factor: complex, shift: complex, here: Points, there: Points) -> tuple[complex, complex]:
    """The best factor and shift for all corners that agree, instead of for two of them."""
    for _ in range(2):
        agree = abs(factor * here + shift - there) < NEAR_PIXELS
        a, b = here[agree], there[agree]
        if len(a) < 4:
            break
        spread = a - a.mean()
        factor = complex((np.conj(spread) * (b - b.mean())).sum() / (abs(spread) ** 2).sum())
        shift = complex(b.mean() - factor * a.mean())
    return factor, shift


def _alike(seen: Look, known: Look, factor: complex, shift: complex) -> float:
    """Correlation of the tiny copies where both show something."""
    height, width = known.tiny.shape
    down, across = np.mgrid[:height, :width]
    back = (((across + 0.5) + 1j * (down + 0.5)) * PER_TINY - shift) / factor
    x, y = back.real / PER_TINY - 0.5, back.imag / PER_TINY - 0.5
    inside = (x >= 0) & (y >= 0) & (x <= seen.tiny.shape[1] - 1) & (y <= seen.tiny.shape[0] - 1)
    if inside.sum() < LEAST_SHARED * min(known.tiny.size, seen.tiny.size):
        return 0.0
    values, shown = _sampled(seen.tiny, x[inside], y[inside])
    shown &= known.tiny[inside] != HIDDEN
    a, b = values[shown], known.tiny[inside][shown].astype(np.float64)
    if len(a) < LEAST_SHARED * inside.sum() / 2 or a.std() < 1 or b.std() < 1:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _sampled(
    tiny: NDArray[np.uint8], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values between the pixels, and whether all four around are shown."""
    left = x.astype(np.int64).clip(0, max(tiny.shape[1] - 2, 0))
    top = y.astype(np.int64).clip(0, max(tiny.shape[0] - 2, 0))
    right, bottom = np.minimum(left + 1, tiny.shape[1] - 1), np.minimum(top + 1, tiny.shape[0] - 1)
    across, down = x - left, y - top
    corners = [tiny[rows, columns].astype(np.float64) for rows in (top, bottom) for columns in (left, right)]
    upper = corners[0] * (1 - across) + corners[1] * across
    lower = corners[2] * (1 - across) + corners[3] * across
    shown = np.all([corner != HIDDEN for corner in corners], axis=0)
    return upper * (1 - down) + lower * down, shown
