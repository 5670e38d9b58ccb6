"""What goods cost by the rules, and what may be given on top of it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.benchmarks import quotes as bench
from bot.benchmarks.quotes import PRODUCTS
from domain.errors import Refusal
from domain.people import Product
from domain.pricing import quotes as engine
from domain.pricing import wishes as judging
from domain.pricing.quotes import fen_words, reduced
from domain.pricing.rules import PriceRules
from domain.pricing.wishes import Wish
from tests.pricing.some import PLAIN, quote, wished

YW = "SKU-YW"


@pytest.mark.parametrize(
    ("boxes", "level", "price", "why"),
    [
        (49, "", 4200, ()),
        (50, "", 4120, ("满50箱优惠",)),  # 41.16 is rounded up to 41.2
        (100, "", 4040, ("满100箱优惠",)),
        (100, "A", 3990, ("满100箱优惠", "A级客户优惠")),
    ],
)
def test_amounts_and_levels_make_it_cheaper_and_say_so(
    boxes: int, level: str, price: int, why: tuple[str, ...]
) -> None:
    line = quote((YW, boxes, "箱"), level=level).lines[0]
    assert (line.price, line.why, line.amount) == (price, why, price * boxes)


def test_only_the_largest_reduction_counts_where_the_rules_say_so() -> None:
    best = PLAIN.model_copy(update={"stacking": "best"})
    line = quote((YW, 100, "箱"), level="A", rules=best).lines[0]
    assert (line.price, line.why) == (4040, ("满100箱优惠",))


@pytest.mark.parametrize(("day", "price"), [(14, 4200), (15, 3780), (31, 3780), (32, 4200)])
def test_a_promotion_holds_from_its_first_to_its_last_day(day: int, price: int) -> None:
    rules = PriceRules.model_validate(
        {
            "promotions": [
                {"label": "节", "start": "2026-03-15", "end": "2026-03-31", "cut": 10, "products": [YW]}
            ]
        }
    )
    today = date(2026, 3, day) if day < 32 else date(2026, 4, 1)
    assert quote((YW, 1, "箱"), rules=rules, today=today).lines[0].price == price
    assert quote(("SKU-CM", 1, "箱"), rules=rules, today=today).lines[0].price == 4500


def test_the_same_product_in_many_lines_is_one_line() -> None:
    split = quote(*[(YW, 1, "箱")] * 30, (YW, 240, "瓶"))
    assert split == quote((YW, 50, "箱"))


def test_bottles_cost_their_part_of_a_box_rounded_up() -> None:
    assert quote((YW, 5, "瓶")).total == 1750
    assert quote(("SKU-CM", 7, "瓶")).total == 2625


def test_units_parts_of_bottles_and_slips_of_the_tongue_are_asked_about() -> None:
    for amount, unit, words in (
        (5, "吨", "不知道是多少"),
        (0.01, "箱", "不是整数"),
        (0, "箱", "大于 0"),
        (5e6, "箱", "太大"),
    ):
        with pytest.raises(Refusal, match=words):
            quote((YW, amount, unit))


def test_what_has_no_floor_is_quoted_by_the_list_and_nothing_under_it() -> None:
    prices = {YW: PRODUCTS[YW].model_copy(update={"floor_price": None})}
    assert quote((YW, 300, "箱"), level="A", prices=prices).lines[0].price == 4200


def test_what_has_no_list_price_or_one_under_its_floor_is_not_quoted() -> None:
    for wrong in ({"list_price": None}, {"list_price": 3500}):
        with pytest.raises(Refusal, match="产品资料") as refused:
            quote((YW, 1, "箱"), prices={YW: PRODUCTS[YW].model_copy(update=wrong)})
        assert "36" not in refused.value.words


def test_generous_rules_stop_above_the_floor() -> None:
    rules = PriceRules.model_validate({"levels": {"A": 90}, "most_off": 90})
    assert (
        quote((YW, 1, "箱"), level="A", rules=rules).lines[0].price == 3640
    )  # 36 and one percent, rounded up


@settings(max_examples=40)
@given(
    st.integers(1, 10**7),
    st.integers(0, 9999),
    st.sampled_from([1, 5, 10, 100]),
    st.integers(0, 10**7),
    st.integers(1, 10**6),
)
def test_a_price_by_the_rules_is_a_whole_number_between_wall_and_list(
    listed: int, cut: int, step: int, floor: int, boxes: int
) -> None:
    floor = min(floor, listed)
    product = Product(code="X", name="X", pack_size=12, list_price=listed, floor_price=floor)
    percent = Decimal(cut) / 100
    rules = PriceRules(levels={"A": percent}, most_off=percent, round_to=step)
    line = quote(("X", boxes, "箱"), level="A", rules=rules, prices={"X": product}).lines[0]
    assert floor <= line.price <= listed
    assert line.price == listed or line.price * 10_000 >= listed * (10_000 - cut)


def test_a_sum_is_read_aloud_as_people_do() -> None:
    assert [fen_words(fen) for fen in (4000, 4030, 4035, 5, 123456)] == [
        "40元",
        "40.3元",
        "40.35元",
        "0.05元",
        "1234.56元",
    ]
    assert reduced(4035, 0, 10) == 4035


# wishes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "outcome", "price"),
    [
        (Wish(how="less", value=100), "granted", 4020),
        (Wish(how="price", value=4000), "granted", 4000),
        (Wish(how="off", value=300), "granted", 4000),
        (Wish(how="price", value=3990), "approval", 3990),
        (Wish(how="less", value=200), "approval", 3920),
        (Wish(how="price", value=320, unit="瓶"), "approval", 3840),
        (Wish(how="price", value=3750), "refused", 4000),
        (Wish(how="off", value=5000), "refused", 4000),
        (Wish(how="total", value=200_000), "granted", 4000),
        (Wish(how="lowest"), "refused", 4000),
    ],
)
def test_a_wish_is_granted_approved_or_refused_with_the_nearest(wish: Wish, outcome: str, price: int) -> None:
    """41.2 by the rules: 40 is what the rep may give by himself, 38 with his manager's word."""
    decision = wished(quote((YW, 50, "箱")), wish)
    assert (decision.outcome, decision.quote.lines[0].price) == (outcome, price)


