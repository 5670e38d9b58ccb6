"""Where sheets of paper lie on a photograph, and each of them as if scanned."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nlu.senses.pages import Matrix
from nlu.senses.pictures import Pixels

Corners = NDArray[np.float32]

SEARCHED_SIDE = 640
LONGEST_TO_SHORTEST = 20
"""Nobody photographs a strip like that; it is a screenshot or a scan."""
SMALLEST = 0.02
"""Of the picture: smaller bright patches are no receipts."""
LARGEST = 0.97
RECTANGULAR = 0.86
"""Of the smallest rectangle around it: what fills less is no sheet, or several that touch."""
MOST = 8
"""More papers on one picture are read as one page: each costs about a second."""
RIM = 0.012
"""Of the longer side: kept around a sheet, so that nothing at its edge is lost."""
BUSY_OUTSIDE = 0.12
"""Of all strong edges of the picture: with more outside of the sheets, there is writing outside, and they are wrong."""
DARKER = 0.88
"""What lies around a sheet is darker than the sheet: at most so much of its brightness."""


def sheets(picture: Image.Image) -> list[tuple[Image.Image, Matrix]]:
    """Every sheet on the photograph, straightened, in reading order, with the way back to the photograph.

    Empty where no edge of paper is seen: then the picture is the page.
    """
    pixels = np.asarray(picture)
    found = [_widened(quad) for quad in _quads(pixels)]
    return [_straightened(pixels, quad) for quad in found]


def _quads(pixels: Pixels) -> list[Corners]:
    if max(pixels.shape[:2]) > LONGEST_TO_SHORTEST * min(pixels.shape[:2]):
        return []
    scale = SEARCHED_SIDE / max(pixels.shape[:2])
    small = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    tones = cv2.GaussianBlur(small.max(axis=2), (5, 5), 0)
    edges = _strong_edges(small)
    for bright in (_bright, _bright_locally):
        quads = _sheets_among(bright(tones), tones)
        if quads and _quiet_outside(edges, quads):
            return _in_reading_order([np.asarray(quad / scale, np.float32) for quad in quads])
    return []


def _bright(tones: Pixels) -> Pixels:
    """Paper against table by one threshold for the whole picture."""
    _, bright = cv2.threshold(tones, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(bright, np.uint8)


def _bright_locally(tones: Pixels) -> Pixels:
    """The same where a shadow lies over half of it: a threshold of its own for every neighbourhood."""
    around = cv2.blur(tones, (SEARCHED_SIDE // 4, SEARCHED_SIDE // 4))
    return np.where(tones.astype(np.int16) > around, 255, 0).astype(np.uint8)


def _sheets_among(bright: Pixels, tones: Pixels) -> list[Corners]:
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    area = tones.size
    found: list[Corners] = []
    for contour in contours:
        hull = np.asarray(cv2.convexHull(contour), np.int32)
        covered = cv2.contourArea(hull)
        if covered < SMALLEST * area:
            continue
        quad = _four_corners(hull)
        if (
            covered > LARGEST * area
            or quad is None
            or cv2.contourArea(contour) < RECTANGULAR * cv2.contourArea(quad)
            or not _stands_out(quad, tones)
        ):
            # Something large that is no sheet: the whole picture is better read as it is.
            return []
        found.append(quad)
    return found if len(found) <= MOST else []


def _four_corners(hull: NDArray[np.int32]) -> Corners | None:
    """The corners of a sheet in perspective, or of the rectangle around it where they are dog-eared."""
    around = cv2.arcLength(hull, True)
    for tolerance in (0.02, 0.035, 0.05):
        polygon = cv2.approxPolyDP(hull, tolerance * around, True)
        if len(polygon) == 4:
            return _from_top_left(polygon.reshape(4, 2).astype(np.float32))
    rectangle = cv2.boxPoints(cv2.minAreaRect(hull))
    full = cv2.contourArea(hull) >= RECTANGULAR * cv2.contourArea(rectangle)
    return _from_top_left(np.asarray(rectangle, np.float32)) if full else None


def _from_top_left(quad: Corners) -> Corners:
    """Clockwise, beginning at the corner nearest to the top left of the picture."""
    middle = quad.mean(axis=0)
    angles = np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0])
    quad = quad[np.argsort(angles)]
    return np.roll(quad, -int(np.argmin(quad.sum(axis=1))), axis=0)


def _stands_out(quad: Corners, tones: Pixels) -> bool:
    """Whether the table is darker than the sheet along every side, not only where a shadow ends on the sheet."""
    inner, outer = _scaled(quad, 0.94), _scaled(quad, 1.07)
    for side in range(4):
        inside = _along(tones, inner[side], inner[(side + 1) % 4])
        outside = _along(tones, outer[side], outer[(side + 1) % 4])
        # A sheet that goes on beyond the picture has nothing outside of it.
        if len(outside) and float(np.median(outside)) > DARKER * float(np.median(inside)):
            return False
    return True


def _along(tones: Pixels, start: Corners, end: Corners) -> Pixels:
    """The tones on the line from start to end, as far as it lies on the picture."""
    steps = np.linspace(0.05, 0.95, 60)[:, None]
    across, down = np.rint(start + (end - start) * steps).astype(np.int32).T
    height, width = tones.shape
    seen = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    return np.asarray(tones[down[seen], across[seen]], np.uint8)


def _strong_edges(small: Pixels) -> Pixels:
    return np.asarray(cv2.Canny(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), 80, 160), np.uint8)


def _quiet_outside(edges: Pixels, quads: list[Corners]) -> bool:
    covered = np.zeros_like(edges)
    for quad in quads:
        cv2.fillConvexPoly(covered, _scaled(quad, 1.06).astype(np.int32), 255)
    total = int((edges > 0).sum())
    return int(((edges > 0) & (covered == 0)).sum()) <= BUSY_OUTSIDE * max(1, total)


def _scaled(quad: Corners, by: float) -> Corners:
    middle = quad.mean(axis=0)
    return np.asarray(middle + (quad - middle) * by, np.float32)


def _widened(quad: Corners) -> Corners:
    """The same with a rim of equal width on all sides."""
    rim = RIM * max(math.dist(quad[0], quad[1]), math.dist(quad[1], quad[2]))
    wider = quad.copy()
    for side in range(4):
        before, here, after = quad[side - 1], quad[side], quad[(side + 1) % 4]
        for other in (before, after):
            away = here - other
            wider[side] += rim * away / max(1e-6, float(np.hypot(*away)))
    return wider


def _in_reading_order(quads: list[Corners]) -> list[Corners]:
    """From top to bottom in bands, from left to right within a band."""
    left = sorted(quads, key=lambda quad: float(quad[:, 1].min()))
    ordered: list[Corners] = []
    while left:
        bottom = float(left[0][:, 1].mean())
        band = [quad for quad in left if float(quad[:, 1].min()) < bottom]
        ordered += sorted(band, key=lambda quad: float(quad[:, 0].mean()))
        left = [quad for quad in left if not any(quad is one for one in band)]
    return ordered


def _straightened(pixels: Pixels, quad: Corners) -> tuple[Image.Image, Matrix]:
    a, b, c, d = quad
    width = max(32, round(max(math.dist(a, b), math.dist(d, c))))
    height = max(32, round(max(math.dist(b, c), math.dist(a, d))))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    there = cv2.getPerspectiveTransform(quad, flat)
    picture = cv2.warpPerspective(
        pixels, there, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    back = np.asarray(cv2.getPerspectiveTransform(flat, quad), np.float64)
    return Image.fromarray(np.asarray(picture, np.uint8)), back
