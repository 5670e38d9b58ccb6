"""Whose names a rep is likely to say: the hot words of his voice notes, most likely first.

An engine's prompt holds about 35 names (`speech.fit_hotwords`). The shops of today's check-ins come first, then the
rep's own shops by their distance from the last one; products and competitors keep places of their own, however many
shops he has.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from domain.people import Customer
from domain.positions import Position, distance
from storage.people import Customers, all_competitors, all_products, master_version
from storage.store import Store
from storage.tables import CheckInRow
from storage.visits import CheckIns

SHOPS, PRODUCTS, COMPETITORS = 20, 10, 5
"""Places that each kind is sure of; what one does not need, the others take."""

RECENT = timedelta(hours=12)
MOST_REMEMBERED = 500
"""Reps whose shops are kept in memory; about 20 kB each with 200 shops."""


@dataclass(frozen=True)
class _Goods:
    version: int
    products: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()


class HotWords:
    """Call it with a person's id. Master data are read again only when they have changed."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._lock = Lock()
        self._goods = _Goods(-1)
        self._shops: OrderedDict[str, list[Customer]] = OrderedDict()

    def __call__(self, person_id: str) -> tuple[str, ...]:
        now = self._now()
        with self._store.read() as session:
            version = master_version(session)
            visited = CheckIns(session).between(person_id, now - RECENT, now + timedelta(minutes=1))
            with self._lock:
                if version != self._goods.version:
                    self._shops.clear()
                    products = tuple(p.name for p in all_products(session))
                    competitors = tuple(c.name for c in all_competitors(session))
                    self._goods = _Goods(version, products, competitors)
                goods, shops = self._goods, self._shops.pop(person_id, None)
                if shops is None:
                    shops = Customers(session).owned_by(person_id)
                self._shops[person_id] = shops
                if len(self._shops) > MOST_REMEMBERED:
                    self._shops.popitem(last=False)
        return _mixed([shop.name for shop in _nearest_first(shops, visited)], goods)


def _nearest_first(shops: list[Customer], visited: list[CheckInRow]) -> list[Customer]:
    """`visited` are today's check-ins, in their order."""
    if not visited:
        return shops
    last_seen = {row.customer_code: number for number, row in enumerate(visited)}
    newest = visited[-1]
    here = Position.model_validate(
        {"latitude": newest.latitude, "longitude": newest.longitude, "datum": newest.datum}
    )

    def rank(shop: Customer) -> tuple[int, float]:
        away = distance(here, shop.position) if shop.position else float("inf")
        return -last_seen.get(shop.code, -1), away

    return sorted(shops, key=rank)


def _mixed(shops: list[str], goods: _Goods) -> tuple[str, ...]:
    sure = [*shops[:SHOPS], *goods.products[:PRODUCTS], *goods.competitors[:COMPETITORS]]
    rest = [*shops[SHOPS:], *goods.products[PRODUCTS:], *goods.competitors[COMPETITORS:]]
    return tuple(dict.fromkeys([*sure, *rest]))
