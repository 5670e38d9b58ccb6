"""The three datums of Chinese maps, against golden values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.datums import EAST, NORTH, SOUTH, WEST, converted
from domain.positions import Datum, Position, distance

GOLDEN = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215), 475),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363), 604),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657), 553),
]
"""WGS-84, GCJ-02 and the metres between them, from eviltransform."""

DATUMS: tuple[Datum, ...] = ("WGS-84", "GCJ-02", "BD-09")
inside = st.tuples(st.floats(SOUTH + 0.1, NORTH - 0.1), st.floats(WEST + 0.1, EAST - 0.1))
abroad = st.tuples(st.floats(-60, 60), st.floats(-170, WEST - 0.1))


def at(point: tuple[float, float], datum: Datum) -> Position:
    return Position(latitude=point[0], longitude=point[1], datum=datum)


@pytest.mark.parametrize(("wgs", "gcj", "metres"), GOLDEN)
def test_the_golden_values_are_met_without_any_error(
    wgs: tuple[float, float], gcj: tuple[float, float], metres: int
) -> None:
    there = converted(at(wgs, "WGS-84"), "GCJ-02")
    assert (there.latitude, there.longitude, there.datum) == (*gcj, "GCJ-02")
    # Measured as if both were of one datum: how far a point is off that nobody converts.
    assert distance(at(wgs, "GCJ-02"), there) == pytest.approx(metres, abs=1)


@pytest.mark.parametrize(("wgs", "gcj"), [(w, g) for w, g, _ in GOLDEN])
def test_the_way_back_is_exact_to_a_billionth_of_a_degree(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    back = converted(at(gcj, "GCJ-02"), "WGS-84")
    assert abs(back.latitude - wgs[0]) < 1e-9
    assert abs(back.longitude - wgs[1]) < 1e-9


@given(inside, st.sampled_from(DATUMS), st.sampled_from(DATUMS))
def test_there_and_back_again_is_the_same_place(point: tuple[float, float], one: Datum, other: Datum) -> None:
    here = at(point, one)
    back = converted(converted(here, other), one)
    assert back.datum == one
    assert abs(back.latitude - here.latitude) < 1e-9
    assert abs(back.longitude - here.longitude) < 1e-9


@given(abroad, st.sampled_from(DATUMS), st.sampled_from(DATUMS))
def test_abroad_nothing_is_shifted(point: tuple[float, float], one: Datum, other: Datum) -> None:
    here = at(point, one)
    assert converted(here, other) == here.model_copy(update={"datum": other})


@given(inside)
def test_a_position_keeps_its_accuracy_and_label(point: tuple[float, float]) -> None:
    here = at(point, "WGS-84").model_copy(update={"accuracy": 12.0, "label": "惠民超市"})
    there = converted(here, "BD-09")
    assert (there.accuracy, there.label) == (12.0, "惠民超市")


def test_baidu_is_where_its_published_formula_says() -> None:
    # 天安门: GCJ-02 39.90872, 116.39748 is BD-09 39.915, 116.404 in Baidu's documentation, to three decimals.
    there = converted(at((39.90872, 116.39748), "GCJ-02"), "BD-09")
    assert (round(there.latitude, 3), round(there.longitude, 3)) == (39.915, 116.404)
