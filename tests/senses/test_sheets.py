"""Sheets of paper on photographs, without an engine: found, straightened, and their places mapped back."""

import io

import numpy as np
import pytest
from PIL import Image

from nlu.senses.engines.sheets import sheets
from tests.papers.contents import Chance
from tests.papers.gallery import sample, together
from tests.papers.photography import photographed
from tests.papers.slips import hotel


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_every_paper_on_a_table_is_found() -> None:
    for shown in together(3, 11, reduced=3):
        assert len(sheets(opened(shown.data))) == len(shown.drawn)


@pytest.mark.parametrize("perturbation", ["dim", "perspective", "aslant 15", "creases"])
def test_one_paper_stays_one(perturbation: str) -> None:
    for layout in ("till", "train ticket"):
        assert len(sheets(opened(sample(layout, perturbation, 2).data))) == 1


def test_a_shadow_that_ends_on_the_paper_does_not_cut_it_in_two() -> None:
    for layout in ("train ticket", "till", "taxi"):
        # Where its edge is lost in the shadow, the whole picture is read.
        assert len(sheets(opened(sample(layout, "shadow", 1).data))) <= 1


def test_a_straightened_sheet_has_its_shape_and_knows_the_way_back() -> None:
    paper = hotel(Chance("sheet")).picture
    photo = photographed(paper, Chance("photo"), degrees=12)
    ((sheet, back),) = sheets(photo)
    assert sheet.width / sheet.height == pytest.approx(paper.width / paper.height, rel=0.06)
    middle = back @ np.array([sheet.width / 2, sheet.height / 2, 1])
    assert middle[:2] / middle[2] == pytest.approx(np.array(photo.size) / 2, abs=0.05 * max(photo.size))


def test_where_no_edge_of_paper_is_seen_there_is_no_sheet() -> None:
    paper = hotel(Chance("scan")).picture
    noise = np.random.default_rng(2).integers(0, 255, (60, 80, 3), np.uint8)
    scene = Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC)
    for picture in (
        paper,
        scene,
        Image.new("RGB", (400, 400), "white"),
        Image.new("RGB", (2400, 3), "white"),
    ):
        assert sheets(picture) == []
