"""What understanding knows: the rulebook and the names of this company, rebuilt when either is changed.

The rulebook is the installation's files with what was published laid over them. One that cannot be read never takes
the bot down: the last good one stays in force, and `doctor` and the log say what is wrong. Words that people taught
are part of both: other names beside the master data's, other cues beside the rulebook's.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from config import rulebook
from config.rulebook import Rulebook, RulebookError
from domain.learning import LearnedWord, with_cues
from domain.rulebook_changes import Carried
from handlers import publishing
from handlers.publishing import InForce, carried_of, of_version
from nlu.language.lexicon import Lexicon
from nlu.language.matching import compiled
from storage import rulebooks
from storage.learning import active_words
from storage.people import all_names, master_version
from storage.rulebooks import Files, RulebookChangeRow

log = logging.getLogger(__name__)

FRESH_SECONDS = 0.5
"""How long a change may go unnoticed."""


class Knowledge:
    """Shared by all threads of a process."""

    def __init__(self, directory: Path | None = None) -> None:
        """Raises RulebookError only where not even the shipped rulebook can be read."""
        self.problems: tuple[str, ...] = ()
        """What is wrong with the rulebook that ought to be in force; empty where it is in force."""
        self._installed = self._installation(directory)
        self._good = self._installed or _read(rulebook.files())
        self._change: int | None = None
        self._sought = self._installed is not None
        """Whether what ought to be in force was looked for; not yet where the installation's files are of no use."""
        self.rulebook = self._good.rules
        self._lexicon: Lexicon | None = None
        self._version = -1
        self._looked = 0.0
        self._building = threading.Lock()

    def look_again(self) -> None:
        """Something was changed here: the next message is understood with it."""
        self._looked = 0.0

    def current(self, session: Session) -> tuple[Rulebook, Lexicon]:
        """Both, as of the publications, master data and taught words that this session sees."""
        if self._lexicon is not None and time.monotonic() - self._looked < FRESH_SECONDS:
            return self.rulebook, self._lexicon
        version = master_version(session)
        self._looked = time.monotonic()
        if self._lexicon is None or self._version != version:
            with self._building:
                if self._lexicon is None or self._version != version:
                    self._take_published(session)
                    self.rulebook, self._lexicon = known_to(session, self._good.rules)
                    compiled(self.rulebook)  # here, so that no message has to wait for it
                    self._version = version
        return self.rulebook, self._lexicon

    def in_force(self, session: Session) -> InForce:
        """The rulebook without taught words, and its files, as of this session."""
        with self._building:
            self._take_published(session)
            return self._good

    def keep(self, session: Session, now: datetime) -> None:
        """Keep the installation's rulebook, so that it can hold again once its files are broken."""
        if self._installed:
            publishing.keep_installed(session, self._installed, now)

    def _installation(self, directory: Path | None) -> InForce | None:
        try:
            return _read(rulebook.files(directory))
        except (RulebookError, OSError) as error:
            if directory is None:
                raise
            self._refuse(str(directory), error)
            return None

    def _take_published(self, session: Session) -> None:
        last = rulebooks.in_force(session)
        change = last.id if last else None
        if self._sought and change == self._change:
            return
        if self._installed:
            self.problems = ()
        self._good = next(self._candidates(session, last), self._good)
        self._sought, self._change = True, change  # only now: a look that failed is tried again

    def _candidates(self, session: Session, last: RulebookChangeRow | None) -> Iterator[InForce]:
        """What ought to be in force, then whatever held before, newest first."""
        row = rulebooks.version(session, last.version_id) if last else None
        if row is not None and self._installed:
            files = rulebooks.laid_over(session, row, self._installed.files)
            try:
                yield _read(files, carried_of(row))
            except RulebookError as error:
                self._refuse(f"version {row.id}", error)
        elif self._installed:
            yield self._installed
        for good in rulebooks.good_versions(session):
            try:
                yield InForce(of_version(session, good), rulebooks.files_of(session, good))
            except RulebookError as error:
                self._refuse(f"version {good.id}", error)

    def _refuse(self, what: str, error: Exception) -> None:
        log.error("the rulebook %s was not taken, the last good one stays in force:\n%s", what, error)
        self.problems = (*self.problems, f"{what}: {error}")


def _read(files: Files, carried: Carried | None = None) -> InForce:
    return InForce(rulebook.read(files, carried), files)


def known_to(session: Session, rules: Rulebook) -> tuple[Rulebook, Lexicon]:
    """This rulebook with the cues that were taught, and the company's names with the aliases that were."""
    learned = active_words(session)
    return with_cues(rules, learned), Lexicon.build(**with_aliases(all_names(session), learned))


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
