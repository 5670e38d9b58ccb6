"""Encrypted callbacks made beforehand, and a client for them that costs next to nothing beside the server."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bot.benchmarks import company
from bot.channels.envelope import EnvelopeCrypto
from bot.channels.wecom.callback import PATH

CORP, AGENT, TOKEN = "wwbench", 1000002, "benchtoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CONNECTIONS = 16


@dataclass(frozen=True)
class Call:
    query: dict[str, str]
    body: bytes

    def request(self, host: str) -> bytes:
        head = f"POST {PATH}?{urlencode(self.query)} HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/xml\r\n"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


def text_call(number: int, rep: int = 0) -> Call:
    """A rep's text message, sealed and signed now; a different message for each number."""
    crypto = EnvelopeCrypto(TOKEN, AES_KEY, CORP)
    now = int(time.time())
    inner = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{company.rep_id(rep)}]]>"
        f"</FromUserName><CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[第{number}条]]></Content><MsgId>{number + 1}</MsgId><AgentID>{AGENT}</AgentID></xml>"
    )
    sealed = crypto.seal(inner.encode(), str(now), f"n{number}")
    body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
    query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    return Call(query, body.encode())


def send(url: str, calls: Sequence[Call], rate: float | None = None) -> list[float]:
    """Send the calls over kept connections, `rate` a second or as fast as they are answered.

    Returns the seconds to each acknowledgement, at a rate counted from when the call was due. RuntimeError where
    one is not acknowledged.
    """
    return asyncio.run(_send(url, calls, rate))


async def _send(url: str, calls: Sequence[Call], rate: float | None) -> list[float]:
    address = urlsplit(url)
    waits: list[float] = []
    began = time.perf_counter()
    left = iter([(n / rate if rate else 0.0, c.request(address.netloc)) for n, c in enumerate(calls)])

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for due, request in left:
            if rate:
                await asyncio.sleep(began + due - time.perf_counter())
            sent = began + due if rate else time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"a callback was answered with {head.decode('latin-1').splitlines()[0]}")
            await reader.readexactly(len(b"success"))
            waits.append(time.perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return waits
