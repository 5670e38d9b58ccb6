"""What proves that a callback comes from the platform: signature, timestamp, size."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

from starlette.requests import ClientDisconnect, Request

from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.payload import number

BODY_LIMIT = 1024 * 1024


class Refused(Exception):
    """Answered with `status`; `reason` goes to our log and carries nothing secret."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def robot_signature(timestamp: str, client_secret: str) -> str:
    """Source: help.dingtalk.io/open/development/receive-message."""
    return _base64_hmac(client_secret, f"{timestamp}\n{client_secret}")


def card_signature(timestamp: str, callback_secret: str) -> str:
    """Source: open.dingtalk.com …/event-callback-card."""
    return _base64_hmac(callback_secret, timestamp)


def check_robot(headers: Mapping[str, str], config: DingTalkConfig, now: datetime) -> None:
    """Raises Refused(403) unless `timestamp` and `sign` are right and fresh."""
    timestamp = headers.get("timestamp", "")
    expected = robot_signature(timestamp, config.client_secret)
    _check(headers.get("sign", ""), expected, timestamp, config, now)


def check_card(headers: Mapping[str, str], config: DingTalkConfig, now: datetime) -> None:
    """Raises Refused(403) unless the `x-ddpaas-signature` headers are right and fresh."""
    timestamp = headers.get("x-ddpaas-signature-timestamp", "")
    expected = card_signature(timestamp, config.card_secret)
    _check(headers.get("x-ddpaas-signature", ""), expected, timestamp, config, now)


def check_fresh(timestamp: str, config: DingTalkConfig, now: datetime) -> None:
    """Raises Refused(403) where a signed timestamp, in seconds or milliseconds, is off by more than the window."""
    signed = number(timestamp)
    if signed is None:
        raise Refused(403, "timestamp is missing or no number")
    seconds = signed / 1000 if signed >= 10**11 else float(signed)
    if abs(now.timestamp() - seconds) > config.timestamp_window:
        raise Refused(
            403, f"timestamp is off by more than {config.timestamp_window} s: replay, or a wrong clock"
        )


async def capped_body(request: Request) -> bytes:
    """Raises Refused(413) as soon as the body passes 1 MiB."""
    declared = number(request.headers.get("content-length", "0"))
    body = bytearray()
    try:
        if declared is None or declared > BODY_LIMIT:
            raise Refused(413, "body is larger than 1 MiB")
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise Refused(413, "body is larger than 1 MiB")
    except ClientDisconnect:
        raise Refused(400, "sender hung up in the middle of the body") from None
    return bytes(body)


def _check(given: str, expected: str, timestamp: str, config: DingTalkConfig, now: datetime) -> None:
    if not compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Refused(403, "signature does not match: wrong client secret, or not the platform")
    check_fresh(timestamp, config, now)


def _base64_hmac(secret: str, message: str) -> str:
    return b64encode(hmac(secret.encode(), message.encode("utf-8", "replace"), sha256).digest()).decode()
