"""The budget subject of an expense, from its category, its seller, what was bought, what was said, and what the same
seller was before. Nothing is chosen in doubt: then the candidates are asked about, the likeliest first."""

from collections import Counter

from domain.expenses.rules import ExpenseRules
from domain.values import Value

CATEGORY, SELLER, ITEMS, SAID, BEFORE = 1, 3, 3, 4, 2
ENOUGH = 3
LEAD = 2
"""The chosen one has at least so many points, and so many more than the next."""
MOST_BEFORE = 2
"""The same seller's earlier expenses count at most so often."""
MOST_ASKED = 4


class Clues(Value):
    category: str = ""
    seller: str = ""
    items: str = ""
    said: str = ""
    before: tuple[str, ...] = ()
    """Subjects of the same seller's earlier expenses that were agreed to."""


class Proposed(Value):
    subject: str = ""
    """Empty where it is not certain."""
    because: str = ""
    """The words, the seller, or what else it was known by."""
    candidates: tuple[str, ...] = ()
    """To choose from where it is not, the likeliest first."""


def propose_subject(clues: Clues, rules: ExpenseRules) -> Proposed:
    scores: Counter[str] = Counter()
    because: dict[str, list[str]] = {}
    for key, subject in rules.subjects.items():
        for text, points in ((clues.said, SAID), (clues.seller, SELLER), (clues.items, ITEMS)):
            if word := next((w for w in subject.words if w in text), ""):
                scores[key] += points
                because.setdefault(key, []).append(word)
        if clues.category and clues.category in subject.categories:
            scores[key] += CATEGORY
    for key in clues.before[:MOST_BEFORE]:
        if key in rules.subjects:
            scores[key] += BEFORE
            because.setdefault(key, []).append("这家以前记的科目")
    if clues.category:
        _leave_out_others(scores, clues, rules)
    return _chosen(scores, because, clues, rules)


def _leave_out_others(scores: Counter[str], clues: Clues, rules: ExpenseRules) -> None:
    """What is printed on a receipt is of another kind than the subject: 酒店 that sells a dinner."""
    same = [key for key, subject in rules.subjects.items() if clues.category in subject.categories]
    for key in [key for key in scores if key not in same]:
        said = any(word in clues.said for word in rules.subjects[key].words)
        if same and not said:
            del scores[key]


def _chosen(
    scores: Counter[str], because: dict[str, list[str]], clues: Clues, rules: ExpenseRules
) -> Proposed:
    same = [key for key, subject in rules.subjects.items() if clues.category in subject.categories]
    ranked = scores.most_common()
    if not ranked:
        return Proposed(candidates=tuple(same[:MOST_ASKED]))
    best, points = ranked[0]
    runner_up = ranked[1][1] if len(ranked) > 1 else 0
    if points >= ENOUGH and points - runner_up >= LEAD:
        return Proposed(subject=best, because=because[best][0])
    if len(same) == 1 and len(ranked) == 1:
        return Proposed(subject=best, because=clues.category)
    return Proposed(candidates=tuple(key for key, _ in ranked[:MOST_ASKED]))
