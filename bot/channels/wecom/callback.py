"""`/wecom/callback`: the platform's verification of the address, and every message and event.

Lean on purpose: this path is benchmarked, and the platform gives up after 5 s. Nothing but verifying, opening
and storing happens before `success`. Messages are therefore taken as the server hands them over (ASGI), since
wrapping a request and an answer in objects costs more than all the rest of the work.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.channels.base import Accept, InboxBusy
from bot.channels.envelope import EnvelopeCrypto, EnvelopeRefused, Reason
from bot.channels.wecom import inbound, xml
from bot.channels.wecom.config import WeComConfig

log = logging.getLogger(__name__)

PATH = "/wecom/callback"
LARGEST = 1024 * 1024

STATUS: dict[Reason, int] = {"signature": 401, "malformed": 400, "receiver": 403}

SUCCESS = b"success"
SUCCEEDED = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(SUCCESS))],
}


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def routes(
    config: WeComConfig, accept: Accept, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Route]:
    """GET and POST of the callback address. ValueError where the configured AES key is none.

    Refusals are 400 (malformed), 401 (signature, timestamp), 403 (another receiver) and 413 (over 1 MiB), in
    plain words; 503 where the inbox is busy and the platform should repeat.
    """
    callback = Callback(config, accept, now)
    return [
        Route(PATH, callback, methods=["POST"], name="wecom_receive"),
        Route(PATH, callback.verify, methods=["GET"], name="wecom_verify"),
    ]


class Callback:
    """The callback address of one app: called with a message, `verify` with the platform's echo."""

    def __init__(self, config: WeComConfig, accept: Accept, now: Callable[[], datetime]) -> None:
        self._config = config
        self._accept = accept
        self._now = now
        self._crypto = EnvelopeCrypto(config.token, config.aes_key, config.corp_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application: one message or event, acknowledged once it is stored."""
        received = self._now()
        try:
            encrypted = _encrypted(await _body(scope, receive))
            message = self._opened(scope, encrypted, received)
            await self._accept(inbound.read(message, self._config, received))
        except _Refused as refused:
            await _answer(scope, refused.status, refused.why)(scope, receive, send)
        except InboxBusy:
            await _answer(scope, 503, "inbox is busy, send it again")(scope, receive, send)
        else:
            await send(SUCCEEDED)
            await send({"type": "http.response.body", "body": SUCCESS})

    async def verify(self, request: Request) -> Response:
        """The platform asks whether this address knows token and key: the echo is answered opened."""
        # An echo sent without percent-encoding loses its "+" to the query's own rules.
        echo = _query(request.scope).get("echostr", "").replace(" ", "+")
        try:
            return PlainTextResponse(self._opened(request.scope, echo, self._now()))
        except _Refused as refused:
            return _answer(request.scope, refused.status, refused.why)

    def _opened(self, scope: Scope, encrypted: str, now: datetime) -> bytes:
        query, window = _query(scope), self._config.timestamp_window
        signature, timestamp, nonce = (
            query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")
        )
        if not (signature and timestamp and nonce and encrypted):
            raise _Refused(400, "msg_signature, timestamp, nonce or the encrypted part is missing")
        try:
            message = self._crypto.open(encrypted, signature, timestamp, nonce)
        except EnvelopeRefused as refused:
            raise _Refused(STATUS[refused.reason], str(refused)) from None
        # After the signature, which covers it: the words then speak of clocks only to who knows the token.
        if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp[:19])) > window:
            raise _Refused(401, f"timestamp is more than {window} s off: check the server's clock")
        return message


def _query(scope: Scope) -> Mapping[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1")))


async def _body(scope: Scope, receive: Receive) -> bytes:
    declared = _header(scope, b"content-length")
    if declared.isdecimal() and int(declared[:19]) > LARGEST:
        _too_large()
    body, more = bytearray(), True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            raise _Refused(400, "body broke off")
        body += part.get("body", b"")
        if len(body) > LARGEST:
            _too_large()
        more = part.get("more_body", False)
    return bytes(body)


def _too_large() -> NoReturn:
    raise _Refused(413, f"body is over {LARGEST} bytes")


def _encrypted(body: bytes) -> str:
    try:
        encrypted = xml.parse(body).findtext("Encrypt")
    except xml.XmlRefused as refused:
        raise _Refused(400, f"body is no XML of the platform: {refused}") from None
    if not encrypted:
        raise _Refused(400, "body has no Encrypt element")
    return encrypted.strip()


def _answer(scope: Scope, status: int, why: str) -> Response:
    client = scope.get("client")
    sender = _header(scope, b"x-forwarded-for") or (client[0] if client else "-")
    log.warning("wecom callback refused: %d %s (from %s)", status, why, sender[:100])
    return PlainTextResponse(why, status)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for known, value in scope["headers"] if known == name), "")
