"""Which of the five situations a quote is in, and what is said there."""

from datetime import date
from typing import Any

import pytest

from bot.benchmarks.quotes import PRODUCTS, SHIPPED
from config.rulebook import RulebookError, files, read
from domain.pricing.scenarios import Around, scenario_of, sentences
from tests.pricing.some import TODAY, quote

RULES = SHIPPED.prices


@pytest.mark.parametrize(
    ("known", "today", "key"),
    [
        ({}, TODAY, "trial_order"),
        ({"ordered": True}, TODAY, "volume_tiers"),
        ({"ordered": True, "competitor": "蒙牛"}, TODAY, "replace_competitor"),
        (
            {"ordered": True, "contract_end": date(2026, 4, 10), "competitor": "蒙牛"},
            TODAY,
            "renewal_price_rise",
        ),
        ({"ordered": True, "contract_end": date(2026, 3, 1)}, TODAY, "volume_tiers"),
        ({"ordered": True}, date(2026, 12, 28), "peak_season_stock"),
        ({"ordered": True}, date(2027, 2, 1), "peak_season_stock"),
        ({"words": "旺季备货"}, TODAY, "peak_season_stock"),
    ],
)
def test_the_situation_is_chosen_by_what_is_known(known: dict[str, Any], today: date, key: str) -> None:
    found = scenario_of(Around(**known), RULES, today)
    assert found and found.key == key


def test_every_situation_has_its_script_in_the_coaching_library() -> None:
    from config.library import load

    assert {s.key for s in RULES.scenarios} == {s.id for s in load().scripts}


def test_sentences_carry_the_quotes_own_numbers_and_none_that_is_unknown() -> None:
    around = Around(customer="永旺超市", ordered=True)
    quoted = quote(("SKU-YW", 50, "箱"), rules=RULES)
    scenario = RULES.scenario("volume_tiers")
    assert scenario
    said = "\n".join(sentences(scenario, quoted, around, RULES, PRODUCTS, TODAY))
    for words in ("原味酸奶是41.2元一箱，一共2060元", "比标价省40元", "满100箱，就是40.6元", "到3月17日"):
        assert words in said
    other = RULES.scenario("replace_competitor")
    assert other and len(sentences(other, quoted, around, RULES, PRODUCTS, TODAY)) == len(other.say) - 1


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("prices.yaml", "cut: 3.5", "cut: 1", "量越大优惠越多"),
        ("prices.yaml", "manager: 8", "manager: 2", "不能比业务员"),
        ("prices.yaml", "above_floor: 1 ", "above_floor: 0 ", "太小了"),
        ("prices.yaml", "省{saved}", "省{floor}", "没有 {floor} 可填"),
        ("lead_stages.yaml", "after: [visit]", "after: [visitt]", "没有表单 visitt"),
        ("lead_stages.yaml", "silent: 16", "silent: 4", "不能比多久内做"),
        ("lead_stages.yaml", "“{need}”", "“{neeed}”", "没有 {neeed} 可填"),
    ],
)
def test_mistakes_are_told_with_their_line(name: str, old: str, new: str, words: str) -> None:
    found = files()
    assert old in found[name].decode()
    with pytest.raises(RulebookError) as wrong:
        read({**found, name: found[name].decode().replace(old, new, 1).encode()})
    (problem,) = wrong.value.problems
    assert problem.file == name and problem.line > 1 and words in problem.words
