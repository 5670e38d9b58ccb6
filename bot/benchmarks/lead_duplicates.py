"""Leads that came before: how many pairs of reports are judged rightly, and how long a search takes.

Pairs are made up by a seeded generator with the errors of real lists. Only `same` counts as found; `ask` is neither
merged nor lost, and is counted as not found.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from domain.leads.normalising import phone_of
from nlu.companies import Company, CompanyIndex, same_company

LETTERS = (
    "喜乐汇佳家嘉福富惠慧美每鑫新欣源园缘华花丰峰金锦天添宝保安康永勇旺望好邻"
    "居悦月来莱晨辰光广阳洋明名海盛胜达大兴星和禾顺万利丽百合"
)
_HOMOPHONES = """
    佳家嘉加 福富服 惠慧汇会 鑫新欣馨 源园缘元 华花 丰峰风 金锦 宝保 永勇 旺望 悦月 来莱 晨辰 阳洋 明名
"""
LIKE = _HOMOPHONES.split()
KINDS = ("超市", "便利店", "商贸", "酒店", "食堂", "食品店", "水果店")
CITIES = ("北京", "天津", "上海", "杭州")
DISTRICTS = ("朝阳", "海淀", "通州", "丰台")
PLACES = ("望京", "国贸", "亦庄", "双井", "回龙观", "上地", "中关村")
SURNAMES = "王李张刘陈杨赵黄周吴"


@dataclass
class Judged:
    counts: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.counts["hit"] / max(1, self.counts["hit"] + self.counts["false"])

    @property
    def recall(self) -> float:
        return self.counts["hit"] / max(1, self.counts["hit"] + self.counts["missed"])

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


class Shops:
    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)

    def phone(self) -> str:
        return f"1{self.draw.choice('3578')}{self.draw.randrange(10**9):09d}"

    def core(self) -> str:
        return "".join(self.draw.sample(LETTERS, self.draw.choice((3, 4, 4, 5))))

    def shop(self, ref: str, name: str = "", **known: str) -> Company:
        name = name or self.core() + self.draw.choice(KINDS)
        place = {"city": self.draw.choice(CITIES), "district": self.draw.choice(DISTRICTS), **known}
        return Company(ref, name, frozenset([self.phone()]), "", place["city"], place["district"])

    # the same company, told once more --------------------------------------------------------------------------

    def again(self, one: Company) -> tuple[str, Company]:
        slip, told = self.draw.choice(
            (
                ("suffix", lambda c: c.name + "有限公司"),
                (
                    "city in front",
                    lambda c: f"{c.city}市{c.name}" if self.draw.random() < 0.5 else c.city + c.name,
                ),
                ("city in brackets", lambda c: f"{c.name}（{c.city}）"),
                ("homophone", self._homophone),
                ("changed over", self._changed_over),
                ("dropped", self._dropped),
                ("kind left out", lambda c: c.parts.core),
                ("abbreviated", lambda c: c.parts.core[:2]),
                ("phone written otherwise", lambda c: c.name),
                ("other phone", lambda c: c.name),
            )
        )
        assert callable(told)
        phone = next(iter(one.phones))
        by_phone = slip in ("abbreviated", "phone written otherwise") or (
            slip != "other phone" and self.draw.random() < 0.6
        )
        given = self._written(phone) if by_phone else self.phone()
        found = Company("again", told(one), frozenset([phone_of(given)]), "", one.city, one.district)
        return slip, found

    def _written(self, phone: str) -> str:
        return self.draw.choice((f"+86 {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}", f"0086{phone}"))

    def _homophone(self, c: Company) -> str:
        for at, letter in enumerate(c.name):
            for group in LIKE:
                if letter in group:
                    return c.name[:at] + self.draw.choice(group.replace(letter, "")) + c.name[at + 1 :]
        return c.name

    def _changed_over(self, c: Company) -> str:
        core, at = c.parts.core, self.draw.randrange(len(c.parts.core) - 1)
        return c.name.replace(core, core[:at] + core[at + 1] + core[at] + core[at + 2 :], 1)

    def _dropped(self, c: Company) -> str:
        core = c.parts.core
        if len(core) < 4:
            return c.name
        at = self.draw.randrange(len(core))
        return c.name.replace(core, core[:at] + core[at + 1 :], 1)

    # another company that looks like it -------------------------------------------------------------------------

    def other(self, one: Company) -> tuple[str, Company, Company]:
        kind = self.draw.choice(("branches", "surnames", "one letter", "other city", "stranger"))
        same = {"city": one.city, "district": one.district}
        if kind == "branches":
            a, b = self.draw.sample(PLACES, 2)
            chain = f"{one.parts.core}超市"
            return kind, self.shop("a", f"{chain}{a}店", **same), self.shop("b", f"{chain}{b}店", **same)
        if kind == "surnames":
            a, b = self.draw.sample(SURNAMES, 2)
            return kind, self.shop("a", f"老{a}超市", **same), self.shop("b", f"老{b}超市", **same)
        if kind == "one letter":
            new = self.draw.choice([c for c in "鹏虎龙凤鹤梅兰竹菊松" if c not in one.name])
            name = one.name.replace(one.parts.core, one.parts.core[:-1] + new, 1)
            return kind, one, self.shop("b", name, **same)
        if kind == "other city":
            city = self.draw.choice([c for c in CITIES if c != one.city])
            return kind, one, self.shop("b", one.name, city=city)
        return kind, one, self.shop("b")


def pairs(count: int, seed: int) -> Iterator[tuple[str, bool, Company, Company]]:
    """(the kind of error, whether it is one company, the two reports)."""
    shops = Shops(seed)
    for number in range(count):
        one = shops.shop("one")
        if number % 2:
            slip, again = shops.again(one)
            yield slip, True, one, again
        else:
            kind, a, b = shops.other(one)
            yield kind, False, a, b


def judge(count: int, seed: int, same: Callable[[Company, Company], bool]) -> Judged:
    judged = Judged()
    for kind, one_company, a, b in pairs(count, seed):
        found = same(a, b)
        outcome = {(True, True): "hit", (True, False): "missed", (False, True): "false"}.get(
            (one_company, found)
        )
        judged.counts[outcome or "apart"] += 1
        if outcome in ("missed", "false"):
            judged.wrong[kind] += 1
    return judged


def ours(a: Company, b: Company) -> bool:
    return same_company(a, b) == "same"


def plain_ratio(a: Company, b: Company) -> bool:
    return bool(a.phones & b.phones) or fuzz.ratio(a.name, b.name) >= 85


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 10_000
    for name, same in (("ours", ours), ("rapidfuzz ratio ≥ 85", plain_ratio)):
        found = judge(count, 20260310, same)
        print(
            f"{name:22} precision {found.precision:.4f}  recall {found.recall:.4f}  F1 {found.f1:.4f}  (goal 0.97)"
        )
        print(f"{'':22} wrong by kind: {dict(found.wrong.most_common())}")
    many = int(arguments[1]) if len(arguments) > 1 else 100_000
    shops = Shops(7)
    known = [shops.shop(f"lead:{number}") for number in range(many)]
    index = CompanyIndex(known)
    asked = [shops.again(shops.draw.choice(known))[1] for _ in range(200)]
    names = [company.name for company in known]
    searches: tuple[tuple[str, list[Company], Callable[[Company], object]], ...] = (
        ("ours", asked, index.matches),
        ("rapidfuzz extractOne", asked[:20], lambda c: process.extractOne(c.name, names, scorer=fuzz.ratio)),
    )
    for name, some, search in searches:
        times = sorted(_timed(search, company) for company in some)
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        print(
            f"{name:22} search in {many:,}: p50 {p50 * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms (goal p95 30 ms)"
        )
    return 0


def _timed(search: Callable[[Company], object], company: Company) -> float:
    start = time.perf_counter()
    search(company)
    return time.perf_counter() - start
