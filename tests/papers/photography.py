"""What happens between the paper and the picture that arrives: light, lens, hand, creases, stamps, fading, JPEG.

A perturbation takes a paper and a seeded chance and gives the picture. Those in READABLE leave everything
legible for a person; those in UNREADABLE do not, and a reader has to ask for a new picture. Those in HARD lie
between: what is still legible may be read, and nothing may be guessed.
"""

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.papers.contents import Chance
from tests.papers.paper import Picture, stamp

Pixels = NDArray[np.uint8]
TABLES = ((118, 92, 70), (92, 94, 98), (60, 66, 74), (150, 128, 104), (84, 60, 44))


def photographed(
    picture: Picture,
    chance: Chance,
    *,
    degrees: float | None = None,
    depth: float = 0.02,
    margin: float = 0.07,
) -> Picture:
    """The paper on a table, a little aslant and in a little perspective, with light from a side and grain."""
    turn = chance.uniform(-3, 3) if degrees is None else degrees
    return on_table([(picture, turn)], chance, depth=depth, margin=margin)


def on_table(
    papers: Sequence[tuple[Picture, float]],
    chance: Chance,
    *,
    depth: float = 0.02,
    margin: float = 0.07,
    columns: int = 0,
) -> Picture:
    """Several papers side by side on one table, each turned by its degrees."""
    laid = [_turned(picture, degrees) for picture, degrees in papers]
    columns = columns or math.ceil(math.sqrt(len(laid)))
    rows = [laid[at : at + columns] for at in range(0, len(laid), columns)]
    gap = round(margin * max(max(one.size) for one in laid))
    width = max(sum(one.width + gap for one in row) for row in rows) + gap
    height = sum(max(one.height for one in row) + gap for row in rows) + gap
    table = _table(width, height, chance)
    y = gap
    for row in rows:
        x = gap
        for one in row:
            _lay(table, one, x, y)
            x += one.width + gap
        y += max(one.height for one in row) + gap
    return _grain(_light(_tilted(table, chance, depth), chance), chance)


def _turned(picture: Picture, degrees: float) -> Picture:
    return picture.convert("RGBA").rotate(degrees, Image.Resampling.BICUBIC, expand=True)


def _table(width: int, height: int, chance: Chance) -> Picture:
    base = np.array(chance.choice(TABLES), dtype=np.float32)
    streaks = np.random.default_rng(chance.randrange(10**6)).normal(0, 7, (height, 1, 1)).astype(np.float32)
    return Image.fromarray(
        np.broadcast_to(base + streaks, (height, width, 3)).clip(0, 255).astype(np.uint8).copy()
    )


