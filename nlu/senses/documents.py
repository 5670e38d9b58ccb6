"""The bytes of a picture or a PDF → pages of text, each line with its place and how surely it was read."""

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pypdfium2
from PIL import Image, ImageOps

from nlu.senses.codes import codes_of
from nlu.senses.engines.sheets import sheets
from nlu.senses.errors import UnreadableMedia
from nlu.senses.kinds import looks_like_receipt
from nlu.senses.pages import Matrix, Page, Quad, in_rows
from nlu.senses.parting import parted
from nlu.senses.pictures import LARGEST_BYTES, Pixels, darkness_and_sharpness, open_picture, refused
from nlu.senses.sniffing import kind_of
from nlu.senses.turning import upright

MOST_PAGES = 20
MOST_RECOGNISED_PAGES = 6
"""Pages without text cost about a second each."""
FEWEST_LETTERS = 16
"""A page with fewer is taken for a scan: its text is a stamp or a page number."""
PIXELS_PER_POINT = 2.0
LONGEST_RENDERED_SIDE = 2400

DIM = 0.5
"""Darker pictures are brightened before they are read."""

LOCKED = "这份 PDF 有密码，我打不开。请去掉密码后再发，或者把票据截图发给我。"
NO_PDF = "这份 PDF 没有传完整或者已经损坏，打不开。请重新下载后再发，或者把票据截图发给我。"
TOO_MANY = "这份 PDF 有 {pages} 页，一次最多读 20 页。请只导出票据所在的那几页再发。"


class ReadingEngine(Protocol):
    @property
    def name(self) -> str: ...

    def recognise(self, picture: Pixels) -> list[tuple[str, Quad, float]]:
        """An RGB picture → its lines of text with corners and confidence. Raises EngineFailed."""
        ...


def pages(data: bytes, engine: ReadingEngine) -> tuple[Page, ...]:
    """Every paper in the file as a page of its own: photographed side by side, one below the other, or on pages of
    a PDF; `number` is the page of the file. Raises UnreadableMedia with words for the rep, EngineFailed where the
    engine fell over.
    """
    kind = kind_of(data)
    if kind != "pdf":
        return pages_of_picture(open_picture(data, kind), engine)
    if len(data) > LARGEST_BYTES:
        raise refused("too_large")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise UnreadableMedia(*(("locked", LOCKED) if locked else ("damaged", NO_PDF))) from None
    try:
        return _pages_of_pdf(document, engine)
    except (pypdfium2.PdfiumError, ValueError, OSError):
        raise UnreadableMedia("damaged", NO_PDF) from None
    finally:
        document.close()


def pages_of_picture(picture: Image.Image, engine: ReadingEngine, number: int = 1) -> tuple[Page, ...]:
    """The sheets of paper that are seen on the picture; where none is, the picture itself."""
    found = sheets(picture)
    alone = len(found) == 1
    read = [
        page_of_picture(sheet, engine, number, back, codes_of(sheet, enlarge=not alone))
        for sheet, back in found
    ]
    if not read:
        read = [page_of_picture(picture, engine, number, codes=codes_of(picture))]
    elif alone and not read[0].codes:
        # Straightening may blur a small code, and a sheet may have been cut too closely.
        read = [replace(read[0], codes=codes_of(picture))]
    if read[0].sheet and not any(looks_like_receipt(page) for page in read):
        # What looked like sheets of paper may be posters and boxes: then the whole picture tells what it is.
        read.insert(0, page_of_picture(picture, engine, number, codes=codes_of(picture)))
    return tuple(replace(part, picture=picture) for page in read for part in _parts(page, picture))


def page_of_picture(
    picture: Image.Image,
    engine: ReadingEngine,
    number: int = 1,
    back: Matrix | None = None,
    codes: tuple[str, ...] = (),
) -> Page:
    """`back` takes points of `picture` to the picture that was sent, where that is another; `codes` stand on it."""
    darkness, sharpness = darkness_and_sharpness(picture)
    lit = ImageOps.autocontrast(picture, cutoff=(0, 1)) if darkness > DIM else picture
    found, size, turned = upright(engine.recognise(np.asarray(lit)), picture.size)
    return Page(
        number=number,
        origin="ocr",
        rows=in_rows(found),
        width=size[0],
        height=size[1],
        codes=codes,
        darkness=darkness,
        sharpness=sharpness,
        sheet=back is not None,
        back=turned if back is None else back @ turned,
    )


def _parts(page: Page, picture: Image.Image) -> tuple[Page, ...]:
    """Papers printed or lying one below the other, each with the code that stands beside it."""
    parts = parted(page)
    if len(parts) == 1:
        return parts
    cut = [picture.crop(part.on_the_picture((0, part.top, part.width, part.bottom))) for part in parts]
    return tuple(replace(part, codes=codes_of(piece)) for part, piece in zip(parts, cut, strict=True))


def _pages_of_pdf(document: Any, engine: ReadingEngine) -> tuple[Page, ...]:
    count = len(document)
    if not count:
        raise UnreadableMedia("damaged", NO_PDF)
    if count > MOST_PAGES:
        raise UnreadableMedia("too_many_pages", TOO_MANY.format(pages=count))
    read: list[Page] = []
    recognised = 0
    for number, page in enumerate(document, start=1):
        scale = min(PIXELS_PER_POINT, LONGEST_RENDERED_SIDE / max(*page.get_size(), 1))
        picture = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
        lines = _text_of(page, scale)
        if sum(len(text) for text, *_ in lines) >= FEWEST_LETTERS:
            whole = Page(number, "text", in_rows(lines), picture.width, picture.height, codes_of(picture))
            read += _parts(whole, picture)
        elif recognised < MOST_RECOGNISED_PAGES:
            scanned = pages_of_picture(picture, engine, number)
            recognised += len(scanned)
            read += scanned
    return tuple(read)


def _text_of(page: Any, scale: float) -> list[tuple[str, Quad, float]]:
    """The pieces of text of a page, with their corners in the pixels of its rendering."""
    text = page.get_textpage()
    height = page.get_size()[1]
    found: list[tuple[str, Quad, float]] = []
    for index in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(index)
        piece = text.get_text_bounded(left, bottom, right, top)
        x0, x1, y0, y1 = left * scale, right * scale, (height - top) * scale, (height - bottom) * scale
        if piece.strip():
            found.append((piece, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), 1.0))
    return found
