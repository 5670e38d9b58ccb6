"""Whether a stretch of minutes is something to do, and the short words for it: without who and until when."""

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.forms import Rulebook
from nlu.language.matching import word_pattern
from nlu.language.spans import Scan
from nlu.todos.agents import CUSTOMER, DATE, SIGNS
from nlu.todos.dues import Due

LONGEST = 60
_SPLIT = re.compile(r"[，。；！!？?、（）()]+|(?<=[^\d])[-—–]+")
_ASKS = re.compile(r"[？?吗呢]$|^(?:要不要|是不是|能不能|可不可以|谁|怎么|为什么|什么时候|有没有|哪)|(?:什么时候|没有？|怎么样)")
_DONE = re.compile(r"已经?(?!.{0,8}的.)|(?<![为除忘])了(?![解结])|(?:完毕|做完|发过|处理好|结束)$")
_LASTING = re.compile(r"别忘了|了(?:吧|没)")
_GLUE_BEFORE = re.compile(r"(?:截止到?|截至|期限|最晚|最迟|时间|日期|于|在|到|须|的)(?:时间|日期)?(?:是|为|[：:])?$")
_GLUE_AFTER = re.compile(r"^(?:之?前|以前|内|就|要|再|的时候)+")
_LEAD = re.compile(
    r"^(?:然后|那个|还有|另外|同时|并且|以及|最后|其中|接着|后面|后|再就是|就是|那|嗯|好的?|行|第.[个条件]?|[一二三四五六]是|需要|需|要|得|须|应该|应|会|将(?!.{2,}给)|负责(?=.)|这边|同学|自己|[他她](?:会|要)?|你|任务是|事项)+"
)
_NOTHING = re.compile(
    r"^(?:都|均|要|需|须|必须|务必|全部|统一|请|由|在|于|并|就|得|可以)*(?:完成|到位|搞定|办完|办好|做完|就要|截止|为止|结束|配合|跟进|负责|牵头|参与|截止时间|完成时间|时间|期限|责任人|负责人|待定|收到|没问题|好的?|行|明白)?(?:之?前|内|掉|好|完|了|吧|[：:])*$"
)
_ONLY_VERB = re.compile(r"^(?:来|去)?(?:负责|跟进|牵头|主导|承担|来|去)*(?P<verb>.{0,4})$")


@dataclass(frozen=True)
class Judge:
    """The words of the rulebook, ready."""

    actions: re.Pattern[str]
    must: re.Pattern[str]
    vague: re.Pattern[str]
    reported: re.Pattern[str]
    promised: re.Pattern[str]
    dropped: re.Pattern[str]
    opening: re.Pattern[str]
    talks: re.Pattern[str]

    def judge(
        self,
        seen: Scan,
        stretch: tuple[int, int],
        gone: list[tuple[int, int]],
        due: Due | None,
        *,
        topic: bool,
        firm: bool,
        somebody: str,
        section: str,
        listed: bool,
    ) -> str | None:
        """The title of the to-do in this stretch; None where there is none. `gone` are the places of its owners."""
        text = seen.masked[stretch[0] : stretch[1]]
        told = due is not None
        clauses = list(_clauses(seen, stretch, gone, due))
        kept: list[str] = []
        for place, clause in enumerate(clauses):
            if topic and place > 0 and kept and _NOTHING.match(clause.masked):
                continue
            worth = self._clause(clause, told, somebody, first=not kept, listed=listed or section == "open")
            if worth == "stop" and not kept:
                return None
            if worth == "stop":
                break
            if worth == "keep":
                kept.append(clause.words)
        if not kept or not self._is_matter(text, clauses, told, firm, somebody, section, listed):
            return None
        title = self._polished("，".join(kept), topic, clauses)
        return title if 2 <= len(title) else None

    def _clause(self, clause: "_Clause", told: bool, somebody: str, *, first: bool, listed: bool) -> str:
        """keep, skip (context) or stop (it is done, dropped, asked or only said)."""
        masked = clause.masked
        if not masked or _NOTHING.match(masked):
            return "skip"
        promised = self.promised.match(masked)
        if promised:
            if not told and "会" not in masked[:8]:
                return "stop"
            masked = masked[promised.end() :]
        elif self.reported.match(masked) or (not somebody and self.talks.match(masked)):
            return "stop"
        if _ASKS.search(masked) and not self.actions.match(masked):
            return "stop"
        if self._is_dropped(masked, told and bool(somebody)):
            return "stop"
        if _DONE.search(masked) and not _LASTING.search(masked) and not (told or self._to_come(masked)):
            return "stop"
        if first:
            return "keep"
        return "keep" if self.actions.match(_LEAD.sub("", masked)) else "skip"

    def _is_dropped(self, masked: str, sure: bool) -> bool:
        found = self.dropped.search(masked)
        if not found:
            return False
        at_end = re.fullmatch(r"[了吧掉。]*", masked[found.end() :]) is not None
        return at_end or (found.start() <= 2 and not sure)

    def _to_come(self, masked: str) -> bool:
        return bool(re.match("(?:要|需|得|再|先|顺便|把.*了$|尽快|记得)", masked) and not re.search("已|过了", masked))

    def _is_matter(
        self,
        text: str,
        clauses: list["_Clause"],
        told: bool,
        firm: bool,
        somebody: str,
        section: str,
        listed: bool,
    ) -> bool:
        acts = any(self.actions.match(_LEAD.sub("", c.masked)) for c in clauses)
        must = bool(self.must.search(text))
        if section == "open":
            return bool(somebody) or acts or told or listed
        if somebody in ("person", "self", "unknown", "many"):
            return firm or told or acts or (must and somebody != "many")
        if somebody in ("outside", "you"):
            return told and (listed or firm)
        return listed and section != "talk" and acts and (told or section == "")

    def _polished(self, title: str, topic: bool, clauses: list["_Clause"]) -> str:
        title = self.opening.sub("", title, count=1) if self.opening.match(title) else title
        for _ in range(3):
            title = _LEAD.sub("", self.vague.sub("", title)).strip(SIGNS + " ，.")
        if topic:
            title = _verb_first(title)
        return title[:LONGEST].strip(SIGNS + " ，.")


