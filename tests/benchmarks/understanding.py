"""How long understanding takes: python -m tests.benchmarks.understanding [customers]

Printed: a parse of every case sentence against the demo company; the same against many customers; linking of misheard
and abbreviated names; building the index; and rapidfuzz's extractOne over the same list for comparison.
"""

import random
import resource
import sys
import time
from collections.abc import Callable, Iterable

from rapidfuzz import fuzz, process

from domain.people import Customer
from nlu.language.lexicon import Lexicon
from nlu.language.sounds import sound
from nlu.understanding import understand
from tests.language.company import lexicon, own, rulebook, understood
from tests.language.scoring import Case, cases

SEED = 20260310
CITIES = ["北京", "上海", "广州", "深圳", "成都", "武汉", "南京", "杭州", "西安", "重庆"]
LETTERS = "永惠好福家佳美旺鑫源盛发隆顺和祥瑞丰泰康宁安华联万客来多乐邻居百利天地金银星月春秋"
KINDS = ["超市", "便利店", "商店", "生活超市", "百货", "批发部", "食品店", "商行"]
PLACES = [
    "朝阳",
    "海淀",
    "望京",
    "东城",
    "西城",
    "通州",
    "昌平",
    "南山",
    "福田",
    "武昌",
    "江宁",
    "西湖",
    "青羊",
]


def many_customers(count: int) -> list[Customer]:
    """So many shops with different names, the same ones every time."""
    seeded = random.Random(SEED)
    names: dict[str, None] = {}
    while len(names) < count:
        city = seeded.choice(CITIES) if seeded.random() < 0.3 else ""
        brand = "".join(seeded.sample(LETTERS, seeded.choice((2, 3))))
        branch = seeded.choice(PLACES) + seeded.choice(("店", "路店", "一店", "二店"))
        names[city + brand + seeded.choice(KINDS) + branch] = None
    return [Customer(code=f"N{i:06d}", name=name) for i, name in enumerate(names)]


def misheard(name: str, seeded: random.Random, alike: dict[str, list[str]]) -> str:
    """The name with one letter replaced by another of the same sound."""
    place = seeded.randrange(len(name))
    return name[:place] + seeded.choice(alike[sound(name[place])]) + name[place + 1 :]


def milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def spread(times: Iterable[float]) -> str:
    ordered = sorted(times)
    half, most = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95))
    return f"p50 {half:7.2f} ms   p95 {most:7.2f} ms   max {ordered[-1]:7.2f} ms"


def parse(case: Case, company: Lexicon, mine: frozenset[str]) -> object:
    return understand(
        case.text, now=case.now, lexicon=company, rulebook=rulebook(), own=mine, customer=case.customer
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    every = cases()
    for case in every:
        understood(case.text)
    small = [milliseconds(lambda c=case: parse(c, lexicon(), own())) for case in every * 3]  # type: ignore[misc]
    print(f"parse, demo company            {spread(small)}   (goal 2 / 5 ms)")

    shops = many_customers(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    company = Lexicon.build(
        [*lexicon().customers.values(), *shops],
        (),
        lexicon().products.values(),
        lexicon().competitors.values(),
        lexicon().people.values(),
    )
    built = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"index of {count:,} customers   {built:.1f} s, peak {peak // 1024} MB (before: {before // 1024} MB)"
    )

    seeded = random.Random(SEED)
    mine = own() | {c.code for c in seeded.sample(shops, 200)}
    company.territory(mine)
    large = [milliseconds(lambda c=case: parse(c, company, mine)) for case in every * 3]  # type: ignore[misc]
    print(f"parse, {count:,} customers     {spread(large)}   (goal 10 / 30 ms)")

    alike: dict[str, list[str]] = {}
    for letter in map(chr, range(0x4E00, 0x9FA5)):
        alike.setdefault(sound(letter), []).append(letter)
    territory = [company.customers[code] for code in sorted(mine)]
    _link("own, one homophone", [(c.code, misheard(c.name, seeded, alike)) for c in territory], company, mine)
    _link("own, abbreviated", [(c.code, company.index.short(c.name)) for c in territory], company, mine)
    others = seeded.sample(shops, 300)
    _link(
        "anybody's, one homophone", [(c.code, misheard(c.name, seeded, alike)) for c in others], company, mine
    )

    names = [c.name for c in company.customers.values()]
    asked = [misheard(c.name, seeded, alike) for c in others[:20]]
    slow = [milliseconds(lambda n=n: process.extractOne(n, names, scorer=fuzz.ratio)) for n in asked]  # type: ignore[misc]
    print(f"rapidfuzz extractOne (ratio)   {spread(slow)}   (same names, no sounds, no own territory)")


def _link(title: str, said: list[tuple[str, str]], company: Lexicon, mine: frozenset[str]) -> None:
    times, right, wrong = [], 0, 0
    for code, name in said:
        start = time.perf_counter()
        found = company.link(name, mine)
        times.append((time.perf_counter() - start) * 1000)
        right += found.code == code
        wrong += found.code not in (None, code)
    total = len(said)
    print(
        f"link, {title:24} {spread(times)}   right {right / total:.1%}, wrong {wrong / total:.1%}, "
        f"asked {(total - right - wrong) / total:.1%}"
    )


if __name__ == "__main__":
    main()
