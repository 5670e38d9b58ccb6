"""Budgets: what claims take from them is one conditional update, so that no two can take the same rest."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlmodel import Session, col

from storage.claims import insert_new
from storage.flow_tables import BudgetEntryRow, BudgetRow


class Budgets:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now

    def used(self, keys: Iterable[str]) -> dict[str, int]:
        """Fen in use of each budget, 0 of those that nobody took anything from."""
        wanted = list(keys)
        rows = self.session.execute(
            select(col(BudgetRow.key), col(BudgetRow.used)).where(col(BudgetRow.key).in_(wanted))
        )
        found = {key: int(used) for key, used in rows}
        return {key: found.get(key, 0) for key in wanted}

    def hold(self, record_id: int, fen: int, limits: Mapping[str, int], *, force: bool = False) -> str:
        """Take `fen` from all these budgets (key → limit in fen), or from none of them: the key of the first that has
        not enough left, empty where it worked. What the record holds already it does not take again.
        `force` takes it over the limits: what is too much is for somebody to decide."""
        self.session.flush()  # what was changed before is none of this savepoint's business
        savepoint = self.session.connection().begin_nested()
        for key in sorted(limits):  # always in one order, so that two never wait for one another
            if not self._take(record_id, key, fen, None if force else limits[key]):
                savepoint.rollback()
                return key
        savepoint.commit()
        return ""

    def _take(self, record_id: int, key: str, fen: int, limit: int | None) -> bool:
        insert_new(self.session, BudgetRow, key=key, used=0)
        entry = {"record_id": record_id, "key": key, "fen": fen, "state": "held", "at": self.now}
        if not insert_new(self.session, BudgetEntryRow, **entry) and not self._again(record_id, key, fen):
            return True
        taken = update(BudgetRow).where(col(BudgetRow.key) == key)
        if limit is not None:
            taken = taken.where(col(BudgetRow.used) + fen <= limit)
        return _changed(self.session, taken.values(used=BudgetRow.used + fen))

    def _again(self, record_id: int, key: str, fen: int) -> bool:
        """Whether the record had given back what it took from this budget, and takes anew."""
        which = (col(BudgetEntryRow.record_id) == record_id, col(BudgetEntryRow.key) == key)
        given_back = update(BudgetEntryRow).where(*which, col(BudgetEntryRow.state) == "released")
        return _changed(self.session, given_back.values(state="held", fen=fen, at=self.now))

    def release(self, record_id: int) -> None:
        """Give back what the record holds."""
        for entry in self._of(record_id):
            if self._becomes(entry, "released"):
                back = update(BudgetRow).where(col(BudgetRow.key) == entry.key)
                self.session.execute(back.values(used=BudgetRow.used - entry.fen))

    def spend(self, record_id: int) -> None:
        """What the record holds is spent for good."""
        for entry in self._of(record_id):
            self._becomes(entry, "spent")

    def _of(self, record_id: int) -> list[BudgetEntryRow]:
        query = (
            select(BudgetEntryRow)
            .where(col(BudgetEntryRow.record_id) == record_id, col(BudgetEntryRow.state) == "held")
            .order_by(col(BudgetEntryRow.key))
        )
        return list(self.session.scalars(query))

    def _becomes(self, entry: BudgetEntryRow, state: str) -> bool:
        held = (col(BudgetEntryRow.id) == entry.id, col(BudgetEntryRow.state) == "held")
        return _changed(self.session, update(BudgetEntryRow).where(*held).values(state=state, at=self.now))


def _changed(session: Session, statement: Any) -> bool:
    return cast(CursorResult[Any], session.execute(statement)).rowcount == 1
