"""The three addresses that DingTalk calls in HTTP mode.

    POST /dingtalk/robot    robot messages, signed by timestamp
    POST /dingtalk/card     taps on cards, signed by timestamp
    POST /dingtalk/events   event subscription, signed and encrypted

Answers: 200 stored (or here already) · 400 malformed · 403 signature, stale, or not ours · 404 not set up ·
413 too large · 503 the inbox is busy and the platform should repeat.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.base import Accept, InboxBusy
from bot.channels.dingtalk.answers import card_answer
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.inbound import card_action, event, robot_message
from bot.channels.dingtalk.payload import Foreign, Malformed, parse, text
from bot.channels.dingtalk.signing import Refused, capped_body, check_card, check_fresh, check_robot
from bot.channels.envelope import EnvelopeCrypto, EnvelopeRefused

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]
Now = Callable[[], datetime]

ENVELOPE_STATUS = {"signature": 403, "receiver": 403, "malformed": 400}


def routes(config: DingTalkConfig, accept: Accept, now: Now) -> list[Route]:
    """ValueError where the event key is no EncodingAESKey."""
    crypto = None
    if config.event_token and config.event_aes_key:
        crypto = EnvelopeCrypto(config.event_token, config.event_aes_key, config.client_id)

    async def robot(request: Request) -> Response:
        check_robot(request.headers, config, now())
        await accept(robot_message(parse(await capped_body(request)), config, now()))
        return Response()

    async def card(request: Request) -> Response:
        check_card(request.headers, config, now())
        fresh = await accept(card_action(parse(await capped_body(request)), config, now()))
        return JSONResponse(card_answer(fresh))

    async def events(request: Request) -> Response:
        if crypto is None:
            raise Refused(404, "event_token and event_aes_key are not configured")
        payload = parse(await _opened(request, crypto, config, now()))
        if text(payload, "EventType", "eventType") != "check_url":
            await accept(event(payload, config, now()))
        return JSONResponse(_sealed_success(crypto, now()))

    return [
        Route("/dingtalk/robot", _guarded(robot), methods=["POST"]),
        Route("/dingtalk/card", _guarded(card), methods=["POST"]),
        Route("/dingtalk/events", _guarded(events), methods=["POST"]),
    ]


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Every refusal is one line in the log and a bare status to the sender."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            status, reason = refused.status, refused.reason
        except EnvelopeRefused as refused:
            status, reason = ENVELOPE_STATUS[refused.reason], str(refused)
        except Malformed as malformed:
            status, reason = 400, str(malformed)
        except Foreign as foreign:
            status, reason = 403, str(foreign)
        except InboxBusy:
            status, reason = 503, "the inbox is busy"
        log.warning("refused %s with %d: %s", request.url.path, status, reason)
        return Response(status_code=status)

    return answer


async def _opened(request: Request, crypto: EnvelopeCrypto, config: DingTalkConfig, now: datetime) -> bytes:
    query = request.query_params
    timestamp = query.get("timestamp") or query.get("timeStamp") or ""
    signature = query.get("msg_signature") or query.get("signature") or ""
    encrypted = text(parse(await capped_body(request)), "encrypt")
    opened = crypto.open(encrypted, signature, timestamp, query.get("nonce", ""))
    check_fresh(timestamp, config, now)
    return opened


def _sealed_success(crypto: EnvelopeCrypto, now: datetime) -> dict[str, str]:
    sealed = crypto.seal(b"success", str(int(now.timestamp() * 1000)), secrets.token_hex(8))
    return {
        "msg_signature": sealed.signature,
        "timeStamp": sealed.timestamp,
        "nonce": sealed.nonce,
        "encrypt": sealed.encrypted,
    }
