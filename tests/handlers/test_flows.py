"""Flows at work on rows: races, loops, and what a running one keeps of the flow under which it began."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlmodel import select

from config.rulebook import load
from domain.dialogue import Dialogue
from domain.errors import Refusal
from domain.flows.definition import Flow, Status
from domain.forms import Rulebook
from domain.intents.approvals import Reason, Routine, TakeLeave
from domain.intents.events import Due
from domain.intents.records import Command
from domain.messages import Action
from handlers import approvals, due, flows, leaves, undo
from handlers.turn import Reply, Turn
from nlu.language.lexicon import Lexicon
from storage.flow_tables import FlowRunRow, WebhookRow
from storage.records import GIVEN_UP
from storage.store import Store
from storage.tables import ApprovalRow, AuditRow, DueRow, PersonRow, RecordRow
from storage.work import work_of

RULES = load()
NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
PEOPLE = {
    "rep": ("李伟", "rep", "boss"),
    "boss": ("周建国", "manager", None),
    "money1": ("孙丽", "finance", "boss"),
    "money2": ("钱多", "finance", "boss"),
    "ops": ("马超", "operations", None),
}


def flow(key: str, *steps: dict[str, Any], event: str = "submitted", **more: Any) -> Flow:
    begins = {"event": event, "form": "complaint", **more}
    return Flow.model_validate({"key": key, "label": key, "begins": begins, "steps": steps})


def rules(*made: Flow) -> Rulebook:
    return RULES.model_copy(update={"flows": {f.key: f for f in made}})


Playing = Callable[[str, Callable[[Turn], Reply], Rulebook], Reply]


@pytest.fixture
def play(store: Store) -> Iterator[Playing]:
    """Give one person one turn; a refused one leaves nothing."""
    with store.write() as session:
        for key, (name, role, manager) in PEOPLE.items():
            session.add(PersonRow(id=key, name=name, role=role, manager_id=manager))

    def turn_of(who: str, doing: Callable[[Turn], Reply], rulebook: Rulebook) -> Reply:
        with store.write() as session:
            work = work_of(session, who=who, now=NOW, inbox_id=None)
            person = work.people.get(who)
            assert person is not None
            zone = ZoneInfo("Asia/Shanghai")
            lexicon = Lexicon.build(customers=[], contacts=[], products=[], competitors=[], people=[])
            turn = Turn(NOW, zone, person, "terminal", None, Dialogue(), rulebook, lexicon, work)
            with work.attempt():
                return doing(turn)

    yield turn_of


def submitted(play: Playing, rulebook: Rulebook, status: str = "confirmed", **data: Any) -> None:
    """A complaint of the rep, confirmed."""

    def confirm(turn: Turn) -> Reply:
        proposal = turn.work.records.propose(None)
        turn.work.records.close(proposal, "confirmed")
        row = RecordRow(form="complaint", reporter_id="rep", happened_at=NOW, data=data, status=status)
        row.proposal_id = proposal.id
        turn.work.records.add([row])
        begun = flows.beginning("submitted", row, turn)
        return flows.begin_all(begun, row, turn)

    play("rep", confirm, rulebook)


def tapped(approval: int) -> Callable[[Turn], Reply]:
    return lambda turn: approvals.approve(Action(button="approve", ref=""), approval, turn)


def rows(store: Store, table: Any) -> list[Any]:
    with store.read() as session:
        return list(session.exec(select(table).order_by(table.id)))


def long_ago(store: Store) -> None:
    """Everything that waits began a week earlier."""
    with store.write() as session:
        for run in session.exec(select(FlowRunRow)):
            run.started_at -= timedelta(days=7)
        for approval in session.exec(select(ApprovalRow)):
            approval.created_at -= timedelta(days=7)


ANY = flow("any", {"do": "approve", "id": "a", "label": "财务", "who": {"role": "finance"}})
ALL = flow("all", {"do": "approve", "id": "a", "label": "财务", "who": {"role": "finance"}, "mode": "all"})


@pytest.mark.parametrize(("which", "wins"), [(ANY, 1), (ALL, 2)])
def test_of_two_who_decide_at_the_same_moment_nothing_is_lost_and_nothing_counts_twice(
    store: Store, play: Playing, which: Flow, wins: int
) -> None:
    rulebook = rules(which)
    submitted(play, rulebook)
    start, told = threading.Barrier(2), []

    def decide(who: str, approval: int) -> None:
        start.wait()
        try:
            play(who, tapped(approval), rulebook)
            told.append("")
        except Refusal as refusal:
            told.append(refusal.words)

    threads = [threading.Thread(target=decide, args=(a.approver_id, a.id)) for a in rows(store, ApprovalRow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("") == wins
    states = [a.state for a in rows(store, ApprovalRow)]
    assert states.count("approved") == wins and states.count("pending") == 0
    assert [run.state for run in rows(store, FlowRunRow)] == ["done"]
    assert all("已通过（03月10日 10:07），不用再处理" in words for words in told if words)


def test_a_running_flow_keeps_the_steps_under_which_it_began(store: Store, play: Playing) -> None:
    submitted(play, rules(ANY))
    changed = flow(
        "any",
        {"do": "approve", "id": "a", "label": "财务", "who": {"role": "finance"}},
        {"do": "approve", "id": "b", "label": "上级", "who": {"superior": 1}},
    )
    play("money1", tapped(1), rules(changed))
    assert [run.state for run in rows(store, FlowRunRow)] == ["done"]
    submitted(play, rules(changed))
    play("money1", tapped(3), rules(changed))
    assert [a.approver_id for a in rows(store, ApprovalRow) if a.state == "pending"] == ["boss"]


def test_flows_that_set_one_another_off_are_stopped_audited_and_reported(store: Store, play: Playing) -> None:
    ping = flow(
        "ping", {"do": "set", "field": "result", "value": "一"}, event="changed", when='result == "二"'
    )
    pong = flow(
        "pong", {"do": "set", "field": "result", "value": "二"}, event="changed", when='result == "一"'
    )
    first = flow("first", {"do": "set", "field": "result", "value": "一"})
    rulebook = rules(first, ping, pong)
    told = []

    def confirm(turn: Turn) -> Reply:
        row = RecordRow(form="complaint", reporter_id="rep", happened_at=NOW, status="confirmed")
        turn.work.records.add([row])
        reply = flows.begin(first, row, turn)
        told.extend((out.to, out.content) for out in reply.outgoing)
        return reply

    play("rep", confirm, rulebook)
    ((to, content),) = told
    assert to == "ops" and "first → pong → ping → pong" in content.text
    assert [a.new for a in rows(store, AuditRow) if a.field == "flow"] == ["stopped"]


def test_a_flow_that_waits_for_nobody_leaves_no_row_but_what_it_did(store: Store, play: Playing) -> None:
    tells = flow("erp", {"do": "webhook", "event": "complaint"}, {"do": "tell", "text": "{申请人}：{单据}"})
    submitted(play, rules(tells))
    assert rows(store, FlowRunRow) == []
    (call,) = rows(store, WebhookRow)
    assert call.event == "complaint" and '"reporter": "rep"' in call.body


def test_a_refused_turn_leaves_neither_a_question_nor_a_call(store: Store, play: Playing) -> None:
    stuck = flow(
        "stuck",
        {"do": "webhook", "event": "complaint"},
        {"do": "approve", "id": "a", "label": "审批", "who": {"superior": 1, "otherwise": []}},
    )
    rulebook = rules(stuck)

    def confirm(turn: Turn) -> Reply:
        row = RecordRow(form="complaint", reporter_id="boss", happened_at=NOW, status="confirmed")
        turn.work.records.add([row])
        return flows.begin(stuck, row, turn)

    with pytest.raises(Refusal, match="没有找到能审批的人"):
        play("boss", confirm, rulebook)
    assert rows(store, WebhookRow) == rows(store, ApprovalRow) == rows(store, FlowRunRow) == []


BOSS = flow("boss", {"do": "approve", "id": "a", "label": "上级", "who": {"superior": 1}})


@pytest.mark.parametrize("instant", [{"do": "tell", "text": "{内容}"}, {"do": "webhook", "event": "erp"}])
def test_a_flow_that_only_tells_does_not_approve_what_another_still_has_to_decide(
    store: Store, play: Playing, instant: dict[str, Any]
) -> None:
    rulebook = rules(BOSS, flow("tells", instant))
    submitted(play, rulebook, status="submitted")
    assert [row.status for row in rows(store, RecordRow)] == ["submitted"]
    play("boss", tapped(1), rulebook)
    assert [row.status for row in rows(store, RecordRow)] == ["approved"]


def test_of_two_flows_that_decide_the_last_one_settles_the_record(store: Store, play: Playing) -> None:
    rulebook = rules(ANY, BOSS)
    submitted(play, rulebook, status="submitted")
    play("money1", tapped(1), rulebook)
    assert [row.status for row in rows(store, RecordRow)] == ["submitted"]
    play("boss", tapped(3), rulebook)
    assert [row.status for row in rows(store, RecordRow)] == ["approved"]


def test_what_one_rejects_nobody_else_is_asked_about_any_more(store: Store, play: Playing) -> None:
    agreed = {"do": "status", "to": "approved"}
    finance = ANY.model_copy(update={"steps": (*ANY.steps, Status.model_validate(agreed))})
    rulebook = rules(finance, BOSS)
    submitted(play, rulebook, status="submitted")
    play("boss", lambda turn: approvals.reject_because(Reason(approval=3, words="重复"), turn), rulebook)
    assert [a.state for a in rows(store, ApprovalRow)] == ["cancelled", "cancelled", "rejected"]
    assert [run.state for run in rows(store, FlowRunRow)] == ["withdrawn", "rejected"]
    with pytest.raises(Refusal, match="周建国已驳回：重复"):
        play("money1", tapped(1), rulebook)
    assert [row.status for row in rows(store, RecordRow)] == ["rejected"]


def test_what_lapsed_in_one_flow_is_given_up_in_all(store: Store, play: Playing) -> None:
    lapses = BOSS.model_copy(update={"lapsed": ()})
    rulebook = rules(ANY, lapses)
    submitted(play, rulebook, status="submitted")
    long_ago(store)
    lapse = Due(name="flow_lapse", subject="flow:2", payload={"step": 0})
    play("rep", lambda turn: due.due(lapse, turn), rulebook)
    assert [run.state for run in rows(store, FlowRunRow)] == ["withdrawn", "lapsed"]
    assert [row.status for row in rows(store, RecordRow)] == ["expired"]


@pytest.mark.parametrize("given_up", sorted(GIVEN_UP))
def test_no_step_revives_what_was_given_up(store: Store, play: Playing, given_up: str) -> None:
    revives = flow("revives", {"do": "status", "to": "confirmed"})
    submitted(play, rules(revives), status=given_up)
    assert [row.status for row in rows(store, RecordRow)] == [given_up]


def undone(turn: Turn) -> Reply:
    return undo.undo(Command(intent="undo"), turn)


def test_what_was_taken_back_waits_for_nothing_any_more(store: Store, play: Playing) -> None:
    waits = flow("waits", {"do": "wait", "hours": 4}, {"do": "status", "to": "confirmed"})
    rulebook = rules(waits)
    submitted(play, rulebook)
    play("rep", undone, rulebook)
    assert [run.state for run in rows(store, FlowRunRow)] == ["withdrawn"]
    over = Due(name="flow_wait", subject="flow:1", payload={"step": 0})
    play("rep", lambda turn: due.due(over, turn), rulebook)
    assert [row.status for row in rows(store, RecordRow)] == ["undone"]


def test_what_was_approved_meanwhile_is_not_taken_back(store: Store, play: Playing) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("one turn at a time there")
    rulebook = rules(BOSS)
    submitted(play, rulebook, status="submitted")

    def late(turn: Turn) -> Reply:
        read = turn.work.records.of_proposal(1)
        assert [row.status for row in read] == ["submitted"]
        play("boss", tapped(1), rulebook)
        undone(turn)
        raise AssertionError(f"{read} was taken back")

    with pytest.raises(Refusal, match="已经审批过了"):
        play("rep", late, rulebook)
    assert [row.status for row in rows(store, RecordRow)] == ["approved"]


def test_where_nobody_is_above_him_telling_them_never_stops_what_he_records(
    store: Store, play: Playing
) -> None:
    above = {"superior": 1, "otherwise": []}
    tells = flow("tells", {"do": "tell", "who": above, "text": "{内容}"}, {"do": "task", "text": "跟进"})

    def confirm(turn: Turn) -> Reply:
        row = RecordRow(form="complaint", reporter_id="boss", happened_at=NOW, status="confirmed")
        turn.work.records.add([row])
        return flows.begin(tells, row, turn)

    reply = play("boss", confirm, rules(tells))
    assert [out.to for out in reply.outgoing] == ["boss"], "his own to-do"
    assert [a.new for a in rows(store, AuditRow) if a.field == "flow_step"] == ["left_out"]
    word = flow("word", {"do": "tell", "who": above, "text": "{申请人}"})
    said = play("boss", lambda turn: flows.routine_said(Routine(flow="word"), turn), rules(word))
    assert said.outgoing == ()


def test_leave_without_a_deputy_needs_a_superior(store: Store, play: Playing) -> None:
    leave = TakeLeave(start=NOW, until=datetime(2026, 3, 12, tzinfo=UTC))
    with pytest.raises(Refusal, match="没有上级"):
        play("boss", lambda turn: leaves.take(leave, turn), rules())
    assert play("rep", lambda turn: leaves.take(leave, turn), rules()).outgoing


def test_the_applicant_is_told_whether_somebody_above_was_found(store: Store, play: Playing) -> None:
    slow = flow(
        "slow", {"do": "approve", "id": "a", "label": "财务", "who": {"role": "finance"}, "escalate_after": 4}
    )
    rulebook = rules(slow)
    submitted(play, rulebook, status="submitted")

    def told(approval: int) -> str:
        over = Due(name="approval_escalation", subject=f"approval:{approval}")
        reply = play("rep", lambda turn: due.due(over, turn), rulebook)
        return "".join(str(out.content) for out in reply.outgoing if out.to == "rep")

    assert "已转给上级" in told(1)
    unanswered = told(3)
    assert "已请运营催办" in unanswered and "已转给上级" not in unanswered


def test_a_word_begins_a_flow_of_its_own(store: Store, play: Playing) -> None:
    made = Flow.model_validate(
        {
            "key": "tired",
            "label": "累了",
            "begins": {"event": "message", "words": ["下班打卡"]},
            "steps": [{"do": "tell", "text": "{申请人}辛苦了"}],
        }
    )
    rulebook = rules(made)
    assert rulebook.routine_of("下班打卡") == "tired" and rulebook.routine_of("下班") == ""
    reply = play("rep", lambda turn: flows.routine_said(Routine(flow="tired"), turn), rulebook)
    assert [(out.to, out.content.text) for out in reply.outgoing] == [("rep", "李伟辛苦了")]  # type: ignore[union-attr]


def test_what_lapses_or_waits_goes_on_when_its_time_has_come(store: Store, play: Playing) -> None:
    lapses = flow(
        "lapses",
        {"do": "wait", "hours": 4},
        {"do": "approve", "id": "a", "label": "上级", "who": {"superior": 1}, "lapse_after": 24},
    )
    rulebook = rules(lapses)
    submitted(play, rulebook)
    waits = [row for row in rows(store, DueRow) if row.name == "flow_wait"]
    assert [row.due_at for row in waits] == [datetime(2026, 3, 10, 7, 7, tzinfo=UTC)], "over lunch"
    over = Due(name="flow_wait", subject="flow:1", payload={"step": 0})
    play("rep", lambda turn: due.due(over, turn), rulebook)
    assert [a.approver_id for a in rows(store, ApprovalRow)] == ["boss"]
    play("rep", lambda turn: due.due(over, turn), rulebook)
    assert len(rows(store, ApprovalRow)) == 1, "a repetition changes nothing"
    lapse = Due(name="flow_lapse", subject="flow:1", payload={"step": 1})
    play("rep", lambda turn: due.due(lapse, turn), rulebook)
    assert [run.state for run in rows(store, FlowRunRow)] == ["running"], "nobody was reminded yet"
    long_ago(store)
    reply = play("rep", lambda turn: due.due(lapse, turn), rulebook)
    assert [run.state for run in rows(store, FlowRunRow)] == ["lapsed"]
    assert [a.state for a in rows(store, ApprovalRow)] == ["cancelled"]
    assert any("没有审批" in str(out.content) for out in reply.outgoing if out.to == "rep")
    with pytest.raises(Refusal, match="没有审批"):
        play("boss", tapped(1), rulebook)


def test_a_record_that_touches_no_flow_costs_no_statement(store: Store, play: Playing) -> None:
    statements: list[str] = []

    def count(turn: Turn) -> Reply:
        row = RecordRow(id=7, form="order", reporter_id="rep", happened_at=NOW, data={"amount": 5})
        event.listen(store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        assert flows.beginning("submitted", row, turn) == []
        return flows.begin_changed(row, {}, turn)

    play("rep", count, RULES)
    assert [s for s in statements if "SAVEPOINT" not in s] == []
