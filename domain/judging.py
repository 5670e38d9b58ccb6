"""One verdict for each visit, from all rules about it."""

from collections.abc import Callable, Iterator

from domain import copies, movements
from domain.authenticity import Authenticity, Finding, Verdict, verdict_on
from domain.visits import Visit

Rule = Callable[[Visit, Authenticity], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    movements.place,
    movements.accuracy,
    movements.teleport,
    movements.same_point,
    movements.shared_point,
    movements.one_spot,
    movements.dwell,
    movements.clocks,
    copies.photos,
    copies.voices,
    copies.words,
)


def judge(visit: Visit, settings: Authenticity) -> Verdict:
    """The score, the level and every reason with its evidence. Each code counts once, however often it is found."""
    found: dict[tuple[str, str], Finding] = {}
    for rule in RULES:
        for finding in rule(visit, settings):
            found.setdefault((finding.side, finding.code), finding)
    return verdict_on(tuple(found.values()), settings)
