"""Sample stock: an append-only ledger and the balances that are its sums.

A balance changes by one conditional update and the row in the ledger is written in the same transaction: nobody reads
how much there is, decides, and then writes. What a record holds is a row that ends once, by a compare-and-set, so that
giving back or handing out twice changes nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from domain.stock import Balance, Lot, balance_of, shares
from storage.claims import insert_new, table_of
from storage.stock_tables import Amount, StockAlertRow, StockBalanceRow, StockHoldRow, StockMovementRow
from storage.tables import RecordRow

BALANCE, HOLD, MOVEMENT = table_of(StockBalanceRow), table_of(StockHoldRow), table_of(StockMovementRow)
NOTHING = Decimal(0)
LIVE = ("held", "issued", "received")
"""The states of a hold whose pieces are with the record."""

Counted = Literal["added", "changed", "unchanged", "reserved"]


def _amount(name: str) -> Any:
    return bindparam(name, type_=Amount())


LOT = [BALANCE.c[name] for name in ("id", "product_code", "lot", "expires_on", "on_hand", "reserved")]
LOTS = (
    select(*LOT)
    .where(BALANCE.c.product_code == bindparam("product"))
    .order_by(BALANCE.c.expires_on.is_(None), BALANCE.c.expires_on, BALANCE.c.id)
)
"""What expires first goes first."""

MOVE = (
    update(BALANCE)
    .where(
        BALANCE.c.id == bindparam("balance"),
        BALANCE.c.reserved + _amount("more_reserved") >= 0,
        BALANCE.c.reserved + _amount("more_reserved") <= BALANCE.c.on_hand + _amount("more_on_hand"),
    )
    .values(
        on_hand=BALANCE.c.on_hand + _amount("more_on_hand"),
        reserved=BALANCE.c.reserved + _amount("more_reserved"),
    )
)
HOLDS = (
    select(HOLD)
    .where(HOLD.c.record_id == bindparam("record"), HOLD.c.state.in_(bindparam("states", expanding=True)))
    .order_by(HOLD.c.balance_id)
)
NEW_HOLD, NEW_MOVEMENT = insert(HOLD), insert(MOVEMENT)
END = (
    update(HOLD)
    .where(HOLD.c.id == bindparam("hold"), HOLD.c.state == bindparam("expected"))
    .values(state=bindparam("reached"), changed_at=bindparam("now"))
)


class Stock:
    """In the name of `who`, because of the message `inbox_id`."""

    def __init__(self, session: Session, *, who: str, now: datetime, inbox_id: int | None) -> None:
        self.session, self.who, self.now, self.inbox_id = session, who, now, inbox_id

    @property
    def _connection(self) -> Connection:
        return self.session.connection()

    # what there is ------------------------------------------------------------------------------------------

    def lots(self, product: str) -> list[Lot]:
        """The product's lots, what expires first in front."""
        return [_lot(row) for row in self._connection.execute(LOTS, {"product": product})]

    def balance(self, product: str, today: date) -> Balance:
        return balance_of(self.lots(product), today)

    def all_lots(self) -> dict[str, list[Lot]]:
        """Every product that was ever counted, with its lots."""
        found: dict[str, list[Lot]] = {}
        for row in self._connection.execute(select(*LOT).order_by(BALANCE.c.product_code, BALANCE.c.id)):
            found.setdefault(row.product_code, []).append(_lot(row))
        return found

    # what records hold --------------------------------------------------------------------------------------

    def held(self, record_id: int, *states: str) -> Decimal:
        """How many pieces the record holds, or has in one of those states."""
        return sum((hold.amount for hold in self._holds(record_id, *(states or ("held",)))), NOTHING)

    def reserve(self, record_id: int, product: str, amount: Decimal, today: date) -> bool:
        """Hold so many pieces for the record, all or nothing; False, with nothing written, where there are too few.

        What expires first is taken first, over several lots where one is not enough. A record that has its pieces
        already, held or handed out, is given no more of them. Raises ValueError where it has another amount.
        """
        if had := self.held(record_id, *LIVE):
            if had != amount:
                raise ValueError(
                    f"record {record_id} has {had} pieces; release them before asking for {amount}"
                )
            return True
        while parts := shares(self.lots(product), amount, today):
            # One update is whole by itself; of several all or none.
            savepoint = self._connection.begin_nested() if len(parts) > 1 else None
            taken = all(self._take(record_id, lot.id, part) for lot, part in parts)
            if savepoint:
                savepoint.commit() if taken else savepoint.rollback()
            if taken:
                return True
            # Somebody was quicker with one of the lots: what is left is looked at anew.
        return False

    def _take(self, record_id: int, balance: int, part: Decimal) -> bool:
        """Whether the lot had that much."""
        if not self._moved(balance, on_hand=NOTHING, reserved=part):
            return False
        hold = {"record_id": record_id, "balance_id": balance, "amount": part, "state": "held"}
        stamps = {"created_at": self.now, "changed_at": self.now}
        made = self._connection.execute(NEW_HOLD, {**hold, **stamps}).inserted_primary_key
        self._write(balance, "reserved", NOTHING, part, hold=made[0] if made else None)
        return True

    def release(self, record_id: int, reason: str = "") -> Decimal:
        """Give back what the record holds; how many pieces, 0 where it holds nothing."""
        return self._end(record_id, "held", "released", reason=reason)

    def issue(self, record_id: int, reason: str = "") -> Decimal:
        """What the record holds leaves the warehouse; how many pieces, 0 where it holds nothing."""
        return self._end(record_id, "held", "issued", reason=reason)

    def receive(self, record_id: int) -> Decimal:
        """Whoever asked for it has it in hand: no movement of the warehouse, and the end of waiting for it."""
        return self._end(record_id, "issued", "received", moves=False)

    def take_back(self, record_id: int, reason: str = "") -> Decimal:
        """What was issued comes back to the warehouse, received by whoever asked for it or not."""
        back = [self._end(record_id, state, "returned", reason=reason) for state in ("issued", "received")]
        return sum(back, NOTHING)

    def _end(
        self, record_id: int, expected: str, reached: str, *, reason: str = "", moves: bool = True
    ) -> Decimal:
        """Bring each hold of the record from one state to the next, once, with what that moves."""
        ended = NOTHING
        for hold in self._holds(record_id, expected):
            step = {"hold": hold.id, "expected": expected, "reached": reached, "now": self.now}
            if self._connection.execute(END, step).rowcount != 1:
                continue
            ended += hold.amount
            if moves:
                on_hand, reserved = (sign * hold.amount for sign in SIGNS[reached])
                if not self._moved(hold.balance_id, on_hand=on_hand, reserved=reserved):
                    raise RuntimeError(f"stock_hold {hold.id}: its balance does not have what it holds")
                self._write(hold.balance_id, reached, on_hand, reserved, hold=hold.id, reason=reason)
        return ended

    def _holds(self, record_id: int, *states: str) -> list[Any]:
        return list(self._connection.execute(HOLDS, {"record": record_id, "states": states}))

    def lots_of(self, record_id: int) -> list[str]:
        """The numbers of the lots that the record's pieces come from, none where no lots are kept."""
        which = (
            select(BALANCE.c.lot)
            .join(HOLD, HOLD.c.balance_id == BALANCE.c.id)
            .where(HOLD.c.record_id == record_id, HOLD.c.state != "released", BALANCE.c.lot != "")
        )
        return list(self._connection.scalars(which.distinct().order_by(BALANCE.c.lot)))

    def records_with(
        self, state: str, statuses: Iterable[str], reporter: str | None = None
    ) -> list[RecordRow]:
        """The records whose pieces are in that state, oldest first; of all reporters, or of one."""
        having = select(HOLD.c.record_id).where(HOLD.c.state == state)
        query = select(RecordRow).where(
            col(RecordRow.id).in_(having), col(RecordRow.status).in_(list(statuses))
        )
        if reporter is not None:
            query = query.where(col(RecordRow.reporter_id) == reporter)
        return list(self.session.scalars(query.order_by(col(RecordRow.id))))

    # what operations say ------------------------------------------------------------------------------------

    def count(
        self,
        product: str,
        on_hand: Decimal,
        *,
        lot: str = "",
        expires_on: date | None = None,
        keeps_date: bool = False,
    ) -> Counted:
        """Somebody counted a lot, for the first time or again; with `keeps_date` it expires when it did before.

        `reserved`: more is held than was counted, which has to be released or issued first; nothing was written.
        """
        known = {"product_code": product, "lot": lot}
        start = {"on_hand": NOTHING, "reserved": NOTHING, "counted_at": self.now}
        new = insert_new(self.session, StockBalanceRow, **known, **start)
        while True:
            found = next(one for one in self.lots(product) if one.lot == lot)
            delta = on_hand - found.on_hand
            expires_on = found.expires_on if keeps_date else expires_on
            if not new and not delta and found.expires_on == expires_on:
                return "unchanged"
            if on_hand < found.reserved:
                return "reserved"
            as_it_was = (BALANCE.c.id == found.id) & (BALANCE.c.on_hand == found.on_hand)
            counted = update(BALANCE).where(as_it_was, BALANCE.c.reserved <= on_hand)
            values = {"on_hand": on_hand, "expires_on": expires_on, "counted_at": self.now}
            if self._connection.execute(counted.values(**values)).rowcount == 1:
                if delta:
                    self._write(found.id, "counted", delta, NOTHING, reason="导入的盘点数")
                return "added" if new else "changed"

    def adjust(self, product: str, delta: Decimal, reason: str, *, lot: str = "") -> bool:
        """Put a lot right by so many pieces; False where it is not there, or less than what is held would be left."""
        found = next((one for one in self.lots(product) if one.lot == lot), None)
        if found is None or not self._moved(found.id, on_hand=delta, reserved=NOTHING):
            return False
        self._write(found.id, "adjusted", delta, NOTHING, reason=reason)
        return True

    # what is told once --------------------------------------------------------------------------------------

    def crosses(self, key: str, below: bool) -> bool:
        """Whether this is the first time that it is known to be so; once it is over, the next time is a first again."""
        if below:
            return insert_new(self.session, StockAlertRow, key=key, at=self.now)
        self._connection.execute(delete(StockAlertRow).where(col(StockAlertRow.key) == key))
        return False

    # the ledger ---------------------------------------------------------------------------------------------

    def _moved(self, balance: int, *, on_hand: Decimal, reserved: Decimal) -> bool:
        """Change a balance, if what is reserved stays between nothing and what is on hand."""
        change = {"balance": balance, "more_on_hand": on_hand, "more_reserved": reserved}
        return self._connection.execute(MOVE, change).rowcount == 1

    def _write(
        self,
        balance: int,
        kind: str,
        on_hand: Decimal,
        reserved: Decimal,
        *,
        hold: int | None = None,
        reason: str = "",
    ) -> None:
        row = {"balance_id": balance, "kind": kind, "on_hand": on_hand, "reserved": reserved}
        by = {"hold_id": hold, "reason": reason, "who": self.who, "at": self.now, "inbox_id": self.inbox_id}
        self._connection.execute(NEW_MOVEMENT, {**row, **by})


SIGNS = {"released": (0, -1), "issued": (-1, -1), "returned": (1, 0)}
"""What becomes of the balance's pieces on hand, and of those reserved, when a hold gets there."""


def _lot(row: Any) -> Lot:
    values = row._mapping
    return Lot(
        id=values["id"],
        product=values["product_code"],
        lot=values["lot"],
        expires_on=values["expires_on"],
        on_hand=values["on_hand"],
        reserved=values["reserved"],
    )
