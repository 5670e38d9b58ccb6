"""Customers, products and people: found exactly, by sound, abbreviated; asked about when in doubt."""

import random

import pytest

from domain.people import Competitor, Customer, Product
from nlu.language.lexicon import Lexicon
from nlu.language.sounds import sound
from tests.language.company import customers, lexicon, own


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("惠民超市朝阳店", "C0001"),
        ("惠民朝阳店", "C0001"),
        ("会民超市朝阳店", "C0001"),
        ("惠民超市", "C0001"),
        ("永旺望京", "C0003"),
        ("用旺超市望京店", "C0003"),
        ("永旺超市旺京店", "C0003"),
        ("万家福", "C0004"),
        ("佳美", "C0005"),
    ],
)
def test_a_rep_means_his_own_customer(said: str, code: str) -> None:
    names = [n for n in lexicon().find(said, own()) if n.kind == "customer"]
    linked = names[0].keys[0] if names else lexicon().link(said, own()).code
    assert linked == code


@pytest.mark.parametrize("said", ["沃尔玛超市", "大润发", "喜洋洋便利店"])
def test_an_unknown_shop_is_nobody(said: str) -> None:
    assert lexicon().link(said, own()).code is None


def test_a_brand_of_somebody_else_is_only_a_candidate() -> None:
    link = lexicon().link("物美超市", own())
    assert link.code is None


def test_two_shops_of_one_brand_are_asked_about() -> None:
    both = own() | {"C0011"}
    assert set(lexicon().link("惠民超市", both).candidates) == {"C0001", "C0011"}
    (name,) = [n for n in lexicon().find("惠民", both) if n.kind == "customer"]
    assert set(name.keys) == {"C0001", "C0011"}


def test_products_are_heard_as_well_as_read() -> None:
    (name,) = [n for n in lexicon().find("圆味酸奶", own()) if n.kind == "product"]
    assert name.keys == ("SKU-YW",)


def test_a_shared_ending_means_all_products_that_have_it() -> None:
    (name,) = [n for n in lexicon().find("酸奶", own()) if n.kind == "product"]
    assert set(name.keys) == {"SKU-YW", "SKU-CM"}


def test_two_syllables_need_one_right_letter_to_be_a_competitor() -> None:
    assert [n.keys for n in lexicon().find("猛牛", own()) if n.kind == "competitor"] == [("蒙牛",)]
    assert [n for n in lexicon().find("一粒", own()) if n.kind == "competitor"] == []


def test_an_empty_company_knows_nobody() -> None:
    empty = Lexicon.build([])
    assert empty.find("今天拜访了惠民超市朝阳店", frozenset()) == []
    assert empty.link("惠民超市", frozenset()).code is None


def test_no_name_is_needed_twice() -> None:
    company = Lexicon.build(
        [Customer(code="A", name="好又多"), Customer(code="B", name="好又多")],
        products=[Product(code="P", name="酸奶")],
        competitors=[Competitor(name="蒙牛")],
    )
    (name,) = company.find("好又多", frozenset())
    assert set(name.keys) == {"A", "B"}
    (mine,) = company.find("好又多", frozenset({"B"}))
    assert mine.keys == ("B",)


def test_one_misheard_letter_never_takes_the_wrong_customer() -> None:
    letters = [chr(i) for i in range(0x4E00, 0x9FA5)]
    alike: dict[str, list[str]] = {}
    for letter in letters:
        alike.setdefault(sound(letter), []).append(letter)
    seeded = random.Random(7)
    everybody = frozenset(c.code for c in customers())
    right = wrong = 0
    for customer in customers():
        for _ in range(5):
            place = seeded.randrange(len(customer.name))
            said = list(customer.name)
            said[place] = seeded.choice(alike[sound(said[place])])
            linked = lexicon().link("".join(said), everybody).code
            right += linked == customer.code
            wrong += linked not in (None, customer.code)
    assert wrong == 0
    assert right >= 0.9 * 5 * len(customers())
