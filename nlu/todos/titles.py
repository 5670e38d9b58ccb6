"""Whether a stretch of minutes is something to do, and the short words for it: without who and until when."""

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.forms import Rulebook
from nlu.language.matching import word_pattern
from nlu.language.spans import Scan
from nlu.todos.agents import DATE, SIGNS
from nlu.todos.dues import Due

LONGEST = 60
_SPLIT = re.compile(r"[，。；！!？?（）()]+|(?<=[^\d])[-—–]+")
_ASKS = re.compile(
    r"[？?吗呢]$|^(?:要不要|是不是|能不能|可不可以|谁|怎么|为什么|什么时候|有没有|哪)|(?:什么时候|没有？|怎么样)"
)
_DONE = re.compile(r"已经?(?!.{0,8}的.)|(?<![为除忘])了(?![解结])|(?:完毕|做完|发过|处理好|结束)$")
_LASTING = re.compile(r"别忘了|了(?:吧|没)")
_GLUE_BEFORE = re.compile(
    r"(?:截止到?|截至|期限|最晚|最迟|时间|日期|于|在|到|须|的)(?:时间|日期)?(?:是|为|[：:])?$"
)
_GLUE_AFTER = re.compile(r"^(?:之?前|以前|内|就|要|再|的时候)+")
_LEAD = re.compile(
    r"^(?:至于|关于|对于|针对|呢|就(?=[先把去请麻由])|先(?=[把去])|各自|分别|然后|那个|还有|另外|同时|并且|并|以及|最后|其中|接着|后面|后|再就是|就是|那|嗯|好的?|行|第.[个条件]?|[一二三四五六]是|需要|需|要|得|须|应该|应|会|将(?!.{2,}给)|负责(?=.)|这边|同学|一起|共同|自己|[他她](?:会|要)?|你|来(?=.{2})|任务是|事项)+"
)
_NOTHING = re.compile(
    r"^(?:都|均|要|需|须|必须|务必|全部|统一|请|由|在|于|并|就|得|可以)*(?:完成|到位|搞定|办完|办好|做完|就要|截止|为止|结束|配合|跟进|负责|牵头|参与|截止时间|完成时间|时间|期限|责任人|负责人|待定|收到|没问题|好的?|行|明白)?(?:之?前|内|掉|好|完|了|吧|[：:])*$"
)
_HELPED = re.compile(r"^.{1,4}?(?:来)?(?:配合|协助|支持|辅助|帮忙|协同)(?:一下)?$")
_ATTEND = re.compile(r"(?:准时|按时|积极|踊跃)?(?:参加|出席|到会|知悉|知晓|注意|重视|努力|加油)")
_FOLLOWS_UP = re.compile(r"(?:来|去)?(?:跟进|落实)(?:一下)?")
_TO_COME = re.compile(r"(?:要|需|得|再|先|顺便|尽快|记得|将|会)(?!.*(?:已|过了))")


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
        asked: bool,
        somebody: str,
        section: str,
        listed: bool,
    ) -> str | None:
        """The title of the to-do in this stretch; None where there is none. `gone` are the places of its owners."""
        clauses = list(_clauses(seen, stretch, gone, due, topic=topic))
        told = due is not None
        kept: list[_Clause] = []
        for clause in clauses:
            bare = self._bare(clause)
            worth = self._clause(bare, told or asked, somebody, first=not kept)
            if topic and kept and bare.acted and _FOLLOWS_UP.fullmatch(bare.masked):
                worth = "keep"
            if worth == "stop" and not kept:
                return None
            if worth == "stop":
                break
            if worth == "keep":
                kept.append(bare)
        if not kept or not self._is_matter(seen, stretch, kept, told, firm, somebody, section, listed):
            return None
        title = _verb_first(kept) if topic else "，".join(k.text for k in kept)
        title = title[:LONGEST].strip(SIGNS + " ，.")
        return title if len(title) >= 2 else None

    def _bare(self, clause: "_Clause") -> "_Clause":
        """Without the words that open or hurry: 最后定下来…, 需要尽快…."""
        for _ in range(4):
            for pattern in (self.opening, _LEAD, self.vague):
                if found := pattern.match(clause.masked):
                    clause = clause.after(found.end())
        return clause

    def _clause(self, clause: "_Clause", told: bool, somebody: str, *, first: bool) -> str:
        """keep, skip (context) or stop (it is done, dropped, asked or only said)."""
        masked = clause.masked
        if len(masked) < 2 or _NOTHING.match(masked) or _HELPED.match(masked):
            return "skip"
        if somebody == "many" and _ATTEND.match(masked):
            return "stop"
        if self.reported.match(masked) or (not somebody and self.talks.match(masked)):
            return "stop"
        if promised := self.promised.match(masked):
            if not told and "会" not in masked[:8]:
                return "stop"
            clause.drop(promised.end())
            clause.drop(len(_LEAD.match(clause.masked).group()) if _LEAD.match(clause.masked) else 0)  # type: ignore[union-attr]
            masked = clause.masked
        if _ASKS.search(masked) and not self.actions.match(masked):
            return "stop"
        if self._is_dropped(masked, told and bool(somebody)):
            return "stop"
        if _DONE.search(masked) and not _LASTING.search(masked) and not (told or _TO_COME.match(clause.said)):
            return "stop"
        if first:
            return "keep"
        return "keep" if self.actions.match(masked.lstrip(DATE)) else "skip"

    def _is_dropped(self, masked: str, sure: bool) -> bool:
        found = self.dropped.search(masked)
        if not found:
            return False
        at_end = re.fullmatch(r"[了吧掉。]*", masked[found.end() :]) is not None
        return at_end or (found.start() <= 2 and not sure)

    def _is_matter(
        self,
        seen: Scan,
        stretch: tuple[int, int],
        kept: list["_Clause"],
        told: bool,
        firm: bool,
        somebody: str,
        section: str,
        listed: bool,
    ) -> bool:
        acts = any(self.actions.match(c.masked) for c in kept)
        must = bool(self.must.search(seen.masked[stretch[0] : stretch[1]]))
        if section == "open":
            return bool(somebody) or acts or told or listed
        if somebody in ("person", "self", "unknown", "many"):
            return firm or told or acts or (must and somebody != "many")
        if somebody == "you":
            return told or acts
        if somebody == "outside":
            return told and (listed or firm)
        return listed and section == "" and acts


