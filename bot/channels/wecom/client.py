"""The platform's HTTP interface: tokens, time-outs, error codes. Blocking; safe to share between threads."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.wecom.config import WeComConfig
from bot.channels.wecom.errors import STALE_TOKEN, delivery_error
from bot.channels.wecom.tokens import Credential
from bot.tls import trusted
from domain.errors import DeliveryError

TIMEOUT = httpx.Timeout(15.0, connect=5.0, pool=10.0)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SECRET_PARAMETER = re.compile(r"\b(access_token|corpsecret|ticket|code)=[^&\s\"']+")

Json = dict[str, Any]

# Nothing of the request has been written yet.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class WeComClient:
    """Calls of one app. Every method raises DeliveryError and nothing else; no secret is in its words."""

    def __init__(
        self,
        config: WeComConfig,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.config = config
        self.now = now
        self.clock = clock
        self.token = Credential(self._fetch_token, clock)
        self.tickets = {kind: Credential(self._ticket_fetcher(kind), clock) for kind in TICKETS}
        self._rate_refusals = 0
        _keep_secrets_out_of_logs()
        self._http = httpx.Client(
            base_url=config.api_base.rstrip("/") + "/cgi-bin/",
            timeout=timeout,
            limits=httpx.Limits(max_connections=20, keepalive_expiry=30),
            verify=trusted(),
            # Many reach the platform by a forward proxy with a fixed address; never on the way to ourselves.
            trust_env=urlsplit(config.api_base).hostname not in LOOPBACK,
        )

    def get(self, path: str, **params: str | int) -> Json:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Json) -> Json:
        """A call that changes something: an answer that never came may still have taken effect."""
        # The platform compares requests for repetition as they are written.
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return self.call("POST", path, effect=True, content=content, headers=headers)

    def call(self, method: str, path: str, *, effect: bool = False, **request: Any) -> Json:
        """One call with a token, and once more with a new one where the platform no longer knows it."""
        token = self.token.get()
        answer = self._once(method, path, token, effect, request)
        if answer.get("errcode") in STALE_TOKEN:
            answer = self._once(method, path, self.token.get(unlike=token), effect, request)
        return self.checked(answer, path)

    def stream(self, path: str, params: dict[str, str], token: str) -> AbstractContextManager[httpx.Response]:
        """A response whose body is still to be read; to be used inside `speaking`."""
        return self._http.stream("GET", path, params={**params, "access_token": token})

    def checked(self, answer: Json, path: str) -> Json:
        errcode = errcode_of(answer)
        if errcode == 0:
            self._rate_refusals = 0
            return answer
        self._rate_refusals = self._rate_refusals + 1 if errcode == 45009 else 0
        raise delivery_error(errcode, path, self.now(), self._rate_refusals)

    def skew(self) -> float:
        """Seconds that our clock is ahead of the platform's, to the second; 0 where it tells no time."""
        with speaking("", effect=False):
            told = self._http.get("gettoken").headers.get("date", "")
        try:
            return (self.now() - parsedate_to_datetime(told)).total_seconds()
        except (ValueError, TypeError):
            return 0.0

    def close(self) -> None:
        self._http.close()

    def _once(self, method: str, path: str, token: str, effect: bool, request: Json) -> Json:
        params = {**request.get("params", {}), "access_token": token}
        with speaking(path, effect):
            response = self._http.request(method, path, **{**request, "params": params})
        return read_json(response, path, effect)

    def _fetch_token(self) -> tuple[str, float]:
        params = {"corpid": self.config.corp_id, "corpsecret": self.config.secret}
        with speaking("gettoken", effect=False):
            response = self._http.get("gettoken", params=params)
        return self._held(self.checked(read_json(response, "gettoken"), "gettoken"), "access_token")

    def _ticket_fetcher(self, kind: str) -> Callable[[], tuple[str, float]]:
        path, params = TICKETS[kind]
        return lambda: self._held(self.get(path, **params), "ticket")

    def _held(self, answer: Json, name: str) -> tuple[str, float]:
        value, seconds = answer.get(name), answer.get("expires_in", 7200)
        if not isinstance(value, str) or not value or not isinstance(seconds, int | float):
            raise DeliveryError(
                f"企业微信的应答里没有 {name}：请检查 wecom.api_base 和中间的代理", code="answer"
            )
        return value, float(seconds)


TICKETS: dict[str, tuple[str, dict[str, str]]] = {
    "corp": ("get_jsapi_ticket", {}),
    "app": ("ticket/get", {"type": "agent_config"}),
}


@contextmanager
def speaking(path: str, effect: bool) -> Iterator[None]:
    """Turns what may go wrong on the wire into a DeliveryError that names no address and no token."""
    try:
        yield
    except NEVER_SENT:
        words = f"连不上企业微信（{path}）：请检查网络与 wecom.api_base"
        raise DeliveryError(words, code="network") from None
    except httpx.TimeoutException:
        words = f"企业微信没有及时应答（{path}）"
        raise DeliveryError(words, maybe_delivered=effect, code="timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as broken:
        words = f"与企业微信的连接中断（{path}，{type(broken).__name__}）"
        raise DeliveryError(words, maybe_delivered=effect, code="network") from None


def read_json(response: httpx.Response, path: str, effect: bool = False) -> Json:
    """The answer's object. A gateway's 5xx says nothing about what lies behind it."""
    status = response.status_code
    if status >= 500 or status == 429:
        maybe = effect and status in (502, 504)
        words = f"企业微信暂时不可用（HTTP {status}，{path}）"
        raise DeliveryError(words, maybe_delivered=maybe, code=f"http{status}")
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        words = f"企业微信的应答不是 JSON（HTTP {status}，{path}）：请检查 wecom.api_base 和中间的代理"
        raise DeliveryError(words, maybe_delivered=effect and status < 300, code=f"http{status}")
    return answer


def errcode_of(answer: Json) -> int:
    """0 where the answer carries none: most calls that succeed have it, some do not."""
    errcode = answer.get("errcode", 0)
    return errcode if isinstance(errcode, int) else -1


def _keep_secrets_out_of_logs() -> None:
    logging.getLogger("httpx").addFilter(_scrub)


def _scrub(record: logging.LogRecord) -> bool:
    """The HTTP library logs each address at INFO, and the platform wants its secrets in the address."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            SECRET_PARAMETER.sub(r"\1=***", str(part)) if isinstance(part, str | httpx.URL) else part
            for part in record.args
        )
    return True
