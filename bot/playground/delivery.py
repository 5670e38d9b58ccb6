"""How a push to the bot went: every attempt, and the outcome in words for the person who sent it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx


@dataclass(frozen=True)
class Attempt:
    status: int | None
    """HTTP status; None where no answer came. Stream acknowledgements put their `code` here."""
    seconds: float
    text: str = ""
    """The body of the answer."""
    trouble: str = ""
    """In Chinese, empty when the attempt was accepted."""

    @property
    def ok(self) -> bool:
        return not self.trouble


@dataclass
class Delivery:
    """One message or event pushed to the bot, over all its attempts."""

    inner: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)
    reply: dict[str, Any] | None = None
    """A passive reply (WeCom) or the answer's data (DingTalk), decrypted and parsed."""

    @property
    def ok(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].ok

    @property
    def trouble(self) -> str:
        return self.attempts[-1].trouble if self.attempts else "还没有发出"


class Poster:
    """Posts to the bot with one connection pool for each event loop, since pools cannot be shared between loops."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = httpx.AsyncClient(transport=self._transport, trust_env=False)
        return self._clients[loop]

    async def send(self, method: str, url: str, seconds: float, **request: Any) -> Attempt:
        """One request; never raises for what the bot does. `trouble` is set only where no answer came in time."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client().request(method, url, timeout=seconds, **request)
        except (TimeoutError, httpx.TimeoutException):
            return Attempt(None, time.perf_counter() - began, trouble=f"小访超过 {seconds:g} 秒没有应答")
        except httpx.ConnectError:
            host = urlsplit(url).netloc
            return Attempt(
                None, time.perf_counter() - began, trouble=f"连不上小访（{host}），请确认服务已启动"
            )
        except (
            Exception
        ) as broken:  # whatever an in-process bot raises is a broken connection to the platform
            words = f"与小访的连接中断（{type(broken).__name__}）"
            return Attempt(None, time.perf_counter() - began, trouble=words)
        return Attempt(answer.status_code, time.perf_counter() - began, answer.text)
