"""What people say about prices: a quote that is asked for, and what is wanted beyond it."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.benchmarks.quotes import PRODUCTS, SHIPPED
from domain.intents.quotes import AskQuote
from domain.people import Competitor, Customer
from domain.pricing.wishes import Wish
from nlu.language.lexicon import Lexicon
from nlu.language.quoting import request_in, wishes_in

NOW = datetime(2026, 3, 10, 10, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
LEXICON = Lexicon.build(
    customers=[Customer(code="C0003", name="永旺超市望京店", aliases=("永旺望京店",), owner_id="P101")],
    contacts=[],
    products=list(PRODUCTS.values()),
    competitors=[Competitor(name="蒙牛")],
    people=[],
)


def asked(text: str, *, again: bool = False) -> AskQuote | None:
    return request_in(text, now=NOW, lexicon=LEXICON, rulebook=SHIPPED, own=frozenset(["C0003"]), again=again)


def wanted(text: str) -> tuple[Wish, ...]:
    return wishes_in(text, now=NOW, lexicon=LEXICON, rulebook=SHIPPED, own=frozenset())


YW50 = ("SKU-YW", Decimal(50), "箱")


@pytest.mark.parametrize(
    ("text", "customer", "goods"),
    [
        ("给永旺望京店报个价，原味酸奶50箱", "C0003", (YW50,)),
        ("给永旺望京店报价，原味酸奶50箱", "C0003", (YW50,)),
        ("永旺望京店要50箱原味酸奶能给什么价", "C0003", (YW50,)),
        ("永旺望京店要50箱能给什么价", "C0003", (("", Decimal(50), "箱"),)),
        ("报价：永旺望京店，原味酸奶五十箱、草莓酸奶20箱", "C0003", (YW50, ("SKU-CM", Decimal(20), "箱"))),
        ("原味酸奶多少钱一箱", "", (("SKU-YW", None, ""),)),
    ],
)
def test_a_quote_is_asked_for_in_many_ways(text: str, customer: str, goods: tuple[object, ...]) -> None:
    found = asked(text)
    assert found is not None
    assert (found.customer, found.goods) == (customer, goods)


def test_the_competitor_and_whoever_is_in_no_list_are_kept_as_they_were_said() -> None:
    found = asked("喜乐汇超市现在用蒙牛，给报个价，原味酸奶40箱")
    assert found and (found.customer, found.named, found.competitor) == ("", "喜乐汇超市", "蒙牛")


@pytest.mark.parametrize(
    "text",
    [
        "给他报了42",
        "下周三前给报价",
        "蒙牛什么价",
        "给永旺望京店报价了，原味酸奶42一箱",
        "他问什么价",
        "见了店长，订50箱原味酸奶",
        "要是100箱呢",
    ],
)
def test_reports_plans_and_other_peoples_prices_ask_for_nothing(text: str) -> None:
    assert asked(text) is None


def test_another_amount_alone_asks_again_where_a_quote_lies_on_the_table() -> None:
    found = asked("要是100箱呢？", again=True)
    assert found and found.goods == (("", Decimal(100), "箱"),)


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("他要再便宜两块", [Wish(how="less", value=200)]),
        ("能不能再便宜5%", [Wish(how="off", value=500)]),
        ("再让三个点", [Wish(how="off", value=300)]),
        ("打九五折", [Wish(how="off", value=500)]),
        ("按38一箱", [Wish(how="price", value=3800, unit="箱")]),
        ("原味酸奶按3块5一瓶", [Wish(how="price", value=350, unit="瓶", product="SKU-YW")]),
        ("38行不行", [Wish(how="price", value=3800)]),
        ("他说38一箱才要", [Wish(how="price", value=3800, unit="箱")]),
        ("按1分钱一箱", [Wish(how="price", value=1, unit="箱")]),
        ("一共1900行不行", [Wish(how="total", value=190_000)]),
        (
            "满100箱送5箱",
            [Wish(how="gift", count=Decimal(5), unit="箱", every=Decimal(100), every_unit="箱")],
        ),
        ("送他两箱草莓酸奶", [Wish(how="gift", count=Decimal(2), unit="箱", gift="SKU-CM")]),
        (
            "按38一箱，再送2箱",
            [Wish(how="price", value=3800, unit="箱"), Wish(how="gift", count=Decimal(2), unit="箱")],
        ),
        ("底价是多少", [Wish(how="lowest")]),
        ("最低能给多少", [Wish(how="lowest")]),
    ],
)
def test_wishes_are_taken_with_their_numbers(text: str, wishes: list[Wish]) -> None:
    assert list(wanted(text)) == wishes


@pytest.mark.parametrize(
    "text",
    [
        "他嫌贵怎么回",
        "便宜点",
        "见了王经理，按38一箱谈的",
        "永旺望京店订了50箱，按38一箱",
        "明天给他送2箱",
        "今天打车46块5",
    ],
)
def test_other_words_are_no_wishes(text: str) -> None:
    assert wanted(text) == ()
