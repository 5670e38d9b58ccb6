"""Rows, turning, amounts, dates and codes, on pages made of text alone."""

import datetime
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.senses import invoices
from nlu.senses.codes import invoice_code
from nlu.senses.finding import first_day, first_time, labelled_amounts
from nlu.senses.kinds import kind_of_page
from nlu.senses.pages import Page, Quad, in_rows, tidy, upright_box
from nlu.senses.parting import parted
from nlu.senses.perception import Item, Source
from nlu.senses.receipts import till_total
from nlu.senses.turning import is_upside_down, upright


def quad(x: float, y: float, width: float, height: float = 20, tilt: float = 0.0) -> Quad:
    def at(dx: float, dy: float) -> tuple[float, float]:
        px, py = x + dx, y + dy
        return px * math.cos(tilt) - py * math.sin(tilt), px * math.sin(tilt) + py * math.cos(tilt)

    return at(0, 0), at(width, 0), at(width, height), at(0, height)


def page(*rows: str, confidence: float = 0.99) -> Page:
    """Each string is a row; two spaces part its lines."""
    found = []
    for down, row in enumerate(rows):
        for along, text in enumerate(row.split("  ")):
            found.append((text, quad(20 + 220 * along, 20 + 40 * down, 12 * len(text)), confidence))
    return Page(1, "ocr", in_rows(found), 900, 40 * len(rows) + 60)


@given(st.floats(-0.3, 0.3))
def test_rows_follow_the_writing_however_the_paper_lay(tilt: float) -> None:
    cells = [("品名合计金额", "12.50"), ("实收现金金额", "20.00"), ("找零退回金额", "7.50")]
    found = [
        (text, quad(40 + 300 * along, 60 + 44 * down, 130, 24, tilt), 0.9)
        for down, row in enumerate(cells)
        for along, text in enumerate(row)
    ]
    assert [row.text for row in in_rows(reversed(found))] == [" ".join(row) for row in cells]


FOUND = [
    ("金额合计", quad(40, 40, 100), 0.9),
    ("46.50", quad(300, 40, 60), 0.9),
    ("找零找回", quad(40, 90, 100), 0.9),
    ("3.50", quad(300, 90, 50), 0.9),
]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_turned_page_is_brought_upright_and_its_places_back_to_the_picture(turns: int) -> None:
    size, found = (400, 200), FOUND
    for _ in range(turns):
        found = [(text, tuple((size[1] - y, x) for x, y in corners), sure) for text, corners, sure in found]
        size = size[1], size[0]
    back, upright_size, matrix = upright(found, size)
    assert upright_size == (400, 200)
    assert [row.text for row in in_rows(back)] == [row.text for row in in_rows(FOUND)]
    seen = Page(1, "ocr", in_rows(back), *upright_size, back=matrix)
    for line in seen.lines:
        (quad_,) = (corners for text, corners, _ in found if text == line.text)
        assert seen.source([line]).box == upright_box(quad_)


def test_a_page_on_its_head_is_known_by_labels_right_of_their_figures() -> None:
    def on_its_head(text: str, x: float, y: float) -> tuple[str, Quad, float]:
        return text, quad(x, y, 100), 0.9

    assert not is_upside_down(FOUND)
    figures = [on_its_head("46.50", 40, 40), on_its_head("3.50", 40, 90)]
    assert is_upside_down([*figures, on_its_head("金额合计", 300, 40), on_its_head("找零找回", 300, 90)])


TWO_SHEETS = (
    "电子发票(普通发票)  发票号码:26112000000123456789",
    "开票日期:2026年03月20日",
    "合计  217.92  13.08",
    "开票人:张伟",
    "电子发票(普通发票)  发票号码:26112000000123456790",
    "开票日期:2026年03月21日",
    "合计  100.00  6.00",
)


def test_two_invoices_on_one_page_are_parted_at_the_head_of_the_second() -> None:
    first, second = parted(page(*TWO_SHEETS))
    assert [len(first.rows), len(second.rows)] == [4, 3]
    assert first.bottom == second.top
    assert second.rows[0].text.startswith("电子发票")


def test_a_number_that_is_printed_twice_parts_nothing() -> None:
    once = page("发票号码:52855902", "机打号码:52855902", "发票号码:52855902", "合计  46.50")
    assert parted(once) == (once,)


