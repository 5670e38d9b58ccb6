"""Many dispatchers at once, on both databases: a lead is given once, and nobody gets more than he may hold."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import select

from bot.benchmarks.lead_office import ZONE, person
from bot.knowledge import Knowledge
from bot.lead_rounds import LeadRounds
from domain.leads.rules import Capacity, LeadRules
from domain.leads.scoring import Record, score
from handlers.lead_batches import Assigned
from handlers.publishing import InForce
from storage.lead_tables import LeadEventRow, LeadRow
from storage.leads import Leads
from storage.store import Store
from storage.tables import DueRow, OutboxRow
from tests.conftest import TestClock
from tests.leads.some import a_lead, a_rep

DISPATCHERS, REPS, ROOM = 64, 2, 5
LEADS = DISPATCHERS // 2
"""Two dispatchers want to give each lead, all of them at the same moment."""


@pytest.fixture
def store(database_url: str) -> Store:
    return Store(database_url, pool_size=DISPATCHERS)


def few() -> Knowledge:
    """A rulebook in which nobody may hold many leads."""
    known = Knowledge()
    rules = known._good.rules.model_copy(update={"leads": LeadRules(capacity=Capacity(open=ROOM, day=50))})
    known._good = InForce(rules, known._good.files)
    return known


def test_sixty_four_dispatchers_give_each_lead_once_and_nobody_too_many(
    store: Store, clock: TestClock
) -> None:
    leads = [a_lead(f"L{number:02}", created_at=clock()) for number in range(LEADS)]
    with store.write() as session:
        session.add_all(person(f"R{n}", f"业务{n}", "rep", manager_id="M") for n in range(REPS))
        session.add(person("M", "经理", "manager"))
        known = Leads(session, who="test", now=clock())
        for lead in leads:
            known.add(lead)
    start, rounds = Barrier(DISPATCHERS), LeadRounds(store, few(), clock, ZONE, lambda: None)

    def dispatch(number: int) -> int:
        """Every dispatcher saw a moment ago that everybody has room."""
        rep = a_rep(f"R{number % REPS}", most_open=ROOM, most_day=50)
        lead = leads[number % LEADS]
        start.wait()
        return rounds.give([Assigned(lead, rep, score(lead, rep, LeadRules(), Record()))], clock())

    with ThreadPoolExecutor(DISPATCHERS) as threads:
        given = sum(threads.map(dispatch, range(DISPATCHERS)))
    with store.read() as session:
        rows = session.exec(select(LeadRow)).all()
        events = [e for e in session.exec(select(LeadEventRow)).all() if e.kind == "offered"]
        cards = session.exec(select(OutboxRow)).all()
        due = session.exec(select(DueRow)).all()
    store.close()
    owners = [row.owner_id for row in rows if row.state == "offered"]
    assert given == len(owners) == len(events) == len(cards) == REPS * ROOM
    assert {owners.count(f"R{n}") for n in range(REPS)} == {ROOM}
    assert all(row.round == (row.state == "offered") for row in rows)
    assert len(due) == 3 * REPS * ROOM
