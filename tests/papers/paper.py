"""A sheet of paper on which text is put line after line, and what else is on paper: codes and stamps."""

import math
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parents[1] / "fixtures" / "fonts"
SANS, SERIF = FONTS / "NotoSansSC-Receipts.otf", FONTS / "NotoSerifSC-Receipts.otf"
INK = (38, 38, 44)
RED = (178, 44, 40)
BROWN = (150, 82, 50)

Picture = Image.Image
Colour = tuple[int, int, int]


def font(size: int, face: Path = SANS) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face), size)


class Paper:
    """A strip of paper on which text is put line after line; `cells` remembers what stands where."""

    def __init__(
        self,
        width: int,
        height: int,
        colour: Colour = (250, 249, 245),
        *,
        face: Path = SANS,
        ink: Colour = INK,
    ) -> None:
        self.picture = Image.new("RGB", (width, height), colour)
        self.draw = ImageDraw.Draw(self.picture)
        self.width, self.y = width, 24
        self.face, self.ink = face, ink
        self.cells: list[tuple[float, float, int, str]] = []

    def centre(self, text: str, size: int, ink: Colour | None = None) -> None:
        self.write(self.width / 2, text, size, ink, "ma")
        self.y += round(size * 1.6)

    def put(self, *cells: tuple[int, str], size: int = 24, ink: Colour | None = None) -> None:
        """Cells at their x on one line; a negative x counts from the right edge, right-aligned."""
        for x, text in cells:
            place, anchor = (x, "la") if x >= 0 else (self.width + x, "ra")
            self.write(place, text, size, ink, anchor)
        self.y += round(size * 1.6)

    def write(self, x: float, text: str, size: int, ink: Colour | None = None, anchor: str = "la") -> None:
        letters = font(size, self.face)
        self.draw.text((x, self.y), text, font=letters, fill=ink or self.ink, anchor=anchor)
        left, _, _, bottom = self.draw.textbbox((x, self.y), text, font=letters, anchor=anchor)
        self.cells.append((left, bottom, size, text))

    def column(self, x: int, top: int, text: str, size: int, ink: Colour | None = None) -> None:
        """Letters one below the other, as beside the parties of an invoice."""
        after = self.y
        for index, letter in enumerate(text):
            self.y = top + round(index * size * 1.15)
            self.write(x, letter, size, ink)
        self.y = after

    def rule(self) -> None:
        for x in range(24, self.width - 24, 12):
            self.draw.line([(x, self.y + 6), (x + 7, self.y + 6)], fill=self.ink, width=2)
        self.y += 22

    def frame(self, *boxes: tuple[int, int, int, int], ink: Colour = BROWN) -> None:
        for box in boxes:
            self.draw.rectangle(box, outline=ink, width=2)

    def cut(self) -> Picture:
        return self.picture.crop((0, 0, self.width, self.y + 24))


def qr(text: str, scale: int = 4) -> Picture:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=scale)).convert("RGB")


def stamp(text: str, size: int = 220, *, oval: bool = False) -> Picture:
    """A seal with a transparent ground: the name around the rim, a star or a line in the middle."""
    made = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(made)
    ink = (206, 40, 44, 165)
    draw.ellipse([4, 4, size - 5, size - 5], outline=ink, width=max(3, size // 45))
    letters = font(size // 10)
    for index, letter in enumerate(text):
        angle = math.radians(-150 + 300 * (index + 0.5) / len(text) - 90)
        cell = Image.new("RGBA", (size // 6, size // 6), (0, 0, 0, 0))
        ImageDraw.Draw(cell).text((size // 12, size // 12), letter, font=letters, fill=ink, anchor="mm")
        cell = cell.rotate(-math.degrees(angle) - 90, Image.Resampling.BICUBIC)
        x, y = size / 2 + 0.39 * size * math.cos(angle), size / 2 + 0.39 * size * math.sin(angle)
        made.alpha_composite(cell, (round(x - size / 12), round(y - size / 12)))
    draw.regular_polygon((size / 2, size / 2, size / 9), 5, rotation=0, fill=ink)
    return made.resize((size, round(size * 0.68)), Image.Resampling.BICUBIC) if oval else made
