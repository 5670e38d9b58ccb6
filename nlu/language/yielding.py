"""Which of two readings of the same words counts: ours or a competitor's, goods or places on a shelf."""

import re
from dataclasses import replace

from domain.forms import Rulebook
from nlu.language.matching import Match
from nlu.language.quantities import SHELF_UNITS
from nlu.language.spans import LETTERS, Scan


def on_shelf(match: Match, scan: Scan) -> Match:
    """A cue that speaks of a shelf, under the form that it then is."""
    return _shelf(_his_shelf(match, scan), scan)


_HIS = re.compile(f"[{LETTERS['competitor']}](?:家|那边|他们|又|也)?的?$")
_THEIRS = re.compile("[让被给叫](?:他们|他家|人家|它|对方|竞品|对手)家?给?[^，。；]{0,2}[占抢挤包换顶撬拿]")


_FACINGS = re.compile("排面|陈列|端架|堆头|地堆|端头|面位")


def _shelf(match: Match, scan: Scan) -> Match:
    """纯牛奶排面有5个: places on a shelf, no goods."""
    words = scan.masked[match.start : match.end]
    counted = [scan.by_place[i] for i in match.solid if scan.masked[i] == LETTERS["quantity"]]
    if match.key != "stock_check" or not _FACINGS.search(words) or not counted:
        return match
    return replace(match, key="display") if all(s.value.unit in SHELF_UNITS for s in counted) else match


def _his_shelf(match: Match, scan: Scan) -> Match:
    """光明堆头撤了, 整面端架都让他们包了: a shelf that a competitor has, or has taken, is news of him."""
    if match.key != "display" or LETTERS["competitor"] not in scan.masked[: match.end]:
        return match
    clause = slice(*scan.soft_clause(match.start))
    if _HIS.search(scan.masked[: match.start]) or _THEIRS.search(scan.masked[clause]):
        return replace(match, key="competitor")
    return match


def without_yielding(matches: list[Match], scan: Scan, rulebook: Rulebook) -> list[Match]:
    """A price inside a firm order makes no quote of its own."""
    kept = []
    for match in matches:
        others = rulebook.forms[match.key].yields_to
        if any(o.key in others and _swallows(o, match, scan) for o in matches):
            continue
        kept.append(match)
    exclusive = [m for m in matches if m.key == "customer_update" and _is_exclusive(m, scan)]
    return [
        m for m in kept if not (_told_with_it(m, scan) and any(_same_clause(m, e, scan) for e in exclusive))
    ]


def _told_with_it(match: Match, scan: Scan) -> bool:
    """What is told around an exclusive deal (a contract, a fee, what the competitor did) is part of that news."""
    if match.key not in ("competitor", "order", "promotion_check", "payment", "quote", "display"):
        return False
    return not any(scan.masked[i] == LETTERS["quantity"] for i in match.solid)


def _swallows(other: Match, match: Match, scan: Scan) -> bool:
    """What a competitor does with shelves and prices is his, as long as no comma leads back to us."""
    if other.key == "competitor":
        clause = scan.soft_clause(match.start)
        ours = bool(_OURS.search(scan.masked[other.end : match.end]))
        priced = any(scan.masked[i] in _SUMS for i in match.solid)
        if clause[0] <= other.start < match.start and (match.key != "quote" or (priced and not ours)):
            return True
        if (
            match.key == "display"
            and any(scan.masked[i] == LETTERS["competitor"] for i in range(*clause))
            and other.start < clause[1]
            and other.end > clause[0]
        ):
            # 冰柜被蒙牛占了: ours only where it is counted what is left to us.
            return not any(scan.masked[i] == LETTERS["number"] for i in match.solid)
        between = scan.masked[other.end : match.end]
        return (
            priced
            and _same_clause(other, match, scan)
            and other.start < match.start
            and not _OURS.search(between)
        )
    if other.key == "expense" or match.key in ("order_intent", "stock_check"):
        return scan.soft_clause(other.start) == scan.soft_clause(match.start)
    return _same_clause(other, match, scan)


_SUMS = LETTERS["money"] + LETTERS["price"]
_OURS = re.compile(f"[我咱他她{LETTERS['customer']}{LETTERS['contact']}{LETTERS['person']}]|客户|公司")
"""Who leads from a competitor back to us."""


def _is_exclusive(match: Match, scan: Scan) -> bool:
    words = scan.masked[match.start : match.end]
    return bool(re.search("独家|专供|专卖|买断|包店|包场|排他|只[卖进做上]|光[卖进做上]|专门", words))


def _same_clause(one: Match, other: Match, scan: Scan) -> bool:
    return scan.sentence(one.start) == scan.sentence(other.start)
