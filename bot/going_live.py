"""`doctor --live`: play the platform against our own public address, then wait for the first real message.

What is sent is signed and sealed exactly as the platform does it, from the configured secrets. The WeCom event is
one that nobody handles; the DingTalk body is no message, so that nothing is ever done because of it.
"""

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import httpx
from sqlmodel import col, select

from bot import judgement
from bot.channels.envelope import EnvelopeCrypto
from bot.judgement import Seen, Verdict
from config.settings import DingTalk, Settings, WeCom
from storage.store import Store
from storage.tables import InboxRow, OutboxRow

PATIENCE = 10.0
SHOWN_BYTES = 80
EVENT = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[xiaofang_doctor]]></Event>"
    "<EventKey><![CDATA[{nonce}]]></EventKey><AgentID>{agent}</AgentID></xml>"
)
CHANNELS = {"wecom": "企业微信", "dingtalk": "钉钉"}

Found = TypeVar("Found")


@dataclass(frozen=True)
class Step:
    """One thing that was tried. `seen` is what came back, where something was asked."""

    name: str
    verdict: Verdict
    seen: Seen | None = None


def play(
    settings: Settings, now: Callable[[], datetime], client: httpx.Client | None = None
) -> Iterator[Step]:
    """Ask in the platforms' place, one step after another; what cannot matter any more is left out."""
    stream = settings.dingtalk is not None and settings.dingtalk.mode == "stream"
    if stream:
        yield Step("钉钉机器人", Verdict(True, "用 Stream 接收，不需要公网地址"))
    if stream and not settings.wecom:
        return
    if not settings.public_url:
        words = "没有设置 public_url，不知道平台会访问哪个地址"
        yield Step(
            "公网地址", Verdict(False, words, "在设置里写上 public_url，例如 https://xiaofang.example.com")
        )
        return
    with client or httpx.Client(timeout=PATIENCE, follow_redirects=False) as client:
        seen = ask(client, "GET", f"{settings.public_url}/healthz")
        yield Step("公网地址", judgement.health(seen), seen)
        if seen.failure:
            return
        if settings.wecom:
            yield from _wecom(settings.public_url, settings.wecom, now(), client)
        if settings.dingtalk and not stream:
            yield _robot(settings.public_url, settings.dingtalk, now(), client)


def _wecom(base: str, wecom: WeCom, now: datetime, client: httpx.Client) -> Iterator[Step]:
    crypto = EnvelopeCrypto(wecom.token.get_secret_value(), wecom.aes_key.get_secret_value(), wecom.corp_id)
    url, at, nonce = f"{base}/wecom/callback", str(int(now.timestamp())), secrets.token_hex(5)
    plain = str(secrets.randbelow(10**19)).encode()
    sealed = crypto.seal(plain, at, nonce)
    query = {"msg_signature": sealed.signature, "timestamp": at, "nonce": nonce, "echostr": sealed.encrypted}
    seen = ask(client, "GET", url, params=query)
    yield Step("企业微信地址验证", judgement.echo(seen, plain, sealed.encrypted.encode()), seen)
    event = EVENT.format(corp=wecom.corp_id, at=at, nonce=nonce, agent=wecom.agent_id)
    sealed = crypto.seal(event.encode(), at, nonce)
    body = (
        f"<xml><ToUserName><![CDATA[{wecom.corp_id}]]></ToUserName><AgentID>{wecom.agent_id}</AgentID>"
        f"<Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
    )
    query = {"msg_signature": sealed.signature, "timestamp": at, "nonce": nonce}
    seen = ask(client, "POST", url, params=query, content=body, headers={"content-type": "text/xml"})
    yield Step("企业微信加密事件", judgement.callback(seen), seen)


def _robot(base: str, dingtalk: DingTalk, now: datetime, client: httpx.Client) -> Step:
    """Signed as help.dingtalk.io/open/development/receive-message has it."""
    at, secret = str(int(now.timestamp() * 1000)), dingtalk.client_secret.get_secret_value()

    def asked(sign: str) -> Seen:
        headers = {"timestamp": at, "sign": sign, "content-type": "application/json"}
        return ask(client, "POST", f"{base}/dingtalk/robot", content="{}", headers=headers)

    digest = hmac.new(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256).digest()
    right = asked(base64.b64encode(digest).decode())
    wrong = right if right.failure else asked(base64.b64encode(digest[::-1]).decode())
    return Step("钉钉机器人签名", judgement.robot(right, wrong), right)


def ask(client: httpx.Client, method: str, url: str, **request: Any) -> Seen:
    """One request, and everything about what came back. Never raises for what the other side does."""
    started = time.monotonic()
    try:
        with client.stream(method, url, **request) as answer:
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > 100_000:
                    break
            headers = {name.lower(): value for name, value in answer.headers.items()}
            seconds = time.monotonic() - started
            return Seen(url, answer.status_code, headers, body, seconds, *_peer(answer))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        failure, why = _failure(error)
        return Seen(url, seconds=time.monotonic() - started, failure=failure, why=why)


