"""Words that put a list of proposed to-dos right (第二条给张敏, 第三条不要, 第一条改到周五), or say who is to do it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.forms import Rulebook
from domain.intents.records import Question, RecordIntent, Said
from domain.intents.talk import Change
from nlu.dialogue.changes import applied
from nlu.dialogue.corrections import Correction
from nlu.language.lexicon import Lexicon
from nlu.language.numbers import exact
from nlu.language.times import find_times
from nlu.todos.dues import said_due
from nlu.todos.owners import Roster, said_owner
from nlu.todos.reading import FORM, roster
from nlu.understanding import first_question

LONGEST = 200
_ORDINAL = re.compile(
    r"(?:把|请把|将)?(?:第?(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})(?:[条个项]|号)?(?:待办)?|(?P<last>最后一[条个项]|最后那[条个项])|(?P<all>全部|所有的?|都|统一))(?:的)?[，：:]?"
)
_DROP_FIRST = re.compile(r"(?:把)?(?:删掉|去掉|删除|不要|取消|划掉|不记)(?P<rest>(?:第|最后).+?)(?:吧|了)?")
_DROPPED = re.compile(
    r"(?:就|也)?(?:不要了?|去掉|删掉|删了|删除|不算|取消|不记了?|作废|划掉|不用记|不用做了?|已经?(?:完成|做完|搞定)了?|(?:完成|做完)了)(?:吧|了)?"
)
_TO = re.compile(
    r"(?:的)?(?:责任人|负责人)?(?:是|为|改成|改为|改给|换成|换给|转给|交给|分给|给|归|由|让|让给|派给|应该是|应该给|[：:])+(?P<who>[^，。]{1,8}?)(?:来?(?:负责|跟进|做|处理|办)|去做|吧)*"
)
_UNTIL = re.compile(
    r"(?:的)?(?:时间|截止时间|截止日期|截止|日期|期限)?(?:改到|改成|改为|改在|推迟到|推到|延到|延期到|提前到|放到|挪到|是|到|截止|改)?(?P<when>.+?)(?:完成|交|吧)*"
)
_RENAMED = re.compile(
    r"(?:的)?(?:内容|事项|标题)?(?:改成|改为|应该是|写成|内容是|事项是)[“\"]?(?P<title>.{2,60}?)[”\"]?"
)
_WHO_ONLY = re.compile(
    r"(?:由|给|让|是|归)?(?P<who>[^，。\s]{1,6}?)(?:来?(?:负责|跟进|做|处理)|去做|吧|啊|呀)*"
)
_SELF = frozenset({"我", "我来", "本人", "我自己", "自己"})


@dataclass(frozen=True)
class TodoReader:
    """Corrects the to-dos of one proposal."""

    records: tuple[RecordIntent, ...]
    question: Question | None
    now: datetime
    lexicon: Lexicon
    rulebook: Rulebook
    speaker: str

    def correct(self, text: str) -> Correction | None:
        """What `text` changes; None where it is no correction of a list, or any part of it is not understood."""
        said = text.strip().rstrip("。！!吧")
        if not self.records or len(said) > LONGEST or any(r.form != FORM for r in self.records):
            return None
        if answered := self._answer(said):
            return self._made([answered], ())
        changes: list[Change] = []
        drops: set[int] = set()
        meant: tuple[int, ...] = (0,) if len(self.records) == 1 else ()
        for clause in filter(None, re.split(r"[，,。；;\n]", said)):
            part = self._clause(clause.strip(), meant)
            if part is None:
                return None
            meant = part[0]
            changes += part[1]
            drops |= part[2]
        return self._made(changes, tuple(sorted(drops))) if changes or drops else None

    def _clause(
        self, clause: str, meant: tuple[int, ...]
    ) -> tuple[tuple[int, ...], list[Change], set[int]] | None:
        if first := _DROP_FIRST.fullmatch(clause):
            clause = f"{first['rest']}不要"
        named = _ORDINAL.match(clause)
        if named:
            indexes = self._indexes(named)
            rest = clause[named.end() :]
        else:
            indexes, rest = meant, clause
        if not indexes:
            return None
        if _DROPPED.fullmatch(rest):
            return indexes, [], set(indexes)
        found = [change for index in indexes for change in self._changes(index, rest)]
        return (indexes, found, set()) if found else None

    def _indexes(self, named: re.Match[str]) -> tuple[int, ...]:
        if named["all"]:
            return tuple(range(len(self.records)))
        number = len(self.records) if named["last"] else int(exact(named["n"]) or 0)
        return (number - 1,) if 0 < number <= len(self.records) else ()

    def _changes(self, index: int, rest: str) -> Iterator[Change]:
        if (match := _TO.fullmatch(rest)) and (owner := self._owner(match["who"])):
            yield Change(index=index, field="owner", said=owner)
        elif (match := _UNTIL.fullmatch(rest)) and (due := self._due(match["when"])):
            yield Change(index=index, field="due", said=due)
        elif match := _RENAMED.fullmatch(rest):
            yield Change(index=index, field="title", said=Said(value=match["title"], words=match["title"]))

    def _owner(self, words: str) -> Said | None:
        if words in _SELF:
            return Said(value=self.speaker, words=words)
        ids = self._roster().who(words)
        return said_owner(ids, words) if ids else None

    def _due(self, words: str) -> Said | None:
        for when in find_times(words, self.now):
            if when.start == 0 and when.end == len(words):
                return said_due(when, words, self.now.date())
        return None

    def _answer(self, said: str) -> Change | None:
        """The name of whoever is to do what was asked about."""
        question = self.question
        if question is None or question.field != "owner" or question.index >= len(self.records):
            return None
        match = _WHO_ONLY.fullmatch(said)
        owner = self._owner(match["who"]) if match else None
        if owner is None or owner.value is None:
            return None
        return Change(index=question.index, field="owner", said=owner)

    def _roster(self) -> Roster:
        return roster(self.lexicon)

    def _made(self, changes: list[Change], drops: tuple[int, ...]) -> Correction:
        changed = applied(changes, self.records)
        left = [i for i in range(len(changed)) if i not in drops]
        question = first_question(tuple(changed[i] for i in left), self.rulebook, self.lexicon)
        sure = tuple(c for c in changes if c.said.value is not None)
        return Correction(sure, question, drops=drops)
