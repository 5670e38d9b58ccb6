"""The company's rules on files read from the terminal: against one another, and against the books, read only."""

from collections import defaultdict
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.papers import InvoicePolicy, Paper, Seen, company_checks, plain_name
from handlers.receipts import EXPENSE_KINDS, paper_of
from storage.invoices import Invoices
from storage.store import Store


class Register:
    """Remembers the papers of all files that it was shown. Nothing is written; `store` None: no books to look in."""

    def __init__(self, policy: InvoicePolicy, now: datetime, store: Store | None = None) -> None:
        """`now` in the company's zone."""
        self.policy, self.now = policy, now
        self._shown: dict[str, Seen] = {}
        self._of_day: dict[tuple[str, str], list[Seen]] = defaultdict(list)
        self._open = ExitStack()
        session = self._open.enter_context(store.read()) if store else None
        self._books = Invoices(session, who="", now=now) if session else None

    def checked(self, read: dict[str, Any], name: str, content: bytes) -> dict[str, Any]:
        """The JSON of what was read in a file, with what the company's rules say of each document."""
        digest = sha256(content).hexdigest()
        documents = [
            document
            | {"checks": [*self._checks(paper_of(document, index), name, digest), *document["checks"]]}
            if document["kind"] in EXPENSE_KINDS
            else document
            for index, document in enumerate(read["documents"])
        ]
        return read | {"documents": documents}

    def _checks(self, paper: Paper, name: str, digest: str) -> list[dict[str, Any]]:
        key = paper.key(digest)
        place = (plain_name(paper.seller), paper.day)
        earlier = self._shown.get(key) or (self._books.earlier(key) if self._books else None)
        beside = [*self._of_day[place], *(self._books.neighbours(paper) if self._books else [])]
        found = company_checks(paper, key, self.policy, self.now, earlier, beside if all(place) else [])
        shown = Seen(key=key, who=f"文件 {name}", own=False, state="beside")
        self._shown.setdefault(key, shown)
        self._of_day[place].append(shown)
        return [check.model_dump(mode="json") for check in found]

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> "Register":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
