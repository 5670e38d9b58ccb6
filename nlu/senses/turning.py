"""Which way up a picture lies. Recognition turns every line by itself; only the places have to follow."""

import re

from nlu.senses.pages import Quad, in_rows, upright_box

Found = list[tuple[str, Quad, float]]

_LABEL = re.compile(r"^(?!/)[\u4e00-\u9fff()/]{2,}:?$")
_VALUE = re.compile(r"^[¥\d][\d.,:/¥元-]*$")


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
    return wrong_way > right_way


def quarter_turn(found: Found, size: tuple[int, int]) -> tuple[Found, tuple[int, int]]:
    """Places and size after turning the picture a quarter to the left."""
    width, height = size
    turned: Found = []
    for text, (a, b, c, d), confidence in found:
        corners = tuple((y, width - x) for x, y in (b, c, d, a))
        turned.append((text, (corners[0], corners[1], corners[2], corners[3]), confidence))
    return turned, (height, width)


def half_turn(found: Found, size: tuple[int, int]) -> Found:
    width, height = size
    turned: Found = []
    for text, (a, b, c, d), confidence in found:
        corners = tuple((width - x, height - y) for x, y in (c, d, a, b))
        turned.append((text, (corners[0], corners[1], corners[2], corners[3]), confidence))
    return turned
