"""The columns of each import, and how a cell of each is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.people import LUNAR_BIRTHDAY, CustomerStatus, Role
from domain.positions import Datum

ROLES: tuple[str, ...] = get_args(Role)
STATUSES: tuple[str, ...] = get_args(CustomerStatus)
DATUMS: tuple[str, ...] = get_args(Datum)
USERID = re.compile(r"[^\s|@,]{1,64}")
MOST_FEN = 10**12
LUNAR = re.compile(r"(?:农历|阴历|旧历)\s*(?P<day>.+)")
DIGITS = "一二三四五六七八九"
LUNAR_MONTHS = {word: n for n, word in enumerate([*DIGITS, "十", "十一", "十二"], 1)}
LUNAR_MONTHS |= {"正": 1, "冬": 11, "腊": 12}
LUNAR_DAYS = {f"初{digit}": n for n, digit in enumerate([*DIGITS, "十"], 1)}
LUNAR_DAYS |= {f"十{digit}": n for n, digit in enumerate(DIGITS, 11)}
LUNAR_DAYS |= {f"{twenty}{digit}": n for twenty in ("廿", "二十") for n, digit in enumerate(DIGITS, 21)}
LUNAR_DAYS |= {"二十": 20, "廿": 20, "三十": 30}


class Bad(Exception):
    """A cell that cannot be taken; the text is Chinese and follows the name of the column."""


@dataclass(frozen=True)
class Column:
    name: str
    attribute: str
    read: Callable[[str], Any]
    required: bool = False


def text(cell: str) -> str:
    return cell


def text_or_none(cell: str) -> str | None:
    return cell or None


def listed(cell: str) -> list[str]:
    parts = (part.strip() for part in re.split(r"[|｜]", cell))
    return list(dict.fromkeys(part for part in parts if part))


def userid(cell: str) -> str | None:
    if cell and not USERID.fullmatch(cell):
        raise Bad(f"“{cell}”不像平台的成员账号，里面不能有空格、竖线和 @")
    return cell or None


def folded_userid(cell: str) -> str | None:
    """WeCom ignores case in member ids and answers in lower case."""
    found = userid(cell)
    return found.lower() if found else None


def one_of(known: tuple[str, ...], default: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not cell:
            return default
        if cell.lower() not in known:
            raise Bad(f"“{cell}”不可用，只能是 {'、'.join(known)}")
        return cell.lower()

    return read


def employed(cell: str) -> bool:
    """Whether somebody is with the company; an empty cell says that he is."""
    if cell.lower() in ("", "1", "true", "yes", "是", "在职"):
        return True
    if cell.lower() in ("0", "false", "no", "否", "离职"):
        return False
    raise Bad(f"“{cell}”不可用，只能是 在职 或 离职")


def datum(cell: str) -> str:
    """`gcj02` and `WGS84` are what maps call them."""
    plain = {name.replace("-", ""): name for name in DATUMS}
    found = plain.get(re.sub(r"[-_ ]", "", cell.upper())) if cell else DATUMS[0]
    if found is None:
        raise Bad(f"“{cell}”不可用，只能是 {'、'.join(DATUMS)}")
    return found


def degrees(most: int) -> Callable[[str], float | None]:
    def read(cell: str) -> float | None:
        if not cell:
            return None
        found = _number(cell)
        if not -most <= found <= most:
            raise Bad(f"{cell} 超出了 ±{most} 度")
        return float(found)

    return read


def fen(cell: str) -> int | None:
    """Yuan with at most two decimals, as fen."""
    if not cell:
        return None
    found = _number(cell.removeprefix("￥").removeprefix("¥")) * 100
    if found != found.to_integral_value() or not 0 <= found < MOST_FEN:
        raise Bad(f"“{cell}”不是金额；请写元，最多两位小数，例如 38.50")
    return int(found)


def count(cell: str) -> int | None:
    if not cell:
        return None
    found = _number(cell)
    if found != found.to_integral_value() or not 1 <= found <= 100_000:
        raise Bad(f"“{cell}”应当是 1 到 100000 的整数")
    return int(found)


def stock(cell: str) -> Decimal:
    found = _number(cell)
    if not 0 <= found < 10**9:
        raise Bad(f"“{cell}”应当是不小于 0 的数量")
    return found


def day(cell: str) -> date | None:
    """As spreadsheets write days: 2026-06-30, 2026/6/30, 2026年6月30日, 20260630."""
    if not cell:
        return None
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", cell)
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(cell)
    except ValueError:
        raise Bad(f"“{cell}”不是日期；请写成 2026-06-30 这样") from None


def a_day(cell: str) -> date:
    """Of a column that is required."""
    found = day(cell)
    assert found is not None, "a required cell is not empty"
    return found


def birthday(cell: str) -> str:
    """Month and day alone are kept: 05-06, 5月6日, 1980-05-06, or by the lunar calendar 农历八月十五, 农历8-15. How old
    somebody is, is nobody's business."""
    if not cell:
        return ""
    if lunar := LUNAR.fullmatch(cell):
        return _lunar_birthday(lunar["day"], cell)
    found = re.fullmatch(r"(?:\d{4}[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?", cell)
    try:
        return f"{date(2000, *map(int, found.groups())):%m-%d}" if found else f"{day(cell):%m-%d}"
    except (ValueError, Bad):
        raise Bad(f"“{cell}”不是生日；请写成 05-06 这样，只写月和日") from None


