"""What happens to a photo between being taken and being sent again: honest and other."""

import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

Picture = Image.Image
Change = Callable[[Picture, random.Random], Picture]


def recompressed(picture: Picture, chance: random.Random) -> Picture:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=chance.randint(35, 60))
    return Image.open(out).convert("RGB")


def resized(picture: Picture, chance: random.Random) -> Picture:
    factor = chance.choice((0.5, 0.6, 0.75, 1.3, 1.6))
    size = (round(picture.width * factor), round(picture.height * factor))
    return recompressed(picture.resize(size, Image.Resampling.LANCZOS), chance)


def brightened(picture: Picture, chance: random.Random) -> Picture:
    lit = ImageEnhance.Brightness(picture).enhance(chance.choice((0.7, 0.8, 1.2, 1.35)))
    return recompressed(ImageEnhance.Contrast(lit).enhance(chance.uniform(0.85, 1.2)), chance)


def mirrored(picture: Picture, chance: random.Random) -> Picture:
    return recompressed(chance.choice((ImageOps.mirror, ImageOps.flip))(picture), chance)


def turned(picture: Picture, chance: random.Random) -> Picture:
    return recompressed(picture.rotate(chance.choice((90, 180, 270)), expand=True), chance)


def mirrored_and_turned(picture: Picture, chance: random.Random) -> Picture:
    return turned(ImageOps.mirror(picture), chance)


def tilted(picture: Picture, chance: random.Random) -> Picture:
    return recompressed(picture.rotate(chance.uniform(-3, 3), Image.Resampling.BICUBIC), chance)


def cropped(picture: Picture, chance: random.Random, share: float) -> Picture:
    """So much of the width and of the height is cut away, from whichever sides."""
    wide, high = round(picture.width * (1 - share)), round(picture.height * (1 - share))
    left, top = chance.randint(0, picture.width - wide), chance.randint(0, picture.height - high)
    return recompressed(picture.crop((left, top, left + wide, top + high)), chance)


def cropped_5(picture: Picture, chance: random.Random) -> Picture:
    return cropped(picture, chance, 0.05)


def cropped_10(picture: Picture, chance: random.Random) -> Picture:
    return cropped(picture, chance, 0.10)


def cropped_and_mirrored(picture: Picture, chance: random.Random) -> Picture:
    return cropped(ImageOps.mirror(picture), chance, 0.08)


def screenshot(picture: Picture, chance: random.Random) -> Picture:
    """The photo as it is seen in a phone's album: black bars above and below, a clock, some buttons."""
    screen = Image.new("RGB", (picture.width, round(picture.width * 1.9)), (12, 12, 14))
    screen.paste(picture, (0, (screen.height - picture.height) // 2))
    draw = ImageDraw.Draw(screen)
    draw.text((30, 20), f"{chance.randint(8, 18)}:{chance.randint(10, 59)}", fill="white", font_size=28)
    for x in range(4):
        draw.ellipse(
            [60 + x * 180, screen.height - 90, 110 + x * 180, screen.height - 40], outline="white", width=3
        )
    return recompressed(screen, chance)


WHOLE: dict[str, Change] = {
    "recompressed": recompressed,
    "resized": resized,
    "brightened": brightened,
    "mirrored": mirrored,
    "turned": turned,
    "mirrored and turned": mirrored_and_turned,
    "tilted by up to 3°": tilted,
}
CUT: dict[str, Change] = {
    "5 % cut away": cropped_5,
    "10 % cut away": cropped_10,
    "cut and mirrored": cropped_and_mirrored,
    "screenshot": screenshot,
}