def _peer(answer: httpx.Response) -> tuple[str, str]:
    """Address and TLS version of whom we really spoke to."""
    stream = answer.extensions.get("network_stream")
    if stream is None:
        return "", ""
    address = stream.get_extra_info("server_addr")
    tls = stream.get_extra_info("ssl_object")
    return str(address[0]) if address else "", f"{tls.version()} {tls.cipher()[0]}" if tls else ""


def _failure(error: Exception) -> tuple[str, str]:
    """A key of `judgement.FAILURES`, and the system's own words."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout", ""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "certificate", cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return "tls", str(cause.reason or "")
        if isinstance(cause, socket.gaierror):
            return "dns", ""
        if isinstance(cause, ConnectionRefusedError):
            return "refused", ""
        cause = cause.__cause__ or cause.__context__
    broken = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
    return ("broken" if broken else "unreachable"), type(error).__name__


def described(seen: Seen) -> list[str]:
    """What came back and from whom, for the person who has to find the trap."""
    lines = [f"地址 {seen.url.partition('?')[0]}"]
    if seen.failure:
        return lines
    lines.append(
        f"应答 {seen.status}，{seen.seconds * 1000:.0f} 毫秒，来自 {seen.ip or '未知'}，{seen.tls or '没有 TLS'}"
    )
    server = seen.headers.get("server", "（没有）")
    lines.append(f"Server {server}，Content-Type {seen.headers.get('content-type', '（没有）')}")
    start = seen.body[:SHOWN_BYTES]
    more = f"……共 {len(seen.body)} 字节" if len(seen.body) > SHOWN_BYTES else ""
    lines.append(f"正文 {start!r}{more}")
    return lines


# waiting for the first message ------------------------------------------------------------------------------


def newest(store: Store) -> int:
    """The id of the newest message in the inbox, 0 where there is none."""
    with store.read() as session:
        return session.exec(select(InboxRow.id).order_by(col(InboxRow.id).desc()).limit(1)).first() or 0


def watch(store: Store, after: int, tick: Callable[[], bool]) -> Iterator[Step]:
    """Follow the first verified message that comes after row `after`: in, its turn, the answer out.

    `tick` waits a moment and says whether to go on; the caller counts the time.
    """
    row = _until(lambda: _first(store, after), tick)
    if row is None:
        remedy = (
            "地址验证都通过时：在平台的后台核对回调地址和 token，确认应用已启用、发消息的人在可见范围内；"
            "钉钉 Stream 模式要发布应用版本"
        )
        yield Step("第一条消息", Verdict(False, "等待的时间里没有收到验签通过的消息", remedy))
        return
    yield Step("第一条消息", Verdict(True, f"收到{CHANNELS[row.channel]}的一条 {row.kind}，验签通过"))
    found = _until(lambda: _settled(store, row.id or 0), tick)
    if found is None:
        remedy = "启动处理消息的进程：xiaofang serve（或 serve --only work）"
        yield Step("处理", Verdict(False, "消息在收件箱里，还没有人处理", remedy))
        return
    ok = found.state == "done"
    words = {"done": "已处理", "waiting": "语音在等模型，运行 xiaofang models fetch speech"}
    yield Step("处理", Verdict(ok, words.get(found.state, f"处理失败，编号 {found.error}，可在日志里查到")))
    if ok:
        yield _answered(_until(lambda: _answer(store, row.id or 0), tick))


def _answered(row: OutboxRow | None) -> Step:
    if row is None:
        return Step(
            "回复", Verdict(False, "没有看到送出的回复", "这条消息可能不需要回复；再发一句“帮助”试试")
        )
    if row.state == "sent":
        return Step("回复", Verdict(True, "回复已送出，全程通了"))
    return Step(
        "回复", Verdict(False, f"回复没有送出：{row.error}", "按上面的原因处理；60020 是可信 IP 没有设置")
    )


def _until(look: Callable[[], Found | None], tick: Callable[[], bool]) -> Found | None:
    while (found := look()) is None:
        if not tick():
            return None
    return found


def _first(store: Store, after: int) -> InboxRow | None:
    with store.read() as session:
        query = select(InboxRow).where(col(InboxRow.id) > after, col(InboxRow.channel).in_(CHANNELS))
        found = session.exec(query.order_by(col(InboxRow.id)).limit(1)).first()
        return InboxRow(**found.model_dump()) if found else None


def _settled(store: Store, inbox_id: int) -> InboxRow | None:
    with store.read() as session:
        found = session.get(InboxRow, inbox_id)
        settled = found is not None and found.state in ("done", "failed", "waiting")
        return InboxRow(**found.model_dump()) if found and settled else None


def _answer(store: Store, inbox_id: int) -> OutboxRow | None:
    with store.read() as session:
        query = select(OutboxRow).where(col(OutboxRow.inbox_id) == inbox_id).order_by(col(OutboxRow.id))
        found = session.exec(query.limit(1)).first()
        told = found is not None and (found.state not in ("pending", "claimed") or found.error)
        return OutboxRow(**found.model_dump()) if found and told else None
