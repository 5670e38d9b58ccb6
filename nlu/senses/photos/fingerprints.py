"""What is kept of a picture so that it is known again: hashes, features and a tiny grey copy.

About 10 KB a picture. The tiny copy (64 pixels wide) shows light and dark, no face and no writing.
"""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from nlu.senses.pages import Box
from nlu.senses.photos.hashing import phash_all_ways, phash_of_windows
from nlu.senses.pictures import Pixels

LONGEST_SIDE = 640
"""Pixels of the picture in which features are looked for: large and small copies come to the same."""
TINY_SIDE = 64
PER_TINY = LONGEST_SIDE / TINY_SIDE
MOST_FEATURES = 200
HIDDEN = 0
"""A pixel of the tiny copy that lies under writing; all others are at least 1."""

LINES_OF_A_PANEL = 3

BLACK, WHITE, MOSTLY, LEAST_LEFT = 24, 247, 0.6, 0.3


@dataclass(frozen=True)
class Features:
    """Corners of a picture, the strongest first: places in pixels, and what each looks like in 256 bits."""

    places: NDArray[np.float32]
    looks: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.places)


class Eye(Protocol):
    def features(self, grey: Pixels, visible: NDArray[np.bool_]) -> Features:
        """The strongest corners of a grey picture where it is visible; at most MOST_FEATURES."""
        ...


@dataclass(frozen=True)
class Look:
    features: Features
    tiny: Pixels

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        places = np.rint(self.features.places * 16).astype(np.uint16)
        np.savez(out, places=places, looks=self.features.looks, tiny=self.tiny)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Look":
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            places = kept["places"].astype(np.float32) / 16
            return cls(Features(places, kept["looks"]), kept["tiny"])


@dataclass(frozen=True)
class Fingerprint:
    """`hashes` (the whole and its parts) and `look` are kept; `ways` and `mirrored` serve to search with."""

    hashes: tuple[int, ...]
    ways: tuple[int, ...]
    look: Look
    mirrored: Look

    def to_text(self) -> str:
        """For the way between processes."""
        out = io.BytesIO()
        numbers = {"hashes": self.hashes, "ways": self.ways}
        kept = {name: np.array(hashes, dtype=np.uint64) for name, hashes in numbers.items()}
        for name, look in (("look", self.look), ("mirrored", self.mirrored)):
            kept[name] = np.frombuffer(look.to_bytes(), dtype=np.uint8)
        np.savez_compressed(out, **kept)  # type: ignore[arg-type]
        return base64.b64encode(out.getvalue()).decode()

    @classmethod
    def from_text(cls, text: str) -> "Fingerprint":
        with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as kept:
            hashes, ways = (tuple(map(int, kept[name])) for name in ("hashes", "ways"))
            look, mirrored = (Look.from_bytes(kept[name].tobytes()) for name in ("look", "mirrored"))
            return cls(hashes, ways, look, mirrored)


def fingerprint(picture: Image.Image, eye: Eye, writing: Iterable[Box] = ()) -> Fingerprint:
    """Of an RGB picture, whichever way up.

    What lies under `writing` does not count: the same watermark or price tag on two pictures makes them no
    copies, and another watermark makes no other picture."""
    lines = tuple(writing)
    visible = Image.new("L", picture.size, 255)
    for left, top, right, bottom in (*map(_with_margin, lines), *panels(lines)):
        visible.paste(0, (left, top, right, bottom))
    shown = within_bars(picture)
    picture, visible = picture.crop(shown), visible.crop(shown)
    grey = _scaled(picture.convert("L"), LONGEST_SIDE)
    mask = visible.resize(grey.size, Image.Resampling.NEAREST)
    ways = phash_all_ways(picture)
    return Fingerprint(
        hashes=(ways[0], *phash_of_windows(grey)),
        ways=ways,
        look=_look(grey, mask, eye),
        mirrored=_look(ImageOps.mirror(grey), ImageOps.mirror(mask), eye),
    )


def _with_margin(box: Box, share: float = 1 / 3) -> Box:
    left, top, right, bottom = box
    margin = round(share * (bottom - top))
    return left - margin, top - margin, right + margin, bottom + margin


def panels(lines: Sequence[Box]) -> list[Box]:
    """What three or more lines of writing, each close below the last, cover together: as camera apps print them, often
    on a ground of their own, which hides what lies behind."""
    blocks: list[list[Box]] = []
    for line in sorted(lines, key=lambda box: box[1]):
        block = next((block for block in blocks if _goes_on(block[-1], line)), None)
        if block is None:
            blocks.append([line])
        else:
            block.append(line)
    found = []
    for block in blocks:
        if len(block) >= LINES_OF_A_PANEL:
            rim = max(bottom - top for _, top, _, bottom in block)
            lefts, tops, rights, bottoms = zip(*block, strict=True)
            found.append((min(lefts) - rim, min(tops) - rim, max(rights) + rim, max(bottoms) + rim))
    return found


def _goes_on(above: Box, below: Box) -> bool:
    height = max(above[3] - above[1], below[3] - below[1])
    return below[1] - above[3] < 1.5 * height and above[0] < below[2] and below[0] < above[2]


def within_bars(picture: Image.Image) -> Box:
    """What is left without black or white bars on two opposite sides, as screenshots have them."""
    tones = np.asarray(picture.convert("L"), dtype=np.int16)
    top, bottom = _between_bars(tones)
    left, right = _between_bars(tones[top:bottom].T)
    return left, top, right, bottom


def _between_bars(tones: NDArray[np.int16]) -> tuple[int, int]:
    edge = float(np.median(tones[[0, -1]]))
    if BLACK < edge < WHITE:
        return 0, len(tones)
    bar = (np.abs(tones - edge) < 8).mean(axis=1) > MOSTLY
    rest = np.flatnonzero(~bar)
    if not (bar[0] and bar[-1] and len(rest)):
        return 0, len(tones)
    # Buttons and a clock lie inside the bars: the photo is the longest stretch.
    parts = np.split(rest, np.flatnonzero(np.diff(rest) > len(tones) // 50) + 1)
    photo = max(parts, key=len)
    return (int(photo[0]), int(photo[-1]) + 1) if len(photo) > LEAST_LEFT * len(tones) else (0, len(tones))


def _scaled(grey: Image.Image, longest: int) -> Image.Image:
    factor = longest / max(grey.size)
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    return grey.resize(size, Image.Resampling.BILINEAR if factor > 1 else Image.Resampling.BOX)


def _look(grey: Image.Image, mask: Image.Image, eye: Eye) -> Look:
    tiny = np.maximum(np.asarray(_scaled(grey, TINY_SIDE)), HIDDEN + 1)
    seen = np.asarray(mask.resize((tiny.shape[1], tiny.shape[0]), Image.Resampling.BOX)) > 127
    visible = np.asarray(mask) > 127
    return Look(eye.features(np.asarray(grey), visible), np.where(seen, tiny, HIDDEN).astype(np.uint8))
