"""Decisions that stand each by itself, and records that several flows decide about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot import imports
from bot.clock import Clock
from domain.cards import Card
from domain.errors import Refusal
from domain.intents.approvals import ApproveAll, Reason
from domain.messages import Action
from handlers import approvals, samples
from handlers.turn import Reply, Turn
from storage import stock_books
from storage.flow_tables import BudgetEntryRow, FlowRunRow
from storage.stock import Stock
from storage.store import Store
from storage.tables import ApprovalRow, AuditRow, DueRow, OutboxRow
from tests.handlers.office import NOW, RULES, ZONE, Office, flow, rules, told

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


@pytest.mark.parametrize("first", ["boss", "money"])
def test_samples_are_handed_out_when_the_last_of_two_flows_has_agreed(
    sqlite_store: Store, first: str
) -> None:
    more = flow("b", MONEY, form="sample_request")
    office = Office(sqlite_store, rules(RULES.flows["sample_request"], more))
    with_stock(office)
    office.submit("sample_request", **SAMPLE)
    asked = {a.approver_id: a.id for a in office.rows(ApprovalRow)}
    office.play(first, agrees(asked[first]))
    assert (office.statuses(), held(office), office.due(samples.REMIND)) == (["submitted"], 24, [])
    second = "money" if first == "boss" else "boss"
    office.play(second, agrees(asked[second]))
    assert (office.statuses(), held(office), len(office.due(samples.REMIND))) == (["approved"], 24, 1)
    assert {run.state for run in office.rows(FlowRunRow)} == {"done"}


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


HOLDS = {"do": "act", "action": "reserve_stock"}
SAMPLE = {"product": "SKU-CM", "quantity": 2, "unit": "箱"}


def with_stock(office: Office) -> None:
    def count(turn: Turn) -> Reply:
        turn.work.stock.count("SKU-CM", Decimal(120))
        return Reply()

    office.play("ops", count)


def held(office: Office) -> Decimal:
    with office.store.read() as session:
        return Stock(session, who="", now=office.now, inbox_id=None).balance("SKU-CM", NOW.date()).reserved


def run_clock(office: Office, at: datetime) -> list[str]:
    """Everything that is due until then, each at its own time, as the clock does it; what was posted, by person."""
    house = SimpleNamespace(current=lambda session: (office.rulebook, office.lexicon()))
    clock = Clock("clock", office.store, cast(Any, house), lambda: office.now, ZONE, lambda: None)
    while waiting := [
        row.due_at for row in office.rows(DueRow) if row.state == "pending" and row.due_at <= at
    ]:
        office.now = max(office.now, *[min(waiting)])
        clock.run_once()
    office.now = max(office.now, at)
    assert [row.name for row in office.rows(DueRow) if row.state == "failed"] == []
    return [f"{row.person_id}：{row.content}" for row in office.rows(OutboxRow)]


def test_a_request_of_somebody_who_left_can_still_be_decided(sqlite_store: Store) -> None:
    office = Office(sqlite_store)
    with_stock(office)
    office.submit("sample_request", **SAMPLE)
    office.submit("sample_request", **SAMPLE)
    office.leaves("rep")
    office.play("boss", agrees(1))
    office.play("boss", lambda turn: approvals.reject_because(Reason(approval=2, words="人走了"), turn))
    assert office.statuses() == ["approved", "rejected"] and held(office) == 24


def test_what_nobody_decides_of_somebody_who_left_lapses_and_is_given_back(sqlite_store: Store) -> None:
    office = Office(sqlite_store)
    with_stock(office)
    office.submit("sample_request", **SAMPLE)
    office.leaves("rep")
    posted = run_clock(office, NOW + timedelta(days=3))
    assert office.statuses() == ["expired"] and held(office) == 0
    assert not any(one.startswith("rep：") for one in posted), "nobody writes to who left"


def test_leaving_shows_the_approver_and_operations_what_is_open_and_hands_on_what_waits(
    sqlite_store: Store,
) -> None:
    office = Office(sqlite_store)
    with_stock(office)
    office.submit("sample_request", **SAMPLE)
    office.submit("sample_request", **SAMPLE)
    office.play("boss", agrees(2))
    report = imports.load(
        "people", "id,name,role,active\nrep,李伟,rep,离职\n".encode(), office.store, now=office.now
    )
    assert (report.changed, report.refused) == (1, [])
    posted = "\n".join(run_clock(office, office.now))
    assert "boss：" in posted and "申请人已离职，占用的库存和预算还在" in posted
    assert "还要发就发" in posted and "1 条申请还没走完" in posted
    imports.load(
        "people", "id,name,role,active\nboss,周建国,manager,离职\n".encode(), office.store, now=office.now
    )
    run_clock(office, office.now)
    assert [(a.approver_id, a.state) for a in office.rows(ApprovalRow)][-1] == ("head", "pending")


def test_a_request_does_not_lapse_over_a_weekend_before_anybody_was_reminded(sqlite_store: Store) -> None:
    office = Office(sqlite_store)
    with_stock(office)
    office.now = datetime(2026, 3, 13, 9, 30, tzinfo=UTC)  # Friday, 17:30
    office.submit("sample_request", **SAMPLE)
    run_clock(office, datetime(2026, 3, 16, 8, tzinfo=UTC))  # Monday, 16:00
    assert office.statuses() == ["submitted"]
    posted = run_clock(office, datetime(2026, 3, 16, 16, tzinfo=UTC))
    assert any("已等待" in one for one in posted)
    run_clock(office, datetime(2026, 3, 18, 16, tzinfo=UTC))
    assert office.statuses() == ["expired"] and held(office) == 0


@pytest.mark.parametrize("ends", ["reject", "issue", "lapse"])
def test_what_is_held_of_a_product_that_is_gone_ends_all_the_same(sqlite_store: Store, ends: str) -> None:
    office = Office(sqlite_store)
    with_stock(office)
    office.submit("sample_request", **SAMPLE)
    office.products.clear()
    if ends == "reject":
        office.play("boss", lambda turn: approvals.reject_because(Reason(approval=1, words="停产"), turn))
    elif ends == "issue":
        office.play("boss", agrees(1))
        office.play("ops", lambda turn: samples.issue(Action(button="issue", ref=""), 1, turn))
    else:
        run_clock(office, NOW + timedelta(days=3))
    with office.store.read() as session:
        assert stock_books.differences(session) == []
    assert held(office) == 0


def test_a_request_whose_form_is_gone_from_the_rules_is_decided_all_the_same(sqlite_store: Store) -> None:
    office = Office(sqlite_store, rules(flow("a", BOSS)))
    office.submit(result="一")
    office.submit(result="二")
    forms = {key: form for key, form in office.rulebook.forms.items() if key != "complaint"}
    office.rulebook = office.rulebook.model_copy(update={"forms": forms})
    (_, card), *_ = waiting(office)
    assert "李伟" in card.title
    office.play("boss", agrees(1))
    run_clock(office, NOW + timedelta(hours=5))
    office.play("boss", lambda turn: approvals.reject_because(Reason(approval=2, words="重复"), turn))
    assert office.statuses() == ["approved", "rejected"]


def waiting(office: Office) -> list[tuple[int, Card]]:
    found: list[tuple[int, Card]] = []

    def look(turn: Turn) -> Reply:
        found.extend(approvals.waiting_cards(turn))
        return Reply()

    office.play("boss", look)
    return found


def test_finance_says_the_subject_of_a_claim_before_agreeing_and_its_budget_is_held_then(
    sqlite_store: Store,
) -> None:
    office = Office(sqlite_store)
    office.submit("expense", amount=3500, category="餐饮")
    office.play("boss", agrees(1))
    asked = office.play("money", agrees(2))
    assert "业务招待费" in told(asked) and office.rows(ApprovalRow)[1].state == "pending"
    left = office.play("money", all_at_once)
    assert "还有 1 条有疑点" in told(left)
    chosen = Action(button="choose", ref="subject:2", value="entertainment")
    shown = told(office.play("money", lambda turn: approvals.choose_subject(chosen, 2, turn)))
    assert "3月个人超出 500 元" in shown and "预算不够" in shown
    assert {entry.state for entry in office.rows(BudgetEntryRow)} == {"held"}
    with pytest.raises(Refusal, match="科目已经定了"):
        office.play("money", lambda turn: approvals.choose_subject(chosen, 2, turn))
    office.play("money", agrees(2))
    assert [a.approver_id for a in office.rows(ApprovalRow) if a.state == "pending"] == ["head"]
    office.play("head", lambda turn: approvals.reject_because(Reason(approval=3, words="太多"), turn))
    assert {entry.state for entry in office.rows(BudgetEntryRow)} == {"released"}
