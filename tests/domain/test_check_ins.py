"""Which customer somebody is at."""

from hypothesis import given
from hypothesis import strategies as st

from domain.check_ins import MOST_CHOICES, REACH_METRES, whereabouts
from domain.people import Customer
from domain.positions import Position

HERE = Position(latitude=39.9219, longitude=116.4435)
DEGREE_METRES = 111_195
"""Metres in a degree of latitude."""


def shop(code: str, metres_north: float, **more: object) -> Customer:
    place = HERE.model_copy(update={"latitude": HERE.latitude + metres_north / DEGREE_METRES})
    return Customer.model_validate({"code": code, "name": f"店{code}", "position": place, **more})


def test_the_only_shop_in_reach_is_taken() -> None:
    found = whereabouts(HERE, [shop("far", 900), shop("near", 40)])
    assert (found.result, [n.customer.code for n in found.near]) == ("at", ["near"])
    assert abs(found.near[0].metres - 40) < 0.5


def test_two_shops_side_by_side_are_asked_about_nearest_first() -> None:
    found = whereabouts(HERE, [shop("b", 60), shop("a", 30), shop("c", 290)])
    assert (found.result, [n.customer.code for n in found.near]) == ("unclear", ["a", "b"])


def test_a_clearly_nearer_shop_needs_no_question() -> None:
    assert whereabouts(HERE, [shop("a", 20), shop("b", 150)]).near[0].customer.code == "a"


def test_out_of_reach_the_nearest_is_named() -> None:
    found = whereabouts(HERE, [shop("a", 2300), shop("b", 5000)])
    assert (found.result, found.near[0].customer.code) == ("nowhere", "a")


def test_a_huge_stated_accuracy_does_not_bring_far_shops_near() -> None:
    vague = HERE.model_copy(update={"accuracy": 5000.0})
    assert whereabouts(vague, [shop("a", REACH_METRES + 99)]).result == "at"
    assert whereabouts(vague, [shop("a", REACH_METRES + 120)]).result == "nowhere"


def test_closed_shops_and_shops_of_another_datum_are_never_near() -> None:
    closed = shop("a", 10, status="closed")
    place = Position(latitude=HERE.latitude, longitude=HERE.longitude, datum="WGS-84")
    other = Customer(code="b", name="店b", position=place)
    assert whereabouts(HERE, [closed, other]).near == ()


@given(st.lists(st.floats(-3000, 3000), max_size=30))
def test_one_is_taken_only_when_no_other_is_as_near(distances: list[float]) -> None:
    shops = [shop(str(n), metres) for n, metres in enumerate(distances)]
    found = whereabouts(HERE, shops)
    within = sorted(abs(d) for d in distances if abs(d) < REACH_METRES - 1)
    if found.result == "at":
        assert len(found.near) == 1
        assert len(within) < 2 or within[1] - within[0] > 79
    if found.result == "unclear":
        assert 2 <= len(found.near) <= MOST_CHOICES
