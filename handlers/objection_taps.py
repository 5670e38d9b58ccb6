"""Taps on what a customer objects to, under a quote or a step of a lead: the cards of that library."""

from collections.abc import Iterable

from domain.cards import Button
from domain.errors import Refusal
from domain.intents.records import Command
from domain.messages import Action
from handlers import coaching
from handlers.turn import Reply, Turn

OBJECTED = {"price": "他嫌贵", "trust": "他不放心", "timing": "他再想想"}
"""What the buttons say, by the library."""
ASKED = {"price": "他嫌贵怎么回", "trust": "他不放心质量怎么回", "timing": "他说再考虑考虑怎么回"}
"""What a tap asks, as if it had been written."""


def buttons(kinds: Iterable[str] = OBJECTED) -> tuple[Button, ...]:
    return tuple(Button(id="objection", text=OBJECTED[kind], value=kind) for kind in kinds)


def tapped(action: Action, _number: int, turn: Turn) -> Reply:
    """The best cards. Raises Refusal for a button that this version does not have."""
    words = ASKED.get(action.value)
    if words is None:
        raise Refusal("这张卡片已经失效了，直接说“他嫌贵怎么回”就行。")
    return coaching.objection_help(Command(intent="objection_help", words=words), turn)
