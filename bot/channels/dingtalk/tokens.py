"""One access token of one host, shared by all threads."""

from collections.abc import Callable
from threading import Lock

from domain.errors import DeliveryError

Fetch = Callable[[], tuple[str, float]]
"""A token and the seconds it lives. Raises DeliveryError."""

EARLY = 300.0
REFUSED = 30.0
"""Seconds for which refused credentials are not shown again: asking in a loop gets the address blocked."""


class Token:
    """Fetched once however many threads ask; renewed 5 minutes early, or at half of a shorter life."""

    def __init__(self, fetch: Fetch, monotonic: Callable[[], float]) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = Lock()
        self._value = ""
        self._renew_at = 0.0
        self._dies_at = 0.0
        self._refusal: DeliveryError | None = None
        self._ask_again_at = 0.0

    def get(self) -> str:
        """Raises DeliveryError where there is none and none can be had."""
        with self._lock:
            if self._value and self._monotonic() < self._renew_at:
                return self._value
            if self._refusal and self._monotonic() < self._ask_again_at:
                raise self._refusal.with_traceback(None)
            try:
                value, seconds = self._fetch()
            except DeliveryError as error:
                if self._value and self._monotonic() < self._dies_at:
                    return self._value  # renewing early failed, the old one is still good
                if error.pause_channel:
                    self._refusal, self._ask_again_at = error, self._monotonic() + REFUSED
                raise
            now = self._monotonic()
            self._value, self._refusal = value, None
            self._renew_at = now + max(seconds - EARLY, seconds / 2)
            self._dies_at = now + seconds
            return value

    def refuse(self, value: str) -> None:
        """The platform did not take `value`: the next `get` fetches. A newer token stays."""
        with self._lock:
            if self._value == value:
                self._value = ""
