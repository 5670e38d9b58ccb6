"""What a row must agree on with the other rows and with what is known already.

Each check takes the rows that are left and returns what is wrong by line; it is asked again without those rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from storage.receivables import as_of
from storage.stock_books import is_counted
from storage.tables import CustomerRow, PersonRow, ProductRow

PLATFORM_IDS = {"wecom_userid": "企业微信账号", "dingtalk_userid": "钉钉账号"}


@dataclass(frozen=True)
class Parsed:
    line: int
    values: dict[str, Any]


Check = Callable[[list[Parsed], Session], dict[int, str]]


def people(parsed: list[Parsed], session: Session) -> dict[int, str]:
    """Managers exist, nobody is his own manager's manager, and a platform's id belongs to one person."""
    stored = session.exec(select(PersonRow)).all()
    managers = {p.id: p.manager_id for p in stored}
    managers |= {
        row.values["id"]: row.values.get("manager_id", managers.get(row.values["id"])) for row in parsed
    }
    wrong: dict[int, str] = {}
    for row in parsed:
        manager = managers[row.values["id"]]
        if manager and manager not in managers:
            wrong[row.line] = f"manager_id “{manager}”不在人员里；请先加上这个人，或改正编号"
        elif loop := _loop(row.values["id"], managers):
            wrong[row.line] = f"上级关系成了一个圈：{' → '.join(loop)}"
    for name, label in PLATFORM_IDS.items():
        for line, words in _shared_id(parsed, list(stored), name, label).items():
            wrong.setdefault(line, words)
    return wrong


def _loop(person: str, managers: dict[str, str | None]) -> list[str]:
    """The ring of managers that this person is part of."""
    way = [person]
    above = managers.get(person)
    while above and above not in way:
        way.append(above)
        above = managers.get(above)
    return [*way, person] if above == person else []


def _shared_id(parsed: list[Parsed], stored: list[PersonRow], name: str, label: str) -> dict[int, str]:
    """A person whose id the file changes or takes away no longer holds the stored one."""
    changing = {row.values["id"] for row in parsed if name in row.values}
    owner = {getattr(p, name): p.id for p in stored if getattr(p, name) and p.id not in changing}
    wrong = {}
    for row in parsed:
        userid = row.values.get(name)
        if userid and owner.setdefault(userid, row.values["id"]) != row.values["id"]:
            wrong[row.line] = f"{label}“{userid}”已经是 {owner[userid]} 的了"
    return wrong


def customers(parsed: list[Parsed], session: Session) -> dict[int, str]:
    """Owners exist, and a place is a whole one."""
    known = set(session.exec(select(PersonRow.id)))
    places = {
        code: (latitude, longitude)
        for code, latitude, longitude in session.exec(
            select(CustomerRow.code, CustomerRow.latitude, CustomerRow.longitude)
        )
    }
    wrong = {}
    for row in parsed:
        owner = row.values.get("owner_id")
        before = places.get(row.values["code"], (None, None))
        problem = _place(
            row.values.get("latitude", before[0]),
            row.values.get("longitude", before[1]),
        )
        if owner and owner not in known:
            wrong[row.line] = f"owner_id “{owner}”不在人员里；请先导入这个人，或改正编号"
        elif problem:
            wrong[row.line] = problem
    return wrong


def _place(latitude: float | None, longitude: float | None) -> str:
    if (latitude is None) != (longitude is None):
        return "lat 和 lng 要么都写，要么都不写"
    if latitude is None or longitude is None:
        return ""
    if latitude == 0 and longitude == 0:
        return "lat 和 lng 都是 0，那里是大海；不知道位置时请留空"
    if latitude >= 73 and 3 <= longitude <= 54:
        return f"lat {latitude:g}、lng {longitude:g} 像是写反了：lat 是纬度（北京约 39.9），lng 是经度（北京约 116.4）"
    return ""


def products(parsed: list[Parsed], session: Session) -> dict[int, str]:
    """The floor is no higher than the list price."""
    codes = [row.values["code"] for row in parsed]
    stored = {p.code: p for p in session.exec(select(ProductRow).where(col(ProductRow.code).in_(codes)))}
    wrong = {}
    for row in parsed:
        old = stored.get(row.values["code"])
        listed = row.values.get("list_price", old.list_price if old else None)
        floor = row.values.get("floor_price", old.floor_price if old else None)
        if listed is not None and floor is not None and floor > listed:
            wrong[row.line] = f"底价 {floor / 100:.2f} 高于标价 {listed / 100:.2f}"
    return wrong | _packed_anew(parsed, stored, session)


def _packed_anew(parsed: list[Parsed], stored: dict[str, ProductRow], session: Session) -> dict[int, str]:
    """Stock is kept in pieces: as long as there is any, a pack stays what it was."""
    packs = {
        row.line: row
        for row in parsed
        if (old := stored.get(row.values["code"]))
        and row.values.get("pack_size", old.pack_size) != old.pack_size
    }
    counted = is_counted(session, [row.values["code"] for row in packs.values()]) if packs else set()
    return {
        line: "还有库存，不能改 pack_size；请先把它的库存导入成 0，改好规格再导入新的盘点数"
        for line, row in packs.items()
        if row.values["code"] in counted
    }


def stock(parsed: list[Parsed], session: Session) -> dict[int, str]:
    known = set(session.exec(select(ProductRow.code)))
    return {
        row.line: f"没有产品“{row.values['product_code']}”；product 列写产品编码，请先导入产品"
        for row in parsed
        if row.values["product_code"] not in known
    }


def contacts(parsed: list[Parsed], session: Session) -> dict[int, str]:
    known = set(session.exec(select(CustomerRow.code)))
    return {
        row.line: f"没有客户“{row.values['customer_code']}”；customer 列写客户编码，请先导入客户"
        for row in parsed
        if row.values["customer_code"] not in known
    }


def receivables(parsed: list[Parsed], session: Session) -> dict[int, str]:
    """Of customers that there are, and never older than what is known: an old list would open paid debts again."""
    wrong, known = contacts(parsed, session), as_of(session)
    for row in parsed:
        if known is not None and row.values["as_of"] < known:
            wrong.setdefault(
                row.line, f"截至 {row.values['as_of']} 的账比已导入的 {known} 旧；请导出最新的一份"
            )
    return wrong


def nothing_else(parsed: list[Parsed], session: Session) -> dict[int, str]:
    """For rows that stand for themselves."""
    return {}


CHECKS: dict[str, Check] = {
    "people": people,
    "customers": customers,
    "contacts": contacts,
    "products": products,
    "competitors": nothing_else,
    "stock": stock,
    "dealers": nothing_else,
    "leads": nothing_else,
    "receivables": receivables,
}
