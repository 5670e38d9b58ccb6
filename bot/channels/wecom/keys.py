"""What a button of ours carries, and how a tap on it is read back.

A button's key is `id|ref|revision|value`. A card with more choices than WeCom has buttons shows a menu
instead: its options carry `id|value`, and its one button the key `@select|ref|revision|`.
"""

import re
from collections.abc import Mapping

from domain.cards import Button, Card
from domain.messages import Action

KEY_BYTES = 1024
OPTION_BYTES = 128
SELECT = "@select"

KEY = re.compile(r"([^|]+)\|([^|]*)\|(\d{1,9})\|(.*)", re.DOTALL)


def button_key(card: Card, button: Button) -> str:
    """ValueError where the key would not come back as it went out."""
    return _key(button.id, card.ref, card.revision, button.value)


def select_key(card: Card) -> str:
    return _key(SELECT, card.ref, card.revision, "")


def option_id(button: Button) -> str:
    return _checked(f"{button.id}|{button.value}", OPTION_BYTES, button.id)


def read_tap(key: str, selected: Mapping[str, tuple[str, ...]], card: str, handle: str) -> Action:
    """The tap that a key stands for. A key that is not ours becomes the button, with no reference."""
    match = KEY.fullmatch(key)
    if match is None:
        return Action(button=key, ref="", selected=dict(selected), card=card, handle=handle)
    button, ref, revision, value = match.groups()
    chosen = selected.get(SELECT, ())
    if button == SELECT and chosen:
        button, _, value = chosen[0].partition("|")
        selected = {question: options for question, options in selected.items() if question != SELECT}
    return Action(
        button=button,
        ref=ref,
        revision=int(revision),
        value=value,
        selected=dict(selected),
        card=card,
        handle=handle,
    )


def _key(button: str, ref: str, revision: int, value: str) -> str:
    if "|" in ref:
        raise ValueError(f"card reference {ref!r} must not contain '|'")
    return _checked(f"{button}|{ref}|{revision}|{value}", KEY_BYTES, button)


def _checked(key: str, limit: int, button: str) -> str:
    if not button or "|" in button:
        raise ValueError(f"button id {button!r} must be filled and must not contain '|'")
    if len(key.encode("utf-8", "replace")) > limit:
        raise ValueError(
            f"button {button!r} carries {len(key.encode())} bytes, WeCom takes {limit}: shorten its value"
        )
    return key
