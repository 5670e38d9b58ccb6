"""Words about practising, and in it."""

from typing import Literal

from domain.values import Value


class PracticeLine(Value):
    """What somebody says to the customer of a practice talk."""

    intent: Literal["practice_line"] = "practice_line"
    practice: int
    words: str


PracticeWordName = Literal["pause", "resume", "stop", "hint", "today", "next", "progress", "appeal"]


class PracticeWord(Value):
    """A word about practising, rather than in it."""

    intent: Literal["practice_word"] = "practice_word"
    word: PracticeWordName
    practice: int = 0


class AppealWords(Value):
    """The words of a talk that somebody means, who says that a check was scored wrongly."""

    intent: Literal["appeal_words"] = "appeal_words"
    practice: int
    check: str
    words: str


class CaseWords(Value):
    """A lost deal is told for practice: the first words of it, or an answer to what was asked; or it is taken out."""

    intent: Literal["case_words"] = "case_words"
    case: int
    """0 for a new one."""
    words: str
    withdraws: bool = False
