"""What happened: which forms a text speaks of, where, and which of its cues count for nothing."""

import re
from dataclasses import dataclass, replace

from domain.forms import Rulebook
from nlu.language.matching import Compiled, Match
from nlu.language.spans import LETTERS, Scan, Span
from nlu.language.stretches import with_stretches
from nlu.language.uncovered import uncovered
from nlu.language.voided import doubted, void
from nlu.language.yielding import on_shelf, without_yielding


@dataclass(frozen=True)
class Event:
    """One thing spoken of. `start` and `end` are the cue, `left` and `right` all that belongs to it."""

    form: str
    start: int
    end: int
    solid: frozenset[int]
    left: int = 0
    right: int = 0
    planned: bool = False
    whose: Span | None = None
    """The customer, where the words give each of several customers his own."""


def find_events(scan: Scan, cues: Compiled, rulebook: Rulebook) -> list[Event]:
    """The events of a text in the order they are said, each with the stretch that belongs to it."""
    found = list(cues.forms.find(scan.masked))
    negatives = list(cues.negatives.find(scan.masked, {m.key for m in found}))
    matches = [m for m in found if not void(m, scan, negatives, rulebook)]
    matches = [on_shelf(m, scan) for m in doubted(matches, scan, cues, rulebook)]
    kept = without_yielding(_without_parts(_strongest(matches), scan), scan, rulebook)
    kept += uncovered(kept, scan, rulebook)
    events = [Event(m.key, m.start, m.end, m.solid) for m in sorted(kept, key=lambda m: (m.start, m.end))]
    plans = list(cues.plans.find(scan.masked, {e.form for e in events}))
    return [_planned(e, plans, scan, rulebook) for e in with_stretches(events, scan)]


def commands_in(scan: Scan, cues: Compiled) -> list[Match]:
    """Commands found, at most one of each name."""
    found: dict[str, Match] = {}
    for match in cues.commands.find(scan.masked):
        known = found.get(match.key)
        if known is None or match.weight > known.weight:
            found[match.key] = match
    return list(found.values())


def _strongest(matches: list[Match]) -> list[Match]:
    """Where two cues claim the same letters, the one that names more of them counts."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (-m.weight, m.start)):
        rival = next((k for k in kept if _rivals(k, match)), None)
        if rival is None:
            kept.append(match)
        elif rival.key == match.key:
            kept[kept.index(rival)] = replace(
                rival,
                start=min(rival.start, match.start),
                end=max(rival.end, match.end),
                solid=rival.solid | match.solid,
            )
    return kept


_TALKED_OF = ("payment", "quote")
"""What one talks about with somebody met."""
_PART = re.compile(
    f"(?:其中|里面|里头)?(?:有|还有)?{LETTERS['quantity']}[^，。；]{{0,4}}?(?:临期|过期|到期|老日期|日期)"
)


def _without_parts(matches: list[Match], scan: Scan) -> list[Match]:
    """还有18箱，其中6箱快到期: a part of what was counted is a remark on it, no second count."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: m.start):
        clause = scan.soft_clause(match.start)
        before = [
            k
            for k in kept
            if k.key == match.key == "stock_check" and scan.sentence(k.start) == scan.sentence(match.start)
        ]
        counted = any(LETTERS["quantity"] in scan.masked[k.start : match.start] for k in before)
        own = scan.masked[clause[0] : clause[1]]
        told = scan.masked[before[-1].start : match.start] if before else ""
        known = LETTERS["product"] not in own or "其中" in own or LETTERS["product"] in told
        if counted and _PART.search(own) and known and clause[0] > before[-1].start:
            continue
        kept.append(match)
    return kept


def _rivals(kept: Match, match: Match) -> bool:
    """Whether two matches speak of the same thing. 跟王经理对了账 is both a visit and an account settled."""
    shared = kept.solid & match.solid
    if not shared or (kept.key == "visit") == (match.key == "visit"):
        return bool(shared)
    visit, other = (kept, match) if kept.key == "visit" else (match, kept)
    met = visit.solid - shared
    return not (
        other.key in _TALKED_OF and len(shared) <= 2 and len(met) >= 2 and max(met) < min(other.solid)
    )


_WENT_THERE = re.compile(f"(?:去|来|跑|到)(?:看|过|见|查|盘|跑|转)?的(?:$|(?={LETTERS['customer']}))")
"""我今天去看的, 下午去的西三旗: told of what was done."""
_OWED = re.compile("[拖欠]")
"""账拖了两个月了: what was put off has not been paid."""
_PROMISE = re.compile("约好了|约了|说好|答应|承诺|保证|约定|许诺")


def _planned(event: Event, plans: list[Match], scan: Scan, rulebook: Rulebook) -> Event:
    """Whether the words make it a plan. 了 right after the cue's verb says it is done."""
    if rulebook.forms[event.form].field("planned") is None:
        return event
    near = [p for p in plans if p.key == event.form and p.solid & event.solid]
    done = re.search(r"了|过(?![年节去来])|刚|已经", scan.masked[event.start : event.end + 1])
    if event.form == "visit" and _WENT_THERE.search(
        scan.masked, event.start, scan.soft_clause(event.start)[1]
    ):
        return event
    words, clause = scan.masked[event.start : event.end], scan.soft_clause(event.start)
    open_still = _OWED.search(words) or _PROMISE.search(scan.masked, clause[0], event.end + 1)
    return replace(event, planned=bool(near) and bool(not done or open_still))
