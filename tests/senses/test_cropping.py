"""Evidence cut out of pictures and PDFs: what is cut is what the source names."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nlu.senses.cropping import crop, sheet
from nlu.senses.errors import UnreadableMedia
from nlu.senses.perception import Source
from nlu.senses.workers import SensePool
from tests.senses.bad_files import saved
from tests.senses.receipts import as_jpeg, as_pdf

RED, BLUE = (200, 30, 30), (30, 30, 200)
PAPER = Image.new("RGB", (600, 400), "white")
ImageDraw.Draw(PAPER).rectangle((100, 50, 299, 89), fill=RED)
ImageDraw.Draw(PAPER).rectangle((400, 300, 499, 339), fill=BLUE)
RED_PLACE = Source(origin="ocr", box=(100, 50, 300, 90))
BLUE_PLACE = Source(origin="ocr", box=(400, 300, 500, 340))


def opened(data: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(data))
    assert found.format == "JPEG"
    return found.convert("RGB")


def is_all(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.asarray(picture).astype(int) - colour).max() < 40)


def test_a_place_is_cut_out_exactly() -> None:
    cut = opened(crop(saved(PAPER, "PNG"), RED_PLACE, margin=0))
    assert cut.size == (200, 40)
    assert is_all(cut, RED)


def test_the_margin_is_measured_by_the_height_and_ends_at_the_edge() -> None:
    assert opened(crop(saved(PAPER, "PNG"), RED_PLACE, margin=0.5)).size == (240, 80)
    assert opened(crop(saved(PAPER, "PNG"), RED_PLACE, margin=9)).size == (600, 400)


def test_a_picture_is_cut_as_its_exif_turns_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = saved(PAPER.rotate(90, expand=True), "JPEG", exif=exif, quality=95)
    assert is_all(opened(crop(stored, RED_PLACE, margin=0)).crop((3, 3, 197, 37)), RED)


def test_several_places_lie_one_below_the_other() -> None:
    whole = opened(sheet(saved(PAPER, "PNG"), (RED_PLACE, BLUE_PLACE), margin=0))
    assert whole.size == (200, 40 + 12 + 40)
    assert is_all(whole.crop((4, 4, 196, 36)), RED)
    assert is_all(whole.crop((4, 56, 96, 88)), BLUE)


def test_a_page_of_a_pdf_is_cut_as_it_was_rendered() -> None:
    # 144 dots an inch both ways: two pixels a point, as pages are rendered.
    data = as_pdf(Image.new("RGB", (600, 400), "white"), PAPER)
    cut = opened(crop(data, Source(origin="ocr", page=2, box=RED_PLACE.box), margin=0))
    assert is_all(cut.crop((4, 4, 196, 36)), RED)


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (as_jpeg(PAPER), Source(origin="qr")),
        (as_jpeg(PAPER), Source(origin="ocr", box=(700, 50, 900, 90))),
        (as_pdf(PAPER), Source(origin="ocr", page=3, box=(1, 1, 9, 9))),
        (b"<?xml version='1.0'?><a/>", Source(origin="xml")),
        (b"", RED_PLACE),
    ],
)
def test_what_has_no_such_place_is_refused(data: bytes, source: Source) -> None:
    with pytest.raises(UnreadableMedia):
        crop(data, source)


def test_the_worker_cuts_and_answers_nothing_where_there_is_nothing(pool: SensePool) -> None:
    assert is_all(
        opened(pool.cut(as_jpeg(PAPER), ("ocr box 104,54,296,86",)) or b"").crop((30, 30, 100, 40)), RED
    )
    assert pool.cut(b"%PDF-broken", ("ocr box 1,2,30,40",)) is None
