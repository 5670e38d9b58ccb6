"""Which store of a chain is meant: by the place said before its name, and by the store that was named before."""

import re
from collections.abc import Iterator
from dataclasses import replace

from nlu.language.lexicon import Lexicon
from nlu.language.mentions import BLANK, Found, Mention
from nlu.language.shop_names import GENERIC

_PLACE = re.compile("(?P<place>[\u4e00-\u9fff]{2,3}?)(?:区|那边|那儿|那里)?(?:的|那家|那个|这家|那间)$")
_SHORTEST = 2


def settle(found: list[Found], text: str, lexicon: Lexicon) -> list[Found]:
    """The customers found, each with the store that is meant, and the short names (惠民) of those named before.

    通州的惠民超市 is not the one in 朝阳; after 惠民超市通州店 has been named, 惠民 is that one.
    """
    others = [f for f in found if f[2] != "customer"]
    named: dict[str, list[str]] = {}
    settled: list[Found] = []
    customers = sorted((f for f in found if f[2] == "customer"), key=lambda f: f[0])
    for start, end, kind, mention in _joined(customers):
        begin, meant = _of_the_place(start, mention, text, lexicon)
        if begin == start:
            meant = _named_before(meant, named, lexicon)
        settled.append((begin, end, kind, meant))
        if meant.sure and len(meant.codes) == 1:
            brand = lexicon.brand(meant.codes[0])
            codes = named.setdefault(brand, [])
            if meant.codes[0] not in codes:
                codes.append(meant.codes[0])
    return [*others, *settled, *_short_ones(text, settled, [*others, *settled], named)]


def _joined(customers: list[Found]) -> list[Found]:
    """东嘉批发部朝阳店, where 朝阳店 alone means an own customer: one name, of somebody who is not known."""
    joined: list[Found] = []
    for start, end, kind, mention in customers:
        if joined and joined[-1][1] == start:
            first, _, _, before = joined.pop()
            codes = tuple(dict.fromkeys((*before.codes, *mention.codes)))
            same = before.sure and mention.sure and before == mention
            mention = Mention(codes, before.name + mention.name, sure=same)
            start = first
        joined.append((start, end, kind, mention))
    return joined


def _of_the_place(start: int, mention: Mention, text: str, lexicon: Lexicon) -> tuple[int, Mention]:
    """Where the mention begins with the place that is said before it, and the store there."""
    before = _PLACE.search(text[max(0, start - 7) : start])
    if before is None or not mention.codes:
        return start, mention
    brand = lexicon.brand(mention.codes[0])
    if not mention.name.startswith(brand):
        return start, mention
    place = before["place"]
    stores = lexicon.stores(brand)
    there = tuple(code for code in stores if lexicon.lies_in(code, place))
    if not there and not lexicon.is_place(place):
        return start, mention
    begin = start - len(before.group())
    name = text[begin:start] + mention.name
    if set(mention.codes) & set(there):
        there = tuple(code for code in mention.codes if code in there)
    return begin, Mention(there or stores[:4], name, sure=len(there) == 1)


def _named_before(mention: Mention, named: dict[str, list[str]], lexicon: Lexicon) -> Mention:
    """惠民 after 惠民超市通州店 is that store, whoever else is called so."""
    if not mention.codes:
        return mention
    brand = lexicon.brand(mention.codes[0])
    rest = mention.name.removeprefix(brand)
    codes = named.get(brand)
    if codes is None or not mention.name.startswith(brand) or (rest and rest not in GENERIC):
        return mention
    return replace(mention, codes=tuple(codes), sure=len(codes) == 1)


def _short_ones(
    text: str, customers: list[Found], taken: list[Found], named: dict[str, list[str]]
) -> Iterator[Found]:
    """上地4300，物美9800 after 上地百货和物美惠新店: brands that alone would say too little."""
    if not named:
        return
    first = min(end for _, end, _, _ in customers)
    free = list(text)
    for start, end, _, _ in taken:
        free[start:end] = BLANK * (end - start)
    rest = "".join(free)
    for brand, codes in named.items():
        at = rest.find(brand, first) if len(brand) >= _SHORTEST else -1
        while at >= 0:
            yield at, at + len(brand), "customer", Mention(tuple(codes), brand, sure=len(codes) == 1)
            at = rest.find(brand, at + len(brand))
