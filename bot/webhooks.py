"""Calls of another system that flows ask for: signed, repeated until they arrive, never inside a turn.

The receiver gets a POST with JSON and two headers: `Xiaofang-Signature: t=SECONDS,v1=HEX`, where HEX is the
HMAC-SHA256 of `SECONDS.BODY` under the shared secret, and `Idempotency-Key`, the same for every repetition of a call.
2xx is success; 408, 425, 429, 5xx and silence are tried again for a day; anything else is given up.
"""

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx

from bot import failures
from storage.claims import LeaseLost, finish, take
from storage.flow_tables import WebhookRow
from storage.store import Store

log = logging.getLogger(__name__)

SECONDS = 10.0
LEASE = timedelta(seconds=120)
AT_ONCE = 4
GIVE_UP_AFTER = timedelta(hours=24)
AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Webhooks:
    """`url` is empty where no other system is to be told: then the calls are marked failed, with that reason."""

    name: str
    store: Store
    url: str
    secret: str
    now: Callable[[], datetime]
    client: httpx.Client

    def run_once(self) -> int:
        """Make the calls that are due. Returns how many there were."""
        rows = take(
            self.store,
            WebhookRow,
            worker=self.name,
            now=self.now(),
            lease=LEASE,
            limit=AT_ONCE,
            in_lanes=False,
        )
        for row in rows:
            self._finish(row, **self._outcome(row))
        return len(rows)

    def _outcome(self, row: dict[str, Any]) -> dict[str, Any]:
        """Call once: what becomes of the row."""
        if not self.url:
            return {"state": "failed", "error": "no webhook.url is set"}
        body = str(row["body"]).encode()
        stamp = int(self.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": quote(row["key"], safe=":"),
            "Xiaofang-Signature": f"t={stamp},v1={signature(self.secret, stamp, body)}",
        }
        try:
            answer = self.client.post(self.url, content=body, headers=headers, timeout=SECONDS)
        except httpx.HTTPError as error:
            return self._again(row, type(error).__name__)
        except Exception:  # the calls that are due after this one are made all the same
            return self._again(row, failures.bug(f"webhook {row['id']}"))
        if answer.is_success:
            return {"state": "done", "error": ""}
        if answer.status_code in AGAIN or answer.status_code >= 500:
            return self._again(row, f"HTTP {answer.status_code}")
        return {"state": "failed", "error": f"HTTP {answer.status_code}"}

    def _again(self, row: dict[str, Any], why: str) -> dict[str, Any]:
        if self.now() - row["created_at"] > GIVE_UP_AFTER:
            return {"state": "failed", "error": f"{why}, for a day"}
        wait = failures.back_off(row["attempts"], first=5)
        return {"state": "pending", "available_at": self.now() + wait, "error": why}

    def _finish(self, row: dict[str, Any], **values: Any) -> None:
        if values["state"] != "pending":
            values["done_at"] = self.now()
        if values["state"] == "failed":
            log.warning("webhook %s of %s given up: %s", row["id"], row["event"], values["error"])
        try:
            with self.store.write() as session:
                finish(session, WebhookRow, row["id"], worker=self.name, **values)
        except LeaseLost as lost:
            log.warning("%s", lost)


def signature(secret: str, stamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
