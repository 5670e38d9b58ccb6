"""Which names the speech engine is told to expect, and that asking for them costs no reading of the company."""

import pytest
from sqlalchemy import event

from bot.benchmarks import company
from bot.hot_words import COMPETITORS, PRODUCTS, SHOPS, HotWords
from nlu.senses.speech import MOST_HOTWORD_TOKENS, MOST_HOTWORDS, fit_hotwords
from storage.people import bump_master_version
from storage.store import Store
from storage.tables import CheckInRow, CompetitorRow, CustomerRow, ProductRow
from tests.conftest import TestClock


def shop(number: int) -> str:
    return company.shop_name(0, number)


@pytest.fixture
def words(sqlite_store: Store, clock: TestClock) -> HotWords:
    """Two reps with sixty shops each, in a row from west to east."""
    company.found(sqlite_store, reps=2, shops=60, now=clock())
    return HotWords(sqlite_store, clock)


def check_in(store: Store, number: int, clock: TestClock) -> None:
    with store.write() as session:
        place = {"latitude": 39.9, "longitude": 116.4 + number * 0.01, "datum": "GCJ-02"}
        session.add(CheckInRow(person_id="rep000", customer_code=f"C000{number:03d}", at=clock(), **place))


def test_a_rep_is_expected_to_name_his_own_shops_and_nobody_elses(words: HotWords) -> None:
    mine, his = words("rep000"), words("rep001")
    assert {shop(number) for number in range(60)} <= set(mine)
    assert not {shop(number) for number in range(60)} & set(his)


def test_the_shop_of_the_last_check_in_comes_first_then_its_neighbours(
    words: HotWords, sqlite_store: Store, clock: TestClock
) -> None:
    check_in(sqlite_store, 10, clock)
    clock.forward(hours=1)
    check_in(sqlite_store, 40, clock)
    first = words("rep000")
    assert first[:2] == (shop(40), shop(10))
    assert set(first[2:4]) == {shop(39), shop(41)}
    clock.forward(days=1)
    assert words("rep000")[0] == shop(0), "yesterday's way says nothing about today"


def test_products_and_competitors_have_places_however_many_shops_there_are(
    words: HotWords, sqlite_store: Store
) -> None:
    with sqlite_store.write() as session:
        session.add_all(ProductRow(code=f"X{n}", name=f"新品{n}号") for n in range(30))
        session.add_all(CompetitorRow(name=f"对手{n}号") for n in range(30))
        bump_master_version(session)
    first = words("rep000")[:MOST_HOTWORDS]
    assert sum(name.endswith("店") for name in first) == SHOPS
    assert sum("酸奶" in name or "牛奶" in name or "新品" in name for name in first) == PRODUCTS
    assert sum("蒙牛" in name or "对手" in name for name in first) == COMPETITORS


def test_what_is_told_to_the_engine_fits_its_prompt(words: HotWords) -> None:
    line = fit_hotwords(words("rep000"), len)
    assert len(line.split("、")) <= MOST_HOTWORDS
    assert len(line) <= MOST_HOTWORD_TOKENS
    assert line.startswith(shop(0))


def test_the_company_is_read_once_and_again_when_it_changed(words: HotWords, sqlite_store: Store) -> None:
    asked: list[str] = []
    event.listen(sqlite_store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    words("rep000")
    assert any("FROM customer" in statement for statement in asked)
    asked.clear()
    words("rep000")
    assert not any("FROM customer" in statement or "FROM product" in statement for statement in asked)
    with sqlite_store.write() as session:
        session.add(CustomerRow(code="NEW", name="新开超市", owner_id="rep000"))
        bump_master_version(session)
    assert "新开超市" in words("rep000")
