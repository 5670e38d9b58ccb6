"""Everybody's card shows the outcome: also the rep's own in WeCom, where each change costs a one-time code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from nlu.senses.workers import SensePool
from storage.tables import ApprovalRow
from tests.conftest import TestClock
from tests.world import World, world

NOTE = "今天打车去永旺超市花了四十六块五"
REP, BOSS, FINANCE = "liwei", "d-zhoujianguo", "d-sunli"


@pytest.fixture
def submitted(tmp_path: Path, clock: TestClock, pool: SensePool) -> Iterator[World]:
    """A rep's expense claim that waits for his manager."""
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.say(REP, NOTE)
        there.tap(REP, "确认")
        yield there


def expense_cards(there: World) -> list[tuple[str, list[str]]]:
    """Status and buttons of the rep's cards about the claim, oldest first."""
    return [
        (card["source"]["desc"], [b["text"] for b in card.get("button_list") or ()])
        for card in there.cards(REP)
        if "46.50" in json.dumps(card, ensure_ascii=False)
    ]


def boss_card(there: World) -> dict[str, Any]:
    return there.cards(BOSS)[-1]


def test_while_it_waits_the_card_says_so_and_can_be_taken_back(submitted: World) -> None:
    assert expense_cards(submitted) == [("已提交审批", ["撤回"])]


def test_the_reps_own_card_shows_how_far_it_is_and_that_it_was_approved(submitted: World) -> None:
    submitted.tap(BOSS, "同意")
    assert "周建国已通过。接下来等 孙丽" in submitted.last(REP)
    assert expense_cards(submitted) == [("已提交审批", ["撤回"])]
    submitted.tap(FINANCE, "同意")
    assert expense_cards(submitted) == [("孙丽已通过", [])]


def test_the_reps_own_card_shows_why_it_was_rejected(submitted: World) -> None:
    submitted.tap(BOSS, "驳回")
    submitted.say(BOSS, "与工作无关，请自理")
    assert expense_cards(submitted) == [("周建国已驳回：与工作无关，请自理", [])]


def test_a_claim_is_withdrawn_by_the_button_and_both_cards_say_so(submitted: World) -> None:
    submitted.tap(REP, "撤回")
    assert expense_cards(submitted) == [("已撤销", [])]
    assert boss_card(submitted)["status"] == "申请人已撤销"
    assert json.loads(boss_card(submitted)["buttons"]) == []


def test_a_claim_is_not_withdrawn_after_a_day(submitted: World) -> None:
    submitted.forward(hours=25)
    submitted.tap(REP, "撤回")
    assert "提交超过 24 小时" in submitted.last(REP)
    submitted.tap(BOSS, "同意")
    submitted.tap(FINANCE, "同意")
    assert expense_cards(submitted) == [("孙丽已通过", [])]


def test_taps_on_the_waiting_card_keep_it_changeable(submitted: World) -> None:
    submitted.forward(hours=71)
    submitted.tap(REP, "撤回")  # too late, but it brings a code that lasts
    submitted.forward(hours=50)
    submitted.tap("d-linxiaowen", "同意")  # the claim has gone on to the next superior
    submitted.tap(FINANCE, "同意")
    assert expense_cards(submitted) == [("孙丽已通过", [])]


def test_where_the_card_cannot_be_changed_any_more_a_new_one_shows_the_outcome(submitted: World) -> None:
    submitted.forward(hours=73)
    submitted.tap("d-linxiaowen", "同意")
    submitted.tap(FINANCE, "同意")
    assert expense_cards(submitted) == [("已提交审批", ["撤回"]), ("孙丽已通过", [])]
    submitted.tap(REP, "撤回")
    assert "已经审批过了" in submitted.last(REP)


def test_a_tap_that_comes_too_late_is_told_what_happened(submitted: World) -> None:
    track, action, _ = submitted._dingtalk_button(BOSS, "同意")
    card = submitted.dingtalk.cards[track].seen_by(BOSS)
    told = {"ref": card["ref"], "revision": card["revision"]}
    submitted.forward(hours=48)

    async def click() -> Any:
        return await submitted.dingtalk.click(BOSS, track, action, told)

    submitted.act(click())
    assert "16 个工作小时没有处理，已转给上级（03月12日 10:07），不用再处理" in submitted.last(BOSS)
    with submitted.house.store.read() as session:
        states = session.exec(select(ApprovalRow.state).order_by(ApprovalRow.id)).all()  # type: ignore[arg-type]
    assert states == ["passed_on", "pending"]
