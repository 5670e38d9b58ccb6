"""Scores over all minutes: python -m tests.language.todos.report [-v]"""

import sys

from tests.language.todos.scoring import cases, everything, score


def main() -> None:
    if "-v" in sys.argv:
        for case in cases():
            if words := score(case).words:
                print(f"{case['file']}: {case['text'][:60]!r}", *words, sep="\n    ")
    total = everything()
    shares = {name: getattr(total, name) for name in ("owners", "dues", "titles")}
    print(
        f"{len(cases())} minutes, {total.hit + total.missed} to-dos: F1 {total.f1:.3f}, "
        + ", ".join(f"{name} {right / max(all_, 1):.3f}" for name, (right, all_) in shares.items())
        + f", owners silently wrong {total.wrong_owners}"
    )


if __name__ == "__main__":
    main()
