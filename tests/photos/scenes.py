"""Draws the photos that reps send: shop fronts, shelves, streets and interiors, each from a seed. All made up."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.papers.paper import SANS

Picture = Image.Image
Colour = tuple[int, int, int]
SIZE = (800, 600)

SIGNS = (
    "惠民超市",
    "好邻居便利店",
    "永旺超市",
    "万家福超市",
    "佳美便利店",
    "乐多多生鲜超市",
    "鑫源烟酒店",
    "阳光百货",
    "福满家超市",
    "四季鲜果蔬",
)
GOODS = (
    ("原味酸奶", "5.50"),
    ("香蕉牛奶", "5.80"),
    ("纯牛奶", "3.20"),
    ("脱脂牛奶", "3.60"),
    ("早餐奶", "2.90"),
    ("鲜牛奶", "8.50"),
    ("乳酸菌饮料", "4.20"),
    ("奶酪棒", "19.90"),
)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(SANS), size)


def clouds(
    random_numbers: np.random.Generator, size: tuple[int, int], slope: float = 1.6
) -> NDArray[np.float32]:
    """Noise whose power falls with frequency as in photographs; three channels around 0, spread 1."""
    width, height = size
    grey = _waves(random_numbers, size, slope)
    small = (max(width // 8, 2), max(height // 8, 2))
    tints = []
    for _ in range(3):
        tint = Image.fromarray(_waves(random_numbers, small, slope)).resize(size, Image.Resampling.BICUBIC)
        tints.append(0.9 * grey + 0.35 * np.asarray(tint))
    return np.stack(tints, axis=2)


def _waves(random_numbers: np.random.Generator, size: tuple[int, int], slope: float) -> NDArray[np.float32]:
    width, height = size
    fall = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]).astype(np.float32)
    fall[0, 0] = 1
    noise = random_numbers.normal(size=(2, *fall.shape)).astype(np.float32)
    made = np.fft.irfft2((noise[0] + 1j * noise[1]) / fall**slope, s=(height, width))
    made = made - made.mean()
    return np.asarray(made / made.std(), dtype=np.float32)


def as_picture(pixels: NDArray[np.float32]) -> Picture:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def street(seed: int, size: tuple[int, int] = SIZE) -> Picture:
    """A scene without order: light, shapes near and far, textured, no writing."""
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    picture = as_picture(128 + 46 * clouds(numbers, size))
    draw = ImageDraw.Draw(picture)
    for _ in range(chance.randint(8, 26)):
        x, y = chance.randint(-80, size[0]), chance.randint(-80, size[1])
        wide, high = chance.randint(20, size[0] // 2), chance.randint(20, size[1] // 2)
        colour = tuple(chance.randint(20, 235) for _ in range(3))
        corners = [
            (x + chance.randint(0, wide), y + chance.randint(0, high)) for _ in range(chance.randint(3, 6))
        ]
        match chance.randint(0, 3):
            case 0:
                draw.ellipse([x, y, x + wide, y + high], fill=colour)
            case 1:
                draw.rectangle([x, y, x + wide, y + high], fill=colour)
            case 2:
                draw.polygon(corners, fill=colour)
            case _:
                draw.line(corners, fill=colour, width=chance.randint(3, 22), joint="curve")
    return taken(picture, numbers)


def front(seed: int, size: tuple[int, int] = SIZE, name: str | None = None, visit: int = 0) -> Picture:
    """A shop front: sign, windows, door, pavement. The name stands on its sign. Every visit sees it a little
    differently."""
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    width, height = size
    wall: Colour = (chance.randint(120, 220), chance.randint(110, 200), chance.randint(90, 190))
    picture = Image.new("RGB", size, wall)
    draw = ImageDraw.Draw(picture)
    brick_high, brick_wide = chance.randint(14, 34), chance.randint(34, 80)
    for row, y in enumerate(range(0, height, brick_high)):
        for x in range(-brick_wide // 2 * (row % 2), width, brick_wide):
            shade = chance.randint(-22, 22)
            draw.rectangle(
                [x, y, x + brick_wide - 3, y + brick_high - 3], fill=tuple(c + shade for c in wall)
            )
    sign_top, sign_high = chance.randint(30, height // 5), chance.randint(90, 150)
    left, right = chance.randint(20, width // 5), width - chance.randint(20, width // 5)
    board = tuple(chance.randint(0, 150) for _ in range(3))
    draw.rectangle(
        [left, sign_top, right, sign_top + sign_high], fill=board, outline=(235, 235, 225), width=5
    )
    draw.text(
        ((left + right) / 2, sign_top + sign_high / 2),
        name if name is not None else chance.choice(SIGNS),
        font=font(sign_high * 5 // 9),
        fill=(255, 245, 220),
        anchor="mm",
    )
    ground = height - chance.randint(60, 130)
    x = left
    while x < right - 60:
        wide = chance.randint(70, 240)
        top = sign_top + sign_high + chance.randint(20, 60)
        glass = Image.fromarray(
            (110 + 40 * clouds(numbers, (max(wide, 8), max(ground - top, 8)), 1.3))
            .clip(0, 255)
            .astype(np.uint8)
        )
        picture.paste(glass, (x, top))
        frame = tuple(chance.randint(30, 240) for _ in range(3))
        draw.rectangle([x, top, x + wide, ground], outline=frame, width=chance.randint(4, 12))
        for _ in range(chance.randint(0, 5)):
            a, b = x + chance.randint(0, wide), top + chance.randint(0, ground - top)
            draw.rectangle(
                [a, b, a + chance.randint(10, 60), b + chance.randint(10, 60)],
                fill=tuple(chance.randint(0, 255) for _ in range(3)),
            )
        x += wide + chance.randint(10, 50)
    paving = as_picture(130 + 24 * clouds(numbers, (width, height - ground), 1.0))
    picture.paste(paving, (0, ground))
    for _ in range(chance.randint(0, 6)):
        a = chance.randint(0, width)
        draw.ellipse([a, ground - 30, a + 46, ground + 26], outline=(30, 30, 32), width=5)
    return photographed(picture, seed, visit, lean=-0.06)


@dataclass(frozen=True)
class Shelf:
    """A picture of a shelf, and what stands on its price tags, from left to right and top to bottom."""

    picture: Picture
    names: tuple[str, ...]
    prices: tuple[str, ...]


def shelf(
    seed: int,
    size: tuple[int, int] = SIZE,
    goods: Sequence[tuple[str, str]] = GOODS,
    *,
    tags: bool = True,
    visit: int = 0,
) -> Shelf:
    """Boards full of packs, the name on every pack; below each kind its price tag, where there are tags.

    On another visit the same packs stand there, but some were sold.
    """
    chance, sold = random.Random(seed), random.Random(f"{seed} {visit}")
    width, height = size
    picture = Image.new("RGB", size, tuple(chance.randint(170, 230) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    boards = 2 if len(goods) <= 8 else 3
    per_board = -(-len(goods) // boards)
    high = height // boards
    for number, (name, price) in enumerate(goods):
        board, place = divmod(number, per_board)
        wide = width // per_board
        left, top, bottom = place * wide, board * high + 16, board * high + high - 62
        colour = tuple(chance.randint(40, 220) for _ in range(3))
        light = tuple(min(255, c + 60) for c in colour)
        facings = chance.randint(2, 3)
        pack = (wide - 12) // facings
        for facing in range(facings):
            x = left + 6 + facing * pack
            sag = chance.randint(0, 14)
            if visit and sold.random() < 0.2:
                continue
            draw.rectangle([x, top + sag, x + pack - 4, bottom], fill=colour, outline=(30, 30, 30), width=2)
            draw.rectangle([x + 6, top + sag + 10, x + pack - 12, top + sag + 26], fill=light)
            size_of_name = min(26, (pack - 10) // max(len(name), 1))
            if size_of_name >= 12:
                draw.text(
                    (x + pack / 2 - 2, top + sag + 70),
                    name,
                    font=font(size_of_name),
                    fill=(250, 250, 240),
                    anchor="mm",
                )
            for _ in range(6):
                a, b = (
                    x + chance.randint(4, max(5, pack - 24)),
                    top + sag + chance.randint(95, max(96, bottom - top - 40)),
                )
                draw.ellipse([a, b, a + 14, b + 18], fill=tuple(chance.randint(0, 255) for _ in range(3)))
        draw.rectangle([left, bottom, left + wide, bottom + 62], fill=(205, 205, 200))
        if tags:
            x = left + wide // 2 - 84
            draw.rectangle(
                [x, bottom + 3, x + 168, bottom + 58], fill=(252, 252, 246), outline=(160, 30, 30), width=2
            )
            draw.text((x + 8, bottom + 6), name, font=font(20), fill=(20, 20, 24))
            draw.text((x + 8, bottom + 30), f"¥{price}", font=font(24), fill=(190, 20, 20))
            draw.text((x + 116, bottom + 34), "/盒", font=font(18), fill=(60, 60, 60))
    made = photographed(picture, seed, visit, lean=0.03, blur=0.3)
    return Shelf(made, tuple(n for n, _ in goods), tuple(p for _, p in goods))


def photographed(picture: Picture, seed: int, visit: int, lean: float = 0.06, blur: float = 0.6) -> Picture:
    """Taken with a phone in the hand: no two visits from the same place, in the same light."""
    chance = random.Random(f"{seed} {visit}")
    return taken(leaning(picture, chance, lean), np.random.default_rng([seed, visit]), blur)


def leaning(picture: Picture, chance: random.Random, most: float = 0.06) -> Picture:
    """Seen from the side: the corners are moved inwards by up to `most` of the picture's size, or, where it is
    negative, beyond its edges, as those of a house that fills the frame."""
    width, height = picture.size

    def off() -> float:
        return chance.uniform(0, most)

    source = [(0, 0), (0, height), (width, height), (width, 0)]
    target = [
        (off() * width, off() * height),
        (off() * width, height - off() * height),
        (width - off() * width, height - off() * height),
        (width - off() * width, off() * height),
    ]
    return picture.transform(
        picture.size,
        Image.Transform.PERSPECTIVE,
        perspective(target, source),
        Image.Resampling.BICUBIC,
        fillcolor=(96, 92, 88),
    )


def perspective(seen: Sequence[tuple[float, float]], drawn: Sequence[tuple[float, float]]) -> list[float]:
    """The eight numbers that take what is seen at one place from where it was drawn, as Pillow wants them."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, drawn, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return list(np.linalg.solve(np.array(rows, float), np.array(values, float)))


def taken(picture: Picture, numbers: np.random.Generator, blur: float = 0.6) -> Picture:
    """What a camera makes of it: light from one side, a soft lens, grain."""
    width, height = picture.size
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture, dtype=np.float32)
    left, right = (float(light) for light in numbers.uniform(0.8, 1.12, 2))
    above, below = (float(light) for light in numbers.uniform(0.85, 1.1, 2))
    across = np.linspace(left, right, width, dtype=np.float32)[None, :, None]
    down = np.linspace(above, below, height, dtype=np.float32)[:, None, None]
    grain = numbers.normal(0, 3, (height, width, 1)).astype(np.float32)
    return as_picture(pixels * across * down + grain)


SCENES: tuple[Callable[[int, int], Picture], ...] = (
    lambda seed, visit: street(seed),
    lambda seed, visit: front(seed, visit=visit),
    lambda seed, visit: shelf(seed, visit=visit).picture,
)


def scene(seed: int, visit: int = 0) -> Picture:
    """One of the kinds of scene, different for every seed. Shops and shelves may be visited again."""
    return SCENES[seed % len(SCENES)](seed, visit)
