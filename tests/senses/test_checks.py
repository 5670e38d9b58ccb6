"""Rules on documents as values: the edges that no drawn or generated paper reaches."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nlu.senses.checks import check
from nlu.senses.checks.evidence import Evidence, capital_on
from nlu.senses.codes import invoice_code
from nlu.senses.pages import Page, in_rows
from nlu.senses.perception import FieldValue, Item, Kind

NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
SOUND = {
    "invoice_number": "26112000000123456789",
    "date": "2026-03-19",
    "net": "217.92",
    "tax": "13.08",
    "rate": "6%",
    "total": "231.00",
    "seller_tax_id": "91110000600037341L",
}


def codes(
    values: dict[str, Any] | None = None,
    *,
    origin: str = "text",
    capital: str = "",
    qr: str = "",
    kind: Kind = "invoice_digital",
    now: datetime = NOW,
) -> dict[str, str]:
    """Code → severity of all that a document breaks; None takes a value away."""
    given = {key: value for key, value in (SOUND | (values or {})).items() if value is not None}
    fields = {key: field(value, origin) for key, value in given.items()}
    words = field(capital, origin) if capital else None
    evidence = Evidence(fields, fields, invoice_code(qr), now, words, kind)
    return {found.code: found.severity for found in check(evidence)}


def field(value: Any, origin: str) -> FieldValue:
    return FieldValue.model_validate({"value": value, "source": origin, "confidence": 1})


def lines(*rows: tuple[str, str, str]) -> tuple[Item, ...]:
    return tuple(Item(name="*餐饮服务*餐费", amount=net, rate=rate, tax=tax) for net, rate, tax in rows)


def test_a_sound_document_breaks_nothing() -> None:
    assert codes(capital="贰佰叁拾壹圆整", qr="01,32,,26112000000123456789,231.00,20260319,,3C1A") == {}


@pytest.mark.parametrize(
    ("tax", "total", "told"),
    [("13.14", "231.06", {}), ("13.02", "230.94", {}), ("13.15", "231.07", {"tax_arithmetic": "error"})],
)
def test_the_tax_of_a_whole_invoice_may_be_off_by_six_fen(tax: str, total: str, told: dict[str, str]) -> None:
    assert codes({"tax": tax, "total": total}) == told


@pytest.mark.parametrize(("tax", "told"), [("6.01", {}), ("5.99", {}), ("6.02", {"tax_arithmetic": "error"})])
def test_the_tax_of_a_line_may_be_off_by_one(tax: str, told: dict[str, str]) -> None:
    total = f"{100 + float(tax):.2f}"
    assert codes({"items": lines(("100.00", "6%", tax)), "net": "100.00", "tax": tax, "total": total}) == told


def test_fifty_lines_that_were_all_rounded_up_are_sound() -> None:
    rows = lines(*[("10.08", "6%", "0.61")] * 50)
    assert codes({"items": rows, "net": "504.00", "tax": "30.50", "total": "534.50"}) == {}


def test_differential_taxation_hides_its_rate_and_cannot_be_recomputed() -> None:
    rows = lines(("1000.00", "***", "4.76"))
    assert codes({"items": rows, "rate": None, "net": "1000.00", "tax": "4.76", "total": "1004.76"}) == {}


def test_what_is_free_of_tax_has_none() -> None:
    free: dict[str, Any] = {"items": lines(("100.00", "免税", "0.00")), "rate": "免税", "net": "100.00"}
    assert codes({**free, "tax": "0.00", "total": "100.00"}) == {}
    assert codes({**free, "tax": "6.00", "total": "106.00"}) == {"tax_arithmetic": "error"}


@pytest.mark.parametrize(
    ("capital", "origin", "told"),
    [
        ("贰佰叁拾壹元整", "ocr", {}),
        ("贰佰叁拾柒元整", "ocr", {"capital_mismatch": "error"}),
        ("贰佰拾叁壹元整", "ocr", {}),
        ("贰佰拾叁壹元整", "xml", {"capital_mismatch": "error"}),
    ],
)
def test_capitals_that_recognition_garbled_prove_nothing(
    capital: str, origin: str, told: dict[str, str]
) -> None:
    assert codes(capital=capital, origin=origin) == told


@pytest.mark.parametrize(
    ("tax_id", "origin", "severity"),
    [
        ("91110000600037342L", "xml", "error"),
        ("91110000600037342L", "ocr", "warning"),
        ("110108600037341", "xml", "warning"),
        ("1234", "xml", "error"),
    ],
)
def test_a_tax_number_is_doubted_as_far_as_it_was_read_surely(
    tax_id: str, origin: str, severity: str
) -> None:
    assert codes({"seller_tax_id": tax_id}, origin=origin) == {"seller_tax_id_checksum": severity}


def test_today_is_the_day_in_china_not_where_the_server_stands() -> None:
    assert codes(now=datetime(2026, 3, 18, 17, 0, tzinfo=UTC)) == {}
    assert codes(now=datetime(2026, 3, 18, 15, 59, tzinfo=UTC)) == {"future_date": "error"}


def test_an_unknown_region_is_only_a_warning() -> None:
    assert codes({"invoice_number": "26772000000123456789"}) == {"number_year_mismatch": "warning"}


def test_a_ticket_may_be_for_a_journey_ahead_and_bought_last_year() -> None:
    ahead = {"invoice_number": "25119110001234567890", "date": "2026-03-22"}
    assert codes(ahead, kind="itinerary") == {"future_date": "warning"}
    assert codes(ahead) == {"future_date": "error", "number_year_mismatch": "error"}


def test_a_red_invoice_takes_an_earlier_one_back() -> None:
    assert codes({"net": "-217.92", "tax": "-13.08", "total": "-231.00"}, capital="负贰佰叁拾壹圆整") == {
        "cancelled": "error"
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("价税合计(大写) 贰佰叁拾壹圆整 (小写)¥231.00", "贰佰叁拾壹圆整"),
        ("价税合计(大写)⊗贰佰叁拾壹圆整 (小写)¥231.00", "贰佰叁拾壹圆整"),
        ("价税合计 大写壹拾万零叁佰元零伍分 小写¥100300.05", "壹拾万零叁佰元零伍分"),
        ("价税合计(大写) (负数)贰佰圆整 (小写)-200.00", "(负数)贰佰圆整"),
        ("价税合计(大写) 贰佰叁抬壹圆整 (小写)¥231.00", None),
        ("价税合计(大写) 贰佰叁拾壹圆登 (小写)¥231.00", None),
        ("合计 贰佰叁拾壹圆整", None),
    ],
)
def test_capitals_are_taken_whole_or_not_at_all(row: str, words: str | None) -> None:
    quad = ((0.0, 0.0), (600.0, 0.0), (600.0, 20.0), (0.0, 20.0))
    found = capital_on(Page(1, "text", in_rows([(row, quad, 1.0)]), 600, 20))
    assert (found.text if found else None) == words
