"""Random interleavings of sample requests on real storage, beside a model of what has to come out of them.

A step may crash before its commit, and then leaves nothing; it may be repeated after its commit, as after a lost
acknowledgement, and then changes nothing. The same seed is always the same interleaving.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from storage.stock import Stock
from storage.store import Store

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
TODAY = NOW.date()
REQUESTS = 5
CRASHES, REPEATS = 0.2, 0.2


class Crash(Exception):
    """The process dies before the commit."""


@dataclass
class Lot:
    expires_on: date | None
    on_hand: int
    reserved: int = 0

    @property
    def free(self) -> int:
        expired = self.expires_on is not None and self.expires_on < TODAY
        return 0 if expired else self.on_hand - self.reserved


@dataclass
class Model:
    """What should be there: lots in the order in which they are taken, and what each request has of them."""

    lots: list[Lot]
    parts: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)

    def reserve(self, request: int, amount: int) -> bool:
        if self.states.get(request) in ("held", "issued", "received"):
            return True
        if sum(lot.free for lot in self.lots) < amount:
            return False
        self.parts[request] = []
        for index, lot in enumerate(self.lots):
            part = min(lot.free, amount)
            lot.reserved += part
            amount -= part
            if part:
                self.parts[request].append((index, part))
        self.states[request] = "held"
        return True

    def move(self, request: int, before: tuple[str, ...], after: str, on_hand: int, reserved: int) -> int:
        """How many pieces went from a state `before` to `after`."""
        if self.states.get(request) not in before:
            return 0
        self.states[request] = after
        for index, part in self.parts[request]:
            self.lots[index].on_hand += on_hand * part
            self.lots[index].reserved += reserved * part
        return sum(part for _, part in self.parts[request])

    def count(self, index: int, on_hand: int) -> bool:
        lot = self.lots[index]
        if on_hand < lot.reserved:
            return False
        lot.on_hand = on_hand
        return True


Step = tuple[str, Callable[[Stock], object], Callable[[Model], object]]
"""Its name, what is done, and what should come of it."""


def play(store: Store, seed: int) -> int:
    """One interleaving. Returns how many steps it had; raises AssertionError where storage and model differ."""
    random = Random(seed)
    product = f"P{seed}"
    model = Model([_lot(random, number) for number in range(random.randint(1, 3))])
    model.lots.sort(key=lambda lot: (lot.expires_on is None, lot.expires_on or TODAY))
    with store.write() as session:
        stock = _stock(session)
        for number, lot in enumerate(model.lots):
            stock.count(product, Decimal(lot.on_hand), lot=f"L{number}", expires_on=lot.expires_on)
    steps = random.randint(8, 16)
    wanted = {number: random.randint(1, 9) for number in range(REQUESTS)}
    for _ in range(steps):
        name, do, should = _step(random, product, seed * REQUESTS, wanted, model)
        if random.random() < CRASHES:
            _crash(store, do)
            if random.random() < 0.3:
                continue
        for _ in range(2 if random.random() < REPEATS else 1):
            with store.write() as session:
                did = do(_stock(session))
            expected = should(model)
            assert did == expected, f"seed {seed}: {name} gave {did}, not {expected}"
    _compare(store, seed, product, model)
    return steps


def _lot(random: Random, number: int) -> Lot:
    expires = random.choice((None, TODAY + timedelta(days=30 * number), TODAY - timedelta(days=1)))
    return Lot(expires if number else None, random.randint(0, 20))


def _step(random: Random, product: str, base: int, wanted: dict[int, int], model: Model) -> Step:
    number = random.randrange(REQUESTS)
    record, index, counted = base + number + 1, random.randrange(len(model.lots)), random.randint(0, 20)
    amount, lot = wanted[number], f"L{index}"
    expires = model.lots[index].expires_on
    every: list[Step] = [
        *[
            (
                "reserve",
                lambda stock: stock.reserve(record, product, Decimal(amount), TODAY),
                lambda model: model.reserve(number, amount),
            )
        ]
        * 4,
        (
            "release",
            lambda stock: stock.release(record),
            lambda model: model.move(number, ("held",), "released", 0, -1),
        ),
        (
            "issue",
            lambda stock: stock.issue(record),
            lambda model: model.move(number, ("held",), "issued", -1, -1),
        ),
        (
            "receive",
            lambda stock: stock.receive(record),
            lambda model: model.move(number, ("issued",), "received", 0, 0),
        ),
        (
            "take back",
            lambda stock: stock.take_back(record),
            lambda model: model.move(number, ("issued", "received"), "returned", 1, 0),
        ),
        (
            "count",
            lambda stock: stock.count(product, Decimal(counted), lot=lot, expires_on=expires) != "reserved",
            lambda model: model.count(index, counted),
        ),
    ]
    return random.choice(every)


def _crash(store: Store, do: Callable[[Stock], object]) -> None:
    try:
        with store.write() as session:
            do(_stock(session))
            raise Crash
    except Crash:
        pass


def _compare(store: Store, seed: int, product: str, model: Model) -> None:
    with store.read() as session:
        there = [(lot.on_hand, lot.reserved) for lot in _stock(session).lots(product)]
    expected = [(Decimal(lot.on_hand), Decimal(lot.reserved)) for lot in model.lots]
    assert there == expected, f"seed {seed}: {there} instead of {expected}"
    assert all(0 <= reserved <= on_hand for on_hand, reserved in there), f"seed {seed}: too much is reserved"


def _stock(session: object) -> Stock:
    return Stock(session, who="bench", now=NOW, inbox_id=None)  # type: ignore[arg-type]
