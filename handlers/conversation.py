"""Read this first: the way of a message, from what came in to what goes out.

    callback → inbox row → perceive → **understand** → **decide** → one commit → courier

A worker takes a message from the inbox when everything in it has been heard and read (an `Arrival`), calls
`understand` outside any transaction and `decide` inside the turn's only one, and commits. Buttons, positions and
pictures build their intent directly; the clock joins at `decide`.
"""

from domain.errors import Refusal
from domain.intents import Intent
from handlers import listening
from handlers.table import HANDLERS
from handlers.turn import Arrival, Reply, Turn, View, say


def understand(arrival: Arrival, view: View) -> tuple[Intent, ...]:
    """What a message means to us. Pure: it reads nothing but its arguments; empty where there is nothing to do."""
    if view.person is None:
        return listening.from_nobody(arrival)
    return listening.LISTENERS[arrival.message.kind](arrival, view)


def decide(intents: tuple[Intent, ...], turn: Turn) -> Reply:
    """Apply the rules of the trade. All writing goes through `turn.work`; nothing is committed or sent here.

    A refused intent leaves no trace but the kind words that say why.
    """
    reply = Reply()
    for intent in intents:
        before = turn.dialogue
        try:
            with turn.work.attempt():
                reply += HANDLERS[intent.intent](intent, turn)
        except Refusal as refusal:
            turn.dialogue = before
            reply += say(turn, refusal.words)
    return reply
