"""The right cards come up for what customers say, also misheard; nothing comes up for what is no objection."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.benchmarks.objections import measure
from coaching.coach import Coach
from coaching.retrieval import CardIndex, success_rates
from config import library
from nlu.language.sounds import sound

HERE = Path(__file__).parent
SHIPPED = Coach(library.load(), sound)


def ids(coach: Coach, text: str, **how: Any) -> list[str]:
    return [found.card.id for found in coach.index.search(text, **how)]


def test_the_frozen_questions_are_answered(coach: Coach, queries: dict[str, Any]) -> None:
    known = {card.id for card in coach.library.cards}
    for texts in queries["speakers"].values():
        for query in texts:
            assert set(query["cards"]) <= known, query
    found = measure(coach, queries)
    assert found.asked >= 120 and found.not_asked >= 40
    assert found.three >= 0.9 * found.asked, found.missed
    assert found.first >= 0.8 * found.asked
    assert len(found.false) <= 0.1 * found.not_asked, found.false


@pytest.mark.parametrize("file", ["harder.yaml", "later.yaml"])
def test_words_far_from_the_triggers_are_mostly_understood(coach: Coach, file: str) -> None:
    found = measure(coach, yaml.safe_load((HERE / file).read_text(encoding="utf-8")))
    assert found.three >= 0.8 * found.asked, found.missed
    assert len(found.false) <= 2, found.false


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("没有力润", "price_margin"), ("哭存还多着呢", "timing_stock"), ("太归了", "price_expensive")],
)
def test_a_misheard_word_is_found_by_its_sound(coach: Coach, heard: str, meant: str) -> None:
    assert meant in ids(coach, heard)


def test_what_the_rep_says_around_it_changes_nothing(coach: Coach) -> None:
    assert ids(coach, "客户说没利润怎么回")[0] == ids(coach, "没利润")[0] == "price_margin"


def test_satisfaction_is_no_objection_but_what_follows_a_but_is(coach: Coach) -> None:
    assert ids(coach, "价格没问题") == []
    assert ids(coach, "价格没问题，就是货架满了放不下")[0] == "timing_no_space"


def test_a_new_colloquial_way_is_known_once_it_stands_in_the_synonyms(coach: Coach) -> None:
    text = "你这也忒拔毛了"
    assert ids(coach, text)[:1] != ["price_expensive"]
    known = coach.library.synonyms
    more = {**known.concepts, "贵": (*known.concepts["贵"], "拔毛")}
    taught = CardIndex(coach.library.cards, known.model_copy(update={"concepts": more}), sound)
    assert taught.search(text)[0].card.id == "price_expensive"


def test_what_nobody_finds_useful_sinks_and_little_feedback_moves_little(coach: Coach) -> None:
    first, second = ids(coach, "老板不在，做不了主")[:2]
    sunk = success_rates({first: (0, 40)})
    assert ids(coach, "老板不在，做不了主", success=sunk)[0] == second
    assert success_rates({first: (0, 1)})[first] > 0.8
    assert success_rates({first: (4, 5)})[first] == pytest.approx(1.0)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.integers(1, 5), st.booleans())
def test_any_text_gets_at_most_the_cards_asked_for_best_first(text: str, top: int, surely: bool) -> None:
    found = SHIPPED.index.search(text, top=top, surely=surely)
    scores = [one.score for one in found]
    assert len(found) <= top and scores == sorted(scores, reverse=True)
    assert len({one.card.id for one in found}) == len(found)
    assert found == SHIPPED.index.search(text, top=top, surely=surely)


def test_a_text_that_wrongly_got_cards_gets_none_once_it_stands_among_the_plain(coach: Coach) -> None:
    text = "他们的货架也太高了，我拿梯子拍的照片"
    assert ids(coach, text)
    known = coach.library.synonyms
    taught = CardIndex(coach.library.cards, known.model_copy(update={"plain": (*known.plain, text)}), sound)
    assert taught.search(text) == []
