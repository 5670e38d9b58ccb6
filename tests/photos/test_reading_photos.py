"""Drawn photos through the real engine: kinds, and exactly what stands on them. `xiaofang bench photos` reads more."""

from datetime import UTC, datetime

import pytest

from nlu.senses.engines.rapidocr import RapidReader
from nlu.senses.pages import Line, Page, Row
from nlu.senses.perception import Item, Read
from nlu.senses.photos.cards import business_card as card_on
from nlu.senses.photos.kinds import photo_on
from nlu.senses.photos.watermarks import watermark
from nlu.senses.reading import read
from tests.photos.overlays import LAYOUTS, Card, business_card, stamp_of
from tests.photos.scenes import Picture, front, shelf
from tests.senses.receipts import as_jpeg

NOW = datetime(2026, 12, 31, tzinfo=UTC)
SIZE = (1000, 750)


def seen(picture: Picture, reader: RapidReader) -> tuple[Read, dict[str, object]]:
    found = read(as_jpeg(picture, 75), reader, NOW)
    fields = found.documents[0].fields if found.documents else {}
    return found, {key: field.value for key, field in fields.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_watermark_is_read_whoever_printed_it(reader: RapidReader, layout: str) -> None:
    stamped = LAYOUTS[layout](front(8, SIZE), stamp_of(4))
    found, values = seen(stamped.picture, reader)
    assert (found.kind, found.ask) == ("watermark_photo", None)
    degrees = {key: float(str(values.pop(key))) for key in ("latitude", "longitude") if key in values}
    wanted = {key: value for key, value in stamped.truth.items() if key not in ("latitude", "longitude")}
    assert values == wanted
    assert all(degrees[key] == float(stamped.truth[key]) for key in degrees)
    assert str(found.documents[0].fields["date"].source).startswith("origin='ocr'")


def test_a_shelf_has_names_and_prices_and_no_numbers_of_facings(reader: RapidReader) -> None:
    made = shelf(2, SIZE)
    found, values = seen(made.picture, reader)
    assert found.kind == "shelf_photo"
    assert (values["product_names"], values["prices"]) == (made.names, made.prices)
    assert values["items"] == tuple(
        Item(name=name, price=price) for name, price in zip(made.names, made.prices, strict=True)
    )


@pytest.mark.parametrize("layout", [0, 2])
def test_a_business_card(reader: RapidReader, layout: int) -> None:
    card = Card()
    found, values = seen(business_card(card, layout), reader)
    assert found.kind == "business_card"
    wanted = ("person_name", "title", "company", "mobile", "address")
    assert values == dict(
        zip(wanted, (card.name, card.title, card.company, card.mobile, card.address), strict=True)
    )


@pytest.mark.parametrize("name", ["旺铺出租", "如家酒店 住宿", ""])
def test_a_shop_front_is_no_receipt_and_nobody_is_asked_for_a_better_one(
    reader: RapidReader, name: str
) -> None:
    found, values = seen(front(3, SIZE, name), reader)
    assert (found.kind, found.readable, found.ask, values) == ("other", True, None, {})


def page(*rows: str, sure: float = 0.99, sharpness: float = 500.0) -> Page:
    """Lines of text below one another."""
    lines = [Line(text, (20, 40 * n, 20 + 20 * len(text), 40 * n + 30), sure) for n, text in enumerate(rows)]
    return Page(1, "ocr", tuple(Row((line,)) for line in lines), 800, 600, sharpness=sharpness)


@pytest.mark.parametrize(
    ("rows", "field", "value"),
    [
        (("2026-03-1010:05:36", "马克水印相机"), "time", "10:05"),
        (("2026年3月10日星期二9:05", "马克水印相机"), "time", "09:05"),
        (("10:05", "2026.03.10 星期二", "今日水印相机"), "time", "10:05"),
        (("时间:2026-03-10 10:05", "地点:朝阳北路101号"), "address", "朝阳北路101号"),
        (("2026-03-10 10:05", "广东省广州市天河区体育西路109号"), "city", "广州市"),
        (
            ("2026-03-10 10:05", "北京市朝阳区朝阳北路", "101号惠民超市"),
            "address",
            "北京市朝阳区朝阳北路101号惠民超市",
        ),
        (("2026-03-10 10:05", "拍摄人:李伟"), "reporter", "李伟"),
        (("2026-03-10 10:05", "经纬度:116.503482,39.923614"), "latitude", "39.923614"),
        (("2026-03-10 10:05", "39.923614°N,116.503482°E"), "longitude", "116.503482"),
    ],
)
def test_ways_to_print_the_same(rows: tuple[str, ...], field: str, value: str) -> None:
    found = watermark(page(*rows))
    assert found is not None and found[field].value == value


@pytest.mark.parametrize(
    "rows",
    [
        ("生产日期 2026-03-10", "原味酸奶"),
        ("营业时间 08:00-22:00", "北京市朝阳区朝阳北路101号"),
        ("开业时间 2026-03-10", "欢迎光临"),
    ],
)
def test_dates_and_times_in_a_scene_make_no_watermark(rows: tuple[str, ...]) -> None:
    assert watermark(page(*rows)) is None


def test_what_was_read_without_certainty_is_left_out() -> None:
    assert watermark(page("2026-03-10 10:05", "北京市朝阳区朝阳北路101号", sure=0.7)) is None


def test_a_card_needs_a_person_and_a_way_to_reach_him() -> None:
    assert card_on(page("惠民超市有限公司", "电话 010-87654321")) is None
    assert card_on(page("王建国", "采购经理")) is None
    two = card_on(page("王建国", "采购经理", "手机 13812345678", "手机 13912345678"))
    assert two is not None and "mobile" not in two  # which of the two is not known


def test_a_few_price_tags_are_a_shelf_and_a_single_one_is_not() -> None:
    tags = [text for name in ("原味酸奶", "纯牛奶", "早餐奶") for text in (name, "¥5.50")]
    found = photo_on(page(*tags))
    assert found is not None and found.kind == "shelf_photo"
    assert photo_on(page("原味酸奶", "¥5.50")) is None
