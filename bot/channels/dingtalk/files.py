"""Files that people sent: the platform hands out a short-lived address, we fetch from it."""

from collections.abc import Callable

import httpx

from bot.channels.base import Download
from bot.channels.dingtalk.calls import is_loopback
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.failures import unreachable
from domain.errors import DeliveryError

DOWNLOAD_LIMIT = 25 * 1024 * 1024
DOWNLOAD_SECONDS = 60.0
REDIRECTS = 3


def fetch_file(
    http: httpx.Client, config: DingTalkConfig, url: str, monotonic: Callable[[], float]
) -> Download:
    """The file behind an address that the platform named, without any token, at most 25 MB.

    Raises DeliveryError; permanent where it is gone, too large or lies at an address we do not call.
    """
    for _ in range(REDIRECTS + 1):
        _check_address(url, config)
        try:
            with http.stream("GET", url) as response:
                if not response.has_redirect_location:
                    return _take(response, monotonic)
                url = str(response.url.join(response.headers["location"]))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise unreachable("the file", type(error).__name__) from None
    raise DeliveryError(
        "DingTalk's address for the file redirects too often", permanent=True, code="redirects"
    )


def _check_address(url: str, config: DingTalkConfig) -> None:
    """HTTPS, or plain HTTP to the simulator that the whole channel is pointed at."""
    try:
        asked, ours = httpx.URL(url), httpx.URL(config.api_base)
    except httpx.InvalidURL:
        asked, ours = httpx.URL(), httpx.URL()
    local = is_loopback(config.api_base) and is_loopback(url)
    if asked.scheme == "https" and asked.host and (local or not is_loopback(url)):
        return
    if asked.scheme == "http" and (local or (ours.scheme == "http" and asked.host == ours.host)):
        return
    raise DeliveryError("DingTalk named a file address that is no HTTPS", permanent=True, code="bad_address")


def _take(response: httpx.Response, monotonic: Callable[[], float]) -> Download:
    if response.status_code >= 400:
        permanent = response.status_code < 500 and response.status_code not in (408, 429)
        raise DeliveryError(
            f"the file could not be fetched: HTTP {response.status_code}",
            permanent=permanent,
            code="gone" if permanent else "unreachable",
        )
    deadline = monotonic() + DOWNLOAD_SECONDS
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > DOWNLOAD_LIMIT:
            raise DeliveryError("the file is larger than 25 MB", permanent=True, code="too_large")
        if monotonic() > deadline:
            raise unreachable("the file", f"not here after {DOWNLOAD_SECONDS:.0f} s")
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    return Download(content=bytes(content), content_type=kind)
