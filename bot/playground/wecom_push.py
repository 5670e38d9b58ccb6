"""WeCom's side of the callback: encrypts, signs, posts, retries, and reads the passive reply."""

import json
import secrets
from collections.abc import Iterable
from typing import Any, Literal

from bot.playground.delivery import Attempt, Delivery, Poster
from bot.playground.wecom_crypto import (
    BadEnvelope,
    Keys,
    encrypt,
    encrypt_block,
    new_nonce,
    open_signed,
    pad,
    plain_block,
    signature,
)
from bot.playground.wecom_limits import cut_bytes
from bot.playground.wecom_send import show_passive_update
from bot.playground.wecom_state import WeComState
from bot.playground.wecom_xml import from_xml, to_xml

Inner = dict[str, Any]
Damage = Literal["signature", "receiver", "stale", "padding", "length", "base64", "xml", "huge"]

RETRIES = 3
STALE_SECONDS = 3600


class Pusher:
    """Pushes inner messages to the callback URL. `answer_seconds` is the platform's patience, 5 s."""

    def __init__(
        self, state: WeComState, poster: Poster, answer_seconds: float, verify_seconds: float
    ) -> None:
        self._state = state
        self._poster = poster
        self._answer_seconds = answer_seconds
        self._verify_seconds = verify_seconds
        self.pushed: list[Delivery] = []

    async def verify_url(self) -> Delivery:
        """What saving the callback settings does: the bot must give back the exact plain text within a second."""
        plain = str(secrets.randbelow(10**19))
        query = self._query(encrypted := encrypt(self._state.keys, plain.encode()))
        attempt = await self._poster.send(
            "GET", self._state.callback_url, self._verify_seconds, params={**query, "echostr": encrypted}
        )
        delivery = Delivery({"echo": plain}, [_judge_echo(attempt, plain)])
        self.pushed.append(delivery)
        return delivery

    async def push(self, inner: Inner) -> Delivery:
        """Up to four attempts, each with new nonce, timestamp and ciphertext around the same inner message."""
        delivery = Delivery(inner)
        self.pushed.append(delivery)
        for _ in range(1 + RETRIES):
            attempt = await self._post(self._state.keys, encrypt(self._state.keys, self._plain(inner)))
            attempt, delivery.reply = self._judge(attempt)
            delivery.attempts.append(attempt)
            if attempt.ok:
                break
        if delivery.reply:
            self._show_reply(inner, delivery.reply)
        return delivery

    async def push_bad(self, inner: Inner, damage: Damage) -> Attempt:
        """One attempt with a broken envelope; what the bot answers is returned unjudged."""
        keys = self._state.keys
        message = self._plain(inner)
        if damage == "receiver":
            return await self._post(
                keys, encrypt(Keys(keys.token, keys.aes_key, "ww0000000000000000"), message)
            )
        if damage == "padding":
            block = plain_block(message, keys.receiver)
            filler = 32 - len(block) % 32
            return await self._post(keys, encrypt_block(keys, block + b"\x00" * (filler - 1) + b"\x63"))
        if damage == "length":
            return await self._post(
                keys, encrypt_block(keys, pad(plain_block(message, keys.receiver, 2**31)))
            )
        if damage == "base64":
            return await self._post(keys, "*not base64*")
        if damage == "signature":
            return await self._post(keys, encrypt(keys, message), wrong_signature=True)
        if damage == "stale":
            return await self._post(keys, encrypt(keys, message), older=STALE_SECONDS)
        if damage == "huge":
            return await self._post(keys, encrypt(keys, message + b" " * (2 << 20)))
        return await self._post(keys, encrypt(keys, message), body=b"<xml><Encrypt>")

    async def push_shuffled(self, inners: Iterable[Inner]) -> list[Delivery]:
        """Pushes several messages in a random (seeded) order."""
        mixed = list(inners)
        self._state.chance.shuffle(mixed)
        return [await self.push(inner) for inner in mixed]

    async def replay(self, times: int = 3) -> list[Delivery]:
        """Everything pushed so far, `times` more, in random order: as if no answer had ever arrived."""
        return await self.push_shuffled([one.inner for one in self.pushed if "MsgType" in one.inner] * times)

    def _plain(self, inner: Inner) -> bytes:
        return to_xml(inner).encode()

    def _query(self, encrypted: str, older: int = 0) -> dict[str, str]:
        timestamp, nonce = str(int(self._state.clock().timestamp()) - older), new_nonce()
        signed = signature(self._state.keys.token, timestamp, nonce, encrypted)
        return {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}

    async def _post(
        self,
        keys: Keys,
        encrypted: str,
        *,
        older: int = 0,
        wrong_signature: bool = False,
        body: bytes | None = None,
    ) -> Attempt:
        query = self._query(encrypted, older)
        if wrong_signature:
            query["msg_signature"] = "0" * 40
        outer = {
            "ToUserName": self._state.corp_id,
            "AgentID": str(self._state.agent_id),
            "Encrypt": encrypted,
        }
        return await self._poster.send(
            "POST",
            self._state.callback_url,
            self._answer_seconds,
            params=query,
            content=body or to_xml(outer).encode(),
            headers={"content-type": "text/xml; charset=utf-8"},
        )

    def _judge(self, attempt: Attempt) -> tuple[Attempt, Inner | None]:
        if attempt.trouble:
            return attempt, None
        if attempt.status != 200:
            return _refused(attempt, f"小访拒收了这条消息（HTTP {attempt.status}）"), None
        if attempt.text in ("", "success"):
            return attempt, None
        try:
            outer = from_xml(attempt.text)
            signed = (outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
            return attempt, from_xml(open_signed(self._state.keys, *signed).decode())
        except (BadEnvelope, ValueError, KeyError) as broken:
            return _refused(attempt, f"小访的应答既不是 success 也不是有效的加密回复（{broken}）"), None

    def _show_reply(self, inner: Inner, reply: Inner) -> None:
        who = self._state.member(str(inner.get("FromUserName", "")))
        kind = str(reply.get("MsgType", ""))
        if who is None or not kind:
            return
        if kind.startswith("update_"):
            show_passive_update(self._state, who, str(inner.get("TaskId", "")), reply)
        elif kind == "text":
            self._state.chats.add(who, "text", {"content": cut_bytes(reply["Content"], 2048)})
        elif kind in ("image", "voice", "video"):
            self._state.chats.add(who, kind, {"media_id": reply[kind.capitalize()]["MediaId"]})
        else:
            self._state.chats.add(who, kind, {"raw": json.loads(json.dumps(reply))})


def _refused(attempt: Attempt, trouble: str) -> Attempt:
    return Attempt(attempt.status, attempt.seconds, attempt.text, trouble)


def _judge_echo(attempt: Attempt, plain: str) -> Attempt:
    if attempt.trouble:
        return attempt
    if attempt.status != 200:
        return _refused(attempt, f"回调网址校验失败：小访回答 HTTP {attempt.status}")
    if attempt.text != plain:
        return _refused(attempt, "回调网址校验失败：返回的不是解密后的原文（多了引号、换行或 BOM）")
    return attempt
