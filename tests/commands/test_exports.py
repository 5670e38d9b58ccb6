"""Exports: what counts comes out in its own shape, and nothing in it becomes a formula."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot import exports
from domain.forms import Form, FormField
from storage.store import Store
from storage.tables import EvidenceRow, RecordRow

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
FORM = Form(
    key="order",
    label="下单/补货",
    fields=tuple(
        FormField(id=name, label=name, type="text") for name in ("product", "amount", "objections", "status")
    ),
)


def add(store: Store, state: str = "confirmed", *, form: str = "order", days: int = 0, **data: Any) -> int:
    at = AT + timedelta(days=days)
    with store.write() as session:
        row = RecordRow(
            form=form,
            form_version=2,
            reporter_id="P101",
            customer_code="C1",
            happened_at=at,
            status=state,
            data=data,
            created_at=at,
            updated_at=at,
        )
        session.add(row)
        session.flush()
        assert row.id
        session.add(EvidenceRow(record_id=row.id, kind="text", words="王经理订3箱"))
        session.add(EvidenceRow(record_id=row.id, kind="photo", sha256="ab", details={"page": 1}))
        return row.id


def exported(store: Store, how: str = "jsonl", since: datetime | None = None, form: Form = FORM) -> bytes:
    out = io.BytesIO()
    with store.read() as session:
        exports.FORMATS[how](exports.records(session, form.key, since=since, zone=ZONE), form, out)
    return out.getvalue()


def test_a_json_line_has_exactly_the_promised_keys(store: Store) -> None:
    number = add(store, product="SKU", amount=38.5)
    (line,) = exported(store).decode().splitlines()
    assert json.loads(line) == {
        "id": number,
        "form": "order",
        "form_version": 2,
        "reporter": "P101",
        "customer": "C1",
        "happened_at": "2026-03-10T10:07:00+08:00",
        "status": "confirmed",
        "data": {"product": "SKU", "amount": 38.5},
        "evidence": [
            {"kind": "text", "words": "王经理订3箱"},
            {"kind": "photo", "sha256": "ab", "details": {"page": 1}},
        ],
    }


def test_only_what_counts_is_exported(store: Store) -> None:
    for status in (
        "proposed",
        "confirmed",
        "submitted",
        "approved",
        "rejected",
        "dropped",
        "expired",
        "undone",
    ):
        add(store, status)
    add(store, form="visit")
    found = [json.loads(line)["status"] for line in exported(store).splitlines()]
    assert found == ["confirmed", "submitted", "approved", "rejected"]
    with store.read() as session:
        assert exports.how_many(session, "order", None) == 4


def test_since_is_by_the_time_it_happened(store: Store) -> None:
    add(store, days=-2, product="old")
    add(store, days=0, product="on the dot")
    add(store, days=1, product="new")
    found = [json.loads(line)["data"]["product"] for line in exported(store, since=AT).splitlines()]
    assert found == ["on the dot", "new"]


def test_many_records_come_in_batches_and_each_once(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 3)
    numbers = [add(sqlite_store) for _ in range(8)]
    lines = [json.loads(line) for line in exported(sqlite_store).splitlines()]
    assert [line["id"] for line in lines] == numbers
    assert all(len(line["evidence"]) == 2 for line in lines)


def test_a_csv_has_a_column_for_each_field_and_one_for_what_older_forms_had(sqlite_store: Store) -> None:
    add(sqlite_store, product="SKU", amount=3, objections=["price", "trust"], status="closed", gone=True)
    head, row = csv.reader(io.StringIO(exported(sqlite_store, "csv").decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert found["product"] == "SKU"
    assert found["amount"] == "3"
    assert found["objections"] == "price|trust"
    assert (found["status"], found["data.status"]) == ("confirmed", "closed")
    assert found["other"] == '{"gone": true}'
    assert found["evidence"] == "王经理订3箱\nphoto ab"


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "　@x", "\n=1"]


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("how", ["csv", "xlsx"])
def test_what_a_customer_is_called_never_becomes_a_formula(sqlite_store: Store, text: str, how: str) -> None:
    add(sqlite_store, product=text)
    content = exported(sqlite_store, how)
    if how == "csv":
        (_, row) = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        assert row[7] == f"'{text}"
    else:
        cell = load_workbook(io.BytesIO(content)).active["H2"]
        assert cell.data_type == "s"
        assert str(cell.value).startswith("'")


@pytest.mark.parametrize("number", ["-3", "+86", "-12.50", "0"])
def test_plain_numbers_stay_numbers(number: str) -> None:
    assert exports.safe(number) == number


@given(st.text())
@example("=")
@example("-")
@example("-1-1")
def test_a_safe_cell_is_the_text_itself_or_marked_as_text(text: str) -> None:
    found = exports.safe(text)
    assert found in (text, f"'{text}")
    assert not found.startswith(("=", "@", "\t", "\r"))
    if found.startswith(("+", "-")):
        assert float(found) is not None


def test_a_spreadsheet_adds_up_and_survives_control_characters(sqlite_store: Store) -> None:
    add(sqlite_store, product="酸\x0b奶" + "长" * 40_000, amount=38.5)
    add(sqlite_store, product="007", amount="12345678901234567890")
    sheet = load_workbook(io.BytesIO(exported(sqlite_store, "xlsx"))).active
    assert sheet
    assert sheet.title == "下单补货"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert rows[0][8] == 38.5
    assert len(str(rows[0][7])) == 32_767
    assert rows[1][7:9] == ["007", "12345678901234567890"]


def test_nothing_to_export_gives_a_head_and_no_rows(sqlite_store: Store) -> None:
    assert exported(sqlite_store) == b""
    assert len(exported(sqlite_store, "csv").splitlines()) == 1
    assert load_workbook(io.BytesIO(exported(sqlite_store, "xlsx"))).active


def test_lines_of_a_record_are_told_one_below_the_other_and_stay_lists_in_json(sqlite_store: Store) -> None:
    form = Form(key="order", label="订单", fields=(FormField(id="goods", label="明细", type="lines"),))
    goods = [{"product": "SKU-CM", "quantity": 3}, {"product": "=SKU", "note": None, "gift": True}]
    add(sqlite_store, goods=goods)
    (_, row) = csv.reader(io.StringIO(exported(sqlite_store, "csv", form=form).decode("utf-8-sig")))
    assert row[len(exports.HEAD)] == "product: SKU-CM; quantity: 3\nproduct: =SKU; gift: 是"
    sheet = load_workbook(io.BytesIO(exported(sqlite_store, "xlsx", form=form))).active
    assert sheet is not None and sheet.cell(2, len(exports.HEAD) + 1).value == row[len(exports.HEAD)]
    assert json.loads(exported(sqlite_store, "jsonl", form=form))["data"]["goods"] == goods
