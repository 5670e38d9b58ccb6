"""`xiaofang bench leads`: everything about leads, one section after the other.

Known again, and how fast; given out, and how well; a month of first touches. The month is a small one here;
`xiaofang bench lead_month` plays it with 20,000 leads and 300 people.
"""

from bot.benchmarks import lead_dispatch, lead_duplicates, lead_month

SMALL_MONTH = ["600", "30"]


def main(arguments: list[str]) -> int:
    failed = [lead_duplicates.main([]), lead_dispatch.main(arguments), lead_month.main(SMALL_MONTH)]
    return max(failed)
