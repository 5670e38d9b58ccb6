"""Amounts of stock: exact in pieces, said in the product's own unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import rulebook
from domain.errors import Refusal
from domain.people import Product
from domain.stock import in_pieces, in_words, whole_part

RULES = rulebook.load().stock
BOXED = Product(code="A", name="草莓酸奶", unit="箱", pack_size=12)
LOOSE = Product(code="B", name="鲜牛奶", unit="瓶")


@pytest.mark.parametrize(
    ("quantity", "unit", "pieces"),
    [(2, "箱", 24), (24, "瓶", 24), (0.5, "箱", 6), (1.25, "箱", 15), (3, "", 36), (7, "盒", 7)],
)
def test_boxes_and_bottles_are_the_same_thing_in_pieces(quantity: float, unit: str, pieces: int) -> None:
    assert in_pieces(quantity, unit, BOXED, RULES) == pieces


@pytest.mark.parametrize(
    ("quantity", "unit", "product", "said"),
    [
        (2, "斤", BOXED, "请用箱或瓶再说一次"),
        (0.3, "箱", BOXED, "合 3.6瓶，不是整数"),
        (0.5, "瓶", BOXED, "不是整数"),
        (0, "箱", BOXED, "大于 0"),
        (1, "箱", LOOSE, "请用瓶再说一次"),
    ],
)
def test_an_amount_that_is_no_number_of_pieces_is_refused(
    quantity: float, unit: str, product: Product, said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        in_pieces(quantity, unit, product, RULES)


@given(pieces=st.integers(1, 10**7), pack=st.integers(1, 500))
def test_an_amount_in_words_is_that_amount_again(pieces: int, pack: int) -> None:
    product = BOXED.model_copy(update={"pack_size": pack})
    whole, _, left = in_words(Decimal(pieces), product, RULES).removesuffix("瓶").rpartition("箱")
    assert int(whole or 0) * pack + int(left or 0) == pieces
    offered = whole_part(Decimal(pieces), product, RULES)
    asked_for = in_pieces(offered[:-1], offered[-1], product, RULES)
    assert 0 < asked_for <= pieces
