"""How far the words of each event reach: where one thing told ends and the next begins."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from nlu.language.spans import LETTERS, SOFT, Scan

if TYPE_CHECKING:
    from nlu.language.events import Event


def with_stretches(events: "list[Event]", scan: Scan) -> "list[Event]":
    """Cut the text between neighbouring events."""
    if not events:
        return []
    cuts = [0]
    for before, after in pairwise(events):
        cuts.append(_cut(before, after, scan.masked))
    cuts.append(len(scan.masked))
    return [
        replace(e, left=min(cuts[i], e.start), right=max(cuts[i + 1], e.end)) for i, e in enumerate(events)
    ]


_LEADS = re.compile("[他她它们说还又也就先再请让约另外然后接着店老板方那边" + LETTERS["date"] + "]")
_SPEAKS = re.compile(
    f"(?:[{LETTERS['contact']}他她]|老板|店长|采购|经理|客户)(?:还|又|也)?(?:说|觉得|认为|反映|表示|要求|告诉)"
)
"""Somebody begins to speak: what follows is told of him."""
_ANOTHER = re.compile(f"(?<!{LETTERS['customer']}[、和跟与及]){LETTERS['customer']}")
"""A customer that is no further one of a list."""
_NAMES = LETTERS["customer"] + LETTERS["contact"] + LETTERS["competitor"]
_GOODS = LETTERS["product"] + LETTERS["quantity"]


def _cut(before: "Event", after: "Event", masked: str) -> int:
    """Where what belongs to `before` ends: at the last comma, else before the words that lead up to `after`."""
    start = max(before.end, 0)
    if after.start <= start:
        return after.start
    if masked[start - 1 : start] in set(SOFT) and before.form == "visit":
        # 我在阳光百货，纯牛奶的堆头让人给撤了: whatever follows is told of something else.
        return start
    commas = [i for i in range(start, after.start) if masked[i] in SOFT]
    named = _ANOTHER.search(masked, start, after.start)
    own = any(masked[i] == LETTERS["customer"] for i in after.solid)
    if named and not own and LETTERS["customer"] in masked[before.left : start]:
        # 纯牛奶补15箱，明天送；阳光百货，收款5400: a second customer begins what is told of him.
        commas = [i for i in commas if i < named.start()] or commas
    if commas:
        return commas[-1] + 1
    speaks = _SPEAKS.search(masked, start, after.start)
    if speaks:
        return speaks.start()
    at = after.start
    while at > start and _leads(masked, at - 1, before, after):
        at -= 1
    return at


def _leads(masked: str, at: int, before: "Event", after: "Event") -> bool:
    """Whether the letter leads up to the next cue. A name does where the cue before it has one of its kind already."""
    letter = masked[at]
    if _LEADS.match(letter):
        return True
    if letter in _NAMES:
        return letter in masked[before.left : at] and masked[at - 1 : at] not in set("的和跟与、")
    if letter in _GOODS:
        # 断货 has no goods of its own: the product right before it is meant.
        return (
            not set(_GOODS) & {masked[i] for i in after.solid}
            and set(_GOODS) & {masked[i] for i in before.solid} != set()
        )
    return False
