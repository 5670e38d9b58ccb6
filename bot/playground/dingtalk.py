"""A local DingTalk with one internal app: both HTTP hosts, the Stream gateway, and the members who use it.

Constructor and methods are listed in `bot.playground`. Card variables are held to the documented limits: strings
only, 100 bytes a key, 1024 bytes a value; a longer value is refused with HTTP 400 `param.valueTooLong`.
"""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any, Literal

import httpx
from starlette.applications import Starlette

from bot.playground import dingtalk_office
from bot.playground.chat import Bubble, Chats, Clock
from bot.playground.delivery import Attempt, Delivery, Poster
from bot.playground.dingtalk_api import routes
from bot.playground.dingtalk_hub import Connection, Hub
from bot.playground.dingtalk_push import Damage, Inner, Pusher, Targets
from bot.playground.dingtalk_state import Click, DingCard, DingSent, DingState
from bot.playground.faults import Call, Faults
from bot.playground.wecom_crypto import Keys

CHANGES_TOLD_AFTER = timedelta(seconds=1)


class FakeDingTalk:
    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        robot_code: str,
        corp_id: str,
        clock: Clock,
        members: Mapping[str, str],
        mode: Literal["stream", "http"] = "stream",
        robot_url: str = "",
        event_url: str = "",
        event_token: str = "",
        event_aes_key: str = "",
        groups: Mapping[str, tuple[str, tuple[str, ...]]] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        card_seconds: float = 2.0,
        ack_seconds: float = 5.0,
        seed: int = 1,
    ) -> None:
        self.state = DingState(
            client_id=client_id,
            client_secret=client_secret,
            robot_code=robot_code,
            corp_id=corp_id,
            clock=clock,
            members=dict(members),
            groups=dict(groups or {}),
            event_keys=Keys(event_token, event_aes_key, client_id),
            chats=Chats(clock),
            faults=Faults(),
            chance=Random(seed),
        )
        self.targets = Targets(mode, robot_url, event_url, ack_seconds, card_seconds)
        self.hub = Hub(self.state)
        self._pusher = Pusher(self.state, self.hub, Poster(transport), self.targets)
        self.app = Starlette(routes=[*routes(self.state), *self.hub.routes()])

    # what the platform remembers

    @property
    def sent(self) -> list[DingSent]:
        return self.state.sent

    @property
    def cards(self) -> dict[str, DingCard]:
        return self.state.cards

    @property
    def clicks(self) -> list[Click]:
        return self.state.clicks

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        return self.state.events

    @property
    def todos(self) -> dict[str, dict[str, Any]]:
        return self.state.todos

    @property
    def calls(self) -> list[Call]:
        return self.state.faults.calls

    @property
    def pushed(self) -> list[Delivery]:
        return self._pusher.pushed

    @property
    def connections(self) -> list[Connection]:
        return self.hub.connections

    @property
    def chats(self) -> Chats:
        return self.state.chats

    @property
    def members(self) -> dict[str, str]:
        return self.state.members

    @property
    def flow_controlled(self) -> set[str]:
        """Members for whom batchSend answers with flowControlledStaffIdList."""
        return self.state.flow_controlled

    @property
    def filtered(self) -> set[str]:
        return self.state.filtered

    @property
    def denied(self) -> set[str]:
        """Rights that the app has not applied for: `Calendar.Event`, `Todo.Todo`."""
        return self.state.denied

    @property
    def undeliverable(self) -> set[str]:
        """Members or groups whose deliverResult fails although the call succeeds."""
        return self.state.undeliverable

    def shown(self, userid: str) -> list[Bubble]:
        """What this member sees, oldest first, cards in their present state."""
        return self.chats.shown(userid)

    def union_id(self, userid: str) -> str:
        return self.state.union_id(userid)

    # switches

    def set_base_url(self, url: str) -> None:
        """Where this fake is served, for download addresses, sessionWebhook and the Stream endpoint."""
        self.state.base_url = url

    def set_robot_url(self, url: str) -> None:
        self.targets.robot_url = url

    def fail_next(self, path: str, *, times: int = 1, **how: Any) -> None:
        """`how`: status and code (new host), errcode (old host), errmsg, delay (seconds), drop."""
        self.state.faults.fail_next(path, times=times, **how)

    def expire_tokens(self) -> None:
        """Both tokens die early."""
        self.state.new_token = self.state.old_token = None

    def half_open(self, silent: bool = True) -> None:
        """Every connection stays open and lets nothing through any more."""
        for connection in self.connections:
            connection.silent = silent

    async def disconnect(self) -> None:
        self.hub.disconnect()

    async def tick(self) -> None:
        self.hub.tick()
        await self.tell_changes(older=CHANGES_TOLD_AFTER)

    async def tell_changes(self, older: timedelta = timedelta()) -> int:
        """Tell whoever subscribed what was changed in calendars and to-dos. Without anybody it waits."""
        if not (self.targets.event_url if self.targets.mode == "http" else self.connections):
            return 0
        told = 0
        while self.state.changes and self.state.clock() - self.state.changes[0][2] >= older:
            name, data, _ = self.state.changes.pop(0)
            await self._pusher.push_event(name, data)
            told += 1
        return told

    def agenda(self, userid: str) -> dict[str, list[dict[str, Any]]]:
        """This member's calendar and to-dos: `events` (id, title, date) and `todos` (id, title, due in ms, done)."""
        return dingtalk_office.agenda(self.state, userid)

    def tick_off(self, task_id: str, done: bool = True) -> None:
        """A member ticks a to-do. Raises KeyError where there is none."""
        if task_id not in self.state.todos:
            raise KeyError(task_id)
        dingtalk_office.change_todo(self.state, task_id, {"done": done})

    def move_event(self, event_id: str, day: str) -> None:
        """A member moves an event to another day, YYYY-MM-DD."""
        dingtalk_office.move_event(self.state, event_id, day)

    def delete_event(self, event_id: str) -> None:
        dingtalk_office.drop_event(self.state, self.state.events[event_id]["organizer"]["id"], event_id)

    def change_todo(self, task_id: str, **fields: Any) -> None:
        """A member changes a to-do: subject, dueTime (ms), executorIds (unionIds)."""
        dingtalk_office.change_todo(self.state, task_id, fields)

    # what members do

    def message(self, userid: str, msgtype: str, group: str = "", **body: Any) -> Inner:
        return self._pusher.message(userid, msgtype, group, **body)

    def text(self, userid: str, content: str, group: str = "") -> Inner:
        """In a group the text follows the @-mention, so it begins with a space."""
        return self.message(userid, "text", group, text={"content": f" {content}" if group else content})

    async def push(self, inner: Inner) -> Delivery:
        return await self._pusher.push(inner)

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """The same message once more, with the same msgId."""
        return await self._pusher.push(delivery.inner)

    async def push_bad(self, userid: str, text: str, damage: Damage) -> Attempt:
        return await self._pusher.push_bad(self.text(userid, text), damage)

    async def say(self, userid: str, text: str, group: str = "") -> Delivery:
        return await self._send_shown(userid, "text", {"content": text}, self.text(userid, text, group))

    async def send_picture(self, userid: str, content: bytes, name: str = "photo.jpg") -> Delivery:
        body, shown = self._file(name, content)
        return await self._send_shown(userid, "picture", shown, self.message(userid, "picture", content=body))

    async def send_audio(
        self, userid: str, content: bytes, recognition: str | None = None, name: str = "voice.amr"
    ) -> Delivery:
        """`recognition` is the platform's own transcript; it may be missing."""
        body, shown = self._file(name, content)
        body |= {"duration": 4000} | ({"recognition": recognition} if recognition is not None else {})
        inner = self.message(userid, "audio", content=body)
        return await self._send_shown(userid, "audio", shown | {"recognition": recognition}, inner)

    async def send_file(self, userid: str, content: bytes, name: str) -> Delivery:
        body, shown = self._file(name, content)
        body |= {"fileName": name, "spaceId": "1", "fileId": self.state.secret_word("")}
        return await self._send_shown(userid, "file", shown, self.message(userid, "file", content=body))

    async def send_rich(self, userid: str, parts: list[str | bytes]) -> Delivery:
        """Text and pictures in one message, in the order given."""
        rich: list[dict[str, Any]] = []
        for part in parts:
            known = {"text": part} if isinstance(part, str) else self._picture_part(part)
            rich.append(known)
        inner = self.message(userid, "richText", content={"richText": rich})
        return await self._send_shown(userid, "richText", {"parts": rich}, inner)

    async def send_raw(self, userid: str, msgtype: str, **body: Any) -> Delivery:
        inner = self.message(userid, msgtype, **body)
        return await self._send_shown(userid, msgtype, body, inner)

    async def click(
        self, userid: str, out_track_id: str, action_id: str, params: Mapping[str, Any] | None = None
    ) -> Click:
        """A tap on a card's button; `params` default to the card's own `ref` and `revision`.

        Raises KeyError for a card that was never created.
        """
        card = self.state.cards[out_track_id]
        seen = card.seen_by(userid)
        known: Mapping[str, Any] = {name: seen[name] for name in ("ref", "revision") if name in seen}
        return await self._pusher.click(userid, card, action_id, known if params is None else params)

    async def push_event(self, event_type: str, data: Mapping[str, Any]) -> Delivery:
        return await self._pusher.push_event(event_type, data)

    async def check_url(self) -> Delivery:
        """The first event of an HTTP subscription."""
        return await self._pusher.push_event("check_url", {})

    def _file(self, name: str, content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        file_id = self.state.keep_file(name, content)
        return {"downloadCode": self.state.download_code(file_id)}, {"media_id": file_id, "name": name}

    def _picture_part(self, content: bytes) -> dict[str, Any]:
        return {"type": "picture", **self._file("photo.jpg", content)[0]}

    async def _send_shown(self, userid: str, kind: str, body: dict[str, Any], inner: Inner) -> Delivery:
        bubble = self.chats.add(userid, kind, body, mine=True, ref=str(inner["msgId"]))

        def acknowledged(attempt: Attempt) -> None:
            progress = "delivered" if attempt.ok else "failed"
            self.chats.change(userid, bubble.id, progress=progress, trouble=attempt.trouble)

        delivery = await self._pusher.push(inner, acknowledged)
        if not delivery.ok or self.targets.mode == "http":
            acknowledged(delivery.attempts[-1])
        return delivery
