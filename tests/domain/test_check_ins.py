"""Which customer somebody is at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rulebook import load
from domain import check_ins
from domain.check_ins import MOST_CHOICES, Whereabouts, grade, metres_to
from domain.datums import converted
from domain.people import Customer
from domain.positions import Datum, Position
from domain.visits import Place

HERE = Position(latitude=39.9219, longitude=116.4435)
DEGREE_METRES = 111_195
"""Metres in a degree of latitude."""


def shop(code: str, metres_north: float, **more: object) -> Customer:
    place = HERE.model_copy(update={"latitude": HERE.latitude + metres_north / DEGREE_METRES})
    return Customer.model_validate({"code": code, "name": f"店{code}", "position": place, **more})


LIMITS = load().authenticity.place
REACH_METRES = LIMITS.reach_metres


def whereabouts(
    position: Position, customers: list[Customer], learned: dict[str, Place] | None = None
) -> Whereabouts:
    return check_ins.whereabouts(position, customers, LIMITS, learned or {})


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


def test_closed_shops_are_never_near() -> None:
    assert whereabouts(HERE, [shop("a", 10, status="closed")]).near == ()


@pytest.mark.parametrize("datum", ["WGS-84", "BD-09"])
def test_a_shop_in_another_datum_is_found_where_it_is(datum: Datum) -> None:
    place = converted(HERE, datum)
    assert metres_to(HERE, place) < 0.01
    found = whereabouts(HERE, [Customer(code="b", name="店b", position=place)])
    assert (found.result, found.near[0].customer.code) == ("at", "b")


def test_what_visits_taught_never_overrides_the_master_data() -> None:
    far = Place(position=HERE.model_copy(update={"latitude": HERE.latitude + 1}), source="learned")
    here = Place(position=HERE, source="learned", visits=3)
    assert whereabouts(HERE, [shop("a", 10)], {"a": far}).result == "at"
    placeless = Customer(code="b", name="店b")
    assert whereabouts(HERE, [placeless]).near == ()
    (near,) = whereabouts(HERE, [placeless], {"b": here}).near
    assert near.place.words == "按最近 3 次拜访学到的位置"


@pytest.mark.parametrize(
    ("metres", "accuracy", "graded"),
    [
        (299, None, "pass"),
        (340, None, "review"),
        (360, None, "fail"),
        (340, 10.0, "fail"),
        (399, 100.0, "review"),
        (401, 5000.0, "fail"),
    ],
)
def test_the_distance_is_graded_with_the_stated_accuracy_up_to_its_cap(
    metres: float, accuracy: float | None, graded: str
) -> None:
    there = shop("a", metres).position
    assert there is not None
    here = HERE.model_copy(update={"accuracy": accuracy})
    assert grade(here, Place(position=there), LIMITS)[0] == graded


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
