"""A card number, a pasted column, a key that stuck: no text keeps a turn waiting."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.language.numbers import NUMBER, read
from tests.language.company import understood

pytestmark = pytest.mark.timeout(20)

PIECES = (
    "9", "一", "十百千万", "9,999,", "1点", "几十", "三五", "9万", "10k", "周", "上", "号", "点半", "12:30", "2026-",
    "月", "箱", "元", "九折", "多", "到", "王", "老", "新", "大", "去", "了", "不对", "，", "a", " ", "惠民", "超市",
)  # fmt: skip


@pytest.mark.parametrize("piece", ["9", "一", "十百千万", "三五", "9万", "点五", "几百", "9,999,"])
@pytest.mark.parametrize("end", ["", "个y", "排"])
def test_a_long_run_is_read_at_once(piece: str, end: str) -> None:
    understood("收到" + piece * 500 + end)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 60)), min_size=1, max_size=6))
def test_runs_of_anything_are_read_at_once(runs: list[tuple[str, int]]) -> None:
    understood("".join(piece * count for piece, count in runs))


def test_a_run_of_figures_is_one_number() -> None:
    assert [m.group() for m in NUMBER.finditer("卡号6222021234567890123个")] == ["6222021234567890123"]
    assert [m.group() for m in NUMBER.finditer("1,234,567.5元")] == ["1,234,567.5"]


def test_a_long_number_keeps_its_value() -> None:
    number = read("一亿两千三百四十五万六千七百八十九")
    assert number is not None
    assert number.value == 123_456_789
