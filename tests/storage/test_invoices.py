"""The register of papers, on both databases."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest

from domain.papers import Paper, Seen
from storage.invoices import Invoices
from storage.records import Records
from storage.store import Store
from storage.tables import InvoiceRow, PersonRow, RecordRow
from tests.conftest import TestClock

NUMBER = "26112000000123456789"
PAPER = Paper(number=NUMBER, seller="北京青城餐饮管理有限公司", day="2026-03-09", total="231.00")


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.write() as session:
        session.add_all([PersonRow(id="li", name="李伟"), PersonRow(id="zhang", name="张敏")])


def show(store: Store, who: str, now: datetime, paper: Paper = PAPER) -> tuple[int, Seen | None]:
    with store.write() as session:
        row = RecordRow(form="expense", reporter_id=who, happened_at=now)
        Records(session, who=who, now=now, inbox_id=None).add([row])
        record = row.id or 0
        return record, Invoices(session, who=who, now=now).show(paper, paper.key(""), record, "")


def become(store: Store, record: int, status: str, now: datetime) -> None:
    with store.write() as session:
        row = session.get(RecordRow, record)
        assert row is not None
        Records(session, who="li", now=now, inbox_id=None).set_status(row, status)


def claim(store: Store, who: str, record: int, now: datetime) -> Seen | None:
    with store.write() as session:
        holder = Invoices(session, who=who, now=now).claim(NUMBER, record)
        if holder is None:
            row = session.get(RecordRow, record)
            assert row is not None
            row.status = "submitted"
        return holder


def test_a_paper_is_new_once(store: Store, clock: TestClock) -> None:
    assert show(store, "li", clock())[1] is None
    _, earlier = show(store, "zhang", clock.forward(hours=1))
    assert earlier is not None
    assert (earlier.who, earlier.own, earlier.state) == ("李伟", False, "open")


def test_a_paper_is_claimed_once_until_it_is_given_back(store: Store, clock: TestClock) -> None:
    mine, _ = show(store, "li", clock())
    theirs, _ = show(store, "zhang", clock())
    assert claim(store, "li", mine, clock()) is None
    assert claim(store, "li", mine, clock()) is None
    holder = claim(store, "zhang", theirs, clock())
    assert holder is not None and (holder.who, holder.state) == ("李伟", "claimed")
    become(store, mine, "rejected", clock())
    assert claim(store, "zhang", theirs, clock()) is None
    holder = claim(store, "li", mine, clock())
    assert holder is not None and (holder.who, holder.state) == ("张敏", "claimed")


def test_a_dropped_draft_is_still_known_and_free_to_its_owner(store: Store, clock: TestClock) -> None:
    first, _ = show(store, "li", clock())
    become(store, first, "dropped", clock())
    _, others = show(store, "zhang", clock())
    assert others is not None and (others.own, others.state) == (False, "ended")
    again, mine = show(store, "li", clock())
    assert mine is not None and (mine.own, mine.state) == (True, "ended")
    assert claim(store, "li", again, clock()) is None


def test_of_two_who_show_a_paper_at_once_one_is_told(store: Store, clock: TestClock) -> None:
    told = _at_once(lambda who: show(store, who, clock())[1])
    assert sorted(earlier is None for earlier in told) == [False, True]


def test_of_two_who_claim_a_paper_at_once_one_gets_it(store: Store, clock: TestClock) -> None:
    records = {who: show(store, who, clock())[0] for who in ("li", "zhang")}
    holders = _at_once(lambda who: claim(store, who, records[who], clock()))
    assert sorted(holder is None for holder in holders) == [False, True]
    with store.read() as session:
        row = session.get(InvoiceRow, 1)
        assert row is not None and row.state == "claimed"


def test_the_neighbours_of_a_paper_are_those_of_its_seller_and_day(store: Store, clock: TestClock) -> None:
    for number, change in (("90", {}), ("91", {"day": "2026-03-08"}), ("92", {"seller": "别家"})):
        show(store, "li", clock(), PAPER.model_copy(update={"number": NUMBER[:-2] + number, **change}))
    with store.read() as session:
        invoices = Invoices(session, who="zhang", now=clock())
        wider = PAPER.model_copy(update={"seller": "北京青城餐饮管理有限公司 "})
        assert [other.key[-2:] for other in invoices.neighbours(wider)] == ["90"]
        assert invoices.neighbours(PAPER.model_copy(update={"seller": ""})) == []


def _at_once(doing: Callable[[str], Seen | None]) -> list[Seen | None]:
    """What both get who do it in two threads, with a common start."""
    start, results = threading.Barrier(2), []

    def run(who: str) -> None:
        start.wait()
        results.append(doing(who))

    threads = [threading.Thread(target=run, args=(who,)) for who in ("li", "zhang")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
