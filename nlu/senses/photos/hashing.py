"""The perceptual hash of a picture: 64 bits that stay (nearly) the same when it is recompressed or resized.

As `imagehash.phash` defines it: grey, 32 × 32, discrete cosine transform, the 8 × 8 lowest frequencies, a bit for
each that lies above their median. Bits are numbered row by row, the first one being the highest.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE, LOW = 32, 8

WINDOWS = ((0.97, 2), (0.93, 3), (0.88, 3))
"""Parts of a picture that are hashed too, so that a copy with its edges cut off still has a near neighbour:
share of the width and height, and how many places along each."""

HASHES = 1 + sum(places**2 for _, places in WINDOWS)
"""Of the whole and of its parts."""

_N = np.arange(SIDE)
_COSINES = 2 * np.cos(np.pi * (2 * _N[None, :] + 1) * _N[:LOW, None] / (2 * SIDE))
_WEIGHTS = 1 << np.arange(63, -1, -1, dtype=np.uint64)
_PLAIN, _MIRRORED = np.ones(LOW), np.where(np.arange(LOW) % 2, -1.0, 1.0)


def phash(picture: Image.Image) -> int:
    return _bits(_frequencies(picture))


def phash_all_ways(picture: Image.Image) -> tuple[int, ...]:
    """The hashes of a picture as it is, mirrored, and turned: eight, the first one as it is.

    Mirroring changes the sign of every odd frequency and a transposition swaps the two directions, so that the
    picture need not be transformed again.
    """
    low = _frequencies(picture)
    return tuple(
        _bits(seen * down[:, None] * across[None, :])
        for seen in (low, low.T)
        for down in (_PLAIN, _MIRRORED)
        for across in (_PLAIN, _MIRRORED)
    )


def phash_of_windows(picture: Image.Image) -> tuple[int, ...]:
    """The hashes of the parts of a picture that WINDOWS names."""
    grey, (width, height) = picture.convert("L"), picture.size
    found = []
    for share, places in WINDOWS:
        for down in range(places):
            for across in range(places):
                left = (1 - share) * width * across / (places - 1)
                top = (1 - share) * height * down / (places - 1)
                box = (left, top, left + share * width, top + share * height)
                found.append(_bits(_frequencies_of(grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box))))
    return tuple(found)


def _frequencies(picture: Image.Image) -> NDArray[np.float64]:
    return _frequencies_of(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _frequencies_of(small: Image.Image) -> NDArray[np.float64]:
    """The 8 × 8 lowest; rows are frequencies down the picture."""
    return np.asarray(_COSINES @ np.asarray(small, dtype=np.float64) @ _COSINES.T)


def _bits(low: NDArray[np.float64]) -> int:
    return int(((low > np.median(low)).ravel() * _WEIGHTS).sum())
