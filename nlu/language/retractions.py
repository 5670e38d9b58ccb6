"""What a speaker takes back in the same breath: 50箱，不对，是60箱; 本来今天，改明天."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.forms import Rulebook

if TYPE_CHECKING:
    from nlu.language.spans import Span


def correct_inside(text: str, spans: list["Span"], rulebook: Rulebook) -> list["Span"]:
    """订了50箱，不对，是60箱: the later value takes the place of the earlier one of its kind."""
    marks = _marks(rulebook.words("speech", "corrections"))
    kept: list[Span] = []
    mended = -2
    for span in spans:
        if span.kind == "product" and span.start - mended <= 1:
            # 8箱纯牛奶，啊不，是8箱早餐奶: the product belongs to the amount that is put right.
            earlier = next((s for s in reversed(kept) if s.kind == "product"), None)
            if earlier is not None:
                kept[kept.index(earlier)] = replace(earlier, value=span.value, words=span.words)
                continue
        named = kept[-1] if kept and kept[-1].kind == "product" and span.start - kept[-1].end <= 3 else None
        if named and marks.search(text[named.end : span.start]):
            named = None
        place = named.start if named else span.start
        lead = marks.search(text[max(0, place - 12) : place])
        earlier = _corrected(span, kept, named if lead else None, text)
        refused = _refused(span, kept, text)
        if refused is not None:
            kept.remove(refused)
            kept.append(span)
            continue
        moved = _moved(span, kept, text) or _denied(span, kept, text)
        if moved is not None:
            kept[kept.index(moved)] = replace(moved, value=span.value, words=span.words)
            continue
        if lead is None or earlier is None or max(0, place - 12) + lead.start() < earlier.end - 1:
            kept.append(span)
            continue
        if named is not None:
            kept.remove(named)
        kept[kept.index(earlier)] = replace(earlier, value=span.value, words=span.words)
        mended = span.end
    return kept


def _corrected(span: "Span", kept: list["Span"], named: "Span | None", text: str) -> "Span | None":
    """The value that `span` puts right: the last of its kind, or that of the product named beside it."""
    same = [s for s in kept if s.kind == span.kind]
    if named is None:
        near = same[-1] if same else None
        return near if near and span.start - near.end <= 14 and _comparable(near, span) else None
    places = [s for s in kept if s.kind == "product" and s.value == named.value and s is not named]
    beside = [q for q in same if any(abs(q.end - p.start) <= 2 or abs(p.end - q.start) <= 2 for p in places)]
    return next((q for q in reversed(beside) if _comparable(q, span)), None)


_MOVED = re.compile("现在说|，改$|改到|改成|推到|推迟到|延到|改为|又说|变成|换成|提前到|挪到|顺延到|拖到")


_DENIED = re.compile("[的\u4e00-\u9fff]{0,4}，(?:而|应该|其实)?是(?:在)?")


def _denied(span: "Span", kept: list["Span"], text: str) -> "Span | None":
    """不是今天的事，是上周五: what it was not gives way to what it was."""
    earlier = next((s for s in reversed(kept) if s.kind == span.kind), None)
    if earlier is None or not re.search("不是(?:在)?$", text[: earlier.start]):
        return None
    return (
        earlier if _DENIED.fullmatch(text, earlier.end, span.start) and _comparable(earlier, span) else None
    )


_CHANGED = re.compile(
    "(?:缩|扩|整|弄|做|扩大|降|改|变|换|加|减|调|涨|增加|减少|扩充|压缩|挤|砍)[成为到]了?|(?:增|减|涨|降|缩)至"
)
_AMOUNTS = ("quantity", "number")
_SLIP = re.compile("[啊呃嗯哦]?(?:不对|不是|错了|哦不|说错了?)[啊呃嗯哦]?(?:应该)?是?")
"""两个不是三个, with nothing between: a slip of the tongue."""
_FIRST = re.compile(
    "(?:先|本来|原来|一开始|开始|起初|原先|原本|刚才?|最早)(?:他|她)?(?:说|要|想|订|报|讲)*(?:了|是|的是|要|订)?$"
)
_THEN = re.compile("(?:又|后来|后面|改主意|改口|现在|最后|结果|临了|再)[^，。；]{0,6}$")
"""先说十五箱，又改主意说十二箱: only the last counts."""
_NOT_SO_MANY = re.compile("(?:不要|不是|不订|别订|别要|不补|不用|用不了|要不了)$")
_BUT = re.compile(
    "[的了\u4e00-\u9fff]{0,3}，(?:而|就|改|只|先|应该|其实|这次)?(?:要|是|订|补|来|拿|改成)(?:了|个)?"
)


def _refused(span: "Span", kept: list["Span"], text: str) -> "Span | None":
    """不要八箱，要五箱: the amount that is turned down before another one is told."""
    if span.kind not in _AMOUNTS:
        return None
    earlier = next((s for s in reversed(kept) if s.kind == span.kind), None)
    if earlier is None or not _comparable(earlier, span) or not _NOT_SO_MANY.search(text[: earlier.start]):
        return None
    return earlier if _BUT.fullmatch(text, earlier.end, span.start) else None


def _moved(span: "Span", kept: list["Span"], text: str) -> "Span | None":
    """本来说月底，现在说5号: the day that the later one takes the place of."""
    kinds = _AMOUNTS if span.kind in _AMOUNTS else (span.kind,)
    near = next((s for s in reversed(kept) if s.kind in kinds), None)
    if near is not None and _comparable(near, span):
        between = text[near.end : span.start]
        if _SLIP.fullmatch(between):
            return near
        if span.kind in _AMOUNTS and len(between) <= 8 and _CHANGED.search(between):
            return near
        changed_mind = len(between) <= 14 and _THEN.search(between) and "，" in between
        if span.kind in (*_AMOUNTS, "money", "price") and changed_mind and _FIRST.search(text[: near.start]):
            return near
    if span.kind != "date":
        return None
    earlier = next((s for s in reversed(kept) if s.kind == "date"), None)
    between = text[earlier.end : span.start] if earlier else ""
    before = text[: earlier.start] if earlier else ""
    if len(between) > 20 or not _MOVED.search(between):
        return None
    if between.endswith("，改"):
        return earlier
    return earlier if re.search("本来|原来|原定|原先|之前|说好|本|原|约", before[-8:]) else None


def _comparable(earlier: "Span", later: "Span") -> bool:
    return earlier.kind not in _AMOUNTS or earlier.value.unit == later.value.unit


@lru_cache(maxsize=8)
def _marks(words: tuple[str, ...]) -> re.Pattern[str]:
    """不对 puts right wherever it stands; 不是 and 错了 only at the beginning of a clause."""
    choice = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    tail = "[，、。]?(?:是|应该是|应该|改成|改为|改|要)?$"
    return re.compile(
        rf"(?:^|[，。、！\s])(?:{choice}){tail}|(?:不对|说错了|更正|口误|哦不){tail}|[，。](?:不|不不)，(?:是|改|改成|应该是)?$"
    )
