"""Files on the platform: fetched at once, since they are gone after three days, and put there to be sent."""

from email.message import Message
from typing import Any

import httpx

from bot.channels.base import Download
from bot.channels.wecom.client import Json, WeComClient, errcode_of, read_json, speaking
from bot.channels.wecom.errors import STALE_TOKEN
from bot.channels.wecom.texts import clean
from domain.errors import DeliveryError

LARGEST_DOWNLOAD = 25 * 1024 * 1024
DOWNLOAD_SECONDS = 60.0
"""For a whole file; the client's own time-out only bounds each read."""

SMALLEST_UPLOAD = 5
LARGEST_UPLOAD = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}

PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""How JPG and PNG begin: all that the platform takes as an image."""


def download(client: WeComClient, media_id: str, path: str = "media/get") -> Download:
    """The file. `path` is `media/get/jssdk` for what a web page recorded.

    Raises DeliveryError, permanent where the file is gone or larger than 25 MB.
    """
    token = client.token.get()
    found = _ask(client, media_id, path, token)
    if not isinstance(found, Download) and errcode_of(found) in STALE_TOKEN:
        found = _ask(client, media_id, path, client.token.get(unlike=token))
    if isinstance(found, Download):
        return found
    client.checked(found, path)
    raise DeliveryError("企业微信没有给出文件", code="answer")


def upload(client: WeComClient, kind: str, name: str, content: bytes) -> str:
    """A media id, good for three days. `kind` is image, voice, video or file. Raises DeliveryError."""
    if not SMALLEST_UPLOAD < len(content) <= LARGEST_UPLOAD[kind]:
        limit = LARGEST_UPLOAD[kind] >> 20
        words = f"文件“{clean(name)}”有 {len(content)} 字节，企业微信只收 6 字节至 {limit} MB"
        raise DeliveryError(words, permanent=True, code="size")
    # The HTTP library writes names as raw UTF-8 in `filename=`, the only form that the platform reads.
    files = {"media": (clean(name) or "file", content, "application/octet-stream")}
    answer = client.call("POST", "media/upload", params={"type": kind}, files=files)
    media_id = answer.get("media_id")
    if not isinstance(media_id, str) or not media_id:
        raise DeliveryError("企业微信的应答里没有 media_id", code="answer")
    return media_id


def _ask(client: WeComClient, media_id: str, path: str, token: str) -> Download | Json:
    """The file, or the JSON with which the platform refuses it: both come with HTTP 200."""
    until = client.clock() + DOWNLOAD_SECONDS
    with speaking(path, effect=False), client.stream(path, {"media_id": media_id}, token) as response:
        content = _content(client, response, until)
        if response.status_code >= 400:
            return read_json(_read(response, content), path)
        disposition = _latin_header(response, "content-disposition")
        content_type = response.headers.get("content-type", "")
        if not disposition and content_type.partition(";")[0] in ("application/json", "text/plain"):
            refusal = _refusal(response, content)
            if refusal is not None:
                return refusal
        return Download(content, _file_name(disposition), content_type)


def _content(client: WeComClient, response: httpx.Response, until: float) -> bytes:
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:19]) > LARGEST_DOWNLOAD:
        raise _too_large()
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > LARGEST_DOWNLOAD:
            raise _too_large()
        if client.clock() > until:
            raise DeliveryError(f"文件在 {DOWNLOAD_SECONDS:.0f} 秒内没有下载完", code="timeout")
    return bytes(content)


def _too_large() -> DeliveryError:
    return DeliveryError(f"文件超过 {LARGEST_DOWNLOAD >> 20} MB", permanent=True, code="size")


def _read(response: httpx.Response, content: bytes) -> httpx.Response:
    return httpx.Response(response.status_code, content=content)


def _refusal(response: httpx.Response, content: bytes) -> Json | None:
    try:
        answer: Any = _read(response, content).json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and errcode_of(answer) else None


def _latin_header(response: httpx.Response, name: str) -> str:
    """A header as the bytes it came in, which are UTF-8 here and not what HTTP would have them be."""
    found = [value for key, value in response.headers.raw if key.lower() == name.encode()]
    return found[0].decode("utf-8", "replace") if found else ""


def _file_name(disposition: str) -> str:
    header = Message()
    header["content-disposition"] = disposition.replace("\r", "").replace("\n", "")
    name = header.get_filename() or ""
    return clean(name).replace("\\", "/").rpartition("/")[2]
