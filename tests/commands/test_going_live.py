"""`doctor --live` against a real server that behaves, and one that misbehaves in each way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import going_live
from bot.channels.dingtalk import callback as dingtalk_callback
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.wecom import callback as wecom_callback
from bot.channels.wecom.config import WeComConfig
from bot.inbox import Inbox
from bot.judgement import Verdict
from bot.playground.server import run_platforms
from config.settings import Settings
from domain.cards import Text
from domain.messages import Inbound
from storage.delivery import enqueue
from storage.store import Store
from storage.tables import InboxRow, OutboxRow

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)


def given(base: str, **changes: Any) -> Settings:
    wecom = {"corp_id": "ww1", "agent_id": 7, "secret": "s", "token": "tok", "aes_key": AES_KEY}
    dingtalk = {"client_id": "ding1", "client_secret": "dsec", "mode": "http"}
    return Settings.model_validate({"public_url": base, "wecom": wecom, "dingtalk": dingtalk, **changes})


def house(accepted: list[Inbound], **wecom: Any) -> Starlette:
    """Our own callback routes, as `serve` mounts them."""

    async def accept(message: Inbound) -> bool:
        accepted.append(message)
        return True

    async def healthz(_request: Any) -> Response:
        return PlainTextResponse("ok")

    known = {"corp_id": "ww1", "agent_id": 7, "secret": "s", "token": "tok", "aes_key": AES_KEY, **wecom}
    app = WeComConfig(**known)
    robot = DingTalkConfig(client_id="ding1", client_secret="dsec", mode="http")
    routes = [
        *wecom_callback.routes(app, accept, lambda: NOW),
        *dingtalk_callback.routes(robot, accept, lambda: NOW),
    ]
    return Starlette(routes=[*routes, Route("/healthz", healthz)])


Change = Callable[[str, Response], Response]


class Proxy:
    """In front of the house; changes what comes back."""

    def __init__(self, inside: Starlette, change: Change) -> None:
        self.inside, self.change = inside, change

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.inside(scope, receive, send)
            return
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await self.inside(scope, receive, keep)
        body = b"".join(m.get("body", b"") for m in sent)
        headers = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        answer = Response(body, sent[0]["status"], headers)
        await self.change(scope["path"], answer)(scope, receive, send)


@contextmanager
def served(app: Any) -> Iterator[str]:
    with run_platforms({"bot": app}) as urls:
        yield urls["bot"]


def played(settings: Settings) -> dict[str, going_live.Step]:
    return {step.name: step for step in going_live.play(settings, lambda: NOW)}


def test_a_house_in_order_passes_every_step_and_nothing_is_done_because_of_it() -> None:
    accepted: list[Inbound] = []
    with served(house(accepted)) as url:
        found = played(given(url))
    assert [(name, step.verdict.ok) for name, step in found.items()] == [
        ("公网地址", True),
        ("企业微信地址验证", True),
        ("企业微信加密事件", True),
        ("钉钉机器人签名", True),
    ]
    (event,) = accepted
    assert (event.kind, event.text, event.sender) == ("event", "xiaofang_doctor", "")


def test_what_came_back_and_from_whom_is_shown() -> None:
    with served(house([])) as url:
        step = played(given(url))["企业微信地址验证"]
    assert step.seen
    lines = "\n".join(going_live.described(step.seen))
    assert f"地址 {url}/wecom/callback\n" in lines
    assert "应答 200，" in lines
    assert "来自 127.0.0.1，没有 TLS" in lines
    assert "Content-Type text/plain" in lines
    assert "正文 b'" in lines
    assert "msg_signature" not in lines


BODY: dict[str, tuple[Change, str]] = {
    "json": (lambda _p, a: JSONResponse(bytes(a.body).decode()), "多了一对引号"),
    "wrapped": (lambda _p, a: JSONResponse({"data": bytes(a.body).decode()}), "被包成了 JSON"),
    "bom": (lambda _p, a: PlainTextResponse(b"\xef\xbb\xbf" + bytes(a.body)), "前后多了BOM"),
    "newline": (lambda _p, a: PlainTextResponse(bytes(a.body) + b"\n"), "前后多了换行"),
    "login": (lambda _p, a: HTMLResponse("<html>Please login"), "登录页"),
    "redirect": (lambda _p, a: RedirectResponse("https://else.example.com/", 301), "被跳转（301）"),
    "gateway": (lambda _p, a: HTMLResponse("<html>502", 502), "反向代理答 502"),
    "empty": (lambda _p, a: Response(b""), "应答是空的"),
    "gone": (lambda _p, a: PlainTextResponse("Not Found", 404), "小访在运行，但没有"),
}


@pytest.mark.parametrize("trap", BODY)
def test_a_proxy_that_spoils_the_echo_is_found_out(trap: str) -> None:
    change, said = BODY[trap]

    def only_callback(path: str, answer: Response) -> Response:
        return change(path, answer) if path == "/wecom/callback" else answer

    with served(Proxy(house([]), only_callback)) as url:
        verdict = played(given(url))["企业微信地址验证"].verdict
    assert not verdict.ok
    assert said in verdict.words


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token": "old"}, "token 对不上"),
        ({"aes_key": OTHER_KEY}, "aes_key 对不上"),
        ({"corp_id": "ww2"}, "企业 ID 对不上"),
    ],
)
def test_a_house_with_other_secrets_is_found_out(wrong: dict[str, str], said: str) -> None:
    with served(house([], **wrong)) as url:
        found = played(given(url))
    for name in ("企业微信地址验证", "企业微信加密事件"):
        assert said in found[name].verdict.words


def test_a_robot_with_another_secret_is_found_out() -> None:
    with served(house([])) as url:
        settings = given(url, dingtalk={"client_id": "ding1", "client_secret": "other", "mode": "http"})
        verdict = played(settings)["钉钉机器人签名"].verdict
    assert not verdict.ok
    assert "连正确的签名也拒绝" in verdict.words


def test_a_clock_that_is_off_is_found_out() -> None:
    with served(house([])) as url:
        steps = going_live.play(given(url), lambda: NOW.replace(hour=3))
        found = {step.name: step.verdict for step in steps}
    assert "时间差得太多" in found["企业微信地址验证"].words
    assert not found["钉钉机器人签名"].ok


def test_without_an_address_and_with_nobody_there_the_rest_is_left_out() -> None:
    (step,) = going_live.play(given(""), lambda: NOW)
    assert "没有设置 public_url" in step.verdict.words
    (step,) = going_live.play(given("http://127.0.0.1:9"), lambda: NOW)
    assert "连接被拒绝" in step.verdict.words
    (step,) = going_live.play(given("http://nowhere.invalid"), lambda: NOW)
    assert not step.verdict.ok


def test_stream_needs_no_public_address_for_dingtalk() -> None:
    stream = {"client_id": "d", "client_secret": "s", "mode": "stream"}
    (step,) = going_live.play(given("", wecom=None, dingtalk=stream), lambda: NOW)
    assert step.verdict == Verdict(True, "用 Stream 接收，不需要公网地址")


def test_a_proxy_that_passes_on_the_callback_alone_is_in_order() -> None:
    def hidden(path: str, answer: Response) -> Response:
        return PlainTextResponse("Not Found", 404) if path == "/healthz" else answer

    with served(Proxy(house([]), hidden)) as url:
        found = played(given(url))
    assert all(step.verdict.ok for step in found.values())
    assert "没有转发 /healthz" in found["公网地址"].verdict.words


def test_a_server_that_cuts_the_line_is_told_as_such() -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut() -> None:
            connection, _ = listener.accept()
            connection.recv(1024)
            connection.close()

        thread = threading.Thread(target=cut)
        thread.start()
        with httpx.Client() as client:
            seen = going_live.ask(client, "GET", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()
    assert seen.failure == "broken"


def test_a_server_that_speaks_no_tls_is_told_as_such() -> None:
    with served(house([])) as url, httpx.Client() as client:
        assert going_live.ask(client, "GET", url.replace("http:", "https:")).failure == "tls"


# the first real message -------------------------------------------------------------------------------------


def arrive(store: Store, channel: str = "wecom") -> int:
    message = Inbound(
        channel=channel, tenant="t", key="k1", sender="a", kind="text", sent_at=NOW, text="帮助"
    )
    accept: Callable[[Inbound], Awaitable[bool]] = Inbox(store, lambda: NOW, lambda: None).accept
    asyncio.run(accept(message))  # type: ignore[arg-type]
    return going_live.newest(store)


def watched(store: Store, happenings: list[Callable[[], object]]) -> list[tuple[str, bool, str]]:
    """Each tick lets the next thing happen; there is no further tick after the last one."""
    left = iter(happenings)

    def tick() -> bool:
        happening = next(left, None)
        if happening:
            happening()
        return happening is not None

    after = going_live.newest(store)
    return [(s.name, s.verdict.ok, s.verdict.words) for s in going_live.watch(store, after, tick)]


def settle(store: Store, state: str, error: str = "") -> None:
    with store.write() as session:
        row = session.get_one(InboxRow, going_live.newest(store))
        row.state, row.error = state, error


def answer(store: Store, state: str, error: str = "") -> None:
    with store.write() as session:
        number = going_live.newest(store)
        enqueue(
            session,
            Text(text="你好"),
            key="o1",
            person_id="P1",
            channel="wecom",
            recipient="a",
            now=NOW,
            inbox_id=number,
        )
        session.get_one(OutboxRow, 1).state = state
        session.get_one(OutboxRow, 1).error = error


def test_the_first_message_is_followed_to_the_answer(sqlite_store: Store) -> None:
    arrive(sqlite_store)  # one from before does not count
    with sqlite_store.write() as session:
        session.get_one(InboxRow, 1).key = "before"
    found = watched(
        sqlite_store,
        [
            lambda: None,
            lambda: arrive(sqlite_store),
            lambda: settle(sqlite_store, "done"),
            lambda: answer(sqlite_store, "sent"),
        ],
    )
    assert found == [
        ("第一条消息", True, "收到企业微信的一条 text，验签通过"),
        ("处理", True, "已处理"),
        ("回复", True, "回复已送出，全程通了"),
    ]


@pytest.mark.parametrize(
    ("happenings", "last"),
    [
        ([], ("第一条消息", False, "等待的时间里没有收到验签通过的消息")),
        (["arrive"], ("处理", False, "消息在收件箱里，还没有人处理")),
        (["arrive", "failed"], ("处理", False, "处理失败，编号 ab12cd，可在日志里查到")),
        (["arrive", "waiting"], ("处理", False, "语音在等模型，运行 xiaofang models fetch speech")),
        (["arrive", "done"], ("回复", False, "没有看到送出的回复")),
        (["arrive", "done", "refused"], ("回复", False, "回复没有送出：60020 IP 不在可信 IP 里")),
    ],
)
def test_where_it_gets_stuck_is_said(
    sqlite_store: Store, happenings: list[str], last: tuple[str, bool, str]
) -> None:
    steps: dict[str, Callable[[], object]] = {
        "arrive": lambda: arrive(sqlite_store),
        "done": lambda: settle(sqlite_store, "done"),
        "failed": lambda: settle(sqlite_store, "failed", "ab12cd"),
        "waiting": lambda: settle(sqlite_store, "waiting"),
        "refused": lambda: answer(sqlite_store, "pending", "60020 IP 不在可信 IP 里"),
    }
    assert watched(sqlite_store, [steps[name] for name in happenings])[-1] == last
