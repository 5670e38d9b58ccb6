"""A local WeCom with one self-built app: the HTTP interface it offers, and the members who write to the bot.

Constructor and methods are listed in `bot.playground`. Errcodes that the notes do not name are 40058 (parameter).
Two departures from the real platform: audio that is not AMR is passed on with its own format name, since a
browser cannot record AMR, and retries follow one another without a pause.
"""

import copy
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Literal

import httpx
from starlette.applications import Starlette

from bot.playground.chat import Bubble, Chats, Clock
from bot.playground.delivery import Attempt, Delivery, Poster
from bot.playground.faults import Call, Faults
from bot.playground.wecom_api import new_login_code, routes
from bot.playground.wecom_crypto import Keys
from bot.playground.wecom_push import Damage, Inner, Pusher
from bot.playground.wecom_state import SentCard, WeComSent, WeComState

Spelling = Literal["OptionIds", "OpitonIds"]


class FakeWeCom:
    def __init__(
        self,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        token: str,
        aes_key: str,
        callback_url: str,
        clock: Clock,
        members: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
        answer_seconds: float = 5.0,
        verify_seconds: float = 1.0,
        seed: int = 1,
    ) -> None:
        self.state = WeComState(
            corp_id=corp_id,
            agent_id=agent_id,
            secret=secret,
            keys=Keys(token, aes_key, corp_id),
            callback_url=callback_url,
            clock=clock,
            members=dict(members),
            chats=Chats(clock),
            faults=Faults(),
            chance=Random(seed),
        )
        self._pusher = Pusher(self.state, Poster(transport), answer_seconds, verify_seconds)
        self.app = Starlette(routes=routes(self.state))

    # what the platform remembers

    @property
    def sent(self) -> list[WeComSent]:
        return self.state.sent

    @property
    def cards(self) -> dict[str, SentCard]:
        return self.state.cards

    @property
    def calls(self) -> list[Call]:
        return self.state.faults.calls

    @property
    def pushed(self) -> list[Delivery]:
        return self._pusher.pushed

    @property
    def chats(self) -> Chats:
        return self.state.chats

    @property
    def members(self) -> dict[str, str]:
        return self.state.members

    def shown(self, userid: str) -> list[Bubble]:
        """What this member sees, oldest first, cards in their present state."""
        return self.chats.shown(userid)

    # switches

    def set_callback_url(self, url: str) -> None:
        self.state.callback_url = url

    def set_base_url(self, url: str) -> None:
        """Where this fake is served, for `PicUrl`."""
        self.state.base_url = url

    def fail_next(self, path: str, *, times: int = 1, **how: Any) -> None:
        """`how`: errcode, errmsg, status, code, delay (seconds), drop (carried out, then the line is cut)."""
        self.state.faults.fail_next(path, times=times, **how)

    def expire_token(self, errcode: int = 42001) -> None:
        """The present token dies early; calls with it are answered with `errcode`."""
        if self.state.token:
            self.state.dead_tokens[self.state.token.value] = errcode
            self.state.token = None

    def issue_code(self, userid: str) -> str:
        """A web login code: once, for 5 minutes."""
        return new_login_code(self.state, userid)

    def upload(self, kind: str, content: bytes, name: str) -> str:
        """Puts a file on the platform as a member's phone does; returns its media_id."""
        return self.state.keep_media(kind, name, content)

    # inner messages

    def message(self, userid: str, kind: str, **fields: Any) -> Inner:
        common = self._common(userid, kind)
        return common | fields | {"MsgId": next(self.state.numbers), "AgentID": self.state.agent_id}

    def text(self, userid: str, content: str) -> Inner:
        return self.message(userid, "text", Content=content)

    def event(self, userid: str, name: str, **fields: Any) -> Inner:
        """Events carry no MsgId."""
        return self._common(userid, "event") | {"Event": name} | fields | {"AgentID": self.state.agent_id}

    def _common(self, userid: str, kind: str) -> Inner:
        created = int(self.state.clock().timestamp())
        sender = self.state.member(userid) or userid
        known = {"ToUserName": self.state.corp_id, "FromUserName": sender}
        return known | {"CreateTime": created, "MsgType": kind}

    # pushes

    async def verify_url(self) -> Delivery:
        return await self._pusher.verify_url()

    async def push(self, inner: Inner) -> Delivery:
        return await self._pusher.push(inner)

    async def push_bad(self, inner: Inner, damage: Damage) -> Attempt:
        return await self._pusher.push_bad(inner, damage)

    async def push_shuffled(self, inners: Iterable[Inner]) -> list[Delivery]:
        return await self._pusher.push_shuffled(inners)

    async def replay(self, times: int = 3) -> list[Delivery]:
        return await self._pusher.replay(times)

    async def say(self, userid: str, text: str) -> Delivery:
        return await self._send_shown(userid, "text", {"content": text}, self.text(userid, text))

    async def send_image(self, userid: str, content: bytes, name: str = "photo.jpg") -> Delivery:
        media_id = self.upload("image", content, name)
        inner = self.message(
            userid, "image", PicUrl=f"{self.state.base_url}/pic/{media_id}", MediaId=media_id
        )
        return await self._send_shown(userid, "image", {"media_id": media_id, "name": name}, inner)

    async def send_voice(
        self, userid: str, content: bytes, fmt: str = "amr", seconds: float | None = None
    ) -> Delivery:
        media_id = self.upload("voice", content, f"voice.{fmt}")
        inner = self.message(userid, "voice", MediaId=media_id, Format=fmt)
        return await self._send_shown(userid, "voice", {"media_id": media_id, "seconds": seconds}, inner)

    async def send_file(self, userid: str, content: bytes, name: str) -> Delivery:
        media_id = self.upload("file", content, name)
        inner = self.message(userid, "file", FileName=name, MediaId=media_id)
        return await self._send_shown(userid, "file", {"media_id": media_id, "name": name}, inner)

    async def send_location(self, userid: str, lat: float, lng: float, label: str) -> Delivery:
        """Degrees, GCJ-02. `Location_X` is the latitude."""
        place = {"Location_X": f"{lat:.6f}", "Location_Y": f"{lng:.6f}", "Scale": 16, "Label": label}
        inner = self.message(userid, "location", **place, AppType="wxwork")
        return await self._send_shown(userid, "location", {"lat": lat, "lng": lng, "label": label}, inner)

    async def enter(self, userid: str) -> Delivery:
        return await self.push(self.event(userid, "enter_agent", EventKey=""))

    async def subscribe(self, userid: str) -> Delivery:
        return await self.push(self.event(userid, "subscribe", EventKey=""))

    async def menu(self, userid: str, key: str) -> Delivery:
        return await self.push(self.event(userid, "click", EventKey=key))

    async def report_location(self, userid: str, lat: float, lng: float, precision: float = 30.0) -> Delivery:
        fields = {"Latitude": f"{lat:.6f}", "Longitude": f"{lng:.6f}", "Precision": f"{precision:.1f}"}
        return await self.push(self.event(userid, "LOCATION", **fields, AppType="wxwork"))

    async def click(
        self,
        userid: str,
        task_id: str,
        key: str,
        selected: Mapping[str, list[str]] | None = None,
        spelling: Spelling = "OptionIds",
    ) -> Delivery:
        """A tap on a card button, or on a submit button with what is `selected` by question key.

        Raises KeyError for a card that was never sent.
        """
        sent = self.state.cards[task_id]
        items = _selected_items(selected or {}, spelling)
        self._keep_choice(userid, sent.msgid, selected or {})
        menu = (sent.card.get("action_menu") or {}).get("action_list", [])
        from_menu = any(entry.get("key") == key for entry in menu)
        inner = self.event(
            userid,
            "template_card_menu_event" if from_menu else "template_card_event",
            EventKey=key,
            TaskId=task_id,
            CardType=sent.card["card_type"],
            ResponseCode=self.state.new_code(sent.msgid),
            **items,
        )
        return await self.push(inner)

    def _keep_choice(self, userid: str, msgid: str, selected: Mapping[str, list[str]]) -> None:
        """What a member chose stays chosen on the own phone."""
        bubble = self.chats.find(userid, msgid)
        if bubble is None or not selected:
            return
        body = copy.deepcopy(bubble.body)
        for question in [body.get("button_selection") or {}, *body.get("select_list", [])]:
            if chosen := selected.get(question.get("question_key", "")):
                question["selected_id"] = chosen[0]
        ballot = body.get("checkbox") or {}
        for option in ballot.get("option_list", []):
            option["is_checked"] = option["id"] in selected.get(ballot["question_key"], [])
        self.chats.change(userid, bubble.id, body=body)

    async def _send_shown(self, userid: str, kind: str, body: dict[str, Any], inner: Inner) -> Delivery:
        bubble = self.chats.add(userid, kind, body, mine=True, ref=str(inner["MsgId"]))
        delivery = await self.push(inner)
        progress = "delivered" if delivery.ok else "failed"
        self.chats.change(userid, bubble.id, progress=progress, trouble=delivery.trouble)
        return delivery


def _selected_items(selected: Mapping[str, list[str]], spelling: Spelling) -> dict[str, Any]:
    if not selected:
        return {}
    single = spelling.removesuffix("s")
    items = [{"QuestionKey": key, spelling: {single: list(ids)}} for key, ids in selected.items()]
    return {"SelectedItems": {"SelectedItem": items}}