def _lay(table: Picture, paper: Picture, x: int, y: int) -> None:
    shadow = paper.getchannel("A").point(lambda alpha: alpha * 140 // 255).filter(ImageFilter.GaussianBlur(8))
    table.paste((26, 20, 16), (x + 6, y + 9), shadow)
    table.paste(paper, (x, y), paper.getchannel("A"))


def _tilted(picture: Picture, chance: Chance, depth: float) -> Picture:
    """Perspective: every corner moves inwards by up to `depth` of the side."""
    width, height = picture.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    inwards = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], np.float32)
    moved = corners + inwards * np.array([[chance.uniform(0, depth) * width, chance.uniform(0, depth) * height]
                                          for _ in range(4)], np.float32)  # fmt: skip
    matrix = cv2.getPerspectiveTransform(corners, moved)
    turned = cv2.warpPerspective(
        np.asarray(picture), matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return Image.fromarray(turned)


def _light(picture: Picture, chance: Chance) -> Picture:
    """Brighter on one side than on the other, as under a lamp."""
    width, height = picture.size
    angle = chance.uniform(0, 2 * math.pi)
    across, down = np.linspace(-0.5, 0.5, width)[None, :], np.linspace(-0.5, 0.5, height)[:, None]
    slope = 0.93 + 0.16 * (math.cos(angle) * across + math.sin(angle) * down)
    return _scaled(picture, slope)


def _scaled(picture: Picture, by: NDArray[np.float64]) -> Picture:
    return Image.fromarray((np.asarray(picture) * by[:, :, None]).clip(0, 255).astype(np.uint8))


def _grain(picture: Picture, chance: Chance, amount: float = 3.0) -> Picture:
    noise = np.random.default_rng(chance.randrange(10**6)).normal(
        0, amount, (picture.height, picture.width, 3)
    )
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


def creased(picture: Picture, chance: Chance) -> Picture:
    """Folds: lines where the light breaks, and a slight displacement along them."""
    pixels = np.asarray(picture.convert("RGB")).astype(np.float32)
    height, width = pixels.shape[:2]
    shade = np.ones((height, width), np.float32)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    shift = np.zeros((height, width), np.float32)
    for _ in range(chance.randint(2, 4)):
        angle = chance.choice((0.0, math.pi / 2)) + chance.uniform(-0.25, 0.25)
        x, y = chance.uniform(0.2, 0.8) * width, chance.uniform(0.2, 0.8) * height
        away = (across - x) * math.cos(angle) + (down - y) * math.sin(angle)
        shade *= (
            1 - 0.28 * np.exp(-((away / 4) ** 2)) + 0.10 * np.tanh(away / 60) * np.exp(-np.abs(away) / 120)
        )
        shift += 3.0 * np.exp(-np.abs(away) / 30)
    bent = cv2.remap(pixels, across, down + shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Image.fromarray((bent * shade[:, :, None]).clip(0, 255).astype(np.uint8))


def stamped(picture: Picture, chance: Chance) -> Picture:
    """The seller's seal, over whatever is printed there."""
    made = picture.convert("RGBA")
    size = round(min(picture.size) * chance.uniform(0.3, 0.42))
    seal = stamp("青城管理有限公司发票专用章", size, oval=chance.random() < 0.5).rotate(
        chance.uniform(-30, 30), Image.Resampling.BICUBIC, expand=True
    )
    x = round(chance.uniform(0.1, 0.9) * (picture.width - seal.width))
    y = round(chance.uniform(0.3, 1.0) * (picture.height - seal.height))
    made.alpha_composite(seal, (max(0, x), max(0, y)))
    return made.convert("RGB")


def faded(picture: Picture, chance: Chance) -> Picture:
    """Thermal print after months in a wallet: grey on grey, paler in bands."""
    pixels = np.asarray(picture.convert("RGB")).astype(np.float32)
    paper = np.percentile(pixels.reshape(-1, 3), 90, axis=0)
    bands = cv2.resize(
        np.random.default_rng(chance.randrange(10**6)).uniform(0.28, 0.55, (8, 3)).astype(np.float32),
        picture.size,
        interpolation=cv2.INTER_CUBIC,
    )
    return Image.fromarray((paper + (pixels - paper) * bands[:, :, None]).clip(0, 255).astype(np.uint8))


def dotted(picture: Picture, chance: Chance) -> Picture:
    """A dot-matrix printer's letters: thin, with gaps."""
    pixels = np.asarray(picture.convert("RGB")).copy()
    gaps = np.zeros(pixels.shape[:2], bool)
    gaps[::4, :] = True
    paper = np.percentile(pixels.reshape(-1, 3), 90, axis=0)
    pixels[gaps] = (0.45 * pixels[gaps] + 0.55 * paper).astype(np.uint8)
    return Image.fromarray(pixels)


def shadowed(picture: Picture, chance: Chance) -> Picture:
    """The hand and the telephone between lamp and paper: a hard-edged shadow over a part."""
    width, height = picture.size
    angle, edge = chance.uniform(0, 2 * math.pi), chance.uniform(-0.15, 0.15)
    across, down = np.linspace(-0.5, 0.5, width)[None, :], np.linspace(-0.5, 0.5, height)[:, None]
    away = math.cos(angle) * across + math.sin(angle) * down - edge
    return _scaled(picture, 1 - 0.5 / (1 + np.exp(-away * 60)))


def blurred(picture: Picture, sigma: float) -> Picture:
    return picture.filter(ImageFilter.GaussianBlur(sigma))


def dark(picture: Picture, light: float) -> Picture:
    return Image.fromarray((np.asarray(picture) * light).astype(np.uint8))


def smeared(picture: Picture, pixels: int) -> Picture:
    """The hand moved: motion blur along a row."""
    kernel = np.full((1, pixels), 1 / pixels, np.float32)
    return Image.fromarray(cv2.filter2D(np.asarray(picture), -1, kernel))


Perturbation = Callable[[Picture, Chance], Picture]


def _quarter(turns: int) -> Perturbation:
    return lambda paper, chance: photographed(paper, chance).rotate(90 * turns, expand=True)


def _aslant(paper: Picture, chance: Chance) -> Picture:
    return photographed(paper, chance, degrees=chance.choice((-1, 1)) * chance.uniform(10, 15))


READABLE: dict[str, Perturbation] = {
    "as printed": lambda paper, chance: paper,
    "photographed": photographed,
    "turned 90": _quarter(1),
    "turned 180": _quarter(2),
    "turned 270": _quarter(3),
    "aslant 15": _aslant,
    "perspective": lambda paper, chance: photographed(paper, chance, depth=0.11, margin=0.14),
    "blur": lambda paper, chance: blurred(photographed(paper, chance), chance.uniform(0.8, 1.3)),
    "dim": lambda paper, chance: _grain(
        dark(photographed(paper, chance), chance.uniform(0.3, 0.45)), chance, 2
    ),
    "shadow": lambda paper, chance: shadowed(photographed(paper, chance), chance),
    "JPEG 40": photographed,
    "creases": lambda paper, chance: photographed(creased(paper, chance), chance),
    "stamp": lambda paper, chance: photographed(stamped(paper, chance), chance),
    "faded": lambda paper, chance: photographed(faded(paper, chance), chance),
    "dot matrix": lambda paper, chance: photographed(dotted(paper, chance), chance),
}


def _worn(paper: Picture, chance: Chance) -> Picture:
    return photographed(creased(stamped(faded(paper, chance), chance), chance), chance)


HARD: dict[str, Perturbation] = {
    "soft": lambda paper, chance: blurred(photographed(paper, chance), chance.uniform(1.8, 3.2)),
    "shaken": lambda paper, chance: smeared(photographed(paper, chance), chance.randrange(7, 14)),
    "night": lambda paper, chance: _grain(
        dark(photographed(paper, chance), chance.uniform(0.06, 0.12)), chance, 2
    ),
    "worn": _worn,
    "JPEG 12": photographed,
    "from far": lambda paper, chance: photographed(paper, chance).reduce(2),
}


def _cut_off(paper: Picture, chance: Chance) -> Picture:
    """The lower right part, with the amount, is outside the picture."""
    taken = photographed(paper, chance)
    return taken.crop((0, 0, round(taken.width * 0.62), round(taken.height * 0.5)))


UNREADABLE: dict[str, Perturbation] = {
    "far out of focus": lambda paper, chance: blurred(photographed(paper, chance), chance.uniform(5, 8)),
    "moved": lambda paper, chance: smeared(photographed(paper, chance), chance.randrange(24, 36)),
    "nearly black": lambda paper, chance: _grain(dark(photographed(paper, chance), 0.03), chance, 3),
    "cut off": _cut_off,
}

QUALITY = {"JPEG 12": 12, "JPEG 40": 40, "as printed": 90}
"""Others are sent as chat apps send pictures: quality 75."""
