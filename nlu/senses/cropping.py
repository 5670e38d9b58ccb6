"""The places of a picture or PDF that a check speaks of, cut out for the person who decides."""

import io
from collections.abc import Sequence

import pypdfium2
from PIL import Image

from nlu.senses.documents import LONGEST_RENDERED_SIDE, MOST_PAGES, PIXELS_PER_POINT
from nlu.senses.errors import UnreadableMedia
from nlu.senses.perception import Source
from nlu.senses.pictures import LARGEST_BYTES, open_picture, refused
from nlu.senses.sniffing import kind_of

MARGIN = 0.6
"""Of the height of the place, on every side: enough to see the label and the line above."""
WIDEST, GAP, GREY = 1200, 12, (120, 120, 126)
QUALITY = 85


def crop(data: bytes, source: Source, margin: float = MARGIN) -> bytes:
    """The place as a JPEG. Raises UnreadableMedia, also where the source names no place in a picture or PDF."""
    return sheet(data, (source,), margin)


def sheet(data: bytes, sources: Sequence[Source], margin: float = MARGIN) -> bytes:
    """The places one below the other, as a JPEG of at most 1,200 pixels' width. Raises UnreadableMedia."""
    pages: dict[int, Image.Image] = {}
    pieces = []
    for source in sources:
        if source.page not in pages:
            pages[source.page] = page_of(data, source.page)
        pieces.append(_cut(pages[source.page], source, margin))
    if not pieces:
        raise refused("unknown")
    width = max(piece.width for piece in pieces)
    height = sum(piece.height + GAP for piece in pieces) - GAP
    whole = Image.new("RGB", (width, height), GREY)
    top = 0
    for piece in pieces:
        whole.paste(piece, (0, top))
        top += piece.height + GAP
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def page_of(data: bytes, number: int) -> Image.Image:
    """A page as its places are counted on it: pictures turned by their EXIF, PDF pages as they are rendered to be
    read. Raises UnreadableMedia."""
    kind = kind_of(data)
    if kind != "pdf":
        return open_picture(data, kind)
    if len(data) > LARGEST_BYTES:
        raise refused("too_large")
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            if not 1 <= number <= min(len(document), MOST_PAGES):
                raise refused("unknown")
            page = document[number - 1]
            scale = min(PIXELS_PER_POINT, LONGEST_RENDERED_SIDE / max(*page.get_size(), 1))
            picture: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
            return picture.convert("RGB")
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, OSError):
        raise refused("damaged") from None


def _cut(page: Image.Image, source: Source, margin: float) -> Image.Image:
    left, top, right, bottom = source.box or (0, 0, 0, 0)
    around = round(margin * (bottom - top))
    edges = (
        max(0, left - around),
        max(0, top - around),
        min(page.width, right + around),
        min(page.height, bottom + around),
    )
    if edges[0] >= edges[2] or edges[1] >= edges[3]:
        raise UnreadableMedia("no_place", "这个位置不在图片上，截不出来。请看原图。")
    piece = page.crop(edges)
    piece.thumbnail((WIDEST, WIDEST))
    return piece
