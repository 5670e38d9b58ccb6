"""Goods and sums that no cue speaks of: under a heading, in a list, or told with no word that is known.

原味20箱、纯奶10箱 beside a customer is what he orders; under 打样： it is what was handed out. Only where no cue tells.
"""

import re
from collections.abc import Mapping

from domain.forms import Rulebook
from nlu.language.matching import Match
from nlu.language.quantities import SHELF_UNITS
from nlu.language.spans import HARD, LETTERS, Scan

_GOODS_FORMS = ("order", "order_intent", "stock_check", "sample", "sample_request", "complaint", "quote")
_P, _Q, _C = LETTERS["product"], LETTERS["quantity"], LETTERS["customer"]
_LIST = re.compile(
    f"(?<![^。！？；，：{_C}])(?P<goods>(?:{_P}{_Q}|{_Q}{_P})(?:[、，和]?(?:{_P}{_Q}|{_Q}{_P}))*)(?=[。！？；，]|$)"
)
_LOOSE = re.compile(f"{_P}[^{HARD}{_C}{_P}{_Q}{LETTERS['competitor']}]{{0,12}}{_Q}|{_Q}的?{_P}")
_BRAND_PRICE = re.compile(
    f"(?<![比跟和]){LETTERS['competitor']}(?:家|那边|他们)?的?[{LETTERS['competitor']}{_P}]"
    f"(?:才|只|就|也|都|现在|今天)?(?:卖|标|要|报|是|到)?了?[{LETTERS['money']}{LETTERS['price']}]"
)
_HINTS = (
    ("sample", re.compile("样|试吃|试饮|品尝|尝")),
    ("stock_check", re.compile("剩|库存|存货|架上|仓|临期|盘|余")),
    ("order_intent", re.compile("意向|想|考虑|可能|打算|大概率|到时候|也许|约摸|怕是|感兴趣|有意")),
)
"""What else the sentence speaks of, for goods with no word of their own."""
_NO_ORDER = re.compile(
    f"卖|走货|走量|动销|销量|一天|每[天周月]|月均|退|换|坏|漏|没[要订拿补]|不[要订拿补]|取消|上[次回批]|之前|{LETTERS['competitor']}"
    "|如果|要是|本来|以为|[送赠]|排面|堆头|端架|陈列|价|便宜"
)
_PAID = re.compile("[钱款账]|[付结欠还]|收[了到]|转[了过来]|打[了过来]")


def uncovered(kept: list[Match], scan: Scan, rulebook: Rulebook) -> list[Match]:
    """What is told without a cue, beside the cues that were found."""
    found = _brand_prices(kept, scan)
    if not any(s.kind == "customer" for s in scan.spans):
        return found
    headed = _headed(kept, scan, _headings(rulebook))
    if headed or any(m.key in _GOODS_FORMS for m in kept):
        return [*found, *headed]
    goods = _listed_goods(scan) or _loose_goods(scan)
    sums = [] if goods or any(m.key != "visit" for m in kept) else _sums(scan)
    return [*found, *goods, *sums]


def _headings(rulebook: Rulebook) -> Mapping[str, str]:
    pairs = (entry.partition("=") for entry in rulebook.words("actions", "headings"))
    return {word: form for word, _, form in pairs if form in rulebook.forms}


def _headed(kept: list[Match], scan: Scan, headings: Mapping[str, str]) -> list[Match]:
    """打样：益民2箱原味，康乐1箱乳酸菌: goods and sums of the sentence are what its heading says, unless cues tell."""
    words = "|".join(sorted(map(re.escape, headings), key=len, reverse=True)) or "(?!)"
    made = []
    for head in re.finditer(
        f"(?<![^。！？；，])(?P<word>{words})(?:情况|反馈|记录|明细|汇总|上报)?：", scan.masked
    ):
        form, end = headings[head["word"]], scan.sentence(head.end())[1]
        if any(head.start() <= m.start < end and m.key != "visit" for m in kept):
            continue
        told = re.compile(f"[{LETTERS['money']}]" if form == "payment" else f"[{_P}{_Q}]+")
        goods = told.search(scan.masked, head.end(), end)
        if goods:
            made.append(Match(goods.start(), goods.end(), frozenset(range(*goods.span())), form))
    return made


def _listed_goods(scan: Scan) -> list[Match]:
    """惠民朝阳店，原味20箱、纯奶10箱: goods and amounts with no word about them are what a customer orders."""
    return [
        _goods(m.start("goods"), m.end("goods"), _listed_as(m, scan)) for m in _LIST.finditer(scan.masked)
    ][:1]


def _listed_as(goods: re.Match[str], scan: Scan) -> str:
    """原味0箱、草莓2箱: nobody orders nothing, so it is what is left."""
    amounts = [
        s.value.value for s in scan.spans if s.kind == "quantity" and goods.start() <= s.at < goods.end()
    ]
    return "stock_check" if 0 in amounts else "order"


def _loose_goods(scan: Scan) -> list[Match]:
    """福满家纯牛奶一来就是三十箱: told by no word that is known; the other words say what it may be."""
    made = []
    for goods in _LOOSE.finditer(scan.masked):
        start, end = scan.sentence(goods.start())
        sentence = scan.masked[start:end]
        before = scan.masked[scan.soft_clause(goods.start())[0] : scan.soft_clause(goods.end() - 1)[1]]
        if _NO_ORDER.search(before) or scan.masked[end : end + 1] == "？":
            continue
        if any(
            s.value.unit in SHELF_UNITS[1:]
            for s in scan.spans
            if s.kind == "quantity" and s.at in range(*goods.span())
        ):
            # 原味摆了3排: rows are no goods.
            continue
        form = next((form for form, hint in _HINTS if hint.search(sentence)), "order")
        made.append(_goods(goods.start(), goods.end(), form))
    return made


def _goods(start: int, end: int, form: str) -> Match:
    return Match(start, end, frozenset(range(start, end)), form)


def _sums(scan: Scan) -> list[Match]:
    """鑫源的钱，催了三回，终于，2050: a sum beside a customer, where the words are about paying."""
    places = [s.at for s in scan.spans if s.kind == "money"]
    if len(places) != 1:
        return []
    start, end = scan.sentence(places[0])
    if not _PAID.search(scan.masked, start, end) or re.search("费|报销|票", scan.masked[start:end]):
        return []
    return [_goods(places[0], places[0] + 1, "payment")]


def _brand_prices(kept: list[Match], scan: Scan) -> list[Match]:
    """三元纯奶43一箱: what a brand's goods cost is news of that brand, with no word about it."""
    taken = frozenset[int]().union(*(m.solid for m in kept))
    found = (frozenset(range(*m.span())) for m in _BRAND_PRICE.finditer(scan.masked))
    return [_goods(min(s), max(s) + 1, "competitor") for s in found if not s & taken]
