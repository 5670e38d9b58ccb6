"""Several customers in one message: whoever they are and however much, each gets his own and nobody another's."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents.records import RecordIntent, Understanding
from tests.language.company import lexicon, rulebook, understood

SHOPS = {"惠民朝阳店": "C0001", "好邻居": "C0002", "永旺望京店": "C0003", "万家福": "C0004", "佳美": "C0005"}
SOME = st.lists(st.sampled_from(sorted(SHOPS)), min_size=2, max_size=4, unique=True)
AMOUNTS = st.lists(st.integers(2, 99), min_size=4, max_size=4, unique=True)
few = settings(max_examples=25, deadline=None)


def told(meaning: Understanding, form: str, field: str) -> list[tuple[object, object]]:
    """(customer, value) of each record of a form, in the order they were told."""
    records = [i for i in meaning.intents if isinstance(i, RecordIntent) and i.form == form]
    return [(r.fields["customer"].value, r.fields[field].value) for r in records]


@few
@given(SOME, AMOUNTS)
def test_each_sum_behind_a_name_is_that_customers_payment(shops: list[str], sums: list[int]) -> None:
    pairs = [(shop, n * 100) for shop, n in zip(shops, sums, strict=False)]
    meaning = understood("今天收款：" + "，".join(f"{shop}{n}" for shop, n in pairs))
    assert told(meaning, "payment", "amount") == [(SHOPS[shop], n) for shop, n in pairs]


@few
@given(SOME, AMOUNTS)
def test_each_amount_behind_a_name_is_that_customers_order(shops: list[str], amounts: list[int]) -> None:
    pairs = list(zip(shops, amounts, strict=False))
    meaning = understood("今天订货：" + "；".join(f"{shop}原味{n}箱" for shop, n in pairs))
    assert told(meaning, "order", "quantity") == [(SHOPS[shop], n) for shop, n in pairs]


@few
@given(SOME, st.integers(2, 99), st.sampled_from(["各要", "都要了", "每家补", "各订了"]))
def test_what_each_of_a_list_wants_is_an_order_of_each(shops: list[str], amount: int, verb: str) -> None:
    meaning = understood(f"{'、'.join(shops)}{verb}{amount}箱纯奶")
    assert told(meaning, "order", "quantity") == [(SHOPS[shop], amount) for shop in shops]
    assert meaning.question is None


@few
@given(SOME, AMOUNTS)
def test_respectively_gives_each_his_own(shops: list[str], amounts: list[int]) -> None:
    pairs = list(zip(shops, amounts, strict=False))
    meaning = understood(f"{'、'.join(shops)}分别订了{'、'.join(f'{n}箱' for _, n in pairs)}纯奶")
    assert told(meaning, "order", "quantity") == [(SHOPS[shop], n) for shop, n in pairs]


@few
@given(SOME, st.integers(2, 99), st.sampled_from(["一共要了", "总共订了", "要了"]))
def test_an_amount_of_all_together_belongs_to_nobody_until_it_is_asked(
    shops: list[str], amount: int, verb: str
) -> None:
    meaning = understood(f"{'、'.join(shops)}{verb}{amount}箱纯奶")
    assert told(meaning, "order", "quantity") == [(None, amount)]
    assert meaning.question is not None and meaning.question.field == "customer"
    assert {code for code, _ in meaning.question.choices} <= {SHOPS[shop] for shop in shops}


@few
@given(SOME)
def test_a_round_is_a_visit_to_everybody_named_in_it(shops: list[str]) -> None:
    meaning = understood(f"今天跑了{len(shops)}家：" + "；".join(f"{shop}都挺好" for shop in shops))
    assert told(meaning, "visit", "happened_at") == [(SHOPS[shop], "2026-03-10") for shop in shops]


def test_a_known_chain_that_is_no_customer_is_asked_about_and_never_taken_for_a_neighbour() -> None:
    for chain in rulebook().words("names", "chains"):
        meaning = understood(f"今天去了惠民朝阳店，又去了{chain}，{chain}要10箱纯奶")
        ((code, _),) = told(meaning, "order", "quantity")
        assert code is None or chain in lexicon().customers[str(code)].name, chain


@few
@given(SOME, AMOUNTS)
def test_who_is_pointed_at_gets_what_is_told_of_him(shops: list[str], sums: list[int]) -> None:
    one, other = shops[:2]
    meaning = understood(f"{one}和{other}都跑了，前者收款{sums[0] * 100}，后者收款{sums[1] * 100}")
    assert told(meaning, "payment", "amount") == [(SHOPS[one], sums[0] * 100), (SHOPS[other], sums[1] * 100)]


@few
@given(st.sampled_from(sorted(SHOPS)), st.integers(2, 99))
def test_so_many_of_each_product_is_a_line_of_each(shop: str, amount: int) -> None:
    meaning = understood(f"{shop}要了纯牛奶和早餐奶各{amount}箱")
    assert told(meaning, "order", "quantity") == [(SHOPS[shop], amount)] * 2
    assert {i.fields["product"].value for i in meaning.intents} == {"SKU-CN", "SKU-ZZ"}


@few
@given(st.sampled_from(sorted(SHOPS)), st.integers(2, 40), st.integers(41, 99))
def test_an_amount_that_was_taken_back_is_no_order(shop: str, first: int, then: int) -> None:
    for words in (
        f"不要{first}箱，要{then}箱",
        f"先说要{first}箱，后来改口要{then}箱",
        f"要{first}箱不对是{then}箱",
    ):
        meaning = understood(f"{shop}原味酸奶{words}")
        assert told(meaning, "order", "quantity") == [(SHOPS[shop], then)], words


@few
@given(st.sampled_from(["打样", "意向", "库存"]), st.sampled_from(sorted(SHOPS)), st.integers(2, 99))
def test_a_heading_says_what_the_goods_under_it_are(heading: str, shop: str, amount: int) -> None:
    form = {"打样": "sample", "意向": "order_intent", "库存": "stock_check"}[heading]
    assert told(understood(f"{heading}：{shop}，原味{amount}箱"), form, "quantity") == [(SHOPS[shop], amount)]
