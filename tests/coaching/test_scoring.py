"""Practice talks are scored fairly: good above bad, tricks low, breaches capped, always with the words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.coach import Coach
from coaching.scoring import CAP, Score, Talk
from config import library
from domain.coaching import POINTS
from nlu.language.sounds import sound

SHIPPED = Coach(library.load(), sound)
WORTHLESS = [
    "stuffed_words",
    "stuffed_list",
    "stuffed_sentences",
    "copied",
    "copied_with_a_tail",
    "silent",
    "nearly_silent",
    "begging",
    "begging_politely",
]


def score(turns: list[Any], kind: str = "price", script: str = "") -> Score:
    return SHIPPED.score(Talk.model_validate({"type": kind, "turns": turns, "script": script}))


def test_for_each_lost_deal_a_better_talk_scores_higher(talks: dict[str, Any]) -> None:
    cases = SHIPPED.library.cases
    assert {case.id for case in cases} == set(talks["better"]) and len(cases) >= 20
    won = [
        c
        for c in cases
        if score(talks["better"][c.id], c.type).overall > score([*c.transcript], c.type).overall
    ]
    assert len(won) >= 0.95 * len(cases)


def test_other_words_for_the_same_moves_are_seen(talks: dict[str, Any]) -> None:
    for pair in talks["pairs"]:
        assert score(pair["good"], pair["type"]).overall >= score(pair["bad"], pair["type"]).overall + 40


def test_a_short_honest_good_answer_scores_high(talks: dict[str, Any]) -> None:
    for talk in talks["short"]:
        assert score(talk["turns"], talk["type"]).overall >= 75, talk


@pytest.mark.parametrize("trick", WORTHLESS)
def test_tricks_and_silence_score_below_forty(talks: dict[str, Any], trick: str) -> None:
    assert score(talks["worthless"][trick]).overall < 40


def test_a_talk_full_of_ordinary_sentences_is_no_list_of_keywords(talks: dict[str, Any]) -> None:
    """A rule that looked at the density of keywords alone once cut the best talk to 25."""
    best = max(talks["better"].items(), key=lambda named: score(named[1]).overall)
    assert score(best[1]).overall >= 95


def test_a_breach_caps_the_best_talk_and_is_quoted(talks: dict[str, Any]) -> None:
    good = talks["better"]["lost_02_margin_lecture"]
    assert score(good).overall > CAP
    for words in talks["breaches"]:
        found = score([*good, {"rep": words}])
        assert found.compliance_breach and found.overall <= CAP, words
        (check,) = [c for c in found.checks if c.id == "compliance"]
        assert check.quote and check.quote in words
        assert check.quote in found.fixes[0]


def test_honest_words_about_the_same_things_are_no_breach(talks: dict[str, Any]) -> None:
    for words in talks["honest"]:
        assert not score([*talks["short"][0]["turns"], {"rep": words}]).compliance_breach, words


def test_every_point_quotes_the_rep_and_every_miss_says_it_was_not_seen(talks: dict[str, Any]) -> None:
    for turns in talks["better"].values():
        rep = [turn["rep"] for turn in turns if "rep" in turn]
        for check in score(turns).checks:
            if check.id == "compliance":
                continue
            if check.met:
                assert any(check.quote in words for words in rep), check
            else:
                assert check.better and "没做到" not in check.words
                assert check.quote or "没识别到" in check.words


def test_quotes_are_the_words_as_they_were_written() -> None:
    words = "明白,您一周走几箱?"
    found = score([{"customer": "太贵了"}, {"rep": words}])
    assert any(check.met for check in found.checks)
    assert all(check.quote in words for check in found.checks)


def test_no_more_than_two_things_to_fix_each_with_a_sentence() -> None:
    found = score([{"customer": "太贵了。"}, {"rep": "我们这个东西真的挺好的，您就进一点吧。"}])
    assert len(found.fixes) == 2 and all("可以这样说" in words for words in found.fixes)


def test_a_number_that_the_facts_deny_earns_nothing() -> None:
    right = [{"customer": "没利润。"}, {"rep": "明白，您卖五十，一箱毛利8元，到店价42元，您看是不是这个数？"}]
    wrong = [
        {"customer": "没利润。"},
        {"rep": "明白，您卖五十，一箱毛利15元，到店价42元，您看是不是这个数？"},
    ]

    def number(turns: list[Any]) -> Any:
        return next(c for c in score(turns, script="trial_order").checks if c.id == "number")

    assert number(right).met
    assert not number(wrong).met and "毛利15元" in number(wrong).quote


def test_arguing_is_not_calm() -> None:
    rude = score([{"customer": "太贵了。"}, {"rep": "您不懂行情，咱们这个价一点都不贵，您可以去问。"}])
    assert not next(c for c in rude.checks if c.id == "calm").met


def test_an_answer_counts_only_after_the_objection() -> None:
    early = [
        {"rep": "我理解您的顾虑，咱们先上两箱试试。"},
        {"customer": "太贵了。"},
        {"rep": "嗯，就这个价了，您进不进都行。"},
    ]
    assert not next(c for c in score(early).checks if c.id == "ack_first").met


TURNS = st.lists(
    st.fixed_dictionaries({"who": st.sampled_from(["rep", "customer"]), "text": st.text(max_size=40)}),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(TURNS, st.sampled_from(["price", "trust", "timing"]))
def test_any_talk_gets_the_same_points_within_bounds_each_time(turns: list[Any], kind: str) -> None:
    found = score(turns, kind)
    assert found == score(turns, kind)
    parts = {dimension: getattr(found, dimension) for dimension in POINTS}
    assert all(0 <= parts[d] <= POINTS[d] for d in parts)
    assert found.overall == (
        min(CAP, sum(parts.values())) if found.compliance_breach else sum(parts.values())
    )


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from(["理解", "毛利", "报告", "试销", "三箱", "明天", "行吗", "案例", "申请", "您说"]),
        min_size=4,
    )
)
def test_keywords_in_any_order_are_worth_nothing(words: list[str]) -> None:
    turns = [
        {"customer": "太贵了。"},
        {"rep": "，".join(words)},
        {"customer": "啊？"},
        {"rep": " ".join(words)},
    ]
    assert score(turns).overall < 40
