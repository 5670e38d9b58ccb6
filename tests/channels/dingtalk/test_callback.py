import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.channels.dingtalk.answers import WORKING
from bot.channels.dingtalk.callback import routes
from bot.channels.dingtalk.signing import BODY_LIMIT, card_signature, robot_signature
from bot.channels.envelope import EnvelopeCrypto
from tests.channels.dingtalk.company import AES_KEY, CONFIG, NOW, Inbox, payload

MILLISECONDS = str(int(NOW.timestamp() * 1000))
CRYPTO = EnvelopeCrypto("event-token", AES_KEY, CONFIG.client_id)


def post(inbox: Inbox, path: str, **request: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        app = Starlette(routes=routes(CONFIG, inbox.accept, lambda: NOW))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            return await http.post(path, **request)

    return asyncio.run(ask())


def robot_headers(timestamp: str = MILLISECONDS, secret: str = CONFIG.client_secret) -> dict[str, str]:
    return {"timestamp": timestamp, "sign": robot_signature(timestamp, secret)}


def card_headers(timestamp: str = MILLISECONDS, secret: str = CONFIG.card_secret) -> dict[str, str]:
    return {
        "x-ddpaas-signature-timestamp": timestamp,
        "x-ddpaas-signature": card_signature(timestamp, secret),
    }


def sealed_event(body: dict[str, Any], crypto: EnvelopeCrypto = CRYPTO, timestamp: str = MILLISECONDS) -> Any:
    sealed = crypto.seal(json.dumps(body).encode(), timestamp, "nonce1")
    query = {"msg_signature": sealed.signature, "timestamp": timestamp, "nonce": "nonce1"}
    return {"params": query, "json": {"encrypt": sealed.encrypted}}


def test_the_robot_signature_is_the_documented_one() -> None:
    # computed with: printf '1795395615000\napp-secret-01' | openssl dgst -sha256 -hmac app-secret-01 -binary | base64
    assert robot_signature("1795395615000", "app-secret-01") == ROBOT_VECTOR


ROBOT_VECTOR = "osS/eA/K9gM7us7E8KfUNqm1uSeEpvHa7tnqYkMPpmo="
CARD_VECTOR = "h7d74bGuGcUY6chp/lIkk66fv/QrMECcwD8bN5/onYg="


def test_the_card_signature_covers_the_timestamp_alone() -> None:
    # computed with: printf 1795395615000 | openssl dgst -sha256 -hmac card-secret-01 -binary | base64
    assert card_signature("1795395615000", "card-secret-01") == CARD_VECTOR


def test_a_signed_robot_message_is_stored_before_it_is_answered() -> None:
    inbox = Inbox()
    answer = post(inbox, "/dingtalk/robot", json=payload("text"), headers=robot_headers())
    assert (answer.status_code, inbox.keys) == (200, ["dingrobot01:msg0xE9hkmtzzqyYHkY=="])


def test_a_replayed_message_is_answered_and_not_stored_again() -> None:
    inbox = Inbox()
    for _ in range(3):
        assert (
            post(inbox, "/dingtalk/robot", json=payload("text"), headers=robot_headers()).status_code == 200
        )
    post(inbox, "/dingtalk/robot", json=payload("text") | {"msgId": "another"}, headers=robot_headers())
    assert inbox.keys == ["dingrobot01:msg0xE9hkmtzzqyYHkY==", "dingrobot01:another"]


def off(seconds: float) -> str:
    return str(int((NOW + timedelta(seconds=seconds)).timestamp() * 1000))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"timestamp": MILLISECONDS}, 403),
        ({"timestamp": "soon", "sign": robot_signature("soon", CONFIG.client_secret)}, 403),
        (robot_headers(secret="wrong"), 403),
        (robot_headers(off(-601)), 403),
        (robot_headers(off(601)), 403),
        (robot_headers(off(-599)), 200),
        (robot_headers(off(599)), 200),
    ],
)
def test_the_window_is_ten_minutes_and_the_signature_must_match(headers: dict[str, str], status: int) -> None:
    inbox = Inbox()
    answer = post(inbox, "/dingtalk/robot", json=payload("text"), headers=headers)
    assert (answer.status_code, len(inbox.messages)) == (status, int(status == 200))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[]", 400),
        (b'{"msgtype":"text"}', 400),
        (json.dumps(payload("text") | {"robotCode": "stranger"}).encode(), 403),
        (b'{"msgId":"1","text":{"content":"' + b"a" * BODY_LIMIT + b'"}}', 413),
    ],
)
def test_bad_bodies_get_the_right_status_and_one_line_in_the_log(
    body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    with caplog.at_level(logging.INFO, "bot"):
        answer = post(inbox, "/dingtalk/robot", content=body, headers=robot_headers())
    assert (answer.status_code, answer.content, inbox.messages) == (status, b"", [])
    assert len(caplog.records) == 1
    assert "Traceback" not in caplog.text
    assert CONFIG.client_secret not in caplog.text
    assert robot_headers()["sign"] not in caplog.text


def test_a_body_without_a_declared_length_is_capped_too() -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * (BODY_LIMIT // 10)

    answer = post(Inbox(), "/dingtalk/robot", content=endless(), headers=robot_headers())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/dingtalk/robot", {"json": payload("text"), "headers": robot_headers()}),
        ("/dingtalk/card", {"json": payload("card_action"), "headers": card_headers()}),
        ("/dingtalk/events", sealed_event(payload("event_user_leave_org"))),
    ],
)
def test_a_busy_inbox_asks_the_platform_to_repeat(path: str, request_: dict[str, Any]) -> None:
    inbox = Inbox()
    inbox.busy = True
    assert post(inbox, path, **request_).status_code == 503
    inbox.busy = False
    assert post(inbox, path, **request_).status_code == 200
    assert len(inbox.messages) == 1


