"""What reps say of cards is kept once each showing, and counted with n."""

from storage.coaching import CardFeedback
from storage.store import Store
from tests.conftest import TestClock


def test_feedback_is_counted_once_each_showing(store: Store, clock: TestClock) -> None:
    with store.write() as session:
        li = CardFeedback(session, who="P101", now=clock())
        wang = CardFeedback(session, who="P102", now=clock())
        assert li.keep("price_margin", useful=True, occasion=1)
        assert not li.keep("price_margin", useful=False, occasion=1)
        assert wang.keep("price_margin", useful=False, occasion=1)
        assert li.keep("price_margin", useful=True, occasion=2)
        assert li.keep("timing_later", useful=False, occasion=3)
    with store.read() as session:
        counts = CardFeedback(session, who="P101", now=clock()).counts()
    assert counts == {"price_margin": (2, 3), "timing_later": (0, 1)}
