"""Bots that are not ours: they decrypt with wechatpy and check signatures by the published formulas."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException

from bot.playground.wecom_xml import from_xml

CORP = "wx5823bf96d3bd56c7"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

Answer = Callable[[dict[str, Any]], Response]


class WeComBot:
    """Keeps every inner message; `answer` makes the response to one."""

    def __init__(self) -> None:
        self.crypto = WeChatCrypto("QDG6eK", AES_KEY, CORP)
        self.got: list[dict[str, Any]] = []
        self.nonces: list[str] = []
        self.answer: Answer = lambda _: PlainTextResponse("success")
        self.echo: Callable[[str], Response] = PlainTextResponse
        self.app = Starlette(
            routes=[
                Route("/wecom/callback", self._verify, methods=["GET"]),
                Route("/wecom/callback", self._callback, methods=["POST"]),
            ]
        )

    async def _verify(self, request: Request) -> Response:
        query = request.query_params
        plain = self.crypto.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return self.echo(plain)

    async def _callback(self, request: Request) -> Response:
        query = request.query_params
        try:
            xml = self.crypto.decrypt_message(
                await request.body(), query["msg_signature"], query["timestamp"], query["nonce"]
            )
        except (WeChatException, ValueError, KeyError, TypeError) as refused:
            return PlainTextResponse(type(refused).__name__, 403)
        except Exception as refused:  # wechatpy leaks the errors of its XML parser and of struct
            return PlainTextResponse(type(refused).__name__, 400)
        self.nonces.append(query["nonce"])
        self.got.append(from_xml(xml if isinstance(xml, str) else xml.decode()))
        return self.answer(self.got[-1])

    def passive(self, xml: str) -> Response:
        return Response(self.crypto.encrypt_message(xml, "12345", "1700000000"), media_type="text/xml")


class DingBot:
    """Keeps robot messages, card clicks and events; answers cards with `card_answer`."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.clicks: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.card_headers: list[dict[str, str]] = []
        self.card_answer: dict[str, Any] = {}
        self.status = 200
        self.crypto = WeChatCrypto("event-token", AES_KEY, "dingapp")
        self.app = Starlette(
            routes=[
                Route("/dingtalk/robot", self._robot, methods=["POST"]),
                Route("/dingtalk/card", self._card, methods=["POST"]),
                Route("/dingtalk/events", self._event, methods=["POST"]),
            ]
        )

    async def _robot(self, request: Request) -> Response:
        stamp = request.headers["timestamp"]
        expected = hmac.new(b"ding-secret", f"{stamp}\nding-secret".encode(), hashlib.sha256).digest()
        if base64.b64encode(expected).decode() != request.headers["sign"]:
            return Response(status_code=403)
        self.got.append(json.loads(await request.body()))
        return Response(status_code=self.status)

    async def _card(self, request: Request) -> Response:
        self.card_headers.append(dict(request.headers))
        self.clicks.append(json.loads(await request.body()))
        return JSONResponse(self.card_answer, self.status)

    async def _event(self, request: Request) -> Response:
        query = request.query_params
        body = json.loads(await request.body())
        envelope = f"<xml><Encrypt><![CDATA[{body['encrypt']}]]></Encrypt></xml>"
        plain = self.crypto.decrypt_message(
            envelope, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        self.events.append(json.loads(plain))
        sealed = from_xml(self.crypto.encrypt_message("success", "77", "1700000000"))
        return JSONResponse(
            {
                "msg_signature": sealed["MsgSignature"],
                "timeStamp": sealed["TimeStamp"],
                "nonce": sealed["Nonce"],
                "encrypt": sealed["Encrypt"],
            }
        )


class Calls:
    """Calls a fake in process, as an app on the other side of the network would."""

    def __init__(self, app: Any, base: str) -> None:
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)
        self.token = ""

    async def wecom_token(self) -> str:
        got = await self.http.get("/cgi-bin/gettoken", params={"corpid": CORP, "corpsecret": "app-secret"})
        self.token = got.json()["access_token"]
        return self.token

    async def wecom(self, path: str, body: dict[str, Any] | None = None, **query: str) -> Any:
        if not self.token:
            await self.wecom_token()
        params = {"access_token": self.token, **query}
        if body is None:
            return (await self.http.get(f"/cgi-bin/{path}", params=params)).json()
        return (await self.http.post(f"/cgi-bin/{path}", params=params, json=body)).json()

    async def ding(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        if not self.token:
            keys = {"appKey": "dingapp", "appSecret": "ding-secret"}
            self.token = (await self.http.post("/v1.0/oauth2/accessToken", json=keys)).json()["accessToken"]
        headers = {"x-acs-dingtalk-access-token": self.token, **headers}
        return await self.http.request(method, path, json=body, headers=headers)


def text_to(users: str, content: str, **more: Any) -> dict[str, Any]:
    return {"touser": users, "msgtype": "text", "agentid": 1000002, "text": {"content": content}, **more}


def approval_card(task_id: str, users: str = "WangFang", **more: Any) -> dict[str, Any]:
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "报销审批"},
        "task_id": task_id,
        "button_list": [{"text": "同意", "key": "approve"}, {"text": "拒绝", "key": "reject", "style": 3}],
        **more,
    }
    return {"touser": users, "msgtype": "template_card", "agentid": 1000002, "template_card": card}
