"""The senses as the perceiver uses them: worker processes that hear and read, told whose words to expect."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.invoice_status import InvoiceStatus, with_status
from config.settings import Settings
from nlu.senses.config import SensesConfig
from nlu.senses.errors import EngineUnavailable
from nlu.senses.models import model_of
from nlu.senses.workers import SensePool

MOST_HOT_WORDS = 100
"""Handed to the engine, which takes as many of the first as it can."""


def config_of(settings: Settings) -> SensesConfig:
    return SensesConfig(
        speech_engine=settings.speech.engine,
        speech_model=settings.speech.model,
        model_dir=settings.speech.model_dir,
        reading_engine=settings.reading.engine,
        reading_model=settings.reading.model,
        reading_model_dir=settings.reading.model_dir,
    )


class PooledSenses:
    """Hears and reads in the pool's processes. `hot_words` are the names that a person is likely to say."""

    def __init__(
        self,
        pool: SensePool,
        hot_words: Callable[[str], tuple[str, ...]],
        status: InvoiceStatus | None = None,
    ) -> None:
        self._pool = pool
        self._hot_words = hot_words
        self._status = status

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]:
        try:
            model_of(self._pool.config)  # before a process is started in vain
            words = self._hot_words(person_id)[:MOST_HOT_WORDS]
            return self._pool.hear(content, words).model_dump(mode="json")
        except EngineUnavailable as unavailable:
            return {"problem": unavailable.code, "why": str(unavailable)}

    def read(self, content: bytes, now: datetime) -> dict[str, Any]:
        read = self._pool.read(content, now)
        found = read.model_dump(mode="json") | {"problem": read.problem, "fingerprint": read.fingerprint}
        return with_status(found, self._status) if self._status else found

    def cannot_hear(self) -> str:
        try:
            model_of(self._pool.config)
        except EngineUnavailable as unavailable:
            return str(unavailable)
        return ""

    def close(self) -> None:
        self._pool.close()