def _verb_first(kept: list["_Clause"]) -> str:
    """佳美的回款由李伟跟进 as 跟进佳美的回款; what is left of 试吃活动由许静负责 is 试吃活动."""
    what = kept[0].text.removesuffix("的事").removesuffix("这事")
    kept[1:] = [k for k in kept[1:] if k.text]
    rest = [k.text for k in kept[1:]]
    if rest and kept[1].acted and len(verb := rest[0].removeprefix("来").removesuffix("了")) <= 4:
        return "，".join([f"{verb}{what}", *rest[1:]])
    return "，".join([what, *rest])


@dataclass
class _Clause:
    """A clause letter by letter: as masked, and as said. `said` keeps what led to it."""

    letters: list[str]
    words: list[str]
    said: str = ""
    acted: bool = False
    """Follows who is to act at once: 由李伟跟进."""

    def __post_init__(self) -> None:
        self.said = self.said or self.masked

    @property
    def masked(self) -> str:
        return "".join(self.letters)

    @property
    def text(self) -> str:
        return "".join(self.words).strip(SIGNS + " ，.")

    def after(self, count: int) -> "_Clause":
        return _Clause(self.letters[count:], self.words[count:], self.said, self.acted)

    def drop(self, count: int) -> None:
        del self.letters[:count], self.words[:count]


def _clauses(
    seen: Scan, stretch: tuple[int, int], gone: list[tuple[int, int]], due: Due | None, *, topic: bool
) -> list[_Clause]:
    """The clauses of the stretch without who is to act and until when.

    What stands before who is to act counts only where it is the matter itself (`topic`).
    """
    start, end = stretch
    text = seen.masked
    taken = bytearray(len(text) + 1)
    for a, b in gone:
        taken[a if topic else start : b] = b"\1" * (b - (a if topic else start))
    if due is not None and start <= due.at < end:
        before = _GLUE_BEFORE.search(text[start : due.at])
        after = _GLUE_AFTER.match(text[due.at + 1 : end])
        a = start + before.start() if before else due.at
        b = due.at + 1 + (after.end() if after else 0)
        taken[a:b] = b"\2" * (b - a)
    for span in seen.spans:
        if span.kind == "date" and span.value.kind in ("recurring", "vague") and taken[span.at - 1] == 1:
            taken[span.at] = 2
    found = [_Clause([], [])]
    at = start
    while at < end:
        cut = _SPLIT.match(text, at)
        if taken[at] == 1 or cut:
            found.append(_Clause([], [], acted=taken[at] == 1))
        elif not taken[at]:
            found[-1].letters.append(text[at])
            found[-1].words.append(seen.words(at, at + 1))
        at = max(cut.end() if cut and taken[at] != 1 else at + 1, at + 1)
    return [_Clause(c.letters, c.words, acted=c.acted) for c in found if c.masked.strip()]


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
