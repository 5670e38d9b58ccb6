"""Which store of a chain is meant, and where a message without commas is parted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents.records import RecordIntent
from nlu.language.breaths import part
from nlu.language.normalise import normalise
from tests.language.company import customers, own, rulebook, understood

STORES = {"朝阳": "C0001", "通州": "C0011"}


def _customer(text: str, person: str) -> object:
    (record,) = (i for i in understood(text, person=person).intents if isinstance(i, RecordIntent))
    return record.fields["customer"].value


@pytest.mark.parametrize("person", ["P101", "P103"])
@pytest.mark.parametrize("place", STORES)
@pytest.mark.parametrize("said", ["{}的惠民超市", "{}那家惠民", "{}区的惠民"])
def test_the_place_tells_which_store_of_a_chain_is_meant(said: str, place: str, person: str) -> None:
    assert _customer(f"{said.format(place)}订了10箱纯奶", person) == STORES[place]


@pytest.mark.parametrize("person", ["P101", "P103"])
def test_a_store_where_the_chain_has_none_is_asked_about(person: str) -> None:
    assert _customer("海淀的惠民超市订了10箱纯奶", person) is None


@pytest.mark.parametrize("code", sorted(own("P101") | own("P103")))
def test_a_short_name_means_the_store_that_was_named_before(code: str) -> None:
    name = next(c.name for c in customers() if c.code == code)
    short = name[:2]
    meaning = understood(f"{name}昨天收了2000，{short}今天又收了3000", person="P104")
    paid = [i.fields["customer"].value for i in meaning.intents if isinstance(i, RecordIntent)]
    assert set(paid) <= {code}, name


PIECES = [
    "今天去了",
    "然后",
    "另外",
    "佳美",
    "卖完了",
    "要10箱",
    "还说",
    "，",
    "。",
    "老板",
    "就这些",
    "abc",
    "12",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(max_examples=60, deadline=None)
def test_parting_a_text_adds_commas_and_nothing_else(pieces: list[str]) -> None:
    said = normalise("".join(pieces))
    parted = part(said, rulebook())
    assert parted.text.replace("，", "") == said.text.replace("，", "")
    assert parted.words(0, len(parted.text)) == said.words(0, len(said.text))
    assert len(parted.text) == len(parted.starts) == len(parted.ends)
