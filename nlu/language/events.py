"""What happened: which forms a text speaks of, where, and which of its cues count for nothing."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.forms import Rulebook
from nlu.language.matching import Compiled, Match, word_pattern
from nlu.language.quantities import SHELF_UNITS
from nlu.language.spans import LETTERS, SOFT, Scan, Span
from nlu.language.uncovered import uncovered

_TOUCHING = 6
"""How near a negative must stand to a cue of its clause, in letters of the masked text."""


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
    matches = [m for m in found if not _void(m, scan, negatives, rulebook)]
    matches = [_shelf(_his_shelf(m, scan), scan) for m in _doubted(matches, scan, cues, rulebook)]
    kept = _without_yielding(_without_parts(_strongest(matches), scan), scan, rulebook)
    kept += uncovered(kept, scan, rulebook)
    events = [Event(m.key, m.start, m.end, m.solid) for m in sorted(kept, key=lambda m: (m.start, m.end))]
    plans = list(cues.plans.find(scan.masked, {e.form for e in events}))
    return [_planned(e, plans, scan, rulebook) for e in _with_stretches(events, scan)]


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


def _void(match: Match, scan: Scan, negatives: list[Match], rulebook: Rulebook) -> bool:
    first, last = min(match.solid), max(match.solid)
    clause = scan.soft_clause(first)
    if _buyer(match, scan) or _arrival(match, scan) or _delivery(match, scan) or _signs(match, scan):
        return True
    for negative in negatives:
        if negative.key != match.key or not clause[0] <= negative.start <= clause[1]:
            continue
        if negative.start - _TOUCHING <= last and first <= negative.end + _TOUCHING:
            return True
    return _negated(scan.masked, first, rulebook)


_HIS = re.compile(f"[{LETTERS['competitor']}](?:家|那边|他们|又|也)?的?$")
_THEIRS = re.compile("[让被给叫](?:他们|他家|人家|它|对方|竞品|对手)家?给?[^，。；]{0,2}[占抢挤包换顶撬拿]")


_FACINGS = re.compile("排面|陈列|端架|堆头|地堆|端头|面位")


def _shelf(match: Match, scan: Scan) -> Match:
    """纯牛奶排面有5个: places on a shelf, no goods."""
    words = scan.masked[match.start : match.end]
    counted = [scan.by_place[i] for i in match.solid if scan.masked[i] == LETTERS["quantity"]]
    if match.key == "stock_check" and _FACINGS.search(words) and counted:
        if all(s.value.unit in SHELF_UNITS for s in counted):
            return replace(match, key="display")
    return match


def _his_shelf(match: Match, scan: Scan) -> Match:
    """光明堆头撤了, 整面端架都让他们包了: a shelf that a competitor has, or has taken, is news of him."""
    if match.key != "display" or LETTERS["competitor"] not in scan.masked[: match.end]:
        return match
    clause = slice(*scan.soft_clause(match.start))
    if _HIS.search(scan.masked[: match.start]) or _THEIRS.search(scan.masked[clause]):
        return replace(match, key="competitor")
    return match


_BUYER = re.compile(
    f"采购(?=[{LETTERS['contact']}{LETTERS['person']}]|那边|部|说|在|不在|经理|主管|合同|计划|流程)"
)


def _buyer(match: Match, scan: Scan) -> bool:
    """采购李姐: the buyer is somebody, nothing is bought."""
    return any(match.solid & set(range(*m.span())) for m in _BUYER.finditer(scan.masked))


def _arrival(match: Match, scan: Scan) -> bool:
    """明儿一早就得到: the goods must be there; whoever must be somewhere names the place."""
    if match.key != "visit" or not re.search("(?:得|要|能|会)到$", scan.masked[match.start : match.end]):
        return False
    start, end = scan.soft_clause(match.start)
    return match.end >= end and LETTERS["customer"] not in scan.masked[start:end]


_CARRIED = re.compile(
    f"(?:送|发|带|拿|寄|捎|配|拉|退|换|调|补|运)[^，。；]*[{LETTERS['product']}{LETTERS['quantity']}]"
)


def _delivery(match: Match, scan: Scan) -> bool:
    """让我们明天送10箱过去: goods go there, and nobody says that the rep does."""
    words = scan.masked[match.start : match.end]
    return (
        match.key == "visit" and words.endswith(("过去", "过来", "去", "来")) and bool(_CARRIED.search(words))
    )


_SIGNS = ("套", "张", "副", "幅", "块")


def _signs(match: Match, scan: Scan) -> bool:
    """价签老掉，让补两套: sets and sheets without a product are no goods."""
    named = [scan.by_place[i] for i in match.solid if i in scan.by_place]
    return match.key == "order" and any(
        s.kind == "quantity" and s.value.unit in _SIGNS and not any(o.kind == "product" for o in named)
        for s in named
    )


def _doubted(matches: list[Match], scan: Scan, cues: Compiled, rulebook: Rulebook) -> list[Match]:
    """What is only thought of is what the form says that it then is: 可能要50箱 is an intent, no order."""
    keys = {m.key for m in matches if rulebook.forms[m.key].doubtful}
    doubts = list(cues.doubts.find(scan.masked, keys)) if keys else []
    if not doubts:
        return matches
    certainties = list(cues.certainties.find(scan.masked, keys))
    return [
        replace(m, key=rulebook.forms[m.key].doubtful)
        if rulebook.forms[m.key].doubtful and _in_doubt(m, matches, scan, doubts, certainties)
        else m
        for m in matches
    ]


def _in_doubt(
    match: Match, matches: list[Match], scan: Scan, doubts: list[Match], certainties: list[Match]
) -> bool:
    """Whether a doubt stands in the cue's own clause, or in one of its sentence that speaks of nothing else."""
    first = min(match.solid)
    clause, sentence = scan.soft_clause(first), scan.sentence(first)
    if any(c.key == match.key and clause[0] <= c.start <= clause[1] for c in certainties):
        return False
    others = [m for m in matches if m.key not in (match.key, "visit", "order_intent")]
    for doubt in doubts:
        if doubt.key != match.key or not sentence[0] <= doubt.start <= sentence[1]:
            continue
        start, end = scan.soft_clause(doubt.start)
        if _IF.match(scan.masked, doubt.start) and (start, end) != clause:
            if doubt.start < first:
                return True
            continue
        if (start, end) != clause and _OF_TERMS.search(scan.masked, start, end):
            continue
        if (start, end) == clause or not any(start <= min(o.solid) < end for o in others):
            return True
    return False


_OF_TERMS = re.compile("价|账|合同|款|补")
"""价钱下次再谈: what is left open is not the order."""
_IF = re.compile("的话|如果|要是|假如|假设|只要|倘若")
"""A condition holds for all that its sentence goes on to say."""


_APART = re.compile("[分特个级]别$")
"""分别订了: no 别 that forbids."""


def _negated(masked: str, first: int, rulebook: Rulebook) -> bool:
    """Whether a negation stands right before the cue."""
    words = rulebook.words("actions", "negation")
    pattern = word_pattern(words, "(?:再|怎么|能|有|去|太|想|要|打算|准备|跟|给|记|算|当|按)?$")
    found = pattern.search(masked[max(0, first - 6) : first])
    return found is not None and not _APART.search(masked[:first])


def _without_yielding(matches: list[Match], scan: Scan, rulebook: Rulebook) -> list[Match]:
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


def _with_stretches(events: list[Event], scan: Scan) -> list[Event]:
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


def _cut(before: Event, after: Event, masked: str) -> int:
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


def _leads(masked: str, at: int, before: Event, after: Event) -> bool:
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
