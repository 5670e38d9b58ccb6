"""What reps said of the cards they were shown: useful or not, once each showing."""

from datetime import datetime

from sqlalchemy import Integer, cast, func, select
from sqlmodel import Session, col

from storage.claims import insert_new
from storage.learning_tables import CardFeedbackRow


class CardFeedback:
    """In the name of `who`."""

    def __init__(self, session: Session, *, who: str, now: datetime) -> None:
        self.session, self.who, self.now = session, who, now

    def keep(self, card_id: str, *, useful: bool, occasion: int) -> bool:
        """Whether it was kept: of one occasion (the message that asked) only the first word counts."""
        return insert_new(
            self.session,
            CardFeedbackRow,
            person_id=self.who,
            occasion=occasion,
            card_id=card_id,
            useful=useful,
            at=self.now,
        )

    def counts(self) -> dict[str, tuple[int, int]]:
        """Card → (found useful, all)."""
        useful = func.sum(cast(col(CardFeedbackRow.useful), Integer))
        query = select(col(CardFeedbackRow.card_id), useful, func.count()).group_by(
            col(CardFeedbackRow.card_id)
        )
        return {card: (int(good), int(n)) for card, good, n in self.session.execute(query)}