def test_a_tap_shows_at_once_that_it_was_taken() -> None:
    inbox = Inbox()
    answer = post(inbox, "/dingtalk/card", json=payload("card_action"), headers=card_headers())
    assert answer.json() == {
        "userPrivateData": {"cardParamMap": {"status": WORKING, "buttons": "[]"}},
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
    }
    assert [message.sender for message in inbox.messages] == ["manager7675"]


def test_a_repeated_tap_changes_nothing_on_the_card() -> None:
    inbox = Inbox()
    post(inbox, "/dingtalk/card", json=payload("card_action"), headers=card_headers())
    answer = post(inbox, "/dingtalk/card", json=payload("card_action"), headers=card_headers())
    assert (answer.status_code, answer.json(), len(inbox.messages)) == (200, {}, 1)


@pytest.mark.parametrize(
    "headers", [{}, card_headers(secret="wrong"), card_headers(off(-601)), robot_headers()]
)
def test_an_unsigned_tap_is_refused(headers: dict[str, str]) -> None:
    inbox = Inbox()
    answer = post(inbox, "/dingtalk/card", json=payload("card_action"), headers=headers)
    assert (answer.status_code, inbox.messages) == (403, [])


def test_without_a_configured_secret_taps_are_signed_with_a_derived_one() -> None:
    bare = type(CONFIG)("dingkey01", "app-secret-01")
    assert len(bare.card_secret) == 64
    assert bare.card_secret != type(CONFIG)("dingkey01", "other").card_secret


def test_the_address_check_is_answered_and_stored_nowhere() -> None:
    inbox = Inbox()
    answer = post(inbox, "/dingtalk/events", **sealed_event({"EventType": "check_url"}))
    body = answer.json()
    opened = CRYPTO.open(body["encrypt"], body["msg_signature"], body["timeStamp"], body["nonce"])
    assert (answer.status_code, opened, inbox.messages) == (200, b"success", [])


def test_an_event_is_stored_and_answered_with_a_sealed_success() -> None:
    inbox = Inbox()
    answer = post(inbox, "/dingtalk/events", **sealed_event(payload("event_user_leave_org")))
    body = answer.json()
    opened = CRYPTO.open(body["encrypt"], body["msg_signature"], body["timeStamp"], body["nonce"])
    assert (opened, inbox.keys) == (b"success", ["event:8f1a2b"])


def test_the_other_spelling_of_the_query_is_taken() -> None:
    request = sealed_event(payload("event_user_leave_org"))
    query = request["params"]
    request["params"] = {
        "signature": query["msg_signature"],
        "timeStamp": query["timestamp"],
        "nonce": "nonce1",
    }
    assert post(Inbox(), "/dingtalk/events", **request).status_code == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (sealed_event({"EventType": "x"}, EnvelopeCrypto("event-token", AES_KEY, "dingcorp01")), 403),
        (sealed_event({"EventType": "x"}, EnvelopeCrypto("wrong", AES_KEY, CONFIG.client_id)), 403),
        (sealed_event({"EventType": "x"}, timestamp=off(-601)), 403),
        (sealed_event({"EventType": "x", "CorpId": "dingother99"}), 403),
        (sealed_event({"no": "type"}), 400),
        ({"json": {}}, 403),
        ({"content": b"<xml/>"}, 400),
    ],
)
def test_events_of_others_stale_ones_and_broken_ones_are_refused(
    request_: dict[str, Any], status: int
) -> None:
    inbox = Inbox()
    assert (post(inbox, "/dingtalk/events", **request_).status_code, inbox.messages) == (status, [])


HEADER_TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
BODY = st.binary(max_size=80) | st.dictionaries(
    st.sampled_from(["msgId", "senderId", "msgtype", "content", "encrypt", "outTrackId", "userId", "text"]),
    st.text() | st.integers() | st.none() | st.lists(st.text(max_size=4), max_size=2),
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(["/dingtalk/robot", "/dingtalk/card", "/dingtalk/events"]),
    body=BODY,
    signed=st.booleans(),
    timestamp=HEADER_TEXT,
    query=st.dictionaries(st.sampled_from(["msg_signature", "timestamp", "nonce"]), st.text(max_size=20)),
)
def test_no_address_ever_answers_with_an_error_of_ours(
    path: str, body: bytes, signed: bool, timestamp: str, query: dict[str, str]
) -> None:
    headers = robot_headers() | card_headers() if signed else {"timestamp": timestamp, "sign": timestamp}
    query = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    answer = post(Inbox(), path, content=body, headers=headers, params=query)
    assert answer.status_code in (200, 400, 403)
