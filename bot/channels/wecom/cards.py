"""`domain.cards.Card` as a WeCom template card.

    no buttons      text_notice, a tap leads to the public address
    1 to 6          button_interaction
    more than 6     button_interaction whose most frequent choice becomes a menu beside the other buttons

What a row, a button or a label has no room for moves to the text below the rows instead of being cut.
"""

import re
from collections import Counter
from hashlib import sha256

from bot.channels.wecom import keys
from bot.channels.wecom.templates import (
    BUTTON,
    KEYNAME,
    VALUE,
    CardButton,
    Colour,
    Head,
    Json,
    Look,
    Option,
    Row,
    Selection,
    button_interaction,
    text_notice,
)
from bot.channels.wecom.texts import clip
from domain.cards import Button, Card, Line, Style, Tone

ROWS, BUTTONS, OPTIONS = 6, 6, 10
NOWHERE = "https://work.weixin.qq.com"
"""A card without buttons must lead somewhere, also where no public address is set."""

COLOUR: dict[Tone, Colour] = {"info": "grey", "success": "green", "warning": "black", "danger": "red"}
BUTTON_STYLE: dict[Style, Look] = {"primary": 1, "danger": 3, "default": 4}


def card_name(ref: str, revision: int, recipient: str) -> str:
    """A task id: the same for the same card of the same person, readable at its beginning."""
    digest = sha256("\0".join((ref, str(revision), recipient.lower())).encode()).hexdigest()[:24]
    return f"{re.sub(r'[^0-9A-Za-z_]', '-', ref)[:64]}-{revision}-{digest}"


def render(card: Card, recipient: str, public_url: str) -> Json:
    """The value of `template_card`. ValueError where the card has more choices than WeCom can show."""
    rows, quotes, below = _lines(card.lines)
    head = Head(
        title=card.title,
        desc=card.subtitle,
        source=card.status,
        colour=COLOUR[card.tone],
        quote_title="原话" if quotes else "",
        quote="\n".join(quotes),
    )
    task_id = card_name(card.ref, card.revision, recipient)
    url = public_url or NOWHERE
    if not card.buttons:
        return text_notice(head, url, task_id=task_id, subtitle=_paragraph(below, card.note), rows=rows)
    pressed, chosen = _arranged(card)
    labels, names = _labels(pressed)
    buttons = [
        CardButton(label, keys.button_key(card, button), BUTTON_STYLE[button.style])
        for label, button in zip(labels, pressed, strict=True)
    ]
    return button_interaction(
        head,
        task_id,
        [*buttons, CardButton("选好了", keys.select_key(card), 1)] if chosen else buttons,
        subtitle=_paragraph(below + names, card.note),
        rows=rows,
        selection=_menu(chosen) if chosen else None,
    )


def _lines(lines: tuple[Line, ...]) -> tuple[list[Row], list[str], list[str]]:
    """Rows; the words behind their values, where a row has no room for them; lines too long for a row."""
    rows: list[Row] = []
    quotes: list[str] = []
    below: list[str] = []
    for line in lines:
        said = (
            f"{line.value}（{line.source}）" if line.source and line.source not in line.value else line.value
        )
        if len(line.label) > KEYNAME or len(line.value) > VALUE or len(rows) == ROWS:
            below.append(f"{line.label}：{said}")
        elif len(said) > VALUE:
            rows.append(Row(line.label, line.value))
            quotes.append(f"{line.label}：{line.source}")
        else:
            rows.append(Row(line.label, said or "—"))
    return rows, quotes, below


def _arranged(card: Card) -> tuple[list[Button], list[Button]]:
    """Buttons to press and choices for the menu."""
    if len(card.buttons) <= BUTTONS:
        return list(card.buttons), []
    frequent = Counter(button.id for button in card.buttons).most_common(1)[0][0]
    pressed = [button for button in card.buttons if button.id != frequent]
    chosen = [button for button in card.buttons if button.id == frequent]
    if len(pressed) > BUTTONS - 1 or len(chosen) > OPTIONS:
        raise ValueError(
            f"card {card.ref} has {len(card.buttons)} buttons; WeCom shows {BUTTONS}, "
            f"or a menu of {OPTIONS} beside {BUTTONS - 1}: offer fewer choices"
        )
    return pressed, chosen


def _labels(buttons: list[Button]) -> tuple[list[str], list[str]]:
    """What stands on the buttons; where that is too long, a number, and the full names to read beside it."""
    if all(len(button.text) <= BUTTON for button in buttons):
        return [button.text for button in buttons], []
    numbered = [f"{number} {button.text}" for number, button in enumerate(buttons, 1)]
    names = [name for name in numbered if len(name) > BUTTON]
    return [clip(name, BUTTON) for name in numbered], names


def _menu(chosen: list[Button]) -> Selection:
    options = tuple(Option(keys.option_id(button), button.text) for button in chosen)
    return Selection(keys.SELECT, "请选择", options)


def _paragraph(lines: list[str], note: str) -> str:
    return "\n".join(filter(None, (*lines, note)))
