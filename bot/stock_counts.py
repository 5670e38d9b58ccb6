"""Stock from CSV: each row is a count of a lot, and becomes a movement of the ledger. Units become pieces."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.import_checks import Parsed
from domain.stock import FINEST
from handlers.stock import WATCH
from storage.people import People
from storage.schedule import Schedule
from storage.stock import Stock
from storage.tables import ProductRow

WHO = "import"


def write(chunk: list[Parsed], session: Session, now: datetime) -> tuple[dict[str, int], dict[int, str]]:
    """How many rows were added, changed or unchanged, and what is wrong with the others, by line.

    Where anything changed, the clock looks at once whether operations have to be told of something.
    """
    codes = [row.values["product_code"] for row in chunk]
    products = {p.code: p for p in session.exec(select(ProductRow).where(col(ProductRow.code).in_(codes)))}
    stock = Stock(session, who=WHO, now=now, inbox_id=None)
    counted = {"added": 0, "changed": 0, "unchanged": 0}
    wrong: dict[int, str] = {}
    for row in chunk:
        product = products[row.values["product_code"]]
        pieces = row.values["on_hand"] * (product.pack_size or 1)
        if pieces % FINEST:
            wrong[row.line] = "on_hand 太细了；换算成最小单位后最多三位小数"
            continue
        outcome = stock.count(
            product.code,
            pieces,
            lot=row.values.get("lot", ""),
            expires_on=row.values.get("expires_on"),
            keeps_date="expires_on" not in row.values,
        )
        if outcome == "reserved":
            wrong[row.line] = "申请占用的比 on_hand 还多；请先发货或驳回这些申请，再导入"
        else:
            counted[outcome] += 1
    if counted["added"] or counted["changed"]:
        look_soon(
            session, now, f"count:{chunk[0].line}"
        )  # after one chunk the look may be over before the next
    return counted, wrong


def look_soon(session: Session, now: datetime, subject: str) -> None:
    """Have the clock look whether operations must be told of stock that is low, or of lots that expire."""
    people = People(session)
    for keeper in (people.with_role("operations") or people.with_role("admin"))[:1]:
        Schedule(session).at(now, WATCH, subject, keeper.id)
