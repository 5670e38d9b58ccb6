"""`/wecom/callback`: the platform's verification of the address, and every message and event.

Lean on purpose: this path is benchmarked, and the platform gives up after 5 s. Nothing but verifying, opening
and storing happens before `success`.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import Accept, InboxBusy
from bot.channels.envelope import EnvelopeCrypto, EnvelopeRefused, Reason
from bot.channels.wecom import inbound, xml
from bot.channels.wecom.config import WeComConfig

log = logging.getLogger(__name__)

PATH = "/wecom/callback"
LARGEST = 1024 * 1024

STATUS: dict[Reason, int] = {"signature": 401, "malformed": 400, "receiver": 403}


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
    crypto = EnvelopeCrypto(config.token, config.aes_key, config.corp_id)

    async def verify(request: Request) -> Response:
        try:
            # An echo sent without percent-encoding loses its "+" to the query's own rules.
            echo = request.query_params.get("echostr", "").replace(" ", "+")
            return PlainTextResponse(_opened(crypto, config, request, echo, now()))
        except _Refused as refused:
            return _answer(request, refused.status, refused.why)

    async def receive(request: Request) -> Response:
        received = now()
        try:
            encrypted = _encrypted(await _body(request))
            message = _opened(crypto, config, request, encrypted, received)
            await accept(inbound.read(message, config, received))
        except _Refused as refused:
            return _answer(request, refused.status, refused.why)
        except InboxBusy:
            return _answer(request, 503, "inbox is busy, send it again")
        return PlainTextResponse("success")

    return [
        Route(PATH, verify, methods=["GET"], name="wecom_verify"),
        Route(PATH, receive, methods=["POST"], name="wecom_receive"),
    ]


def _answer(request: Request, status: int, why: str) -> Response:
    sender = request.headers.get("x-forwarded-for") or (request.client.host if request.client else "-")
    log.warning("wecom callback refused: %d %s (from %s)", status, why, sender[:100])
    return PlainTextResponse(why, status)


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:19]) > LARGEST:
        _too_large()
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                _too_large()
    except ClientDisconnect:
        raise _Refused(400, "body broke off") from None
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


def _opened(
    crypto: EnvelopeCrypto, config: WeComConfig, request: Request, encrypted: str, now: datetime
) -> bytes:
    query = request.query_params
    signature, timestamp, nonce = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    if not (signature and timestamp and nonce and encrypted):
        raise _Refused(400, "msg_signature, timestamp, nonce or the encrypted part is missing")
    try:
        message = crypto.open(encrypted, signature, timestamp, nonce)
    except EnvelopeRefused as refused:
        raise _Refused(STATUS[refused.reason], str(refused)) from None
    # After the signature, which covers it: the words then speak of clocks only to who knows the token.
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp[:19])) > config.timestamp_window:
        raise _Refused(
            401, f"timestamp is more than {config.timestamp_window} s off: check the server's clock"
        )
    return message
