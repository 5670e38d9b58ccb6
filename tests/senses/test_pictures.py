"""Opening pictures and PDFs that are broken in every which way; no engine needed."""

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nlu.senses.documents import pages
from nlu.senses.errors import UnreadableMedia
from nlu.senses.pages import Quad
from nlu.senses.pictures import Pixels, open_picture
from nlu.senses.sniffing import kind_of
from tests.senses.bad_files import animated_gif, pdf_of, saved
from tests.senses.receipts import till


class Blind:
    """An engine that finds no text: these tests are about what comes before it."""

    name = "blind"

    def recognise(self, picture: Pixels) -> list[tuple[str, Quad, float]]:
        assert picture.ndim == 3
        return []


SMALL = Image.fromarray(np.random.default_rng(4).integers(0, 255, (48, 40, 3), np.uint8))
SOUND = [
    *(saved(SMALL, form) for form in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")),
    animated_gif(SMALL, SMALL.rotate(90)),
    pdf_of(2),
    saved(SMALL, "PDF"),
]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SOUND), st.data())
def test_no_broken_picture_or_pdf_does_more_than_be_refused(whole: bytes, data: st.DataObject) -> None:
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        pages(bytes(broken), Blind())
    except UnreadableMedia as refusal:
        assert refusal.code and refusal.words.endswith("。")


@given(st.binary(max_size=64))
def test_every_file_is_of_some_kind(data: bytes) -> None:
    assert kind_of(data)


def test_names_play_no_part_in_what_a_file_is() -> None:
    assert [kind_of(data) for data in SOUND] == [
        "jpeg", "png", "gif", "bmp", "tiff", "webp", "gif", "pdf", "pdf",
    ]  # fmt: skip
    assert kind_of(b"junk before it\n" + pdf_of(1)) == "pdf"


TILL = till()
UNUSUAL = {
    "CMYK": lambda: saved(TILL.convert("CMYK"), "JPEG", quality=90),
    "16 bit": lambda: saved(Image.fromarray(np.asarray(TILL.convert("L"), dtype=np.uint16) * 16), "PNG"),
    "transparent": lambda: saved(TILL.convert("RGBA"), "PNG"),
    "palette": lambda: saved(TILL.quantize(128), "GIF"),
    "animated": lambda: animated_gif(TILL, SMALL),
    "WebP": lambda: saved(TILL, "WEBP", quality=90),
    "TIFF": lambda: saved(TILL, "TIFF"),
}


@pytest.mark.parametrize("form", UNUSUAL)
def test_unusual_pictures_are_seen_like_any_other(form: str) -> None:
    data = UNUSUAL[form]()
    seen = open_picture(data, kind_of(data))
    assert (seen.mode, seen.size) == ("RGB", TILL.size)
    tones, drawn = (np.asarray(one.convert("L"), dtype=np.float64).ravel() for one in (seen, TILL))
    assert np.corrcoef(tones, drawn)[0, 1] > 0.98
    assert tones.mean() == pytest.approx(drawn.mean(), abs=20)


def test_sixteen_bits_a_pixel_keep_their_shades() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    seen = np.asarray(open_picture(saved(Image.fromarray(ramp), "PNG"), "png"))[:, :, 0]
    assert seen.min() == 0
    assert seen.max() == 255
    assert 120 < np.median(seen) < 135


def test_what_is_transparent_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    assert open_picture(out.getvalue(), "png").getpixel((9, 9)) == (255, 255, 255)


def test_a_pdf_page_of_any_size_is_rendered_within_bounds() -> None:
    import pypdfium2

    for width, height in ((14_400, 14_400), (14_400, 3), (3, 3)):
        document = pypdfium2.PdfDocument.new()
        document.new_page(width, height)
        out = io.BytesIO()
        document.save(out)
        try:
            (page,) = pages(out.getvalue(), Blind())
        except UnreadableMedia as refusal:
            assert refusal.code == "damaged"
        else:
            assert max(page.width, page.height) <= 2401


@pytest.mark.parametrize("pages_in_it", [21, 500])
def test_more_than_twenty_pages_are_refused_before_any_is_rendered(pages_in_it: int) -> None:
    with pytest.raises(UnreadableMedia, match=f"有 {pages_in_it} 页"):
        pages(pdf_of(pages_in_it), Blind())
