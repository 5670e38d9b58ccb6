"""The DingTalk channel: texts, markdown, files and interactive cards out, files in."""

import json
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from bot.channels.base import Download, Envelope, Probe, Receipt, ShownCard
from bot.channels.dingtalk.cards import (
    MARKDOWN_LIMIT,
    TITLE_LIMIT,
    card_markdown,
    card_params,
    fit,
    fit_characters,
    private_params,
)
from bot.channels.dingtalk.client import DingTalkClient, RobotSent
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.payload import nested
from bot.channels.dingtalk.probes import probe
from bot.channels.dingtalk.stream import StreamState
from domain.cards import Attachment, Card, Content, Markdown
from domain.errors import DeliveryError
from domain.messages import Inbound, Media

UPLOAD_LIMIT = 20 * 1024 * 1024
FLOW_CONTROLLED = 60.0


class DingTalkChannel:
    """Implements `bot.channels.base.Channel`. `stream` tells the state of the Stream connection, where this
    process keeps one."""

    name = "dingtalk"
    per_member_minute = 0
    per_member_hour = 0
    per_app_second = 20

    def __init__(
        self,
        config: DingTalkConfig,
        client: DingTalkClient | None = None,
        stream: Callable[[], StreamState] | None = None,
    ) -> None:
        self.config = config
        self.client = client or DingTalkClient(config)
        self._stream = stream
        self._registration = threading.Lock()
        self._registered = False

    def card_name(self, ref: str, revision: int, recipient: str) -> str:
        told = json.dumps([self.config.tenant, ref, revision, recipient.lower()], ensure_ascii=False)
        return f"xf-{sha256(told.encode()).hexdigest()[:40]}"

    def repeatable(self, content: Content) -> bool:
        """Cards are, by their outTrackId; robot messages, and cards that go out as markdown, are not."""
        return isinstance(content, Card) and bool(self.config.card_template_id)

    def messages(self, content: Content) -> int:
        return 1

    def send(self, envelope: Envelope) -> Receipt:
        content = envelope.content
        if isinstance(content, Card):
            return self._send_card(envelope, content)
        if isinstance(content, Attachment):
            return self._send_file(envelope, content)
        if isinstance(content, Markdown):
            title = fit_characters(content.title, TITLE_LIMIT)
            return self._send_markdown(
                envelope.recipient, title, fit_characters(content.text, MARKDOWN_LIMIT)
            )
        param = {"content": fit_characters(content.text, MARKDOWN_LIMIT)}
        return self._send_robot(envelope.recipient, "sampleText", param)

    def update(self, shown: ShownCard, card: Card) -> Receipt:
        """Changes the variables by name, also those that the answer to a tap hid from the person.
        DeliveryError(permanent=True) for a card that went out as markdown."""
        if not self.config.card_template_id:
            raise DeliveryError("a card sent as markdown cannot be changed", permanent=True, code="markdown")
        body = {
            "outTrackId": shown.card,
            "cardData": {"cardParamMap": card_params(card)},
            "privateData": {shown.recipient: {"cardParamMap": private_params(card)}},
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "userIdType": 1,
        }
        _succeeded(self.client.update_card(body), "the card update")
        return Receipt(ref=shown.card)

    def fetch(self, media: Media) -> Download:
        found = self.client.download(media.handle)
        return Download(found.content, media.name or found.name, found.content_type)

    def probe(self) -> list[Probe]:
        return probe(self.config, self.client, self._stream, self.register_card_callback)

    def notice(self, inbound: Inbound) -> None:
        """To be shown every event: ids of people who left the company are forgotten."""
        left = inbound.raw.get("UserId", inbound.raw.get("userId"))
        if inbound.kind == "event" and inbound.text == "user_leave_org":
            for user_id in left if isinstance(left, list) else [left]:
                self.client.forget_person(str(user_id))

    def line(self) -> dict[str, str]:
        """How the Stream connection of this process stands; empty where it keeps none."""
        state = self._stream() if self._stream else None
        if state is None:
            return {}
        told = {"status": state.status, "since": state.since.isoformat(timespec="seconds")}
        for name, at in (("last_frame", state.last_frame), ("last_message", state.last_message)):
            if at:
                told[name] = at.isoformat(timespec="seconds")
        return told | ({"last_error": state.last_error} if state.last_error else {})

    def close(self) -> None:
        self.client.close()

    def register_card_callback(self) -> None:
        """Tells the platform where taps go; once per process, nothing in Stream mode. Raises DeliveryError."""
        if self.config.mode != "http":
            return
        with self._registration:
            if not self._registered:
                self.client.register_card_callback(self.config.card_callback_url, self.config.card_secret)
                self._registered = True

    def _send_card(self, envelope: Envelope, card: Card) -> Receipt:
        if not self.config.card_template_id:
            return self._send_markdown(envelope.recipient, *card_markdown(card))
        try:
            self.register_card_callback()
            name = self.card_name(card.ref, card.revision, envelope.recipient)
            answer = self.client.create_card(self._card_body(name, card, envelope.recipient))
            _succeeded(answer, "the card")
            _delivered(answer)
            return Receipt(ref=name)
        except DeliveryError as error:
            if not error.permanent:
                raise
        return self._send_instead(envelope, card)

    def _send_instead(self, envelope: Envelope, card: Card) -> Receipt:
        """Markdown for a card that the platform refused for good."""
        try:
            return self._send_markdown(envelope.recipient, *card_markdown(card))
        except DeliveryError as error:
            if not error.maybe_delivered:
                raise
            # A card counts as repeatable. This one went out as a message, which is not.
            raise DeliveryError(str(error), permanent=True, maybe_delivered=True, code=error.code) from None

    def _card_body(self, name: str, card: Card, recipient: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "cardTemplateId": self.config.card_template_id,
            "outTrackId": name,
            "cardData": {"cardParamMap": card_params(card)},
            "openSpaceId": f"dtv1.card//IM_ROBOT.{recipient}",
            "userIdType": 1,
            "callbackType": self.config.mode.upper(),
            "imRobotOpenSpaceModel": {
                "supportForward": False,
                "lastMessageI18n": {"ZH_CN": fit(card.title, 60)},
                "notification": {"alertContent": fit(card.title, 60), "notificationOff": False},
            },
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self.config.robot},
        }
        if self.config.mode == "http":
            body["callbackRouteKey"] = self.config.card_route_key
        return body

    def _send_file(self, envelope: Envelope, attachment: Attachment) -> Receipt:
        content = envelope.attachment
        if content is None:
            raise DeliveryError(
                f"the bytes of {attachment.name} are missing", permanent=True, code="no_bytes"
            )
        if len(content) > UPLOAD_LIMIT:
            raise DeliveryError(f"{attachment.name} is larger than 20 MB", permanent=True, code="too_large")
        kind = PurePath(attachment.name).suffix.removeprefix(".").lower()
        media_id = self.client.upload("image" if attachment.image else "file", attachment.name, content)
        if attachment.image:
            return self._send_robot(envelope.recipient, "sampleImageMsg", {"photoURL": media_id})
        param = {"mediaId": media_id, "fileName": attachment.name, "fileType": kind}
        return self._send_robot(envelope.recipient, "sampleFile", param)

    def _send_markdown(self, recipient: str, title: str, text: str) -> Receipt:
        return self._send_robot(recipient, "sampleMarkdown", {"title": title, "text": text})

    def _send_robot(self, recipient: str, msg_key: str, param: dict[str, str]) -> Receipt:
        sent = self.client.send_robot([recipient], msg_key, json.dumps(param, ensure_ascii=False))
        return _receipt(sent)


def _receipt(sent: RobotSent) -> Receipt:
    if sent.flow_controlled:
        raise DeliveryError(
            "DingTalk holds back messages to this person for now",
            retry_after=FLOW_CONTROLLED,
            code="flow_controlled",
        )
    return Receipt(ref=sent.query_key, undelivered=sent.invalid + sent.filtered)


def _succeeded(answer: dict[str, Any], what: str) -> None:
    if answer.get("success") is False:
        raise DeliveryError(f"DingTalk did not take {what}", permanent=True, code="not_successful")


def _delivered(answer: dict[str, Any]) -> None:
    """A call may succeed and a delivery in it fail."""
    results = nested(answer, "result").get("deliverResults")
    for one in results if isinstance(results, list) else []:
        if isinstance(one, dict) and one.get("success") is False:
            told = str(one.get("errorMsg") or "no reason given")[:200]
            raise DeliveryError(
                f"DingTalk did not deliver the card: {told}", permanent=True, code="not_delivered"
            )
