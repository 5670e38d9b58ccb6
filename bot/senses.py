"""The senses as the perceiver uses them: worker processes that hear and read, told whose words to expect."""

from datetime import datetime
from typing import Any

from nlu.senses.errors import EngineUnavailable, ModelBroken, ModelMissing
from nlu.senses.models import model_of
from nlu.senses.workers import SensePool
from storage.people import Customers, all_competitors, all_products
from storage.store import Store


class PooledSenses:
    """Hears and reads in the pool's processes. Names of the rep's own customers are among the hot words."""

    def __init__(self, pool: SensePool, store: Store) -> None:
        self._pool = pool
        self._store = store

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]:
        try:
            return self._pool.hear(content, self._hot_words(person_id)).model_dump(mode="json")
        except ModelMissing:
            return {"problem": "model_missing"}
        except ModelBroken:
            return {"problem": "model_broken"}

    def read(self, content: bytes, now: datetime) -> dict[str, Any]:
        read = self._pool.read(content, now)
        return read.model_dump(mode="json") | {"problem": read.problem, "fingerprint": read.fingerprint}

    def can_hear(self) -> bool:
        try:
            model_of(self._pool.config)
        except EngineUnavailable:
            return False
        return True

    def close(self) -> None:
        self._pool.close()

    def _hot_words(self, person_id: str) -> tuple[str, ...]:
        with self._store.read() as session:
            customers = [c.name for c in Customers(session).owned_by(person_id)]
            products = [p.name for p in all_products(session)]
            competitors = [c.name for c in all_competitors(session)]
        return tuple(dict.fromkeys([*products, *competitors, *customers]))
