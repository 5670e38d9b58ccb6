"""Answers inside the callback's own response, encrypted.

Lost where the answer takes over 5 s, and never repeated: only for flipping a card whose outcome is decided
already. Everything else is sent actively. Shapes: developer.work.weixin.qq.com/document/path/96469.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.envelope import EnvelopeCrypto
from bot.channels.wecom.templates import Json
from bot.channels.wecom.texts import MESSAGE_BYTES, clean, clip_bytes, defuse

# The callback spells the fields of a card its own way; what is not listed is only put into capitals.
SPELLING = {"keyname": "KeyName", "checkbox": "CheckBox"}


def text(content: str) -> Json:
    """Over 2048 bytes it ends in an ellipsis: there is room for one message only."""
    return {"MsgType": "text", "Content": clip_bytes(defuse(content), MESSAGE_BYTES)}


def update_button(words: str) -> Json:
    """Greys the button, for the person who tapped it alone."""
    return {"MsgType": "update_button", "Button": {"ReplaceName": words}}


def update_template_card(card: Json) -> Json:
    """`card` is the platform's JSON, as `templates` builds it."""
    return {"MsgType": "update_template_card", "TemplateCard": _pascal(card)}


def seal(answer: Json, *, to: str, corp_id: str, crypto: EnvelopeCrypto, timestamp: int, nonce: str) -> bytes:
    """The body of the response. `timestamp` in seconds."""
    inner = {"ToUserName": to, "FromUserName": corp_id, "CreateTime": timestamp, **answer}
    sealed = crypto.seal(element("xml", inner).encode(), str(timestamp), nonce)
    outer = {
        "Encrypt": sealed.encrypted,
        "MsgSignature": sealed.signature,
        "TimeStamp": timestamp,
        "Nonce": sealed.nonce,
    }
    return element("xml", outer).encode()


def element(name: str, value: Any) -> str:
    """One XML element. Text is CDATA that no text can break out of; lists repeat the element."""
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(key, part) for key, part in value.items())}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(element(name, part) for part in value)
    if isinstance(value, int | float):
        return f"<{name}>{int(value) if isinstance(value, bool) else value}</{name}>"
    # "]]>" ends a CDATA section wherever it stands, so it is spread over two of them.
    harmless = _xml_text(str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{harmless}]]></{name}>"


def _xml_text(text: str) -> str:
    return clean(text).replace("\ufffe", "").replace("\uffff", "")


def _pascal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_name(key): _pascal(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_pascal(part) for part in value]
    return value


def _name(key: str) -> str:
    return SPELLING.get(key) or "".join(part.capitalize() for part in key.split("_"))
