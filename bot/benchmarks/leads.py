"""`xiaofang bench leads [PAIRS] [COMPANIES]`: whether leads that came before are known again, and how fast."""

from bot.benchmarks import lead_duplicates


def main(arguments: list[str]) -> int:
    return lead_duplicates.main(arguments)
