"""The callback address as the platform, a mistaken proxy and an attacker meet it."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.channels.base import InboxBusy
from bot.channels.envelope import EnvelopeCrypto, Sealed
from bot.channels.wecom.callback import LARGEST, PATH, routes
from bot.channels.wecom.config import WeComConfig
from domain.messages import Inbound

CONFIG = WeComConfig(
    corp_id="wx5823bf96d3bd56c7",
    agent_id=218,
    secret="app-secret",
    token="QDG6eK",
    aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
)
CRYPTO = EnvelopeCrypto(CONFIG.token, CONFIG.aes_key, CONFIG.corp_id)
NOW = 1_764_000_000
TEXT = (
    b"<xml><FromUserName>Wang</FromUserName><MsgType>text</MsgType>"
    b"<Content>hi</Content><MsgId>5</MsgId></xml>"
)


class Inbox(list[Inbound]):
    busy = False

    async def accept(self, message: Inbound) -> bool:
        if self.busy:
            raise InboxBusy
        self.append(message)
        return True


INBOX = Inbox()
APP = Starlette(routes=routes(CONFIG, INBOX.accept, lambda: datetime.fromtimestamp(NOW, UTC)))


@pytest.fixture(autouse=True)
def _empty_inbox() -> None:
    INBOX.clear()
    INBOX.busy = False


def call(
    method: str, query: str = "", content: Any = b"", headers: dict[str, str] | None = None
) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app=APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.request(method, f"{PATH}?{query}", content=content, headers=headers)

    return asyncio.run(once())


def seal(message: bytes, at: int = NOW, crypto: EnvelopeCrypto = CRYPTO) -> Sealed:
    return crypto.seal(message, str(at), "nonce")


def query(sealed: Sealed, **more: str) -> str:
    known = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    return urlencode({**known, **more})


def outer(sealed: Sealed) -> bytes:
    return f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>".encode()


def post(sealed: Sealed) -> httpx.Response:
    return call("POST", query(sealed), outer(sealed))


def test_the_address_is_verified_with_the_bare_echo() -> None:
    sealed = seal(b"1616140317555161061")
    answer = call("GET", query(sealed, echostr=sealed.encrypted))
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert answer.headers["content-type"].startswith("text/plain")


def test_an_echo_whose_plus_signs_were_not_encoded_is_understood() -> None:
    sealed = next(one for one in iter(lambda: seal(b"echo"), None) if "+" in one.encrypted)
    answer = call("GET", f"{query(sealed)}&echostr={sealed.encrypted}")
    assert (answer.status_code, answer.content) == (200, b"echo")


def test_a_message_is_stored_and_acknowledged() -> None:
    answer = post(seal(TEXT))
    assert (answer.status_code, answer.text) == (200, "success")
    assert [(one.key, one.sender, one.text, one.tenant) for one in INBOX] == [
        ("msg:5", "wang", "hi", "wx5823bf96d3bd56c7:218")
    ]


def test_a_valid_envelope_with_something_unreadable_inside_is_kept_and_acknowledged() -> None:
    assert post(seal(b"<xml>broken")).text == "success"
    assert [(one.kind, one.raw) for one in INBOX] == [("unknown", {"xml": "<xml>broken"})]


def test_a_busy_inbox_asks_the_platform_to_repeat() -> None:
    INBOX.busy = True
    assert post(seal(TEXT)).status_code == 503


REFUSED: dict[str, tuple[int, str, bytes]] = {
    "wrong signature": (
        401,
        query(seal(TEXT)).replace("msg_signature=", "msg_signature=0"),
        outer(seal(TEXT)),
    ),
    "no signature": (400, "timestamp=1&nonce=1", outer(seal(TEXT))),
    "no query": (400, "", outer(seal(TEXT))),
    "no body": (400, query(seal(TEXT)), b""),
    "no XML": (400, query(seal(TEXT)), b"{}"),
    "not UTF-8": (400, query(seal(TEXT)), b"\xff\xfe<"),
    "no Encrypt": (400, query(seal(TEXT)), b"<xml/>"),
    "deep": (400, query(seal(TEXT)), b"<a>" * 5000),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_malformed_call_is_refused_in_plain_words(what: str) -> None:
    status, asked, body = REFUSED[what]
    answer = call("POST", asked, body)
    assert answer.status_code == status
    assert len(answer.text) < 120
    assert not INBOX


@pytest.mark.parametrize(
    "trick",
    [
        '<!DOCTYPE xml [<!ENTITY e "{}">]><xml><Encrypt>&e;</Encrypt></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x"><xml><Encrypt>{}</Encrypt></xml>',
    ],
)
def test_an_entity_trick_is_refused_even_when_signed(trick: str) -> None:
    sealed = seal(TEXT)
    assert call("POST", query(sealed), trick.format(sealed.encrypted).encode()).status_code == 400


@pytest.mark.parametrize("off", [601, -601, 86_400])
def test_a_timestamp_over_ten_minutes_off_is_refused(off: int) -> None:
    assert post(seal(TEXT, NOW - off)).status_code == 401
    assert (
        call("GET", query(seal(b"e", NOW - off), echostr=seal(b"e", NOW - off).encrypted)).status_code == 401
    )
    assert not INBOX


@pytest.mark.parametrize("off", [600, -600, 0])
def test_a_timestamp_within_ten_minutes_is_taken(off: int) -> None:
    assert post(seal(TEXT, NOW - off)).status_code == 200


@pytest.mark.parametrize("timestamp", ["soon", "-1764000000", "1" * 5000, "①"])
def test_a_signed_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    assert post(CRYPTO.seal(TEXT, timestamp, "nonce")).status_code == 401


def test_an_envelope_for_another_corp_is_refused() -> None:
    other = EnvelopeCrypto(CONFIG.token, CONFIG.aes_key, "wx0000000000000000")
    assert post(seal(TEXT, crypto=other)).status_code == 403
    assert not INBOX


def test_a_body_over_one_mebibyte_is_refused_by_what_it_declares() -> None:
    headers = {"content-length": str(LARGEST + 1)}
    assert call("POST", query(seal(TEXT)), outer(seal(TEXT)), headers).status_code == 413


def test_a_body_without_a_length_is_refused_where_it_passes_one_mebibyte() -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while read < 10 * LARGEST:
            read += 65_536
            yield b" " * 65_536

    assert call("POST", query(seal(TEXT)), endless()).status_code == 413
    assert read == LARGEST + 65_536


def test_a_body_that_comes_in_many_pieces_is_put_together() -> None:
    sealed = seal(TEXT)

    async def pieces() -> Any:
        for byte in outer(sealed):
            yield bytes([byte])

    assert call("POST", query(sealed), pieces()).text == "success"
    assert [one.key for one in INBOX] == ["msg:5"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(method: str) -> None:
    assert call(method, query(seal(TEXT)), outer(seal(TEXT))).status_code == 405
    assert not INBOX


def test_a_body_that_breaks_off_is_not_stored() -> None:
    sealed, answers = seal(TEXT), list[Any]()
    parts = iter([{"type": "http.request", "body": outer(sealed), "more_body": True}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "headers": [],
        "query_string": query(sealed).encode(),
    }

    async def receive() -> Any:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        answers.append(message)

    asyncio.run(APP(scope, receive, send))
    assert answers[0]["status"] == 400
    assert not INBOX


def test_a_refusal_leaves_one_line_without_secrets_stack_or_body(caplog: pytest.LogCaptureFixture) -> None:
    sealed = seal(b"<xml>private words</xml>")
    with caplog.at_level(logging.DEBUG, logger="bot"):
        call("POST", query(sealed).replace("msg_signature=", "msg_signature=0"), outer(sealed))
    assert [record.getMessage() for record in caplog.records if record.name.startswith("bot")] == [
        "wecom callback refused: 401 signature does not match (from 127.0.0.1)"
    ]
    assert all(record.exc_info is None for record in caplog.records)


NAMES = st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr", "x"])
QUERIES = st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=6).map(urlencode) | st.from_regex(
    r"[ -~]{0,60}", fullmatch=True
).map(lambda text: text.replace("#", ""))
BODIES = (
    st.binary(max_size=400)
    | st.text(max_size=60).map(
        lambda text: f"<xml><Encrypt>{text}</Encrypt></xml>".encode("utf-8", "replace")
    )
    | st.sampled_from([outer(seal(TEXT)), b"<xml><Encrypt/></xml>"])
)


@given(st.sampled_from(["GET", "POST"]), QUERIES, BODIES)
def test_no_call_is_answered_with_an_error_of_ours(method: str, asked: str, body: bytes) -> None:
    assert 400 <= call(method, asked, body).status_code < 500


@given(st.binary(max_size=300))
def test_nothing_signed_and_sealed_is_answered_with_an_error_of_ours(message: bytes) -> None:
    assert post(seal(message)).text == "success"


def test_a_configured_key_that_is_none_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="43 characters"):
        routes(WeComConfig("c", 1, "s", "t", "short"), INBOX.accept)


def test_secrets_are_not_in_the_printed_configuration() -> None:
    assert not {"app-secret", CONFIG.token, CONFIG.aes_key} & set(repr(CONFIG).replace("'", " ").split())
