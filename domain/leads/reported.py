"""A lead as a file or another system tells it: column by column, in the words of the trade."""

import json
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any

from domain.leads.lead import Lead

COLUMNS = {
    "name": "company",
    "company": "company",
    "contact": "contact",
    "mobile": "phone",
    "phone": "phone",
    "tax_id": "tax_id",
    "city": "city",
    "district": "district",
    "address": "address",
    "note": "need",
    "need": "need",
    "source": "source",
    "level": "level",
}
"""Name of a column → field of the lead. `product`, `value` (yuan) and `received_at` are read; others are details."""
LONGEST = 2000
MOST_FEN = 10**12


class Unusable(Exception):
    """A row that cannot be taken; the text is Chinese and says why and what to do."""


def reported(key: str, row: Mapping[str, Any], now: datetime, zone: tzinfo) -> Lead:
    """The lead of a row. Times without a zone are those of `zone`. Raises Unusable."""
    values: dict[str, Any] = {"id": key, "created_at": now, "received_at": now, "details": {}}
    _refuse_unsavable(row)
    for name, told in row.items():
        if told in ("", None) or name == "id":
            continue
        if isinstance(told, str) and len(told) > LONGEST:
            raise Unusable(f"{name} 太长了，最多 {LONGEST} 个字")
        if name in ("product", "products"):
            values["products"] = _products(told)
        elif name == "value":
            values["value"] = _fen(told)
        elif name == "received_at":
            values["received_at"] = _time(told, zone)
        elif name not in COLUMNS:
            values["details"][name] = told
        elif not isinstance(told, str | int):
            raise Unusable(f"{name} 应当是文字")
        elif values.setdefault(COLUMNS[name], str(told).strip()) != str(told).strip():
            values["details"][name] = told
    return Lead.model_validate(values)


def _refuse_unsavable(row: Mapping[str, Any]) -> None:
    """No database keeps these as text; one row with them must not keep the others out."""
    plain = json.dumps(row, ensure_ascii=False, default=str)
    if "\\u0000" in plain or any("\ud800" <= letter <= "\udfff" for letter in plain):
        raise Unusable("有不能保存的字符（空字符或残缺的表情符号），请去掉再发")


def _products(told: Any) -> tuple[str, ...]:
    codes = told.replace("｜", "|").split("|") if isinstance(told, str) else told
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Unusable("product 应当是产品编码，几个之间用竖线隔开")
    return tuple(dict.fromkeys(code.strip() for code in codes if code.strip()))


def _fen(told: Any) -> int:
    try:
        fen = Decimal(str(told)) * 100
    except (InvalidOperation, Overflow):
        raise Unusable(f"value “{told}”不是金额；请写元，例如 3800") from None
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 <= fen < MOST_FEN:
        raise Unusable(f"value “{told}”不是金额；请写元，最多两位小数")
    return int(fen)


def _time(told: Any, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(str(told).replace("/", "-"))
    except ValueError:
        raise Unusable(f"received_at “{told}”不是时间；请写成 2026-03-10T09:12:00+08:00") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)
