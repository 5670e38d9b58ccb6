"""Several customers in one breath: who of them gets how much, and what is said of each of them.

惠民3200，佳美1500 after one word for payments are two payments; 惠民和佳美各要10箱 are two orders; of
惠民和佳美要了20箱 only the speaker knows who gets how much, so it is asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from nlu.language.events import Event
from nlu.language.mentions import Mention
from nlu.language.spans import HARD, LETTERS, SOFT, Scan, Span

_VALUES = {
    "payment": ("money", "price"),
    **dict.fromkeys(
        ("order", "order_intent", "stock_check", "sample", "sample_request", "complaint"), ("quantity",)
    ),
}
"""By what a form is told of each customer anew."""
_JOINED = re.compile("[和跟及与、]|，?(?:还有|以及)|，[和跟]")
_BESIDE = re.compile(f"{_JOINED.pattern}|，")
"""A comma alone joins where the words say that all of them are meant."""
_GOODS = LETTERS["product"] + LETTERS["quantity"] + LETTERS["money"]
_EACH = re.compile(
    f"[^{SOFT}{_GOODS}]{{0,3}}?(?:[都各均]|每家|一家|每人|一人|全部?|统统|一样)"
    f"|[^{SOFT}{_GOODS}]{{0,8}}(?:每家|[都各])"
)
"""Of 原味和草莓各10箱, 各 tells of the products."""
_TOGETHER = re.compile(f"[^{SOFT}]*(?:一共|总共|合计|共计|加起来|总计)")
_RESPECTIVELY = re.compile(f"[^{SOFT}]{{0,4}}(?:分别|依次)")


def portions(events: Sequence[Event], scan: Scan) -> list[Event]:
    """One event for each customer with a sum or an amount of his own."""
    return [part for event in events for part in _portions(event, scan)]


def _portions(event: Event, scan: Scan) -> list[Event]:
    kinds = _VALUES.get(event.form)
    named = [s for s in scan.spans if s.kind == "customer" and event.left <= s.at < event.right]
    if kinds is None or not named:
        return [event]
    ends = [*(s.at for s in named[1:]), event.right]
    own = [
        span
        for span, end in zip(named, ends, strict=True)
        if any(s.kind in kinds and span.at < s.at < end for s in scan.spans)
    ]
    if _goes_over(event, named, scan) and own:
        # 早餐奶没了；福满家纯奶30: what was told before goes to whom it was told of.
        rest = replace(event, left=own[0].at, right=event.right, start=own[0].at, end=own[0].at + 1)
        return [replace(event, right=own[0].at), *_cut_up(rest, own)]
    return _cut_up(event, own) if len({span.value for span in own}) > 1 else [event]


def _goes_over(event: Event, named: Sequence[Span], scan: Scan) -> bool:
    """Whether the words of an event are over before the first customer of its stretch begins a sentence of his own."""
    before = any(s.kind == "customer" and s.at < event.left for s in scan.spans)
    between = scan.masked[event.end : named[0].at]
    return before and event.end <= named[0].at and between.endswith(tuple(HARD))


def _cut_up(event: Event, own: Sequence[Span]) -> list[Event]:
    places = [event.left, *(span.at for span in own[1:]), event.right]
    return [
        replace(event, left=left, right=right, whose=span)
        if left <= event.start < right
        else replace(
            event,
            start=span.at,
            end=span.at + 1,
            solid=frozenset({span.at}),
            left=left,
            right=right,
            whose=span,
        )
        for span, (left, right) in zip(own, pairwise(places), strict=True)
    ]


def listed(spans: Sequence[Span], masked: str, joined: re.Pattern[str] = _BESIDE) -> list[Span]:
    """The customers of a list that begins with the first of them: 惠民、永旺和佳美."""
    run = [spans[0]]
    for span in spans[1:]:
        if not joined.fullmatch(masked[run[-1].at + 1 : span.at]):
            break
        run.append(span)
    return run


def list_with(span: Span, mentions: Sequence[Span], scan: Scan, start: int) -> tuple[list[Span], bool]:
    """The list to which this customer belongs, at the least itself, and whether what is told at `start` holds for
    each of its customers."""
    for joined in (_BESIDE, _JOINED):
        run = next(
            run
            for number in range(len(mentions))
            if span in (run := listed(mentions[number:], scan.masked, joined))
        )
        if len(run) > 1 and of_each(run, scan, start):
            return run, True
    return run, False


def of_each(run: Sequence[Span], scan: Scan, start: int) -> bool:
    """Whether what is told holds for each customer of the list: 各, 都, 每家 after it, or in the clause at `start`."""
    after = run[-1].at + 1
    if _TOGETHER.match(scan.masked, after):
        return False
    if _EACH.match(scan.masked, after):
        return True
    left, right = scan.soft_clause(start)
    return left > after and bool(
        re.match(f"[^{SOFT}{_GOODS}]{{0,6}}(?:[都各]|每家)", scan.masked[left:right])
    )


def respectively(run: Sequence[Span], scan: Scan) -> bool:
    """惠民、佳美分别订了10箱、5箱: to each his own, in the order in which they were named."""
    return len(run) > 1 and _RESPECTIVELY.match(scan.masked, run[-1].at + 1) is not None


def whoever(run: Sequence[Span]) -> Mention:
    """One of these customers, and only the speaker knows which."""
    codes = tuple(dict.fromkeys(code for span in run for code in span.value.codes))
    return Mention(codes, "、".join(dict.fromkeys(s.words for s in run)), sure=False)