def _lunar_birthday(words: str, cell: str) -> str:
    """As `nlu.language.holidays.birthdays_on` reads it. An inserted month's birthdays are kept in the usual one."""
    plain = re.fullmatch(r"(?:\d{4}[-/.年])?闰?(\d{1,2})[-/.月](\d{1,2})[日号]?", words)
    spoken = re.fullmatch(r"闰?(.{1,2})月(.{1,3}?)[日号]?", words)
    month, day_ = (int(plain[1]), int(plain[2])) if plain else (0, 0)
    if spoken and not plain:
        month, day_ = LUNAR_MONTHS.get(spoken[1], 0), LUNAR_DAYS.get(spoken[2], 0)
    if not (1 <= month <= 12 and 1 <= day_ <= 30):
        raise Bad(f"“{cell}”不是农历生日；请写成 农历八月十五 或 农历8-15 这样")
    return f"{LUNAR_BIRTHDAY}{month:02}-{day_:02}"


def zone(cell: str) -> str | None:
    if not cell:
        return None
    try:
        return ZoneInfo(cell).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise Bad(f"“{cell}”不是时区；请写成 Asia/Shanghai、Asia/Urumqi 这样") from None


def _number(cell: str) -> Decimal:
    try:
        found = Decimal(cell.replace(",", ""))
    except InvalidOperation:
        raise Bad(f"“{cell}”不是数字") from None
    if not found.is_finite() or len(cell) > 30:
        raise Bad(f"“{cell}”不是数字")
    return found


def _columns(*described: Column | str) -> tuple[Column, ...]:
    """A bare name is a text column that is stored under its own name."""
    return tuple(Column(d, d, text) if isinstance(d, str) else d for d in described)


def _key(name: str, attribute: str = "") -> Column:
    return Column(name, attribute or name, text, required=True)


COLUMNS: dict[str, tuple[Column, ...]] = {
    "people": _columns(
        _key("id"),
        _key("name"),
        Column("nicknames", "nicknames", listed),
        Column("role", "role", one_of(ROLES, "rep")),
        "team",
        "region",
        Column("manager_id", "manager_id", text_or_none),
        Column("wecom_userid", "wecom_userid", folded_userid),
        Column("dingtalk_userid", "dingtalk_userid", userid),
        Column("active", "active", employed),
        Column("timezone", "timezone", zone),
        Column("hired_on", "hired_on", day),
    ),
    "customers": _columns(
        _key("code"),
        _key("name"),
        Column("aliases", "aliases", listed),
        "city",
        "district",
        "address",
        "level",
        Column("owner_id", "owner_id", text_or_none),
        Column("lat", "latitude", degrees(90)),
        Column("lng", "longitude", degrees(180)),
        Column("datum", "datum", datum),
        Column("status", "status", one_of(STATUSES, "active")),
        Column("contract_end", "contract_end", day),
    ),
    "contacts": _columns(
        _key("customer", "customer_code"),
        _key("name"),
        "title",
        "mobile",
        Column("birthday", "birthday", birthday),
    ),
    "products": _columns(
        _key("code"),
        _key("name"),
        Column("aliases", "aliases", listed),
        Column("unit", "unit", lambda cell: cell or "箱"),
        Column("pack_size", "pack_size", count),
        Column("list_price", "list_price", fen),
        Column("floor_price", "floor_price", fen),
    ),
    "competitors": _columns(_key("name"), Column("aliases", "aliases", listed)),
    "stock": _columns(
        _key("product", "product_code"),
        Column("on_hand", "on_hand", stock, required=True),
        "lot",
        Column("expires_on", "expires_on", day),
    ),
    "dealers": _columns(_key("code"), _key("name")),
    "receivables": _columns(
        _key("customer", "customer_code"),
        _key("number"),
        Column("amount", "amount", fen, required=True),
        Column("due", "due", a_day, required=True),
        Column("as_of", "as_of", a_day, required=True),
    ),
    "leads": _columns(_key("id"), _key("name", "company")),
}
