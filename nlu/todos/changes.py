"""Words that change a to-do that stands: 那个发报价的待办改到下周一, 取消给华联送样的待办, 把交周报的待办交给小李."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from domain.intents.records import Said
from nlu.language.lexicon import Lexicon
from nlu.language.numbers import exact
from nlu.language.times import find_times
from nlu.todos.dues import said_due
from nlu.todos.owners import said_owner
from nlu.todos.reading import roster

_WORD = r"(?:会议)?(?:待办|任务)(?:事项)?"
_PLEASE = r"(?:请|帮我)?(?:把|将)?"
_THAT = r"(?:那个|那条|这个|这条|我的)?(?P<title>[^，。；\n]{2,40}?)(?:的|那个|这个|那条|这条)*" + _WORD
_QUOTED = _WORD + r"[：:\s]*[“\"「](?P<quoted>[^”\"」]{2,60})[”\"」]"
_TODO = rf"{_PLEASE}(?:{_THAT}|{_QUOTED})"
_CANCELS = (
    re.compile(rf"{_PLEASE}(?:取消|删掉|删除|去掉|作废)(?:掉)?(?:{_THAT}|{_QUOTED})(?:吧|了)?"),
    re.compile(rf"{_TODO}(?:就)?(?:取消|不做|不要|不用做|作废|删掉)(?:了|吧)*"),
)
_MOVES = re.compile(
    rf"{_TODO}，?(?:的?(?:时间|截止|日期|期限))?"
    r"(?:改到|改成|改为|推迟到|推到|延到|延期到|提前到|挪到|放到)(?P<rest>.{1,12}?)(?:完成|交|吧|前|之前)*"
)
_GIVES = re.compile(
    rf"{_TODO}，?(?:改给|转给|交给|分给|换给|派给|给|让|改由|换成|由)"
    r"(?P<rest>[^，。\s]{1,8}?)(?:来?(?:负责|跟进|做|处理|办)|吧|去做)*"
)
_SIGNS = re.compile(r"[。！!？?~～\s]+$")
LONGEST = 120
_NUMBER = re.compile(r"第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})[条个项]?")
_SELF = frozenset({"我", "我来", "本人", "我自己", "自己"})


@dataclass(frozen=True)
class Changed:
    title: str
    number: int = 0
    """Of his list, where he says so instead of a title."""
    owner: Said | None = None
    due: Said | None = None
    cancel: bool = False


def change_said(text: str, *, now: datetime, lexicon: Lexicon, speaker: str) -> Changed | None:
    """What the words change; None where they are about no to-do, or the new value is no day and nobody's name."""
    words = _SIGNS.sub("", text.strip())
    if len(words) > LONGEST or not re.search(_WORD, words):
        return None
    for pattern in _CANCELS:
        if match := pattern.fullmatch(words):
            return replace(_which(match), cancel=True)
    if match := _MOVES.fullmatch(words):
        for when in find_times(match["rest"], now):
            if when.start == 0 and when.end == len(match["rest"]):
                due = said_due(when, match["rest"], now.date())
                return replace(_which(match), due=due) if due else None
    if match := _GIVES.fullmatch(words) or _MOVES.fullmatch(words):
        if match["rest"] in _SELF:
            return replace(_which(match), owner=Said(value=speaker, words=match["rest"]))
        ids = roster(lexicon).who(match["rest"])
        owner = said_owner(ids, match["rest"]) if ids else None
        return replace(_which(match), owner=owner) if owner else None
    return None


def _which(match: re.Match[str]) -> Changed:
    found = match.groupdict()
    title = str(found.get("title") or found.get("quoted") or "").strip('“”"「」 ')
    numbered = _NUMBER.fullmatch(title)
    return Changed("", number=int(exact(numbered["n"]) or 0)) if numbered else Changed(title)
