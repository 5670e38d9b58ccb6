"""A `Card` as variables of the shipped template (docs/dingtalk-card-template.json), and as markdown.

All variables are strings of at most 1 KB, whatever they stand for
(open.dingtalk.com …/create-and-deliver-cards). What does not fit is shortened between characters: first
where a value came from, then long values, then whole rows, and the card says so.
"""

import json
import unicodedata
from typing import Any

from domain.cards import Button, Card, Line

VALUE_LIMIT = 1000
"""Bytes. The platform says 1 KB and not whether that is 1,000 or 1,024."""

MARKDOWN_LIMIT = 5000
TITLE_LIMIT = 64

JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}")

ROOM = ((300, 90), (300, 45), (300, 0), (150, 0), (90, 0))
"""Bytes for a row's value and for its source, from generous to tight."""

BUTTON_ROOM = (60, 36, 24)

STRUCTURE = str.maketrans("[]<>*`#|~\\", "［］＜＞＊｀＃｜～＼")
"""What would be markdown in words from outside becomes its full-width twin."""


def card_params(card: Card) -> dict[str, str]:
    """The template's variables. ValueError where `ref` alone passes the limit: it must come back whole."""
    if len(card.ref.encode()) > VALUE_LIMIT:
        raise ValueError(f"card reference of {len(card.ref.encode())} bytes: DingTalk takes {VALUE_LIMIT}")
    buttons, whole = _buttons(card.buttons)
    note = card.note if whole else "\n".join(filter(None, (card.note, "还有其他选项，请直接回复文字。")))
    return {
        "title": fit(card.title, VALUE_LIMIT),
        "subtitle": fit(card.subtitle, VALUE_LIMIT),
        "status": fit(card.status, VALUE_LIMIT),
        "tone": card.tone,
        "fields": _fields(card.lines),
        "note": fit(note, VALUE_LIMIT),
        "buttons": buttons,
        "ref": card.ref,
        "revision": f"{card.revision}.{card.drawn}" if card.drawn else str(card.revision),
    }


def private_params(card: Card) -> dict[str, str]:
    """What the answer to a tap hid from the person who tapped, as it is now."""
    params = card_params(card)
    return {"status": params["status"], "buttons": params["buttons"]}


def card_markdown(card: Card) -> tuple[str, str]:
    """Title and text for a platform without our template. Buttons become the words to reply with."""
    parts = [f"### {_plain(card.title)}", _plain(card.subtitle)]
    parts += [_row(line) for line in card.lines]
    parts.append(_plain(card.note))
    if card.status:
        parts.append(f"**{_plain(card.status)}**")
    parts.append(_replies(card.buttons))
    told = "\n\n".join(filter(None, parts))
    return fit_characters(_plain(card.title), TITLE_LIMIT) or "小访", fit_characters(told, MARKDOWN_LIMIT)


def fit(words: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, ending in … where something was cut; never half a character."""
    words = _storable(words)
    raw = words.encode()
    if len(raw) <= limit:
        return words
    if limit < 3:
        return ""
    kept = raw[: limit - 3].decode(errors="ignore")
    return _whole(words, len(kept)) + "…"


def fit_characters(words: str, limit: int) -> str:
    words = _storable(words)
    return words if len(words) <= limit else _whole(words, limit - 1) + "…"


def _whole(words: str, end: int) -> str:
    """The first `end` characters, without the head of one that goes on beyond (accents, joined emoji)."""
    while 0 < end < len(words) and (_goes_on(words[end]) or words[end - 1] == "\N{ZERO WIDTH JOINER}"):
        end -= 1
    return words[:end].rstrip()


def _goes_on(character: str) -> bool:
    return character in JOINERS or unicodedata.combining(character) > 0


def _fields(lines: tuple[Line, ...]) -> str:
    for value_room, source_room in ROOM:
        rows = [_field(line, value_room, source_room) for line in lines]
        told = _json(rows)
        if len(told.encode()) <= VALUE_LIMIT:
            return told
    for kept in range(len(rows) - 1, -1, -1):
        folded = {"label": "其余", "value": f"另有 {len(rows) - kept} 项未显示", "source": ""}
        told = _json([*rows[:kept], folded])
        if len(told.encode()) <= VALUE_LIMIT:
            break
    return told


def _field(line: Line, value_room: int, source_room: int) -> dict[str, str]:
    return {
        "label": fit(line.label, 60),
        "value": fit(line.value, value_room),
        "source": fit(line.source, source_room),
    }


def _buttons(buttons: tuple[Button, ...]) -> tuple[str, bool]:
    """The list as JSON text, and whether all of them are in it. Ids and values are never cut."""
    for room in BUTTON_ROOM:
        told = _json([_button(button, room) for button in buttons])
        if len(told.encode()) <= VALUE_LIMIT:
            return told, True
    shown: list[dict[str, str]] = []
    for button in buttons:
        if len(_json([*shown, _button(button, BUTTON_ROOM[-1])]).encode()) > VALUE_LIMIT:
            break
        shown.append(_button(button, BUTTON_ROOM[-1]))
    return _json(shown), False


def _button(button: Button, room: int) -> dict[str, str]:
    return {
        "id": button.id,
        "text": fit(button.text, room),
        "style": button.style,
        "value": button.value,
    }


def _row(line: Line) -> str:
    row = f"**{_plain(line.label)}**：{_plain(line.value)}"
    return f"{row}\n\n> 来源：{_plain(line.source)}" if line.source else row


def _replies(buttons: tuple[Button, ...]) -> str:
    words = [_plain(button.text) for button in buttons]
    if not words:
        return ""
    if len(words) == len({button.id for button in buttons}):
        return f"请直接回复：{' / '.join(f'**{word}**' for word in words)}"
    numbered = [f"{count}. {word}" for count, word in enumerate(words, 1)]
    return "请直接回复名称：\n\n" + "\n".join(numbered)


def _plain(words: str) -> str:
    return " ".join(_storable(words).split()).translate(STRUCTURE)


def _storable(words: str) -> str:
    """Without control characters, which some phones show as boxes, and lone surrogates, which are no text."""
    if words.isprintable():
        return words
    kept = (one for one in words if one in "\n\t" or unicodedata.category(one) != "Cc")
    return "".join(kept).encode("utf-8", "replace").decode()


def _json(value: list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
