"""A tiny bot for the page's tests: repeats what it hears, proposes a card, and lets a manager decide."""

import json
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.playground.wecom_xml import from_xml
from tests.playground.peers import AES_KEY, CORP

Row = dict[str, Any]

FIELDS = [
    {"label": "报销人", "value": "王芳", "source": ""},
    {"label": "金额", "value": "¥126.00", "source": "小票第 7 行：合计 126.00"},
    {"label": "科目", "value": "业务招待", "source": "小票抬头：川味餐厅"},
    {"label": "日期", "value": "2026-11-23", "source": "小票第 2 行"},
]
BUTTONS = [
    {"id": "approve", "text": "同意", "style": "primary"},
    {"id": "reject", "text": "驳回", "style": "danger"},
    {"id": "detail", "text": "看原图", "style": "default"},
]


def effect(number: int, who: str, heard: str) -> Row:
    """One row of the panel."""
    fields = [
        {"label": "客户", "value": "惠民超市朝阳店", "source": "惠民超市朝阳店"},
        {"label": "联系人", "value": "王经理", "source": "王经理"},
        {"label": "产品", "value": "原味酸奶", "source": "原味酸奶"},
        {"label": "数量", "value": "50 箱", "source": "订50箱"},
    ]
    return {
        "message_id": number,
        "at": "2026-11-23T10:07:00+08:00",
        "who": who,
        "heard": heard,
        "records": [
            {"id": number, "form": "order", "label": "下单/补货", "status": "待确认", "fields": fields}
        ],
        "evidence": [{"kind": "文字", "words": heard, "sha256": "9f86d081884c7d65"}],
        "audit": [
            {
                "at": "2026-11-23T10:07:00+08:00",
                "who": who,
                "field": "数量",
                "old": "40",
                "new": "50",
                "why": "更正",
            },
            {
                "at": "2026-11-23T10:07:00+08:00",
                "who": who,
                "field": "状态",
                "old": None,
                "new": "待确认",
                "why": "",
            },
        ],
    }


class EchoBot:
    def __init__(self) -> None:
        self.wecom = self.dingtalk = ""
        self.heard: list[Row] = []
        self.trail: list[Row] = []
        self.crypto = WeChatCrypto("QDG6eK", AES_KEY, CORP)
        self.app = Starlette(
            routes=[
                Route("/wecom/callback", self._wecom, methods=["POST"]),
                Route("/dingtalk/robot", self._robot, methods=["POST"]),
                Route("/dingtalk/card", self._card, methods=["POST"]),
            ]
        )

    async def _wecom(self, request: Request) -> Response:
        query = request.query_params
        xml = self.crypto.decrypt_message(
            await request.body(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        inner = from_xml(xml if isinstance(xml, str) else xml.decode())
        self.heard.append(inner)
        return PlainTextResponse("success", background=BackgroundTask(self._act, inner))

    async def _act(self, inner: Row) -> None:
        who = inner["FromUserName"]
        if inner.get("Event") == "template_card_event":
            await self._update(inner)
            if inner["EventKey"] == "confirm":
                await self._ask_manager()
        elif inner["MsgType"] == "text":
            self.trail.insert(0, effect(len(self.trail) + 1, "王芳", inner["Content"]))
            card = "拜访" in inner["Content"]
            await (self._propose(who) if card else self._say(who, f"收到：{inner['Content']}"))
        elif inner["MsgType"] in ("image", "voice", "location"):
            await self._say(who, f"收到{inner['MsgType']} {inner.get('Label', '')}".strip())

    async def _say(self, who: str, words: str) -> None:
        await self._send({"touser": who, "msgtype": "text", "text": {"content": words}})

    async def _propose(self, who: str) -> None:
        rows = [("客户", "惠民超市朝阳店"), ("联系人", "王经理"), ("产品", "原味酸奶"), ("数量", "50 箱")]
        card = {
            "card_type": "button_interaction",
            "source": {"desc": "小访 · 请您确认", "desc_color": 0},
            "main_title": {"title": "下单/补货", "desc": "来自您 10:07 的消息"},
            "horizontal_content_list": [{"keyname": key, "value": value} for key, value in rows],
            "task_id": f"proposal-{len(self.heard)}",
            "button_selection": {
                "question_key": "when",
                "title": "送货时间",
                "option_list": [{"id": "today", "text": "今天"}, {"id": "friday", "text": "周五之前"}],
                "selected_id": "friday",
            },
            "button_list": [
                {"text": "确认", "key": "confirm", "style": 1},
                {"text": "修改", "key": "change", "style": 2},
                {"text": "放弃", "key": "drop", "style": 3},
            ],
        }
        await self._send({"touser": who, "msgtype": "template_card", "template_card": card})

    async def _update(self, inner: Row) -> None:
        body = {
            "userids": [inner["FromUserName"]],
            "agentid": 1000002,
            "response_code": inner["ResponseCode"],
        }
        await self._call("update_template_card", body | {"button": {"replace_name": "已确认"}})

    async def _send(self, body: Row) -> None:
        await self._call("send", body | {"agentid": 1000002})

    async def _call(self, name: str, body: Row) -> None:
        async with httpx.AsyncClient(base_url=self.wecom, trust_env=False) as http:
            keys = {"corpid": CORP, "corpsecret": "app-secret"}
            token = (await http.get("/cgi-bin/gettoken", params=keys)).json()["access_token"]
            answer = await http.post(f"/cgi-bin/message/{name}", params={"access_token": token}, json=body)
            assert answer.json()["errcode"] == 0, answer.text

    async def ding(self, method: str, path: str, body: Row) -> Row:
        async with httpx.AsyncClient(base_url=self.dingtalk, trust_env=False) as http:
            keys = {"appKey": "dingapp", "appSecret": "ding-secret"}
            token = (await http.post("/v1.0/oauth2/accessToken", json=keys)).json()["accessToken"]
            headers = {"x-acs-dingtalk-access-token": token}
            answer = await http.request(method, path, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            found: Row = answer.json()
            return found

    async def _ask_manager(self) -> None:
        params = {
            "title": "报销审批",
            "subtitle": "王芳 · 餐饮小票",
            "status": "待审批",
            "tone": "warning",
            "fields": json.dumps(FIELDS, ensure_ascii=False),
            "note": "三天内第二张同店小票，请留意",
            "buttons": json.dumps(BUTTONS, ensure_ascii=False),
            "ref": "expense:7",
            "revision": "1",
        }
        body = {
            "cardTemplateId": "t.schema",
            "outTrackId": "expense-7-1",
            "openSpaceId": "dtv1.card//IM_ROBOT.zhao",
            "callbackType": "HTTP",
            "callbackRouteKey": "echo",
            "cardData": {"cardParamMap": params},
            "imRobotOpenSpaceModel": {"supportForward": False},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "dingapp"},
        }
        await self.ding("POST", "/v1.0/card/instances/createAndDeliver", body)

    async def _robot(self, request: Request) -> Response:
        self.heard.append(await request.json())
        return Response()

    async def _card(self, request: Request) -> Response:
        body = await request.json()
        self.heard.append(body)
        private = json.loads(body["content"])["cardPrivateData"]
        status = {"approve": "已同意", "reject": "已驳回"}[private["actionIds"][0]]
        params = {
            "status": status,
            "tone": "success",
            "buttons": "[]",
            "note": f"由赵敏处理 {private['params']['ref']}",
        }
        answer = {"cardData": {"cardParamMap": params}, "cardUpdateOptions": {"updateCardDataByKey": True}}
        return JSONResponse(answer)
