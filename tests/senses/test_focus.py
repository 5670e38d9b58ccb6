"""Blur is known from the pixels of the writing; what it may have taken away is not filled in."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nlu.senses.engines.focus import Focus, focus_of, focus_of_line
from nlu.senses.engines.rapidocr import RapidReader
from nlu.senses.pages import tidy
from nlu.senses.reading import read
from tests.papers.files import as_jpeg
from tests.papers.gallery import sample
from tests.papers.paper import SANS, Picture, font
from tests.papers.photography import blurred, smeared

NOW = datetime(2026, 3, 21, 2, 0, tzinfo=UTC)


def line(text: str, size: int = 24) -> Picture:
    made = Image.new(
        "RGB", (round(font(size, SANS).getlength(text)) + size, round(size * 1.6)), (248, 248, 246)
    )
    ImageDraw.Draw(made).text((size // 2, round(size * 0.2)), text, font=font(size, SANS), fill=(38, 38, 44))
    return made


@pytest.mark.parametrize(
    ("blur", "smear", "focus"),
    [(0.3, 1, "sharp"), (1.2, 1, "sharp"), (2.6, 1, "soft"), (0.6, 9, "moved"), (0.6, 13, "moved")],
)
@pytest.mark.parametrize("size", [20, 30])
def test_focus_is_told_from_the_pixels_whatever_the_size_of_the_letters(
    size: int, blur: float, smear: int, focus: Focus
) -> None:
    scale = size / 22
    lines = [
        line(text, size) for text in ("发票号码：26112000000123456789", "价税合计 ¥1,231.00", "餐饮服务")
    ]
    taken = [smeared(blurred(one, blur * scale), round(smear * scale)) for one in lines]
    assert focus_of([np.asarray(one)[:, :, ::-1] for one in taken]) == focus


def test_a_hand_moves_up_and_down_as_well() -> None:
    text = line("发票号码：26112000000123456789").rotate(90, expand=True)
    assert focus_of([np.asarray(smeared(text, 11).rotate(-90, expand=True))]) == "moved"


def test_short_words_tell_nothing_of_the_focus() -> None:
    assert focus_of([np.asarray(smeared(line("元"), 13))]) == "sharp"
    assert focus_of([]) == "sharp"


def test_words_that_were_printed_on_a_moved_photo_are_sharp() -> None:
    printed, behind = (np.asarray(one) for one in (line("2026-03-10 10:05"), smeared(line("原味酸奶"), 11)))
    assert (focus_of_line(printed, "moved"), focus_of_line(behind, "moved")) == ("sharp", "moved")


@pytest.mark.parametrize("text", ["发票号码：26112000000123456789", "¥1000.00", "合计 2211.00"])
def test_figures_that_repeat_are_all_read(reader: RapidReader, text: str) -> None:
    page = Image.new("RGB", (640, 120), (248, 248, 246))
    page.paste(line(text), (40, 40))
    words = "".join(found for found, *_ in reader.recognise(np.asarray(page)))
    assert tidy(words).replace(" ", "") == tidy(text).replace(" ", "")


@pytest.mark.parametrize("layout", ["taxi", "toll, ETC"])
def test_what_a_moving_hand_took_away_is_asked_for_again(reader: RapidReader, layout: str) -> None:
    seen = read(sample(layout, "shaken", 1).data, reader, NOW)
    assert (seen.readable, seen.documents) == (False, ())
    assert seen.ask is not None and "重新拍" in seen.ask


def test_out_of_focus_nothing_is_read_but_what_every_look_agrees_on(reader: RapidReader) -> None:
    drawn = sample("toll", "as printed", 3).drawn[0]
    seen = read(as_jpeg(blurred(drawn.picture, 2.6)), reader, NOW)
    said = {key: one.text for document in seen.documents for key, one in document.fields.items()}
    assert said.items() <= drawn.fields.items()
