"""One call that cannot be made does not keep the others from being made."""

from datetime import UTC, datetime
from typing import Any, cast

import httpx

from bot.webhooks import Webhooks
from storage.store import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROW = {"id": 1, "key": "flow:1:付款", "body": "{}", "event": "付款", "attempts": 1, "created_at": NOW}


def _webhooks(answer: Any) -> Webhooks:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Webhooks("test", cast(Store, None), "http://127.0.0.1/hook", "secret", lambda: NOW, client)


def test_a_chinese_event_name_arrives_quoted() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        return httpx.Response(200)

    assert _webhooks(answer)._outcome(ROW)["state"] == "done"
    assert seen == ["flow:1:%E4%BB%98%E6%AC%BE"]


def test_an_unexpected_error_has_the_call_made_again_later() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise ValueError("nobody expected this")

    assert _webhooks(answer)._outcome({**ROW, "key": "flow:1"})["state"] == "pending"
