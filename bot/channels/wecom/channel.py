"""The WeCom channel: sends, changes and recalls what people see, fetches what they sent."""

import re
import threading
from collections.abc import Iterator

from bot.channels.base import Download, Envelope, Probe, Receipt, ShownCard
from bot.channels.wecom import cards, media, setup, texts
from bot.channels.wecom.client import Json, WeComClient
from bot.channels.wecom.config import WeComConfig
from domain.cards import Attachment, Card, Content, Markdown, Text
from domain.errors import DeliveryError
from domain.messages import Media

DUPLICATE_INTERVAL = 14_400
"""Seconds in which the platform drops a request that it has seen: the most it offers."""

# Of a list of userids "|" is the separator, and "@all" would be the whole company.
USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_\-@.]{0,63}")

UPLOAD_LIFE = 2 * 24 * 3600.0
UPLOADS_KEPT = 256


class WeComChannel:
    name = "wecom"
    # What goes over it is dropped without a word (developer.work.weixin.qq.com/document/path/90236).
    per_member_minute = 30
    per_member_hour = 1000
    per_app_second = 50

    def __init__(self, config: WeComConfig, client: WeComClient | None = None) -> None:
        self.config = config
        self.client = client or WeComClient(config)
        self._uploads: dict[tuple[str, str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def card_name(self, ref: str, revision: int, recipient: str) -> str:
        return cards.card_name(ref, revision, recipient)

    def repeatable(self, content: Content) -> bool:
        """For 4 hours, by the platform's duplicate check; a file gets a new id when it is uploaded again."""
        return not isinstance(content, Attachment)

    def messages(self, content: Content) -> int:
        if isinstance(content, Text | Markdown):
            return max(1, len(texts.split(texts.defuse(content.text))))
        return 1

    def send(self, envelope: Envelope) -> Receipt:
        """Long text goes out in several messages: a repetition shows only those that are missing."""
        recipient = _userid(envelope.recipient)
        refs, handle, undelivered = [], "", dict[str, None]()
        for number, message in enumerate(self._messages(envelope, recipient)):
            answer = self._accepted(recipient, message, f"{envelope.key}#{number}")
            refs.append(str(answer.get("msgid", "")))
            handle = str(answer.get("response_code", "") or handle)
            undelivered.update(dict.fromkeys(_refused(answer, envelope.recipient)))
        if not refs:
            raise DeliveryError("消息内容为空", permanent=True, code="44004")
        return Receipt("|".join(filter(None, refs)), handle, undelivered=tuple(undelivered))

    def update(self, shown: ShownCard, card: Card) -> Receipt:
        """The card as it stands now, in place of the one that is there, under its name.

        A code holds once. Which errcode tells of a spent one is not documented: after any final refusal the next
        code is tried, and the last refusal stands.
        """
        words = "卡片没有可用的 response_code，企业微信无法更新它"
        last = DeliveryError(words, permanent=True, code="response_code")
        recipient = _userid(shown.recipient)
        body = {
            "userids": [recipient],
            "agentid": self.config.agent_id,
            "template_card": {**self._card(card, recipient), "task_id": shown.card},
        }
        for number, code in enumerate(shown.handles, 1):
            try:
                answer = self.client.post("message/update_template_card", {**body, "response_code": code})
            except DeliveryError as refused:
                if refused.maybe_delivered or not refused.permanent:
                    raise
                last = refused
                continue
            return Receipt(
                ref=str(answer.get("msgid", "")),
                handle=str(answer.get("response_code", "")),
                spent=shown.handles[:number],
                undelivered=tuple(_refused(answer, shown.recipient)),
            )
        raise last

    def recall(self, ref: str) -> None:
        """Takes back what `send` called `ref`, within 24 hours. Raises DeliveryError."""
        for msgid in filter(None, ref.split("|")):
            self.client.post("message/recall", {"msgid": msgid})

    def fetch(self, media_: Media) -> Download:
        found = media.download(self.client, media_.handle)
        return Download(found.content, found.name or media_.name, found.content_type)

    def probe(self) -> list[Probe]:
        return setup.probe(self.client)

    def line(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        self.client.close()

    def _accepted(self, recipient: str, message: Json, key: str) -> Json:
        try:
            return self._post(recipient, message, key)
        except DeliveryError as refused:
            if refused.code != "40007":
                raise
            # The platform forgot a file of ours earlier than it promised: the next attempt uploads it again.
            with self._lock:
                self._uploads.clear()
            raise DeliveryError(str(refused), code=refused.code) from refused

    def _post(self, recipient: str, message: Json, key: str) -> Json:
        body = {
            "touser": recipient,
            "agentid": self.config.agent_id,
            **message,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_INTERVAL,
            # Ignored by the platform but part of what it compares: the same words twice are two messages,
            # the same envelope twice is one.
            "envelope": key,
        }
        return self.client.post("message/send", body)

    def _messages(self, envelope: Envelope, recipient: str) -> Iterator[Json]:
        content = envelope.content
        if isinstance(content, Text):
            for part in texts.split(texts.defuse(content.text)):
                yield {"msgtype": "text", "text": {"content": part}}
        elif isinstance(content, Markdown):
            for part in texts.split(texts.defuse(content.text)):
                yield {"msgtype": "markdown", "markdown": {"content": part}}
        elif isinstance(content, Card):
            yield {"msgtype": "template_card", "template_card": self._card(content, recipient)}
        else:
            kind, media_id = self._uploaded(content, envelope.attachment)
            yield {"msgtype": kind, kind: {"media_id": media_id}}

    def _card(self, card: Card, recipient: str) -> Json:
        try:
            return cards.render(card, recipient, self.config.public_url)
        except ValueError as wrong:
            raise DeliveryError(f"卡片无法在企业微信显示：{wrong}", permanent=True, code="card") from wrong

    def _uploaded(self, file: Attachment, content: bytes | None) -> tuple[str, str]:
        """Kind and media id; uploaded once for all receivers and attempts while the platform keeps it."""
        if content is None:
            raise DeliveryError(f"文件“{file.name}”的内容不在了", permanent=True, code="attachment")
        fits = content.startswith(media.PICTURES) and len(content) <= media.LARGEST_UPLOAD["image"]
        kind = "image" if file.image and fits else "file"
        known = (kind, file.sha256, file.name)
        with self._lock:
            media_id, until = self._uploads.get(known, ("", 0.0))
        if media_id and self.client.clock() < until:
            return kind, media_id
        media_id = media.upload(self.client, kind, file.name, content)
        with self._lock:
            self._uploads[known] = (media_id, self.client.clock() + UPLOAD_LIFE)
            while len(self._uploads) > UPLOADS_KEPT:
                self._uploads.pop(next(iter(self._uploads)))
        return kind, media_id


def _userid(recipient: str) -> str:
    if not USERID.fullmatch(recipient):
        raise DeliveryError(f"“{recipient}”不是企业微信的成员账号", permanent=True, code="40003")
    return recipient.lower()


def _refused(answer: Json, recipient: str) -> Iterator[str]:
    """Who did not get it: `|` between names in one call, a list in the other, lower-cased in both.

    The recipient is named as we were asked to send to it.
    """
    for name in ("invaliduser", "unlicenseduser"):
        found = answer.get(name) or []
        for userid in found.split("|") if isinstance(found, str) else found:
            if userid:
                yield recipient if str(userid).lower() == recipient.lower() else str(userid)
