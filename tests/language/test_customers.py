"""Whom a rep means, among 2,000 shops: taken where it is clear, asked about where it is not, never somebody else.

`python -m tests.language.test_customers` prints how many are right, asked about and wrong.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from bot.benchmarks.understanding import many_customers
from domain.people import Customer
from nlu.language.lexicon import Lexicon
from nlu.language.shop_names import GENERIC
from nlu.language.sounds import sound
from nlu.understanding import understand
from tests.language.company import TUESDAY_EVENING, customers, rulebook, understood

SEED = 20260311
SPEAKERS = ("R00", "R07", "R19", "P101", "P104")
SHOPS, TERRITORY, STRANGERS = 2000, 100, 300
NEW = "金桥鼎晟悦嘉润昌恒茂广聚丽晶翠竹蓝湾锦绣长青富强光明荣华东升北辰南洋天虹云海"
"""Letters of which the names of new shops are made, beside those of the known ones."""


@cache
def company() -> tuple[Customer, ...]:
    """The demo customers, and shops that twenty reps share."""
    shops = many_customers(SHOPS)
    owned = [s.model_copy(update={"owner_id": f"R{i // TERRITORY:02d}"}) for i, s in enumerate(shops)]
    return (*customers(), *owned)


@cache
def names() -> Lexicon:
    return Lexicon.build(company())


def taken(name: str, rep: str | None, told: str = "今天拜访了{}，老板不在") -> str | None:
    """The code that is taken without asking, of what a rep says."""
    own = names().owned_by(rep or "")
    meaning = understand(
        told.format(name), now=TUESDAY_EVENING, lexicon=names(), rulebook=rulebook(), own=own
    )
    said = [i.fields["customer"].value for i in meaning.intents if "customer" in i.fields]
    return next((str(code) for code in said if code), None)


@cache
def _alike() -> dict[str, list[str]]:
    """Letters in use, by their sound."""
    found: dict[str, list[str]] = {}
    for letter in sorted(
        {x for c in company() for x in c.name} | set(NEW + "会用旺富加每园原成发龙顺河翔锐锋台抗林")
    ):
        found.setdefault(sound(letter), []).append(letter)
    return found


def _misheard(name: str, seeded: random.Random) -> str:
    """One letter written as another of the same sound."""
    places = [i for i, x in enumerate(name) if len(_alike()[sound(x)]) > 1]
    if not places:
        return name
    at = seeded.choice(places)
    return name[:at] + seeded.choice([x for x in _alike()[sound(name[at])] if x != name[at]]) + name[at + 1 :]


def _cut(name: str, seeded: random.Random) -> str:
    at = seeded.randrange(len(name))
    return name[:at] + name[at + 1 :]


def _abbreviated(name: str) -> str:
    """Without its branch, as reps say it."""
    places = [(name.find(g), len(g)) for g in GENERIC if name.find(g) > 0]
    at, length = min(places, default=(0, len(name)), key=lambda p: (p[0], -p[1]))
    return name[: at + length]


def _brand(name: str) -> str:
    return names().index.brand(name)


def ways(seeded: random.Random, sample: int) -> Iterator[tuple[str, str, str | None, str | None]]:
    """(way of naming, what is said, who says it, who is meant)."""
    everybody = [*customers(), *seeded.sample(company()[len(customers()) :], sample)]
    for customer in everybody:
        name, code, owner = customer.name, customer.code, customer.owner_id
        somebody = seeded.choice(SPEAKERS)
        yield "exact, own", name, owner, code
        yield "exact, of another rep", name, somebody, code
        for alias in customer.aliases:
            yield "alias, of another rep", alias, somebody, code
        yield "without branch, own", _abbreviated(name), owner, code
        yield "without branch, of another rep", _abbreviated(name), somebody, code
        yield "brand alone, of another rep", _brand(name), somebody, code
        yield "misheard, own", _misheard(name, seeded), owner, code
        yield "misheard, of another rep", _misheard(name, seeded), somebody, code
        yield "a letter dropped, own", _cut(name, seeded), owner, code
        yield "a letter dropped, of another rep", _cut(name, seeded), somebody, code


def strangers(seeded: random.Random) -> Iterator[str]:
    """Shops in no list, half of them with two letters of a known one."""
    known = [c.name for c in company()]
    kinds = ["超市", "便利店", "生鲜超市", "百货", "批发部", "商行", "食品店"]
    sounds = {sound(_brand(n)) for n in known}
    for number in range(STRANGERS):
        while True:
            brand = "".join(seeded.sample(NEW, seeded.choice((2, 3))))
            if number % 2:
                base = _brand(seeded.choice(known))[-3:]
                at = seeded.randrange(len(base))
                brand = base[:at] + seeded.choice(NEW) + base[at + 1 :]
            if seeded.random() < 0.2:
                brand = seeded.choice("大小新老万好") + brand
            if sound(brand) not in sounds and len(brand) >= 2 and brand[-1] not in "店市":
                break
        yield brand + seeded.choice(kinds) + seeded.choice(["", "", "朝阳店", "望京店", "南山路店"])


def counted(sample: int) -> dict[str, Counter[str]]:
    """Way of naming → how many are right, asked about, wrong."""
    seeded = random.Random(SEED)
    found: dict[str, Counter[str]] = {}
    for way, said, rep, code in ways(seeded, sample):
        got = taken(said, rep)
        verdict = "right" if got == code else "asked" if got is None else "wrong"
        found.setdefault(way, Counter())[verdict] += 1
    for said in strangers(seeded):
        got = taken(said, seeded.choice(SPEAKERS))
        found.setdefault("in no list", Counter())["asked" if got is None else "wrong"] += 1
    return found


def test_hardly_anybody_is_taken_for_somebody_else() -> None:
    found = counted(sample=120)
    every = sum(found.values(), Counter[str]())
    assert every["wrong"] <= 0.01 * every.total()
    assert found["in no list"]["wrong"] <= 0.01 * STRANGERS
    for way in ("exact, own", "exact, of another rep", "alias, of another rep"):
        assert found[way].keys() == {"right"}
    assert found["without branch, own"]["right"] >= 0.95 * found["without branch, own"].total()
    assert found["misheard, own"]["right"] >= 0.95 * found["misheard, own"].total()


@pytest.mark.parametrize(
    "name",
    [
        "大发超市",
        "大华超市",
        "大润发超市",
        "小百花超市",
        "新一佳超市",
        "新世纪超市",
        "老百姓超市",
        "老王超市",
        "好邻家超市",
        "万佳超市",
    ],
)
def test_a_shop_in_no_list_is_asked_about_by_its_whole_name(name: str) -> None:
    meaning = understood(f"拜访了{name}的李老板")
    (visit,) = meaning.intents
    assert visit.fields["customer"].value is None
    assert visit.fields["customer"].words == name


@pytest.mark.parametrize(
    ("said", "code"), [("望京永旺", "C0003"), ("望京那家永旺", "C0003"), ("惠民", "C0001")]
)
def test_short_forms_of_own_customers_are_taken(said: str, code: str) -> None:
    (visit,) = understood(f"去了{said}，老板不在").intents
    assert visit.fields["customer"].value == code


def test_a_branch_that_is_not_ours_is_not_taken_for_ours() -> None:
    (visit,) = understood("去了惠民大望路店，老板不在").intents
    assert visit.fields["customer"].value is None


def test_each_entry_of_a_list_keeps_its_own_customer() -> None:
    meaning = understood(
        "1. 乐多多，原味补20箱，纯牛奶补15箱，明天送；2. 阳光百货，收款5400；3. 鑫源烟酒店，草莓缺货。"
    )
    told = {(getattr(i, "form", ""), i.fields["customer"].value) for i in meaning.intents}
    assert told == {("order", "C0006"), ("payment", "C0009"), ("stock_check", "C0007")}


def main() -> None:
    for way, count in counted(SHOPS if "-a" in sys.argv else 200).items():
        print(f"{way:36} {dict(count)}")


if __name__ == "__main__":
    main()
