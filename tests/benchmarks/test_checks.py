"""A sample of `bench checks`: every defect is found, no clean invoice is so much as doubted."""

from bot.benchmarks import checks
from bot.benchmarks.defects import DEFECTS
from domain.checks import CheckCode


def test_every_check_has_a_defect_that_it_is_there_for() -> None:
    assert set(DEFECTS) == set(CheckCode.__args__)  # type: ignore[attr-defined]


def test_all_defects_of_a_sample_are_found_and_no_clean_invoice_is_doubted() -> None:
    found = checks.run(count=15, seed=4)
    assert found.told == found.tried
    assert (found.clean, found.doubted, found.wrong) == (15, 0, [])