def _verb_first(title: str) -> str:
    """佳美的回款\x1f跟进 as 跟进佳美的回款."""
    what, _, verb = title.partition("\x1f")
    verb = verb.strip(SIGNS + " ")
    what = what.strip(SIGNS + " ")
    if not verb or verb.startswith(("负责", "完成")):
        return what
    return verb.lstrip("来") + what if "，" not in verb else f"{what}，{verb}"


@dataclass(frozen=True)
class _Clause:
    masked: str
    words: str


def _clauses(seen: Scan, stretch: tuple[int, int], gone: list[tuple[int, int]], due: Due | None) -> list[_Clause]:
    """The clauses of the stretch without who is to act and until when; \x1f marks where the owner stood."""
    start, end = stretch
    text = seen.masked
    taken = bytearray(len(text) + 1)
    for a, b in gone:
        taken[a:b] = b"\1" * (b - a)
    if due is not None and start <= due.at < end:
        before = _GLUE_BEFORE.search(text[start : due.at])
        after = _GLUE_AFTER.match(text[due.at + 1 : end])
        a = start + before.start() if before else due.at
        b = due.at + 1 + (after.end() if after else 0)
        taken[a:b] = b"\2" * (b - a)
    found: list[_Clause] = []
    masked: list[str] = []
    words: list[str] = []

    def close() -> None:
        bare = re.sub(r"\x1f", "", "".join(masked)).strip()
        if bare or "\x1f" in words:
            found.append(_Clause(_LEAD.sub("", bare), "".join(words)))
        masked.clear()
        words.clear()

    at = start
    while at < end:
        if taken[at]:
            if taken[at] == 1 and "\x1f" not in words:
                words.append("\x1f")
            at += 1
            continue
        cut = _SPLIT.match(text, at)
        if cut and not (text[at] in "（(" and cut.end() >= end):
            close()
            at = min(cut.end(), end)
            continue
        masked.append(text[at])
        words.append(seen.words(at, at + 1))
        at += 1
    close()
    return found


@lru_cache(maxsize=8)
def _judge(version: str, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Judge:
    words = dict(lists)
    return Judge(
        actions=word_pattern(words["actions"]),
        must=word_pattern(words["must"]),
        vague=word_pattern(words["vague"]),
        reported=word_pattern(words["reported"]),
        promised=word_pattern(words["promised"]),
        dropped=word_pattern(words["dropped"]),
        opening=word_pattern(words["opening"], "(?:[：:，]|的?是)*"),
        talks=re.compile(r"(?:讨论|大家(?:认为|觉得|讨论)|会上(?:讨论|分析)|分析|回顾|通报|先看)"),
    )


def judge_of(rulebook: Rulebook) -> Judge:
    names = ("actions", "must", "vague", "reported", "promised", "dropped", "opening")
    return _judge(rulebook.version, tuple((n, rulebook.words("todos", n)) for n in names))
