"""Which way up a picture lies. Recognition turns every line by itself; only the places have to follow."""

import math
import re
from collections import Counter

import numpy as np

from nlu.senses.pages import Matrix, Quad, in_rows, upright_box

Found = list[tuple[str, Quad, float]]
Size = tuple[int, int]

_LABEL = re.compile(r"^(?!/)[\u4e00-\u9fff()/]{2,}:?$")
_VALUE = re.compile(r"^[¥\d][\d.,:/¥元-]*$")
# A single odd pair of cells must not turn a page that the engine took to be upright.
_MORE_WRONG = 3


def upright(found: Found, size: Size) -> tuple[Found, Size, Matrix]:
    """Places and size of the page when it is read, and the matrix from there back to the picture."""
    turns = _quarters(found)
    if not turns and lies_on_its_side(found):
        turns = 1
        if is_upside_down(_turned(found, size, 1)[0]):
            turns = 3
    elif not turns and is_upside_down(found):
        turns = 2
    return _turned(found, size, turns)


def _quarters(found: Found) -> int:
    """How many quarters to the left the picture must be turned, as the corners of its long lines tell."""
    told: Counter[int] = Counter()
    for text, (a, b, _, d), _ in found:
        if len(text) >= 3 and math.dist(a, b) > 2 * math.dist(a, d):
            told[round(math.atan2(b[1] - a[1], b[0] - a[0]) / (math.pi / 2)) % 4] += len(text)
    return told.most_common(1)[0][0] if told else 0


def lies_on_its_side(found: Found) -> bool:
    boxes = [upright_box(quad) for text, quad, _ in found if len(text) >= 3]
    tall = sum(bottom - top > 1.5 * (right - left) for left, top, right, bottom in boxes)
    return tall > len(boxes) / 2


def is_upside_down(found: Found) -> bool:
    """Labels stand left of their figures; where most stand right of them, the page is on its head."""
    right_way = wrong_way = 0
    for row in in_rows(found):
        for a, b in zip(row.lines, row.lines[1:], strict=False):
            right_way += bool(_LABEL.match(a.text) and _VALUE.match(b.text))
            wrong_way += bool(_VALUE.match(a.text) and _LABEL.match(b.text))
    return wrong_way >= max(2, right_way * _MORE_WRONG)


def _turned(found: Found, size: Size, turns: int) -> tuple[Found, Size, Matrix]:
    back = np.eye(3)
    for _ in range(turns):
        found, back = quarter_turn(found, size), back @ _back_from_quarter(size)
        size = size[1], size[0]
    return found, size, back


def quarter_turn(found: Found, size: Size) -> Found:
    """Places after turning a picture of this size a quarter to the left; corners begin at the top left again."""
    width, _ = size
    turned: Found = []
    for text, quad, confidence in found:
        corners = [(y, width - x) for x, y in quad]
        first = min(range(4), key=lambda index: corners[index][0] + corners[index][1])
        a, b, c, d = corners[first:] + corners[:first]
        turned.append((text, (a, b, c, d), confidence))
    return turned


def _back_from_quarter(size: Size) -> Matrix:
    return np.array([(0, -1, size[0]), (1, 0, 0), (0, 0, 1)], np.float64)
