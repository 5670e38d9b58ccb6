"""`xiaofang bench leads [LEADS] [REPS]`: everything about leads, one section after the other.

The month is a small one here; `xiaofang bench lead_month` plays it with 20,000 leads and 300 people.
"""

from bot.benchmarks import lead_dispatch, lead_month

SMALL_MONTH = ["600", "30"]


def main(arguments: list[str]) -> int:
    failed = [lead_dispatch.main(arguments), lead_month.main(SMALL_MONTH)]
    return max(failed)
