"""Scores over all cases: python -m tests.language.report [-v]"""

import sys

from tests.language.scoring import cases, f1, score


def main() -> None:
    kinds, slots, exact = [0, 0, 0], [0, 0, 0], 0
    every = cases()
    for case in every:
        result = score(case)
        kinds = [a + b for a, b in zip(kinds, result.kinds, strict=True)]
        slots = [a + b for a, b in zip(slots, result.slots, strict=True)]
        exact += result.exact
        if not result.exact and "-v" in sys.argv:
            print(case.id, *result.words, sep="\n    ")
    print(
        f"{len(every)} cases: kinds F1 {f1(*kinds):.3f}, slots F1 {f1(*slots):.3f}, exact {exact / len(every):.3f}"
    )


if __name__ == "__main__":
    main()
