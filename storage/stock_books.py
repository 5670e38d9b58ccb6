"""Looking into the books of sample stock: its latest movements, and whether the balances are their sums."""

from collections.abc import Iterable

from sqlalchemy import func, or_, select
from sqlmodel import Session

from storage.stock import BALANCE, HOLD, MOVEMENT, NOTHING
from storage.stock_tables import StockMovementRow


def movements(session: Session, product: str, limit: int) -> list[tuple[StockMovementRow, str]]:
    """The product's latest movements with the number of their lot, newest first."""
    query = (
        select(StockMovementRow, BALANCE.c.lot)
        .join(BALANCE, BALANCE.c.id == StockMovementRow.balance_id)
        .where(BALANCE.c.product_code == product)
        .order_by(MOVEMENT.c.id.desc())
        .limit(limit)
    )
    return [(row, lot) for row, lot in session.execute(query)]


def differences(session: Session) -> list[str]:
    """Balances that are not the sum of their movements, or not what the holds say; empty where the books are right."""
    moved = (
        select(
            MOVEMENT.c.balance_id,
            func.sum(MOVEMENT.c.on_hand).label("on_hand"),
            func.sum(MOVEMENT.c.reserved).label("reserved"),
        )
        .group_by(MOVEMENT.c.balance_id)
        .subquery()
    )
    held = (
        select(HOLD.c.balance_id, func.sum(HOLD.c.amount).label("amount"))
        .where(HOLD.c.state == "held")
        .group_by(HOLD.c.balance_id)
        .subquery()
    )
    sums = [func.coalesce(c, NOTHING) for c in (moved.c.on_hand, moved.c.reserved, held.c.amount)]
    wrong = (
        select(BALANCE.c.product_code, BALANCE.c.lot)
        .outerjoin(moved, moved.c.balance_id == BALANCE.c.id)
        .outerjoin(held, held.c.balance_id == BALANCE.c.id)
        .where(
            or_(BALANCE.c.on_hand != sums[0], BALANCE.c.reserved != sums[1], BALANCE.c.reserved != sums[2])
        )
    )
    return [
        f"{row.product_code}{f'（{row.lot}）' if row.lot else ''}"
        for row in session.execute(wrong.order_by(BALANCE.c.product_code, BALANCE.c.lot))
    ]


def is_counted(session: Session, products: Iterable[str]) -> set[str]:
    """Those of the products of which there is anything in stock."""
    having = select(BALANCE.c.product_code).where(BALANCE.c.product_code.in_(list(products)))
    return set(session.execute(having.where(BALANCE.c.on_hand > NOTHING)).scalars())
