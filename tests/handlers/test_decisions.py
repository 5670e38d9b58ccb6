"""Decisions that stand each by itself, and records that several flows decide about."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.intents import ApproveAll, Reason
from domain.messages import Action
from handlers import approvals
from handlers.turn import Reply, Turn
from storage.store import Store
from storage.tables import ApprovalRow, AuditRow
from tests.handlers.office import Office, flow, rules, told

BOSS = {"do": "approve", "id": "boss", "label": "上级", "who": {"superior": 1}}
MONEY = {"do": "approve", "id": "money", "label": "财务", "who": {"role": "finance"}}


def all_at_once(turn: Turn) -> Reply:
    return approvals.approve_all(ApproveAll(), turn)


def agrees(approval: int) -> Callable[[Turn], Reply]:
    return lambda turn: approvals.approve(Action(button="approve", ref=""), approval, turn)


def test_what_cannot_be_agreed_to_keeps_nothing_else_back(sqlite_store: Store) -> None:
    nobody = {
        "do": "approve",
        "id": "no",
        "label": "培训",
        "who": {"role": "trainer"},
        "when": 'result == "难"',
    }
    office = Office(sqlite_store, rules(flow("one", BOSS, nobody)))
    for result in ("一", "难", "二"):
        office.submit(result=result)
    office.leaves("head")  # nobody is above his superior any more
    office.play("boss", away)
    reply = office.play("boss", all_at_once)
    assert office.statuses() == ["approved", "submitted", "approved"]
    said = told(reply, "boss")
    assert "已同意 2 条" in said and "有 1 条没有批成" in said
    assert "李伟的客诉" in said and "没有找到能审批的人" in said
    assert [a.state for a in office.rows(ApprovalRow)] == ["approved", "pending", "approved"]
    decided = [a.subject for a in office.rows(AuditRow) if (a.field, a.new) == ("state", "approved")]
    assert decided == ["approval:1", "approval:3"], "and the trail says no more than what was done"


def away(turn: Turn) -> Reply:
    turn.work.flows.go_on_leave("boss", "", turn.now, turn.now + timedelta(days=3))
    return Reply()


def test_a_flow_that_has_nothing_to_ask_settles_nothing_before_the_others_have_begun(
    sqlite_store: Store,
) -> None:
    asks_none = flow("a", BOSS | {"when": 'result == "大"'})
    office = Office(sqlite_store, rules(asks_none, flow("b", MONEY)))
    office.submit(result="小")
    assert office.statuses() == ["submitted"]
    office.play("money", agrees(1))
    assert office.statuses() == ["approved"]


@pytest.mark.parametrize("first", ["boss", "money"])
def test_a_step_that_says_approved_settles_nothing_that_another_flow_still_decides(
    sqlite_store: Store, first: str
) -> None:
    agreed = {"do": "status", "to": "approved"}
    pays = {**MONEY, "id": "pays", "again": True, "may_refuse": False}
    office = Office(sqlite_store, rules(flow("a", BOSS, agreed, pays), flow("b", MONEY, agreed)))
    office.submit(result="一")
    asked = {a.approver_id: a.id for a in office.rows(ApprovalRow)}
    office.play(first, agrees(asked[first]))
    assert office.statuses() == ["submitted"]
    second = "money" if first == "boss" else "boss"
    office.play(second, agrees(asked[second]))
    assert office.statuses() == ["approved"], "though the payment is still to come"


def test_what_another_flow_rejects_is_rejected_after_one_has_agreed(sqlite_store: Store) -> None:
    agreed = {"do": "status", "to": "approved"}
    office = Office(sqlite_store, rules(flow("a", BOSS, agreed), flow("b", MONEY)))
    office.submit(result="一")
    asked = {a.approver_id: a.id for a in office.rows(ApprovalRow)}
    office.play("boss", agrees(asked["boss"]))
    office.play(
        "money", lambda turn: approvals.reject_because(Reason(approval=asked["money"], words="重复"), turn)
    )
    assert office.statuses() == ["rejected"]
