"""Opening one Stream connection: a ticket over HTTP, then a WebSocket."""

import logging
from typing import Any
from urllib.parse import quote

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidURI, WebSocketException

from bot.channels.dingtalk.calls import TIMEOUT, is_loopback
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.failures import REMEDIES, verdict
from bot.channels.dingtalk.frames import SUBSCRIPTIONS
from bot.channels.dingtalk.payload import Malformed, parse, text

FRAME_LIMIT = 4 * 1024 * 1024
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 3.0

quiet = logging.getLogger(f"{__name__}.socket")
quiet.setLevel(logging.WARNING)  # at DEBUG the library would log the ticket and every message


class NoConnection(Exception):
    """`refused` where asking again soon cannot help: credentials, trusted IP, rights, quota.

    The text carries neither secret nor ticket.
    """

    def __init__(self, words: str, *, refused: bool) -> None:
        super().__init__(words)
        self.refused = refused


async def open_connection(config: DingTalkConfig) -> ClientConnection:
    """A connection that takes robot messages, card taps and events. Raises NoConnection."""
    endpoint, ticket = await _ticket(config)
    local = is_loopback(config.api_base)
    plain = endpoint.startswith("ws://") and _same_host(endpoint, config)
    if not endpoint.startswith("wss://") and not plain:
        raise NoConnection("the gateway named an endpoint that is no wss://", refused=True)
    address = f"{endpoint}{'&' if '?' in endpoint else '?'}ticket={quote(ticket, safe='')}"
    try:
        return await connect(
            address,
            proxy=None if local else True,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=None,  # the platform pings in frames of its own, the watchdog looks at those
            max_size=FRAME_LIMIT,
            logger=quiet,
        )
    except (OSError, TimeoutError, ValueError, WebSocketException) as error:
        permanent = isinstance(error, InvalidURI)
        raise NoConnection(
            f"the WebSocket did not open ({type(error).__name__})", refused=permanent
        ) from None


async def _ticket(config: DingTalkConfig) -> tuple[str, str]:
    body = {
        "clientId": config.client_id,
        "clientSecret": config.client_secret,
        "subscriptions": SUBSCRIPTIONS,
        "ua": "xiaofang/1.0",
    }
    url = f"{config.api_base}/v1.0/gateway/connections/open"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=not is_loopback(config.api_base)) as http:
            response = await http.post(url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoConnection(f"the gateway was not reached ({type(error).__name__})", refused=False) from None
    try:
        answer = parse(response.content)
    except Malformed:
        answer = {}
    endpoint, ticket = text(answer, "endpoint"), text(answer, "ticket")
    if response.status_code >= 400 or not (endpoint and ticket):
        raise _no_ticket(response.status_code, answer, config)
    return endpoint, ticket


def _no_ticket(status: int, answer: dict[str, Any], config: DingTalkConfig) -> NoConnection:
    code = text(answer, "code")
    message = text(answer, "message").replace(config.client_secret or "\0", "***")[:200]
    refused = 400 <= status < 500 and verdict(status, code) not in ("again", "slow")
    folded = code.lower().replace("_", "")
    remedy = next((words for part, words in REMEDIES if part in folded), "")
    if refused and not remedy:
        remedy = "check dingtalk.client_id and dingtalk.client_secret"
    told = f"the gateway gave no ticket: HTTP {status} {code} {message}".rstrip()
    return NoConnection(f"{told}; {remedy}" if remedy else told, refused=refused)


def _same_host(endpoint: str, config: DingTalkConfig) -> bool:
    """A simulator may speak plain ws:// from where it speaks plain http://."""
    try:
        asked, ours = httpx.URL(endpoint), httpx.URL(config.api_base)
    except httpx.InvalidURL:
        return False
    if ours.scheme != "http":
        return False
    return asked.host == ours.host or (is_loopback(endpoint) and is_loopback(config.api_base))