def test_gifts_lower_the_effective_price() -> None:
    base = quote((YW, 100, "箱"))
    outcomes = [wished(base, Wish(how="gift", count=Decimal(n), unit="箱")).outcome for n in (3, 5, 12)]
    assert outcomes == ["granted", "approval", "refused"]
    each = wished(base, Wish(how="gift", count=Decimal(1), unit="箱", every=Decimal(50)))
    assert each.quote.lines[0].gifts[0].pieces == 24
    with pytest.raises(Refusal, match="满赠"):
        wished(base, Wish(how="gift", count=Decimal(1), every=Decimal(500)))


@pytest.mark.parametrize(("pieces", "outcome"), [(5, "granted"), (10, "approval"), (20, "refused")])
def test_gifts_of_other_goods_count_with_their_list_price(pieces: int, outcome: str) -> None:
    """Fifty boxes at 41.2, and of cheese at 88 for ten pieces."""
    wish = Wish(how="gift", count=Decimal(pieces), unit="支", gift="SKU-NL")
    assert wished(quote((YW, 50, "箱")), wish).outcome == outcome


def test_wishes_one_after_the_other_do_not_add_up_behind_the_limits() -> None:
    base, ends = quote((YW, 50, "箱")), []
    for _ in range(4):
        decision = wished(base, Wish(how="less", value=100))
        ends.append(decision.outcome)
        base = base if decision.outcome == "refused" else decision.quote
    assert ends == ["granted", "approval", "approval", "refused"]
    assert "38" in decision.words, "what was approved before stands"


def test_wishes_told_together_are_judged_together() -> None:
    base = quote((YW, 100, "箱"))
    both = (Wish(how="less", value=80), Wish(how="gift", count=Decimal(3), unit="箱"))
    assert [wished(base, wish).outcome for wish in both] == ["granted", "granted"]
    assert wished(base, *both).outcome == "approval"


def test_a_manager_gives_by_himself_what_he_might_approve() -> None:
    decision = wished(quote((YW, 50, "箱")), Wish(how="price", value=3900), own=PLAIN.limits.manager)
    assert decision.outcome == "granted"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(how="price", value=0), "大于 0"),
        (Wish(how="price", value=-500), "大于 0"),
        (Wish(how="less", value=-500), "大于 0"),
        (Wish(how="less", value=10**9), "大于 0"),
        (Wish(how="off", value=10_000), "折扣"),
        (Wish(how="price", value=3800, unit="瓶"), "比「原味酸奶」的标价还高"),
        (Wish(how="price", value=3800, unit="吨"), "不知道是多少"),
        (Wish(how="total", value=10**9), "总价"),
        (Wish(how="price", value=100, product="SKU-NL"), "不在这份报价里"),
    ],
)
def test_what_cannot_be_worked_out_is_said_and_changes_nothing(wish: Wish, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        wished(quote((YW, 50, "箱")), wish)


def test_of_several_products_it_is_asked_which() -> None:
    with pytest.raises(Refusal, match="哪一个"):
        wished(quote((YW, 50, "箱"), ("SKU-CM", 10, "箱")), Wish(how="less", value=100))


# nobody gets under the floor -----------------------------------------------------------------------------------------


def test_nothing_random_and_nobody_who_tries_gets_under_the_floor() -> None:
    """A sample of `xiaofang bench quotes`."""
    for found in (bench.random_requests(80, seed=1), bench.hostile_requests(33, seed=2)):
        assert found.breaches == []
        assert {"granted", "approval", "refused"} <= set(found.ends)


def test_the_bench_would_find_a_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engine, judging):
        monkeypatch.setattr(module, "wall_of", lambda product, rules: 1)
    assert bench.random_requests(20, seed=1).breaches