HIDDEN = [
    (("合计  ¥53.23  ¥6.92", "价税合计(大写)  (小写)¥60.15"), ("53.23", "6.92", "60.15")),
    (("合计  ¥53.23  ¥6.92", "价税合计(大写)  (小写)¥60.1"), ("53.23", "6.92", "60.15")),
    (("合计  ¥53.23  ¥6.92", "价税合计(大写)  (小写)¥61.1"), ("53.23", "6.92", None)),
    (("合计  ¥53.23  ¥6.9", "价税合计(大写)  (小写)¥60.15"), (None, None, "60.15")),
    (("合计  ¥53.23", "价税合计(大写)  (小写)¥60.1"), (None, None, None)),
]


@pytest.mark.parametrize(("rows", "amounts"), HIDDEN)
def test_a_figure_under_a_seal_is_told_by_the_others_or_left_out(
    rows: tuple[str, ...], amounts: tuple[str | None, ...]
) -> None:
    fields = invoices.printed(page("项目名称  金额  税率  税额", *rows))
    assert tuple(fields[key].value if key in fields else None for key in ("net", "tax", "total")) == amounts


GOODS = [
    ("*餐饮服务*餐费  次  1  217.92  217.92  6%  13.08", ("*餐饮服务*餐费", "217.92", "6%", "13.08")),
    ("*餐饮服务*餐费  1,217.92  6%  ¥73.08", ("*餐饮服务*餐费", "1217.92", "6%", "73.08")),
    ("*餐饮服务*餐费 217.92 6%13.08", ("*餐饮服务*餐费", "217.92", "6%", "13.08")),
    ("*餐饮服务*折扣  -17.92  6%  -1.08", ("*餐饮服务*折扣", "-17.92", "6%", "-1.08")),
    ("*医疗服务*体检费  100.00  免税  ***", ("*医疗服务*体检费", "100.00", "免税", None)),
    ("*餐饮服务*餐费  217.92  6%", ("*餐饮服务*餐费", "217.92", "6%", None)),
]


@pytest.mark.parametrize(("row", "item"), GOODS)
def test_a_line_of_goods_has_its_own_rate_and_tax(row: str, item: tuple[str | None, ...]) -> None:
    (found,) = invoices.printed(page("项目名称  金额  税率  税额", row))["items"].value
    assert isinstance(found, Item)
    assert (found.name, found.amount, found.rate, found.tax) == item


TOTALS = [
    (("合计  46.50",), "46.50"),
    (("总计: ¥1,246.50元",), "1246.50"),
    (("合计  3  46.50",), "46.50"),
    (("合计: ¥46",), "46.00"),
    (("数量合计  5", "应收金额  46.50"), "46.50"),
    (("合计  60.00", "优惠  -13.50", "实付  46.50"), "46.50"),
    (("合计  60.00", "优惠  13.50", "应付金额  46.50", "微信支付  46.50"), "46.50"),
    (("应收  46.50", "实收现金  50.00", "找零  3.50"), "46.50"),
    (("合计  46.50", "现金  50.00", "找零  3.50"), "46.50"),
    (("合计  46.50", "现金  50.00", "找零  0.00"), None),
    (("合计  46.50", "现金  50.00", "找零  8.50"), None),
    (("应收  46.50", "应付  48.50"), None),
    (("应收  46.50", "微信支付  48.50"), None),
    (("应收  46.50", "现金  20.00", "微信支付  26.50"), "46.50"),
    (("合计  60.00", "微信支付  46.50"), None),
    (("合计  60.00", "立减  13.50", "微信支付  46.50"), "46.50"),
    (("合计  0.00",), None),
    (("小计  46.50",), None),
    (("谢谢惠顾",), None),
]


@pytest.mark.parametrize(("rows", "total"), TOTALS)
def test_what_was_paid_is_found_or_left_out(rows: tuple[str, ...], total: str | None) -> None:
    found = till_total(page("品名  金额", *rows))
    assert (found.text if found else None) == total


def test_a_line_that_was_hardly_read_gives_no_amount() -> None:
    assert till_total(page("合计  46.50", confidence=0.8)) is None


