"""What understanding knows: the rulebook and the names of this company, rebuilt when the master data change.

Words that people taught are part of both: other names beside the master data's, other cues beside the rulebook's.
"""

import threading
import time
from collections.abc import Iterable
from typing import Any

from sqlmodel import Session

from config.rulebook import Rulebook
from domain.learning import LearnedWord, with_cues
from nlu.language.lexicon import Lexicon
from nlu.language.matching import compiled
from storage.learning import active_words
from storage.people import all_names, master_version

FRESH_SECONDS = 0.5
"""How long changed names may go unnoticed."""


class Knowledge:
    """Shared by all threads of a process."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._shipped = rulebook
        self.rulebook = rulebook
        self._lexicon: Lexicon | None = None
        self._version = -1
        self._looked = 0.0
        self._building = threading.Lock()

    def look_again(self) -> None:
        """Something was changed here: the next message is understood with it."""
        self._looked = 0.0

    def current(self, session: Session) -> tuple[Rulebook, Lexicon]:
        """Both, as of the master data and the taught words that this session sees."""
        if self._lexicon is not None and time.monotonic() - self._looked < FRESH_SECONDS:
            return self.rulebook, self._lexicon
        version = master_version(session)
        self._looked = time.monotonic()
        if self._lexicon is None or self._version != version:
            with self._building:
                if self._lexicon is None or self._version != version:
                    learned = active_words(session)
                    names = with_aliases(all_names(session), learned)
                    self.rulebook = with_cues(self._shipped, learned)
                    compiled(self.rulebook)  # here, so that no message has to wait for it
                    self._lexicon, self._version = Lexicon.build(**names), version
        return self.rulebook, self._lexicon


NAMES_OF = {
    "customer": ("customers", "code", "aliases"),
    "product": ("products", "code", "aliases"),
    "person": ("people", "id", "nicknames"),
    "competitor": ("competitors", "name", "aliases"),
}
"""Sort of thing → its list among the names, its key, and the field of its other names."""


def with_aliases(names: dict[str, list[Any]], learned: Iterable[LearnedWord]) -> dict[str, list[Any]]:
    """The names with the aliases that were taught; those of what is no longer there are left out."""
    taught: dict[tuple[str, str], list[str]] = {}
    for word in learned:
        if word.kind == "alias":
            taught.setdefault(word.thing, []).append(word.words)
    if not taught:
        return names
    merged = dict(names)
    for what, (group, key, other_names) in NAMES_OF.items():
        merged[group] = [
            thing.model_copy(update={other_names: (*getattr(thing, other_names), *more)})
            if (more := taught.get((what, getattr(thing, key))))
            else thing
            for thing in names.get(group, ())
        ]
    return merged
