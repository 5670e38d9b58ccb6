"""Buyer and seller: whose name and number it is, and what is too doubtful to be said."""

from hypothesis import given
from hypothesis import strategies as st

from nlu.senses.finding import SURE
from nlu.senses.parties import parties
from tests.papers.contents import Chance
from tests.senses.test_finding import page

BUYER, SELLER = "青禾乳业有限公司", "北京青城餐饮管理有限公司"
GOODS = "项目名称  单价  金额  税率  税额"


@given(st.integers(0, 10**6))
def test_each_side_gets_its_own_name_and_number(seed: int) -> None:
    chance = Chance(seed)
    a, b = chance.credit_code(), chance.credit_code()
    layouts = (
        (f"名称:{BUYER}  名称:{SELLER}", f"识别号:{a}  识别号:{b}", GOODS),
        (f"名称:{BUYER}", f"识别号:{a}", GOODS, f"名称:{SELLER}", f"识别号:{b}"),
        (f"销售方名称:{SELLER}", f"识别号:{b}", f"购买方名称:{BUYER}", f"识别号:{a}", GOODS),
        (f"名  称:{BUYER}", f"识别号:{a}", GOODS, f"称:{SELLER}", f"识别号:{b}"),
    )
    for rows in layouts:
        assert {key: field.text for key, field in parties(page(*rows)).items()} == {
            "buyer_name": BUYER,
            "buyer_tax_id": a,
            "seller_name": SELLER,
            "seller_tax_id": b,
        }, rows


@given(st.integers(0, 10**6), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGH"))
def test_a_number_with_one_letter_misread_is_never_certain(seed: int, place: int, letter: str) -> None:
    right = Chance(seed).credit_code()
    wrong = right[:place] + letter + right[place + 1 :]
    found = parties(page(f"名称:{BUYER}", f"识别号:{wrong}", GOODS, f"名称:{SELLER}"))["buyer_tax_id"]
    assert (found.confidence >= SURE) == (wrong == right)


def test_a_name_of_which_a_part_is_hidden_or_displaced_is_left_out() -> None:
    for name in ("有限公司", "北京青禾乳", "股份有限公司", "青禾乳业限公司公司", "青禾乳业(上海)限公司"):
        assert "buyer_name" not in parties(page(f"名称:{name}", GOODS, f"名称:{SELLER}"))


def test_the_only_number_belongs_to_the_side_on_which_it_stands() -> None:
    number = Chance(1).credit_code()
    found = parties(page(f"名称:{BUYER}  名称:{SELLER}", f"备注  识别号:{number}", GOODS))
    assert found.get("seller_tax_id") is not None and "buyer_tax_id" not in found
