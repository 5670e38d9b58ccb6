"""Scores over all cases: python -m tests.language.report [-v] [--sorts] [FILE.jsonl …]

--sorts counts the errors by form and field. Without -v only totals are printed, so that sentences kept apart stay
unseen.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path

from tests.language.scoring import Case, Score, cases, f1, score, spoken


def main() -> None:
    files = [Path(a) for a in sys.argv[1:] if not a.startswith("-")]
    every = [case for file in files for case in spoken(file)] or cases()
    scores = [score(case) for case in every]
    if "-v" in sys.argv:
        list(starmap(_explain, zip(every, scores, strict=True)))
    if "--sorts" in sys.argv:
        for sort, count in Counter(e for s in scores for e in s.kinds_of_error).most_common():
            print(f"{count:4} {sort}")
    print(totals(scores))


def _explain(case: Case, result: Score) -> None:
    if not result.exact:
        print(case.id, *result.words, sep="\n    ")


def totals(scores: Sequence[Score]) -> str:
    """The figures that the project's goals speak of, in one line."""

    def total(name: str) -> list[int]:
        return [sum(column) for column in zip(*(getattr(s, name) for s in scores), strict=True)]

    figures, customers = total("figures"), total("customers")
    return (
        f"{len(scores)} cases: kinds F1 {f1(*total('kinds')):.3f}, slots F1 {f1(*total('slots')):.3f}, "
        f"exact {sum(s.exact for s in scores) / max(len(scores), 1):.3f}, "
        f"amounts and dates wrong {figures[1]}/{figures[0]}, customers wrong {customers[1]}/{customers[0]}"
    )


if __name__ == "__main__":
    main()
