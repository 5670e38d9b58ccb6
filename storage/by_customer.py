"""Queries over customers, made once: of all of them, of some by their codes, or, for very many, of all to be sifted."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam
from sqlmodel import Session

from storage.prepared import Prepared

AT_ONCE = 500
"""Codes that are looked up by one statement."""
MANY = 5000
"""For more customers than this everybody's rows are read."""


class ByCustomer:
    """`build` makes the query of one more condition; its rows have the code of their customer under `name`."""

    def __init__(
        self, code: ColumnElement[Any], name: str, build: Callable[[ColumnElement[bool]], Select[Any]]
    ) -> None:
        self.name = name
        self._of_all = Prepared(build(code.is_not(None)))
        self._of_some = Prepared(build(code.in_(bindparam("codes", expanding=True))))

    def rows(self, session: Session, codes: Collection[str] | None, **values: Any) -> Iterator[Any]:
        """`codes` None: of all customers."""
        if codes is None or len(codes) > MANY:
            for row in self._of_all.fetch(session, **values):
                if codes is None or getattr(row, self.name) in codes:
                    yield row
            return
        ordered = sorted(codes)
        for start in range(0, len(ordered), AT_ONCE):
            yield from self._of_some.fetch(session, codes=_padded(ordered[start : start + AT_ONCE]), **values)


def _padded(codes: list[str]) -> list[str]:
    """To a power of two by saying one code again, so that there are few lengths to have statements for."""
    return codes + codes[-1:] * ((1 << (len(codes) - 1).bit_length()) - len(codes))
