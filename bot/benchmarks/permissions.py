"""`xiaofang bench permissions [PROBES] [RECORDS]`: what the isolation policies let through, and what they cost.

probes      random people ask for random things (lists, words, files, records, cards, the chat, whole tables, what a
            model is shown, ways around); an oracle in plain Python says what each may get. From a checkout.
lists       CPU of the first page of records through the policies, beside the same query with a filter written by hand
"""

import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import literal, or_, select, text
from sqlmodel import Session, col

from config import rulebook
from domain.policies import Viewer
from storage import migrate
from storage.guarding import read_as
from storage.policies import guard_of
from storage.seeing import SHOWN, Seen, Wanted
from storage.store import Store
from storage.tables import ApprovalRow, CustomerRow, PersonRow, RecordRow

PROBES, RECORDS = 10_000, 1_000_000
A_COMPANY = 500
"""Probes, after which another company is drawn."""
REPS, TEAMS, SHOPS = 480, 20, 24_000
ROUNDS = 41
GOAL = 1.05
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)


def main(arguments: list[str]) -> int:
    probes, records = (int(n) for n in (*arguments, *map(str, (PROBES, RECORDS)[len(arguments) :])))
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        wrong = probe(Path(folder), probes)
        lists(Path(folder), records)
    return int(wrong > 0)


# probes ---------------------------------------------------------------------------------------------------------


def probe(folder: Path, count: int) -> int:
    from tests.permissions.company import found, store_company
    from tests.permissions.probing import Probes

    wrong: Counter[str] = Counter()
    for number in range(0, count, A_COMPANY):
        store = Store(f"sqlite:///{folder / f'company{number}.db'}")
        migrate.upgrade(store)
        company = found(number, people=30, customers=80, records=400)
        store_company(company, store)
        probes = Probes(company, store, random.Random(number))
        for _ in range(min(A_COMPANY, count - number)):
            if words := probes.run():
                wrong[words] += 1
        store.close()
    for words, times in wrong.most_common(20):
        print(f"wrong      {times} × {words}")
    print(
        f"probes     {count}, of which {sum(wrong.values())} leaked or lacked something (goal 0)", flush=True
    )
    return sum(wrong.values())


# lists ----------------------------------------------------------------------------------------------------------


def lists(folder: Path, count: int) -> None:
    store = Store(f"sqlite:///{folder / 'many.db'}")
    migrate.upgrade(store)
    fill(store, count)
    print(f"lists      {count} records, {REPS} reps in {TEAMS} teams; the first page of 30, newest first:")
    for who, role in (("rep100", "rep"), ("boss3", "manager"), ("top", "director"), ("ops", "operations")):
        for wanted in (Wanted(), Wanted(form="visit")):
            _beside(store, Viewer.model_validate({"id": who, "role": role}), wanted)
    store.close()


def fill(store: Store, count: int) -> None:
    """People, customers and records, the newest last."""
    with store.write() as session:
        session.add(PersonRow(id="top", name="总", role="director"))
        session.add(PersonRow(id="ops", name="运", role="operations"))
        for team in range(TEAMS):
            session.add(PersonRow(id=f"boss{team}", name="经", role="manager", manager_id="top"))
        for rep in range(REPS):
            session.add(PersonRow(id=f"rep{rep}", name="员", manager_id=f"boss{rep % TEAMS}"))
        session.add_all(
            CustomerRow(code=f"C{n}", name=f"店{n}", owner_id=f"rep{n % REPS}" if n % 10 else None)
            for n in range(SHOPS)
        )
    forms = "json_array('visit', 'order', 'expense', 'stock_check')"
    with store.transaction() as connection:
        connection.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
                " INSERT INTO record (form, form_version, reporter_id, customer_code, happened_at, status, data,"
                " sources, checks, revision, created_at, updated_at)"
                f" SELECT json_extract({forms}, '$[' || ((i / :reps) % 4) || ']'), 1, 'rep' || ((i * 7919) % :reps),"
                " 'C' || ((i * 104729) % :shops), datetime('2025-01-01', '+' || (i / 2) || ' minutes') || '.000000',"
                " 'confirmed', json_object('result', '见了王经理', 'quantity', i % 90), '{}', '[]', 1,"
                " '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000' FROM n"
            ),
            {"count": count, "reps": REPS, "shops": SHOPS},
        )
        connection.execute(text("ANALYZE"))


def _beside(store: Store, viewer: Viewer, wanted: Wanted) -> None:
    rules = rulebook.load()
    now = NOW.astimezone(ZONE)

    def through_policies() -> list[Any]:
        with read_as(store, guard_of(rules, viewer), now) as session:
            return [row.id for row in Seen(session).records(wanted, limit=30)]

    by_hand = written_by_hand(store, viewer, wanted, rules.policies.customers.history)
    assert by_hand() == through_policies()
    ours, hands = [], []
    for _ in range(ROUNDS):
        hands.append(_seconds(by_hand))
        ours.append(_seconds(through_policies))
    ratios = [one / other for one, other in zip(ours, hands, strict=True)]
    ratio = statistics.median(ours) / statistics.median(hands)
    print(
        f"  {viewer.role:<11}{wanted.form or 'all':<7}{statistics.median(ours) * 1e3:8.2f} ms through the policies,"
        f" {statistics.median(hands) * 1e3:8.2f} ms by hand = {ratio:.3f} ×"
        f" (rounds {sorted(ratios)[ROUNDS // 4]:.2f}–{sorted(ratios)[ROUNDS * 3 // 4]:.2f}; goal ≤ {GOAL})",
        flush=True,
    )


def written_by_hand(
    store: Store, viewer: Viewer, wanted: Wanted, history: tuple[str, ...]
) -> Callable[[], list[Any]]:
    """The same list as somebody would write it who knows the rules by heart."""
    below = select(literal(viewer.id).label("id")).cte("below", recursive=True)
    below = below.union(select(col(PersonRow.id)).where(col(PersonRow.manager_id) == below.c.id))
    team = select(below.c.id)

    def run() -> list[Any]:
        query = select(RecordRow).where(col(RecordRow.status).in_(SHOWN))
        if wanted.form:
            query = query.where(col(RecordRow.form) == wanted.form)
        if viewer.role != "operations":
            own = viewer.role == "rep"
            reporter, owner = col(RecordRow.reporter_id), col(CustomerRow.owner_id)
            shops = select(col(CustomerRow.code)).where(owner == viewer.id if own else owner.in_(team))
            asked = select(col(ApprovalRow.record_id)).where(
                col(ApprovalRow.approver_id) == viewer.id, col(ApprovalRow.state) != "cancelled"
            )
            query = query.where(
                or_(
                    reporter == viewer.id if own else reporter.in_(team),
                    col(RecordRow.form).in_(history) & col(RecordRow.customer_code).in_(shops),
                    col(RecordRow.id).in_(asked),
                )
            )
        with store.engine.connect() as connection, Session(bind=connection) as session:
            rows = session.scalars(query.order_by(col(RecordRow.id).desc()).limit(30)).all()
            found = [row.id for row in rows]
            session.expunge_all()
            return found

    return run


def _seconds(run: Callable[[], list[Any]]) -> float:
    """CPU: SQLite runs inside this process, and nobody else's load is counted."""
    began = time.process_time()
    run()
    return time.process_time() - began