@given(st.integers(1, 99_999_999))
def test_every_amount_comes_back_as_it_was_printed(fen: int) -> None:
    amount = Decimal(fen) / 100
    for printed in (f"{amount:.2f}", f"¥{amount:,.2f}", f"{amount:.2f}元"):
        (found,) = labelled_amounts(page(f"合计  {printed}"), "合计")
        assert Decimal(found.text) == amount


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2039, 12, 31)))
def test_dates_are_read_in_every_spelling(day: datetime.date) -> None:
    year, month, date = str(day).split("-")
    for printed in (
        f"{year}-{month}-{date}",
        f"{year}/{int(month)}/{int(date)}",
        f"{year}.{month}.{date}",
        f"{year}年{month}月{date}日",
        f"{year}年{int(month)}月{int(date)}日 20:11",
        f"{year}-{month}-{date}20:11:09",
    ):
        found = first_day(page(f"日期  {printed}"))
        assert found is not None and found.text == str(day), printed


def test_a_time_glued_to_its_date_is_read() -> None:
    glued = page("日期:2026-03-2020:11")
    day, time = first_day(glued), first_time(glued)
    assert day is not None and day.text == "2026-03-20"
    assert time is not None and time.text == "20:11"


def test_a_day_that_does_not_exist_is_left_out() -> None:
    assert first_day(page("日期  2026-02-30")) is None


def test_gaps_and_wide_letters_are_tidied() -> None:
    assert tidy("合　计：￥４６．５０") == "合计:¥46.50"
    assert tidy("羊肉串 羊12.00") == "羊肉串 ¥12.00"
    assert tidy("18.5018.50") == "18.50 18.50"
    assert tidy("发票 号码 No 08") == "发票号码 No 08"


def test_the_code_of_an_invoice_says_what_it_holds() -> None:
    digital = invoice_code("01,32,,26112000000123456789,231.00,20260320,,3C1A")
    assert digital is not None and digital.digital
    assert (digital.number, digital.amount, str(digital.date)) == (
        "26112000000123456789", Decimal("231.00"), "2026-03-20",
    )  # fmt: skip
    older = invoice_code("01,10,011002100311,12345678,217.92,20210320,88888888888888888888,1A2B,")
    assert older is not None and not older.digital


@given(st.text(max_size=80))
def test_other_codes_are_no_invoices(text: str) -> None:
    assert invoice_code(text) is None
    assert invoice_code(f"01,{text}") is None or text.count(",") >= 4


@pytest.mark.parametrize(
    ("amount", "day"), [("NaN", "20260320"), ("Infinity", "20269999"), ("", ""), ("12,3", "2026")]
)
def test_a_code_with_a_broken_value_leaves_it_out(amount: str, day: str) -> None:
    found = invoice_code(f"01,32,,26112000000123456789,{amount},{day},,3C1A")
    assert found is None or found.amount is None or found.amount == Decimal(12)


KINDS = [
    ("receipt_taxi", ("上海市出租汽车统一发票", "上车  08:10", "下车  08:31", "里程  5.2")),
    ("hotel_folio", ("入住日期  2026-03-18", "离店日期  2026-03-20", "房费  368.00")),
    ("receipt_till", ("购物小票", "应收  12.00", "找零  8.00")),
    ("invoice_vat", ("北京增值税电子普通发票", "发票代码:011002100311", "校验码  88888")),
    ("invoice_digital", ("电子发票(普通发票)", "发票号码:26112000000123456789")),
    ("itinerary", ("电子发票(铁路电子客票)", "发票号码:26112000000123456789", "票价:¥553.00")),
    ("itinerary", ("北京南站  G123  上海虹桥站", "2026年03月20日09:00开  05车12F号", "¥553.0元  二等座")),
    ("itinerary", ("航空运输电子客票行程单", "民航发展基金  50.00")),
    ("receipt_toll", ("河北省高速公路", "通行费发票", "入口站  廊坊北", "出口站  北京大兴")),
    ("invoice_vat", ("上海增值税普通发票(卷票)", "发票代码:031001900311")),
    ("other", ("原味酸奶", "6.50", "买二送一")),
    ("other", ("赵敏  采购经理", "13800000000", "惠民超市")),
    ("other", ()),
]


@pytest.mark.parametrize(("kind", "rows"), KINDS)
def test_a_page_is_known_by_its_signs(kind: str, rows: tuple[str, ...]) -> None:
    assert kind_of_page(page(*rows)) == kind


SOURCES = st.builds(
    Source,
    origin=st.sampled_from(["xml", "ofd", "qr", "text", "ocr"]),
    page=st.integers(1, 20),
    box=st.none() | st.tuples(*[st.integers(0, 9999)] * 4),
)


@given(SOURCES)
def test_a_source_survives_its_journey_as_words(source: Source) -> None:
    assert Source.model_validate(source.model_dump()) == source
