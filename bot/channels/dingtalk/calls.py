"""Calls to the two DingTalk hosts: tokens, time-outs, refusals, and nothing secret in any text.

new host   token in a header, HTTP 4xx/5xx with a `code` in words
old host   token in the query, HTTP 200 with an `errcode`
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any

import httpx

from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.failures import failure, unknown_outcome, unreachable, verdict
from bot.channels.dingtalk.payload import Malformed, parse, text
from bot.channels.dingtalk.tokens import Token
from bot.tls import trusted
from domain.errors import DeliveryError

TIMEOUT = httpx.Timeout(10.0, connect=5.0)

Json = dict[str, Any]
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def utcnow() -> datetime:
    return datetime.now(UTC)


class Calls:
    """Blocking, safe to share among threads. Every call raises DeliveryError and nothing else."""

    def __init__(
        self,
        config: DingTalkConfig,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        utcnow: Callable[[], datetime] = utcnow,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._config = config
        self._utcnow = utcnow
        proxies = not is_loopback(config.api_base)
        self.http = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=proxies, verify=trusted())
        self._new_token = Token(self._fetch_new_token, monotonic)
        self._old_token = Token(self._fetch_old_token, monotonic)
        self.clock_skew: float | None = None
        """Seconds that the platform's clock was ahead of ours at its last token; None before the first."""

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        repeatable: bool = True,
    ) -> Json:
        """A call to the new host. `repeatable=False` where doing it twice shows it twice: an attempt without
        an answer then raises DeliveryError(maybe_delivered=True). Never resends on its own, but for one
        time with a fresh token when the platform refused the old one."""

        def attempt(token: str) -> Json:
            given = {"x-acs-dingtalk-access-token": token, **(headers or {})}
            url = self._config.api_base + path
            response = self._exchange(method, url, path, repeatable, json=body, params=params, headers=given)
            return self._read(response, path, repeatable)

        return self._with_token(self._new_token, attempt)

    def call_old(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        params: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> Json:
        """A call to the old host, whose token travels in the query. Only repeatable calls are left there."""

        def attempt(token: str) -> Json:
            given = {"access_token": token, **(params or {})}
            url = self._config.oapi_base + path
            response = self._exchange(method, url, path, True, json=body, params=given, files=files)
            return self._read(response, path, True)

        return self._with_token(self._old_token, attempt)

    def _with_token(self, token: Token, attempt: Callable[[str], Json]) -> Json:
        value = token.get()
        try:
            return attempt(value)
        except _TokenRefused:
            token.refuse(value)
        value = token.get()
        try:
            return attempt(value)
        except _TokenRefused as refused:
            token.refuse(value)
            raise refused.error from None

    def _exchange(self, method: str, url: str, what: str, repeatable: bool, **kwargs: Any) -> httpx.Response:
        kwargs = {name: value for name, value in kwargs.items() if value is not None}
        try:
            return self.http.request(method, url, **kwargs)
        except NEVER_SENT as error:
            raise unreachable(what, type(error).__name__) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = type(error).__name__
            raise (unreachable if repeatable else unknown_outcome)(what, reason) from None

    def _read(self, response: httpx.Response, what: str, repeatable: bool) -> Json:
        try:
            answer = parse(response.content)
        except Malformed:
            return self._unreadable(response, what, repeatable)
        code = text(answer, "errcode") if "errcode" in answer else text(answer, "code")
        if code == "88" and text(answer, "sub_code"):  # the old gateway wraps the true code
            code = text(answer, "sub_code")
        if response.status_code < 400 and (code in ("", "0") or "errcode" not in answer):
            return answer
        message = self._safe(text(answer, "sub_msg", "errmsg", "message"))
        error = failure(what, response.status_code, code, message, _retry_after(response))
        if verdict(response.status_code, code) == "token":
            raise _TokenRefused(error)
        raise error

    def _unreadable(self, response: httpx.Response, what: str, repeatable: bool) -> Json:
        """A page of some gateway in between: it says nothing about what happened behind it."""
        status = response.status_code
        refused = 400 <= status < 500 or status == 503
        if not repeatable and not refused:
            raise unknown_outcome(what, f"HTTP {status} without JSON")
        if status == 401:
            raise _TokenRefused(failure(what, status, "", "without JSON"))
        if status < 400:
            raise unreachable(what, f"HTTP {status} without JSON: is there a proxy in between?")
        raise failure(what, status, "", "without JSON", _retry_after(response))

    def _safe(self, message: str) -> str:
        return message.replace(self._config.client_secret or "\0", "***")[:200]

    def check_tokens(self) -> dict[str, DeliveryError | None]:
        """Both hosts by name, with the error where no token can be had. Never raises."""
        found: dict[str, DeliveryError | None] = {}
        for name, token in (("api", self._new_token), ("oapi", self._old_token)):
            try:
                token.get()
                found[name] = None
            except DeliveryError as error:
                found[name] = error
        return found

    def _fetch_new_token(self) -> tuple[str, float]:
        body = {"appKey": self._config.client_id, "appSecret": self._config.client_secret}
        url = f"{self._config.api_base}/v1.0/oauth2/accessToken"
        response = self._exchange("POST", url, "accessToken", True, json=body)
        return self._token(response, "accessToken", "expireIn")

    def _fetch_old_token(self) -> tuple[str, float]:
        query = {"appkey": self._config.client_id, "appsecret": self._config.client_secret}
        response = self._exchange("GET", f"{self._config.oapi_base}/gettoken", "gettoken", True, params=query)
        return self._token(response, "access_token", "expires_in")

    def _token(self, response: httpx.Response, name: str, life: str) -> tuple[str, float]:
        try:
            answer = self._read(response, "the access token", True)
        except _TokenRefused as refused:
            raise refused.error from None
        value, seconds = text(answer, name), answer.get(life)
        if not value:
            raise unreachable("the access token", "the answer holds none")
        self._measure_skew(response.headers)
        return value, float(seconds) if isinstance(seconds, int | float) else 7200.0

    def _measure_skew(self, headers: Mapping[str, str]) -> None:
        try:
            platform = parsedate_to_datetime(headers.get("date", ""))
            self.clock_skew = (platform - self._utcnow()).total_seconds()
        except (ValueError, TypeError):
            return


class _TokenRefused(Exception):
    def __init__(self, error: DeliveryError) -> None:
        super().__init__(str(error))
        self.error = error


def is_loopback(url: str) -> bool:
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL:
        return False
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(response: httpx.Response) -> float | None:
    told = response.headers.get("retry-after", "")
    return min(float(told), 3600.0) if told.isascii() and told.isdigit() else None


def _without_query(record: logging.LogRecord) -> bool:
    """httpx logs every address; on the old host the query holds the secret or the token."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_with(query=None) if isinstance(arg, httpx.URL) else arg for arg in record.args
        )
    return True


logging.getLogger("httpx").addFilter(_without_query)
