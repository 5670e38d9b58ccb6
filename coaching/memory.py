"""When something practised is to come back: FSRS with whole days, no fuzz, one review a sitting.

The package's own learning steps are minutes long and its card ids are clock readings; both are set aside, so that the
same reviews always give the same days.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fsrs import Card, Rating, Scheduler

AGAIN_BELOW, HARD_BELOW, GOOD_BELOW = 50, 70, 90
_SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def reviewed(memory: Mapping[str, Any], points: int, now: datetime) -> tuple[dict[str, Any], datetime]:
    """What is known of a card after `points` of 100, and when it is due again. `memory` is empty at first."""
    card = Card.from_dict(dict(memory)) if memory else Card(card_id=1)  # type: ignore[arg-type]
    after, _ = _SCHEDULER.review_card(card, rating(points), now.astimezone(UTC))
    return dict(after.to_dict()), after.due


def retention(memory: Mapping[str, Any], now: datetime) -> float:
    """How likely it is that he still knows it, from 0 to 1."""
    return float(_SCHEDULER.get_card_retrievability(Card.from_dict(dict(memory)), now))  # type: ignore[arg-type]


def rating(points: int) -> Rating:
    if points < AGAIN_BELOW:
        return Rating.Again
    if points < HARD_BELOW:
        return Rating.Hard
    return Rating.Good if points < GOOD_BELOW else Rating.Easy
