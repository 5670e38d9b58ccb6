"""What somebody goes for has not happened: it is the purpose of the visit, and no record of its own."""

import re
from collections.abc import Sequence

from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.sharing import GIVEN
from nlu.language.spans import LETTERS, Scan

_PERSON = LETTERS["contact"]
_LEADS_TO = re.compile(
    rf"(?:[{LETTERS['customer']}{LETTERS['date']}的那边这里店上，]|门店|店里|过去|过来|一趟|一次|一下|趟"
    rf"|(?:找|跟|和|见|见见|约|拜访|会|会会|同|与|看看|约见)?[{_PERSON}](?:[{LETTERS['customer']}的])?|吧|呢|到|去|我|再|就|先|左右|让我|叫我|约我|请我|喊我|要我|主要|专门)*"
)
_ERRAND = re.compile(
    "(?:谈|聊|结|对|收|送|拿|看|盘|检查|处理|做|签|拜|贴|换|摆|布置|催|办|开|参加|培训|铺货|巡|补|理|拉|介绍|推|跟进|了解|协调|沟通|解决|取)"
)
_COLLECTS = re.compile("[收催要结拿]")
"""后天去万家福收款，5600: what will be fetched has not been paid."""
_BRINGS = re.compile("[送带拿捎铺给]")
_SAMPLES = re.compile(
    f"[{LETTERS['product']}{LETTERS['quantity']}](?:[给让][他她]们?)?[的当做作为]{{0,2}}(?:样品|小样|样|试吃装|试饮装)"
)
_WANTED = re.compile("[要订定补]|进货|下单|申请|了")
"""周四去万家福，带两箱草莓试吃: what will be brought is what the visit is for, unless it was asked for or ordered."""
_HAPPENED = re.compile("[了过]|完|没|不|说|到")


def without_errands(drafts: list[Draft], scan: Scan) -> list[Draft]:
    """What somebody goes for has not happened: 明天去佳美对账 is a visit, no payment."""
    return [d for d in drafts if not any(_errand_of(v, d, scan) for v in drafts)]


def take_purposes(drafts: Sequence[Draft], scan: Scan) -> None:
    """What a visit is for: the words that follow the place, in a plan also those of the next clauses."""
    for draft in drafts:
        if draft.form.field("purpose") is None or draft.form.field("next_step") is None:
            continue
        words = _purpose(draft, drafts, scan)
        if words and "purpose" not in draft.fields:
            draft.fields["purpose"] = Said(value=words, words=words)


def _errand_of(visit: Draft, draft: Draft, scan: Scan) -> bool:
    """Whether `draft` is only what the visit is for."""
    if visit.form.key != "visit" or draft.form.key == "visit" or draft.start < visit.start:
        return False
    near = scan.soft_clause(draft.start)
    if scan.sentence(visit.start) != scan.sentence(draft.start) or any(
        s.kind in ("customer", "date") and s.at > visit.end and (draft.told or near[0] <= s.at < near[1])
        for s in draft.spans
    ):
        return False
    start, end = scan.soft_clause(draft.start)
    if (
        visit.planned
        and draft.form.key == "sample"
        and _SAMPLES.search(scan.masked, draft.start, draft.right)
    ):
        # Samples that are taken along by that name are planned beside the visit.
        return False
    if visit.planned and draft.form.key in GIVEN and _BRINGS.search(scan.masked, start, draft.end):
        return not _WANTED.search(scan.masked, start, draft.end)
    if (
        visit.planned
        and draft.form.key == "payment"
        and not draft.done
        and _COLLECTS.search(scan.masked, visit.end - 1, draft.end)
    ):
        return True
    if draft.fields.keys() & {"amount", "price", "quantity", "discount", "status"} or any(
        x.quantity for x in draft.lines
    ):
        return False
    if visit.planned and re.search("[说问讲]|反映|反馈|嫌", scan.masked[start : draft.end]):
        return False
    if visit.planned:
        return "把" in scan.masked[start : draft.end] or not re.search(
            "[了过]", scan.masked[draft.start : end]
        )
    place = max([visit.end, *(s.at + 1 for s in visit.spans if s.kind == "customer" and s.at < draft.start)])
    same = scan.soft_clause(visit.start) == (start, end)
    return (
        same
        and place <= draft.start
        and bool(_ERRAND.match(scan.masked, _LEADS_TO.match(scan.masked, place).end()))  # type: ignore[union-attr]
        and not _HAPPENED.search(scan.masked[place:end])
        and not visit.done
    )


def _purpose(visit: Draft, drafts: Sequence[Draft], scan: Scan) -> str:
    start, end = scan.soft_clause(visit.start)
    named = [s.at + 1 for s in scan.spans if s.kind in ("customer", "contact") and start <= s.at < visit.end]
    named += [s.at + 1 for s in scan.spans if s.kind == "customer" and visit.end <= s.at < end]
    place = max(named) if named else visit.end
    after = _LEADS_TO.match(scan.masked, place)
    place = after.end() if after else place
    if visit.planned:
        others = [d for d in drafts if d is not visit and d.start > visit.start]
        stop = min([scan.sentence(visit.start)[1], *(_opening(d, scan) for d in others)])
        if "next_step" in visit.fields:
            stop = min(stop, end)
        return scan.words(place, stop).strip("，。、； ")
    tail = scan.masked[place:end]
    if _ERRAND.match(tail) and not _HAPPENED.search(tail) and not visit.done:
        return scan.words(place, end).strip("，。、； ")
    return ""


def _opening(draft: Draft, scan: Scan) -> int:
    """Where the clause of a record begins."""
    return (
        min(draft.left, scan.soft_clause(draft.start)[0]) if draft.left else scan.soft_clause(draft.start)[0]
    )
