"""A small month of leads, drawn from a seed: `xiaofang bench lead_month` plays the large one."""

from pathlib import Path

from bot.benchmarks.lead_month import gini, play, reached


def test_over_days_of_leads_everybody_is_reached_in_time_and_every_push_comes_once(tmp_path: Path) -> None:
    found = play(tmp_path, 30, 6, days=3, seed=4)
    assert found.figures.touched == found.figures.leads == 30
    assert reached(found), found


def test_equal_shares_have_a_gini_of_nothing() -> None:
    assert gini([3, 3, 3]) == 0
    assert gini([0, 0, 9]) > 0.6
