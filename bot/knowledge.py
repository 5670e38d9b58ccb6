"""What understanding knows: the rulebook and the names of this company, rebuilt when the master data change."""

import threading
import time

from sqlmodel import Session

from config.rulebook import Rulebook
from nlu.language.lexicon import Lexicon
from storage.people import all_names, master_version

FRESH_SECONDS = 0.5
"""How long changed names may go unnoticed."""


class Knowledge:
    """Shared by all threads of a process."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self._lexicon: Lexicon | None = None
        self._version = -1
        self._looked = 0.0
        self._building = threading.Lock()

    def current(self, session: Session) -> tuple[Rulebook, Lexicon]:
        """Both, as of the master data that this session sees."""
        if self._lexicon is not None and time.monotonic() - self._looked < FRESH_SECONDS:
            return self.rulebook, self._lexicon
        version = master_version(session)
        self._looked = time.monotonic()
        if self._lexicon is None or self._version != version:
            with self._building:
                if self._lexicon is None or self._version != version:
                    self._lexicon, self._version = Lexicon.build(**all_names(session)), version
        return self.rulebook, self._lexicon
