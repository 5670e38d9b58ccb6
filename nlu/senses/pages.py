"""A page as it was read: lines of text with their places, in rows from top to bottom, and its codes."""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nlu.senses.perception import Origin, Source

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the page, upright and straightened."""

Matrix = NDArray[np.float64]
"""3 × 3, takes points of a page to points of the picture it was found on."""

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""The corners of a line of text, clockwise; from top left on where the engine knows which way up it is."""

_BETWEEN_IDEOGRAPHS = re.compile(r"(?<=[\u4e00-\u9fff:])\s+(?=[\u4e00-\u9fff])")


def tidy(text: str) -> str:
    """Half-width letters and punctuation, one kind of yuan sign, no gaps inside Chinese words (`合 计`)."""
    text = unicodedata.normalize("NFKC", text).replace("\u3000", " ")
    # The yuan sign is often taken for the sheep, which it resembles.
    text = re.sub(r"羊(?=\s*\d)", "¥", text)
    # Columns that stand close together are taken for one word: `18.5018.50`.
    text = re.sub(r"(?<=\d\.\d\d)(?=\d{1,6}\.\d\d(?!\d))", " ", text)
    return _BETWEEN_IDEOGRAPHS.sub("", " ".join(text.split()))


@dataclass(frozen=True)
class Line:
    text: str
    box: Box
    confidence: float

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


@dataclass(frozen=True)
class Row:
    """What stands on one height, from left to right."""

    lines: tuple[Line, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    def of(self, start: int, end: int) -> tuple[Line, ...]:
        """The lines that hold the characters from `start` to `end` of `text`."""
        found, at = [], 0
        for line in self.lines:
            if at < end and start < at + len(line.text):
                found.append(line)
            at += len(line.text) + 1
        return tuple(found)


@dataclass(frozen=True)
class Page:
    number: int
    origin: Origin
    rows: tuple[Row, ...]
    width: int
    height: int
    codes: tuple[str, ...] = ()
    """The texts of the QR codes on it."""
    darkness: float = 0.0
    sharpness: float = field(default=math.inf)
    sheet: bool = False
    """The edges of a sheet of paper were seen around it."""
    back: Matrix | None = field(default=None, compare=False)
    """From the page to the picture that was sent, where the page was turned or straightened."""

    top: int = 0
    end: int | None = None
    """The band of the page that belongs to this paper, where several stand one below the other."""

    @property
    def bottom(self) -> int:
        return self.height if self.end is None else self.end

    picture: Image.Image | None = field(default=None, repr=False, compare=False)
    """The picture that was sent; None where the page's text was not recognised from pixels."""

    @cached_property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)

    @property
    def lines(self) -> list[Line]:
        return [line for row in self.rows for line in row.lines]

    @property
    def confidence(self) -> float:
        """How surely its text was read, long lines counting more; 0 without text."""
        letters = sum(len(line.text) for line in self.lines)
        return sum(line.confidence * len(line.text) for line in self.lines) / letters if letters else 0.0

    def source(self, lines: Iterable[Line]) -> Source:
        """The place that the lines cover together."""
        boxes = [line.box for line in lines]
        if not boxes:
            return Source(origin=self.origin, page=self.number)
        left, top, right, bottom = zip(*boxes, strict=True)
        whole = (min(left), min(top), max(right), max(bottom))
        return Source(origin=self.origin, page=self.number, box=self.on_the_picture(whole))

    def on_the_picture(self, box: Box) -> Box:
        """The smallest upright box on the picture that was sent which holds this box of the page."""
        if self.back is None:
            return box
        left, top, right, bottom = box
        corners = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)])
        x, y, w = (self.back @ corners.T).tolist()
        xs = [max(0.0, a / c) for a, c in zip(x, w, strict=True)]
        ys = [max(0.0, b / c) for b, c in zip(y, w, strict=True)]
        return round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))


def in_rows(found: Iterable[tuple[str, Quad, float]]) -> tuple[Row, ...]:
    """Recognised lines → rows, also where the paper lay aslant: rows follow the writing, not the picture."""
    found = [(tidy(text), quad, confidence) for text, quad, confidence in found if text.strip()]
    tilt = _tilt([quad for _, quad, _ in found])
    placed = []
    for text, quad, confidence in found:
        left, top, right, bottom = upright_box(quad)
        x, y = (left + right) / 2, (top + bottom) / 2
        down = y * math.cos(tilt) - x * math.sin(tilt)
        along = x * math.cos(tilt) + y * math.sin(tilt)
        placed.append((down, along, _height(quad), Line(text, (left, top, right, bottom), confidence)))
    rows: list[list[tuple[float, float, float, Line]]] = []
    for item in sorted(placed, key=lambda item: item[0]):
        if rows and _same_height(rows[-1], item):
            rows[-1].append(item)
        else:
            rows.append([item])
    return tuple(Row(tuple(line for *_, line in sorted(row, key=lambda item: item[1]))) for row in rows)


def _same_height(row: list[tuple[float, float, float, Line]], item: tuple[float, float, float, Line]) -> bool:
    middle = sum(down for down, *_ in row) / len(row)
    return item[0] - middle < 0.5 * min(item[2], min(height for _, _, height, _ in row))


def _height(quad: Quad) -> float:
    (_, a), _, _, (_, b) = quad
    return math.hypot(quad[3][0] - quad[0][0], b - a)


def _tilt(quads: list[Quad]) -> float:
    """The angle of the writing in radians: the median over lines that are long enough to tell."""
    angles = sorted(
        math.atan2(b[1] - a[1], b[0] - a[0])
        for a, b, _, d in quads
        if math.dist(a, b) > 3 * math.dist(a, d) > 0
    )
    return angles[len(angles) // 2] if angles else 0.0


def upright_box(quad: Quad) -> Box:
    xs, ys = zip(*quad, strict=True)
    return round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))
