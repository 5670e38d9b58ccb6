"""Whether lines of writing are in focus, told from the pixels alone, whatever the size of the letters.

Recognition reads blurred writing confidently and wrongly: it drops a figure that ran into the next one, or takes a
letter for its likeness. So what is blurred is known by its blur, not by what recognition thinks of itself.
"""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

Focus = Literal["sharp", "soft", "moved"]

MOVED = (0.42, 5.0)
"""Edges along the line against edges across it. Writing measures 0.5 to 2.2; a hand that moves by half a letter takes
the former away (0.06 to 0.37), or the latter (6 to 20)."""
SOFT = 0.2
"""How quickly edges turn, between 0 and 4: 0.1 to 0.18 where a lens is off by a fifth of the letters' height."""
CRISP = (0.5, 0.45)
"""More of both than nearly all blurred lines have."""
HEIGHT = 48
LONG = 3.0
"""Lines shorter than this many times their height tell little."""


def focus_of(lines: Sequence[Pixels]) -> Focus:
    """Of the lines of a page, straightened, in colour: by their median, as one page is taken with one hand."""
    long = [line for line in lines if line.shape[1] > LONG * line.shape[0]]
    if not long:
        return "sharp"
    along, turning = np.median([_edges(line) for line in long], axis=0)
    if not MOVED[0] < along < MOVED[1]:
        return "moved"
    return "soft" if turning < SOFT else "sharp"


def focus_of_line(line: Pixels, page: Focus) -> Focus:
    """That of its page, unless it is plainly sharp: a camera app prints its words on the photo after the hand moved."""
    if page == "sharp" or line.shape[1] < 2 * line.shape[0]:
        return page
    along, turning = _edges(line)
    return "sharp" if CRISP[0] < along < MOVED[1] and turning > CRISP[1] else page


def _edges(line: Pixels) -> tuple[float, float]:
    grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    size = (round(grey.shape[1] * HEIGHT / grey.shape[0]), HEIGHT)
    shrinking = grey.shape[0] > HEIGHT
    grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
    tones = grey.astype(np.float32)
    along, across = (float(np.square(np.diff(tones, axis=axis)).mean()) + 1e-6 for axis in (1, 0))
    turning = float(np.square(np.diff(tones, n=2, axis=1)).mean())
    return along / across, turning / along
