"""DingTalk's side of what the bot receives: robot messages, card clicks and events, by Stream or by HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.playground.delivery import Attempt, Delivery, Poster
from bot.playground.dingtalk_cards import apply_answer
from bot.playground.dingtalk_hub import CARD_TOPIC, ROBOT_TOPIC, Hub, OnAck
from bot.playground.dingtalk_state import SESSION_LIFE, Click, DingCard, DingState, Refused
from bot.playground.wecom_crypto import BadEnvelope, encrypt, new_nonce, open_signed, signature

Inner = dict[str, Any]
Damage = Literal["sign", "stale", "garbage", "huge", "other_robot", "other_corp"]
STALE_MS = 2 * 3600 * 1000


def base64_hmac(secret: str, message: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()).decode()


@dataclass
class Targets:
    """How the bot is reached."""

    mode: Literal["stream", "http"]
    robot_url: str
    event_url: str
    ack_seconds: float
    card_seconds: float


class Pusher:
    def __init__(self, state: DingState, hub: Hub, poster: Poster, targets: Targets) -> None:
        self._state = state
        self._hub = hub
        self._poster = poster
        self._targets = targets
        self.pushed: list[Delivery] = []

    # robot messages

    def message(self, userid: str, msgtype: str, group: str = "", **body: Any) -> Inner:
        """A robot message of a member: in the 1:1 chat, or in a group with the robot @-mentioned."""
        state = self._state
        session = state.secret_word("")
        until = state.clock() + SESSION_LIFE
        state.sessions[session] = (userid, until)
        hashed = hashlib.sha256(userid.encode()).hexdigest()[:24]
        chat = {"conversationId": group or f"cid{hashed}==", "conversationType": "2" if group else "1"}
        if group:
            chat |= {"conversationTitle": state.groups[group][0]}
        return {
            "msgtype": msgtype,
            "msgId": f"msg{state.secret_word('')}==",
            "createAt": int(state.clock().timestamp() * 1000),
            **chat,
            "senderId": f"$:LWCP_v1:${hashed}",
            "senderNick": state.members.get(userid, userid),
            "senderCorpId": state.corp_id,
            "senderStaffId": userid,
            "isAdmin": False,
            "chatbotCorpId": state.corp_id,
            "chatbotUserId": "$:LWCP_v1:$robot",
            "robotCode": state.robot_code,
            "isInAtList": bool(group),
            "atUsers": [{"dingtalkId": "$:LWCP_v1:$robot"}] if group else [],
            "sessionWebhook": f"{state.base_url}/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": int(until.timestamp() * 1000),
            **body,
        }

    async def push(self, inner: Inner, on_ack: OnAck | None = None) -> Delivery:
        delivery = Delivery(inner)
        self.pushed.append(delivery)
        if self._targets.mode == "stream":
            seconds = self._targets.ack_seconds
            attempt = await self._hub.push("CALLBACK", ROBOT_TOPIC, inner, seconds, on_ack)
        else:
            attempt = _judge_http(await self._post_robot(json.dumps(inner, ensure_ascii=False).encode()))
        delivery.attempts.append(attempt)
        return delivery

    async def push_bad(self, inner: Inner, damage: Damage) -> Attempt:
        """One robot message by HTTP with something wrong; the bot's answer is returned unjudged."""
        if damage == "other_robot":
            inner = inner | {"robotCode": "dingotherrobot"}
        if damage == "other_corp":
            inner = inner | {"chatbotCorpId": "dingothercorp", "senderCorpId": "dingothercorp"}
        body = json.dumps(inner, ensure_ascii=False).encode()
        if damage == "garbage":
            body = b'{"msgtype": '
        if damage == "huge":
            body = json.dumps(inner | {"filler": " " * (2 << 20)}).encode()
        older = STALE_MS if damage == "stale" else 0
        return await self._post_robot(body, older=older, wrong_sign=damage == "sign")

    async def _post_robot(self, body: bytes, older: int = 0, wrong_sign: bool = False) -> Attempt:
        stamp = str(int(self._state.clock().timestamp() * 1000) - older)
        secret = "not the secret" if wrong_sign else self._state.client_secret
        sign = base64_hmac(secret, f"{stamp}\n{self._state.client_secret}")
        headers = {"content-type": "application/json; charset=utf-8", "timestamp": stamp, "sign": sign}
        url, seconds = self._targets.robot_url, self._targets.ack_seconds
        return await self._poster.send("POST", url, seconds, content=body, headers=headers)

    # card clicks

    async def click(self, userid: str, card: DingCard, action_id: str, params: Mapping[str, Any]) -> Click:
        """A tap; the answer changes the card only when it comes within the 2 s the platform waits."""
        content = {"cardPrivateData": {"actionIds": [action_id], "params": dict(params)}}
        body = {
            "type": "actionCallback",
            "outTrackId": card.out_track_id,
            "corpId": self._state.corp_id,
            "userId": userid,
            "userIdType": 1,
            "spaceType": "IM",
            "content": json.dumps(content, ensure_ascii=False),
        }
        if card.callback_type == "STREAM":
            attempt = await self._hub.push("CALLBACK", CARD_TOPIC, body, self._targets.card_seconds)
        else:
            attempt = await self._post_card(card, body)
        in_time = attempt.ok and attempt.seconds <= self._targets.card_seconds
        attempt, answer = self._apply(card, userid, attempt) if in_time else (attempt, {})
        click = Click(userid, card.out_track_id, action_id, attempt, in_time, answer)
        self._state.clicks.append(click)
        return click

    async def _post_card(self, card: DingCard, body: Inner) -> Attempt:
        route = self._state.card_routes.get(card.route_key)
        if route is None:
            return Attempt(None, 0.0, trouble="卡片没有登记回调地址（callbackRouteKey）")
        stamp = str(int(self._state.clock().timestamp() * 1000))
        signed = base64_hmac(route["apiSecret"], stamp)
        headers = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": signed}
        url, seconds = route["callbackUrl"], self._targets.card_seconds
        return _judge_http(await self._poster.send("POST", url, seconds, json=body, headers=headers))

    def _apply(self, card: DingCard, userid: str, attempt: Attempt) -> tuple[Attempt, Inner]:
        try:
            answer = json.loads(attempt.text or "{}")
            if card.callback_type == "STREAM":
                answer = answer.get("response") or {}
            if answer:
                apply_answer(self._state, card, userid, answer)
        except (ValueError, AttributeError, TypeError) as broken:
            return replace(attempt, trouble=f"小访对卡片的应答无法解析（{type(broken).__name__}）"), {}
        except Refused as refused:
            return replace(attempt, trouble=f"小访对卡片的应答不合规定（{refused.message}）"), {}
        return attempt, answer

    # events

    async def push_event(self, event_type: str, data: Mapping[str, Any]) -> Delivery:
        stamp = str(int(self._state.clock().timestamp() * 1000))
        inner = {"EventType": event_type, "CorpId": self._state.corp_id, "TimeStamp": stamp, **data}
        delivery = Delivery(inner)
        self.pushed.append(delivery)
        if self._targets.mode == "http" or event_type == "check_url":
            attempt, delivery.reply = await self._post_event(inner)
        else:
            headers = {"eventId": self._state.secret_word("ev_"), "eventType": event_type}
            headers |= {"eventCorpId": self._state.corp_id, "eventBornTime": stamp}
            headers |= {"eventUnifiedAppId": "playground"}
            seconds = self._targets.ack_seconds
            attempt = await self._hub.push("EVENT", "*", dict(data), seconds, None, **headers)
        delivery.attempts.append(attempt)
        return delivery

    async def _post_event(self, inner: Inner) -> tuple[Attempt, Inner | None]:
        keys = self._state.event_keys
        encrypted = encrypt(keys, json.dumps(inner, ensure_ascii=False).encode())
        stamp, nonce = str(inner["TimeStamp"]), new_nonce()
        signed = signature(keys.token, stamp, nonce, encrypted)
        query = {"msg_signature": signed, "timestamp": stamp, "nonce": nonce}
        url, seconds = self._targets.event_url, self._targets.ack_seconds
        attempt = _judge_http(
            await self._poster.send("POST", url, seconds, params=query, json={"encrypt": encrypted})
        )
        if not attempt.ok:
            return attempt, None
        try:
            answer = json.loads(attempt.text)
            given = (answer["msg_signature"], str(answer["timeStamp"]), answer["nonce"], answer["encrypt"])
            word = open_signed(keys, *given).decode()
        except (BadEnvelope, ValueError, KeyError, TypeError) as broken:
            return replace(attempt, trouble=f"小访对事件的应答无法解密（{broken}）"), None
        wrong = "" if word == "success" else "小访对事件的应答里不是 success"
        return replace(attempt, trouble=wrong), {"word": word}


def _judge_http(attempt: Attempt) -> Attempt:
    if attempt.trouble or attempt.status == 200:
        return attempt
    return replace(attempt, trouble=f"小访拒收了这条消息（HTTP {attempt.status}）")
