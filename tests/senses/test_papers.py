"""Drawn papers of every kind through the real engine: a small sample of what `bench senses` measures."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from PIL import Image

from nlu.senses.engines.rapidocr import RapidReader
from nlu.senses.perception import Document, Item, Read
from nlu.senses.reading import read
from tests.papers.contents import CENT, Chance, capital
from tests.papers.drawn import Drawn
from tests.papers.files import as_jpeg, as_text_pages, pdf_of_papers
from tests.papers.gallery import CODED, LAYOUTS, sample, together
from tests.papers.long import Long, digital_on_two_pages, vat_with_list
from tests.papers.photography import on_table
from tests.papers.slips import taxi, toll

NOW = datetime(2026, 3, 21, 2, 0, tzinfo=UTC)


def texts(document: Document) -> dict[str, str]:
    return {key: field.text for key, field in document.fields.items() if key != "items"}


PHOTOGRAPHED = [
    ("digital special", "perspective"),
    ("VAT roll", "creases"),
    ("train ticket", "aslant 15"),
    ("air, paper", "shadow"),
    ("toll", "turned 180"),
    ("toll, ETC", "faded"),
    ("hotel", "dim"),
]


@pytest.mark.parametrize(("layout", "perturbation"), PHOTOGRAPHED)
def test_a_badly_photographed_paper_is_read_to_the_letter(
    reader: RapidReader, layout: str, perturbation: str
) -> None:
    shown = sample(layout, perturbation, 1)
    (drawn,) = shown.drawn
    seen = read(shown.data, reader, NOW)
    assert (seen.kind, seen.ask, len(seen.documents)) == (drawn.kind, None, 1)
    assert texts(seen.documents[0]) == drawn.fields


def test_papers_on_one_table_are_told_apart_and_point_to_their_own_places(reader: RapidReader) -> None:
    shown = next(one for one in together(9, 3) if len(one.drawn) == 3)
    seen = read(shown.data, reader, NOW)
    assert _sorted(map(texts, seen.documents)) == _sorted(drawn.fields for drawn in shown.drawn)
    picture = Image.open(io.BytesIO(shown.data))
    for document in seen.documents:
        total = document.fields["total"]
        assert total.source.box is not None
        left, top, right, bottom = total.source.box
        assert 0 <= left < right <= picture.width and 0 <= top < bottom <= picture.height
        cut = picture.crop((left - 12, top - 12, right + 12, bottom + 12)).convert("RGB")
        words = "".join(text for text, *_ in reader.recognise(_pixels(cut))).replace(" ", "")
        assert total.text in words or str(Decimal(total.text).normalize()) in words


def _sorted(documents: object) -> list[list[tuple[str, str]]]:
    return sorted(sorted(fields.items()) for fields in documents)  # type: ignore[attr-defined]


def _pixels(picture: Image.Image) -> object:
    import numpy as np

    return np.asarray(picture)


def test_of_several_papers_the_one_that_cannot_be_read_is_asked_for(reader: RapidReader) -> None:
    chance = Chance("torn")
    whole, torn = taxi(chance, False), toll(chance, False)
    without_amount = torn.picture.crop((0, 0, torn.picture.width, round(torn.picture.height * 0.62)))
    seen = read(as_jpeg(on_table([(whole.picture, 2), (without_amount, -3)], chance)), reader, NOW)
    assert [texts(document) for document in seen.documents] == [whole.fields]
    assert seen.readable and seen.ask is not None
    assert seen.ask.startswith("这里有 2 张票据，其中 1 张没有认出来，请单独重新拍。这张票据的金额认不出来")


@pytest.mark.parametrize("layout", sorted(CODED))
def test_a_pdf_with_two_papers_on_a_page_gives_both(reader: RapidReader, layout: str) -> None:
    chance = Chance(f"two {layout}")
    drawn: list[Drawn] = [LAYOUTS[layout](chance, True) for _ in range(2)]
    seen = read(pdf_of_papers([drawn]), reader, NOW)
    assert [texts(document) for document in seen.documents] == [one.fields for one in drawn]
    for document in seen.documents:
        assert document.fields["invoice_number"].source.origin == "qr"
        assert {field.source.origin for field in document.fields.values()} == {"qr", "text"}


@pytest.mark.parametrize("draw", [digital_on_two_pages, vat_with_list])
def test_an_invoice_of_two_pages_is_one_document_with_all_its_goods(
    reader: RapidReader, draw: object
) -> None:
    made = next(
        long
        for seed in range(40)
        if len((long := draw(Chance(f"long {seed}"))).goods) == 2  # type: ignore[operator]
    )
    assert isinstance(made, Long)
    seen: Read = read(as_text_pages([[(page, None)] for page in made.pages]), reader, NOW)
    (document,) = seen.documents
    assert texts(document) == made.fields
    assert document.checks == ()
    goods = document.fields["items"].value
    assert [(item.name, item.amount) for item in goods if isinstance(item, Item)] == list(made.goods)


def test_capital_figures_are_drawn_as_invoices_print_them() -> None:
    for amount, words in (
        ("231.00", "贰佰叁拾壹圆整"),
        ("1000.05", "壹仟圆零伍分"),
        ("100305.40", "壹拾万零叁佰零伍圆肆角整"),
        ("0.56", "伍角陆分"),
    ):
        assert capital(Decimal(amount).quantize(CENT)) == words
