"""What a language model points at in a rep's words, as the perceiver asks for it: slow, outside any transaction."""

import secrets
from dataclasses import dataclass
from typing import Protocol

from bot.knowledge import Knowledge
from domain.people import Person
from nlu.dialogue.replies import reply_word
from nlu.suggesting.request import Pointed, Request, candidates_for, request_for
from storage.store import Store

SHORTEST = 6
"""Letters; below, there is nothing that the rules could have missed."""


class Asked(Protocol):
    def ask(self, request: Request) -> Pointed | None: ...


def worth_asking(text: str) -> bool:
    """Whether a text may hold more than the rules find; answers of a word or two do not."""
    return len(text.strip()) >= SHORTEST and reply_word(text) is None


@dataclass(frozen=True)
class Suggesting:
    model: Asked
    store: Store
    knowledge: Knowledge

    def __call__(self, text: str, person: Person) -> str:
        """The JSON of what the model pointed at (`Pointed`), empty where it gave nothing usable."""
        if not worth_asking(text):
            return ""
        with self.store.read() as session:
            rulebook, lexicon = self.knowledge.current(session)
        own = lexicon.owned_by(person.id) if person.role in rulebook.policies.customers.reach else frozenset()
        candidates = candidates_for(text, lexicon, own)
        pointed = self.model.ask(request_for(text, rulebook, candidates, secrets.token_hex(8)))
        return pointed.model_dump_json() if pointed and pointed.records else ""
