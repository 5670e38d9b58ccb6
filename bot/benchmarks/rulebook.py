"""`xiaofang bench rulebook`: what rules cost.

conditions  one evaluation, beside the same condition as plain Python
events      500 rules over 10,000 records, found by trigger and value, beside trying every rule of the trigger
hostile     1,000 expressions written to do harm: the slowest and the largest (from a checkout)
customers   the alert before the spring festival over 20,000 customers with their orders and counts
samples     reservations of sample stock a second (`xiaofang bench reservations` has more of them)
"""

import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.benchmarks import reservations
from config import rulebook
from domain.alerts import DAILY, Alert, Watches
from domain.expressions import ExpressionError, compile
from domain.facts import Names, names_of
from handlers import alerts
from handlers.customer_facts import Day
from nlu.language.lexicon import Lexicon
from storage import migrate
from storage.claims import table_of
from storage.store import Store
from storage.tables import CustomerRow, RecordRow

RULES, EVENTS, CUSTOMERS = 500, 10_000, 20_000
GOAL_SECONDS, GOAL_MILLISECONDS, GOAL_MEGABYTES = 10, 50, 10
ZONE = ZoneInfo("Asia/Shanghai")
TRIGGERS = ("order", "quote", "payment", "complaint", "stock_check", "visit")
LEVELS, CITIES = ("A", "B", "C", "D"), ("北京", "天津", "石家庄", "太原", "济南")


def main(_arguments: list[str]) -> int:
    rng = random.Random(5)
    conditions()
    events(rng)
    hostile_ones()
    customers(rng)
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        reservations.speed(Path(folder))
    return 0


def _took(work: Callable[[], Any], times: int = 1) -> float:
    """Seconds of CPU for one time."""
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def conditions() -> None:
    text = 'customer_level in ("A", "B") and stock_days < 15 and amount > 500'
    names = {"customer_level": str, "stock_days": Decimal, "amount": Decimal}
    facts: dict[str, Any] = {"customer_level": "A", "stock_days": Decimal(3), "amount": Decimal(600)}
    ready = compile(text, names)

    def plain() -> bool:
        return bool(
            facts["customer_level"] in ("A", "B") and facts["stock_days"] < 15 and facts["amount"] > 500
        )

    ours, limit = _took(lambda: ready(facts), 100_000), _took(plain, 100_000)
    parsing = _took(lambda: compile(text, names), 200)
    print(
        f"conditions  {ours * 1e6:.2f} µs an evaluation, {ours / limit:.1f} × plain Python ({limit * 1e6:.2f} µs)"
    )
    print(f"            {parsing * 1e6:.0f} µs to compile, once a version")


def rules(rng: random.Random) -> dict[str, Alert]:
    """Rules as people write them: of a level, a city, both or neither, above some amount."""
    made = (
        (f"rule{n}", rng.choice(TRIGGERS), rng.choice(LEVELS), rng.choice(CITIES), rng.randrange(700, 1000))
        for n in range(RULES)
    )
    return {
        key: Alert(
            key=key,
            label=key,
            about="record",
            triggers=(trigger,),
            when=f"{_which(level, city, n)}first_of(amount, 0) > {n}",
            words="{customer}",
        )
        for key, trigger, level, city, n in made
    }


def _which(level: str, city: str, number: int) -> str:
    parts = (f'customer.level == "{level}" and ', f'customer.city == "{city}" and ')
    return ("", parts[0], parts[1], parts[0] + parts[1])[number % 4]


def _facts(rng: random.Random) -> tuple[str, dict[str, Any]]:
    known = {"customer.level": rng.choice(LEVELS), "customer.city": rng.choice(CITIES)}
    return rng.choice(TRIGGERS), known | {"amount": Decimal(rng.randrange(1000)), "customer": "惠民超市"}


