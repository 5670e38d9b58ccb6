"""`xiaofang bench health [CUSTOMERS] [RECORDS]`: how fast customers are labelled, and what the gate is worth.

one         the answer about one customer, over a database of that many records
all         every customer labelled at once
simulated   a seeded world with known truth: precision and recall of red, and visits that led to nothing, with and
            without the gate. The world is ours: its rates are assumptions, so it shows that the rules do what they
            are to do, and nothing about any company's customers.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from config import rulebook
from domain.health import Evidence, Health, HealthRules, Seen, judged, known_of
from domain.health.facts import Change
from storage import health, migrate
from storage.store import Store

CUSTOMERS, RECORDS = 100_000, 1_000_000
ROUNDS = 40
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 10)
FORMS = (
    *("visit", "visit", "visit", "visit", "order", "order", "order", "stock_check", "display"),
    *("payment", "payment", "complaint", "customer_update", "order_intent", "quote", "competitor"),
)


def main(arguments: list[str]) -> int:
    customers, records = (int(n) for n in (*arguments, *map(str, (CUSTOMERS, RECORDS)[len(arguments) :])))
    rules = rulebook.load().health
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        store = Store(f"sqlite:///{Path(folder) / 'many.db'}")
        migrate.upgrade(store)
        fill(store, customers, records)
        worst = _speed(store, customers, records, rules)
        store.close()
    found = simulate(random.Random(5), rules)
    print(f"simulated  {found.words}")
    return int(worst > 2 or not found.good)


def fill(store: Store, customers: int, records: int) -> None:
    """Customers and records of two years, spread evenly."""
    series = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
    forms = "json_array(" + ", ".join(f"'{form}'" for form in FORMS) + ")"
    with store.transaction() as connection:
        connection.execute(
            text(
                f"{series} INSERT INTO customer (code, name, aliases, city, district, address, level, owner_id, datum,"
                " status) SELECT 'C' || i, '店' || i, '[]', '', '', '', 'B', 'rep' || (i % 500), 'GCJ-02', 'active'"
                " FROM n"
            ),
            {"last": customers - 1},
        )
        connection.execute(
            text(
                f"{series} INSERT INTO record (form, form_version, reporter_id, customer_code, happened_at, status,"
                " data, sources, checks, revision, created_at, updated_at)"
                f" SELECT json_extract({forms}, '$[' || ((i * 7919) % {len(FORMS)}) || ']'), 1, 'rep' || (i % 500),"
                " 'C' || ((i * 104729) % :customers),"
                " datetime('2026-03-09', '-' || ((i * 1.0 * 1050000) / :records) || ' minutes') || '.000000',"
                " 'confirmed', CASE (i * 7919) % 16 WHEN 9 THEN"
                " json_object('planned', json('true'), 'amount', 900, 'expected_date', '2026-02-01')"
                " WHEN 12 THEN json_object('status', 'contact_left') ELSE json_object('result', '见了王经理') END,"
                " '{}', '[]', 1, '2026-03-01 00:00:00.000000', '2026-03-01 00:00:00.000000' FROM n"
            ),
            {"last": records - 1, "customers": customers, "records": records},
        )
        connection.execute(text("ANALYZE"))


def _speed(store: Store, customers: int, records: int, rules: HealthRules) -> float:
    draw, took = random.Random(1), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        _labels(store, rules, [f"C{draw.randrange(customers)}"])
        took.append(time.perf_counter() - began)
    worst = max(took)
    print(
        f"one        {statistics.median(took) * 1e3:.1f} ms median, {worst * 1e3:.1f} ms at most, of"
        f" {customers} customers and {records} records = {worst / 2:.4f} of the 2 s that the answer may take"
    )
    began = time.perf_counter()
    found = _labels(store, rules, None)
    seconds = time.perf_counter() - began
    count = {colour: sum(h.colour == colour for h in found.values()) for colour in ("red", "yellow", "green")}
    print(
        f"all        {len(found)} customers in {seconds:.1f} s ({len(found) / seconds:,.0f} a second): {count}"
    )
    return worst


def _labels(store: Store, rules: HealthRules, codes: list[str] | None) -> dict[str, Health]:
    with store.read() as session:
        found = health.seen(
            session,
            TODAY,
            ZONE,
            sold=["order"],
            visited=["visit"],
            complaint_days=rules.complaint_days,
            codes=codes,
        )
    return {code: judged(known_of(seen, TODAY), rules) for code, seen in found.items()}


# the simulated world ----------------------------------------------------------------------------------------------

SHOPS, DAYS, VISITS_A_DAY = 3000, 120, 600
DEAD, DIES, REOPENS = 0.2, 0.001, 0.004
"""Share of shops closed or lost to a competitor, and the chance a day of one to become so, and to come back: chosen so
that without a gate about 23.5 % of visits lead to nothing."""
NOBODY_THERE = 0.045
"""Chance that a visit to a living shop leads to nothing."""
REPORTED = 0.16
"""Chance a day that somebody learns of a change without going there: a call, a colleague, a driver."""
MISTAKEN = 0.00004
"""Chance a day that a living shop is reported dead."""
GOES_ANYWAY = 0.12
"""How often somebody has a reason to go to a red one."""


@dataclass
class Shop:
    dead: bool = False
    changes: list[Change] = field(default_factory=list)

    def told(self, status: str, day: date) -> None:
        self.changes.append(Change(status, Evidence(day, len(self.changes) + 1)))


@dataclass
class Found:
    red_right: int = 0
    red_wrong: int = 0
    missed: int = 0
    without: list[bool] = field(default_factory=list)
    """Of each visit that was planned, whether it would have led to nothing."""
    went: list[bool] = field(default_factory=list)
    """Of each visit that was made with the gate."""

    @property
    def precision(self) -> float:
        return self.red_right / (self.red_right + self.red_wrong)

    @property
    def recall(self) -> float:
        return self.red_right / (self.red_right + self.missed)

    @property
    def good(self) -> bool:
        return self.precision >= 0.8 and self.recall >= 0.9 and statistics.mean(self.went) <= 0.082

    @property
    def words(self) -> str:
        return (
            f"{len(self.without)} planned visits in a world of ours:"
            f" red precision {self.precision:.3f} (goal .8), recall {self.recall:.3f} (goal .9);"
            f" visits that led to nothing {statistics.mean(self.without):.1%} without the gate,"
            f" {statistics.mean(self.went):.1%} with it (goal 23.5 % to 8.2 %)"
        )


def simulate(draw: random.Random, rules: HealthRules, *, shops: int = SHOPS, days: int = DAYS) -> Found:
    """The same plans judged by the rules of `config/health.yaml`, in a world that is known."""
    world = [Shop(dead=draw.random() < DEAD) for _ in range(shops)]
    for shop in (s for s in world if s.dead):
        shop.told("closed", TODAY - timedelta(days=30))
    found = Found()
    for number in range(days):
        day = TODAY + timedelta(days=number)
        for shop in world:
            _live(shop, day, draw)
        for shop in _planned(world, draw):
            _visit(shop, day, draw, rules, found)
    return found


def _planned(world: list[Shop], draw: random.Random) -> Iterator[Shop]:
    return iter(draw.sample(world, max(len(world) * VISITS_A_DAY // SHOPS, 1)))


def _live(shop: Shop, day: date, draw: random.Random) -> None:
    if draw.random() < (REOPENS if shop.dead else DIES):
        shop.dead = not shop.dead
    known_dead = bool(shop.changes) and shop.changes[-1].status != "normal"
    if known_dead != shop.dead and draw.random() < REPORTED:
        shop.told(draw.choice(("closed", "competitor_exclusive")) if shop.dead else "normal", day)
    elif not shop.dead and not known_dead and draw.random() < MISTAKEN:
        shop.told("closed", day)


def _visit(shop: Shop, day: date, draw: random.Random, rules: HealthRules, found: Found) -> None:
    red = judged(known_of(Seen(changes=shop.changes), day), rules).colour == "red"
    found.red_right += red and shop.dead
    found.red_wrong += red and not shop.dead
    found.missed += shop.dead and not red
    in_vain = shop.dead or draw.random() < NOBODY_THERE
    found.without.append(in_vain)
    if red and draw.random() >= GOES_ANYWAY:
        return
    found.went.append(in_vain)
    if red != shop.dead:  # whoever was there says so
        shop.told("closed" if shop.dead else "normal", day)
