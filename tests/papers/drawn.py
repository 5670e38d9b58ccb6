"""A paper that was drawn, and what a perfect reader would find on it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.papers.contents import Chance
from tests.papers.paper import Paper, Picture


@dataclass(frozen=True)
class Drawn:
    kind: str
    """As `xiaofang read` names it."""
    fields: dict[str, str]
    paper: Paper
    code: Picture | None = None
    """The QR code that was put at the top left, where there is one."""

    @property
    def picture(self) -> Picture:
        return self.paper.cut()


Layout = Callable[[Chance, bool], Drawn]
"""Draws one paper; the second argument says whether it carries its QR code, where such papers have one."""
