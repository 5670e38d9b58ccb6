"""What a page is that is no receipt."""

import re
from collections.abc import Callable

from nlu.senses.finding import AMOUNT
from nlu.senses.pages import Page
from nlu.senses.perception import Document, FieldValue, Kind
from nlu.senses.photos.cards import business_card
from nlu.senses.photos.fingerprints import Eye, fingerprint
from nlu.senses.photos.papers import NO_PAPERS
from nlu.senses.photos.shelves import shelf
from nlu.senses.photos.watermarks import is_unmistakable, watermark

FEWEST_LINES_OF_PAPER = 5
PAPER_IS_COVERED = 0.06
"""Share of a photographed paper that is writing, at least; receipts measure 0.1 and more."""
SHARP = 30.0
"""As `reading.BLURRED`: below it no print is legible."""


def photo_on(page: Page) -> Document | None:
    """A watermark photo, a business card or a shelf; None for everything else. A watermark over a shelf has the
    fields of both."""
    if fields := watermark(page):
        stamped = [field.text for field in fields.values()]
        return Document(kind="watermark_photo", fields=(shelf(page, stamped) or {}) | fields)
    for kind, reader in READERS:
        if found := reader(page):
            return Document(kind=kind, fields=found)
    return None


def no_paper(page: Page) -> bool:
    """What was taken for a receipt whose amount is missing is none: words on a sign, or a photo's watermark."""
    return is_scene(page) or is_unmistakable(page)


def known_by(page: Page, kind: Kind, eye: Eye) -> str | None:
    """The fingerprint of a page's picture, as text. On photos writing does not count; papers are nothing else."""
    if page.picture is None:
        return None
    writing = [page.on_the_picture(line.box) for line in page.lines] if kind in NO_PAPERS else []
    return fingerprint(page.picture, eye, writing).to_text()


def is_scene(page: Page) -> bool:
    """A sharp picture with too little writing to be a paper: a shop front, a freezer, people. It need not be
    legible, and nobody is asked for a better one."""
    written = [line for line in page.lines if len(line.text) >= 2]
    amounts = any(re.search(AMOUNT, line.text) for line in written)
    sparse = len(written) < FEWEST_LINES_OF_PAPER or _covered(page) < PAPER_IS_COVERED
    return page.sharpness > SHARP and sparse and not amounts


def _covered(page: Page) -> float:
    """The share of the picture that is writing."""
    boxes = [line.box for line in page.lines]
    return sum((c - a) * (d - b) for a, b, c, d in boxes) / max(page.width * page.height, 1)


READERS: tuple[tuple[Kind, Callable[[Page], dict[str, FieldValue] | None]], ...] = (
    ("business_card", business_card),
    ("shelf_photo", shelf),
)