def events(rng: random.Random) -> None:
    forms = dict(rulebook.load().forms)
    for key in TRIGGERS:  # every one of them has an amount here
        if "amount" not in names_of(forms[key]):
            amount = next(f for f in forms["order"].fields if f.id == "amount")
            forms[key] = forms[key].model_copy(update={"fields": (*forms[key].fields, amount)})
    made = rules(rng)
    happened = [_facts(rng) for _ in range(EVENTS)]
    start = time.process_time()
    found = Watches(made, forms)
    fired = sum(1 for trigger, facts in happened for _ in found.met(trigger, facts))
    indexed = time.process_time() - start

    def trying_all() -> int:
        return sum(
            1
            for trigger, facts in happened
            for watch in found.all
            if trigger in watch.alert.triggers and watch.condition(facts)
        )

    every = _took(lambda: trying_all() == fired or print("!! the index missed some"))
    print(
        f"events      {RULES} rules × {EVENTS} events in {indexed:.2f} s with compiling (goal {GOAL_SECONDS} s), "
        f"{fired} fired; trying every rule {every:.2f} s, {every / indexed:.1f} ×"
    )


def hostile_ones() -> None:
    try:
        from tests.domain.hostile import hostile
    except ImportError:
        print("hostile     only from a checkout")
        return
    names: Names = {"amount": Decimal, "text": str, "flag": bool, "rows": list, "x": ..., "today": date}
    facts = {"amount": Decimal(5), "text": "加急", "rows": [{"a": 1}], "x": 5, "today": date(2026, 1, 1)}

    def tried(text: str) -> None:
        try:
            compile(text, names)(facts)
        except ExpressionError:
            pass

    texts = list(hostile(1000))
    slowest = max((_took(lambda text=text: tried(text)), text) for text in texts)  # type: ignore[misc]
    tracemalloc.start()
    largest = 0
    for text in texts:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        tried(text)
        largest = max(largest, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    print(
        f"hostile     {len(texts)} expressions contained: the slowest {slowest[0] * 1000:.1f} ms "
        f"(goal {GOAL_MILLISECONDS}), the largest {largest / 1e6:.1f} MB (goal {GOAL_MEGABYTES})"
    )


def customers(rng: random.Random) -> None:
    today = date(2026, 1, 25)
    rules_in_force = rulebook.load()
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        store = Store(f"sqlite:///{Path(folder) / 'x.db'}")
        migrate.upgrade(store)
        with store.write() as session:
            _found(session, today, rng)
        with store.read() as session:
            found: list[Any] = []
            lexicon = Lexicon.build(customers=[])

            def look() -> None:
                found.extend(alerts.over_customers(session, rules_in_force, lexicon, Day(today, ZONE), DAILY))

            seconds = _took(look)
        store.close()
    each = seconds / CUSTOMERS
    print(
        f"customers   {CUSTOMERS} customers in {seconds:.2f} s, {each * 1e6:.0f} µs each "
        f"({each * 100_000:.1f} s for 100,000); {len(found)} to be told"
    )


def _found(session: Session, today: date, rng: random.Random) -> None:
    shops = [
        {"code": f"C{n}", "name": f"第{n}超市", "aliases": [], "level": LEVELS[n % 4], "status": "active"}
        for n in range(CUSTOMERS)
    ]
    usual = {"city": "", "district": "", "address": "", "datum": "GCJ-02"}
    session.connection().execute(table_of(CustomerRow).insert(), [{**usual, **shop} for shop in shops])
    rows = [row for n in range(CUSTOMERS) for row in _records(f"C{n}", today, rng)]
    session.connection().execute(table_of(RecordRow).insert(), rows)


def _records(code: str, today: date, rng: random.Random) -> Iterator[dict[str, Any]]:
    days = [("stock_check", rng.randrange(1, 20))]
    days += [("order", days_ago) for days_ago in (5, 20, 35, 50)]
    days += [("order", (today - date(2025, 1, 29)).days + before) for before in (10, 40)]
    for form, ago in days:
        at = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=ago)
        quantity = rng.randrange(1, 60)
        yield {
            "form": form,
            "form_version": 1,
            "reporter_id": "P1",
            "customer_code": code,
            "happened_at": at,
            "status": "confirmed",
            "data": {"customer": code, "product": "YW", "quantity": quantity, "unit": "箱"},
            "sources": {},
            "checks": [],
            "revision": 1,
            "created_at": at,
            "updated_at": at,
        }
