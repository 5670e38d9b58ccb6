"""A credential that the platform hands out for two hours: fetched once for all threads, renewed early."""

import threading
from collections.abc import Callable

from domain.errors import DeliveryError

Fetch = Callable[[], tuple[str, float]]
"""Asks the platform; the credential and for how many seconds it holds. Raises DeliveryError."""

EARLY = 300.0
FIRST_REST, LONGEST_REST = 15.0, 900.0


class Credential:
    """Safe to share between threads: whoever comes while it is being fetched waits for that one answer.

    A refused credential is not asked for again until a rest is over, which doubles with each refusal: a wrong
    secret must fill neither the log nor the platform's counters. `clock` counts seconds and never goes back.
    """

    def __init__(self, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._value = ""
        self._renew_at = 0.0
        self._refusal: DeliveryError | None = None
        self._ask_again_at = 0.0
        self._rest = FIRST_REST

    def get(self, unlike: str = "", *, insist: bool = False) -> str:
        """The credential; a new one where the cached one is `unlike`, the one that was just refused.

        `insist` asks the platform during a rest too. Raises DeliveryError.
        """
        with self._lock:
            if self._value and self._value != unlike and self._clock() < self._renew_at:
                return self._value
            if self._refusal and not insist and self._clock() < self._ask_again_at:
                raise self._resting(self._refusal)
            return self._fetched()

    def _fetched(self) -> str:
        try:
            value, seconds = self._fetch()
        except DeliveryError as refused:
            if refused.pause_channel:
                self._refusal = refused
                self._ask_again_at = self._clock() + self._rest
                self._rest = min(self._rest * 2, LONGEST_REST)
            raise
        self._value = value
        self._renew_at = self._clock() + max(seconds - EARLY, seconds / 2)
        self._refusal, self._rest = None, FIRST_REST
        return value

    def _resting(self, refusal: DeliveryError) -> DeliveryError:
        rest = max(self._ask_again_at - self._clock(), 1.0)
        return DeliveryError(str(refusal), retry_after=rest, pause_channel=True, code=refusal.code)
