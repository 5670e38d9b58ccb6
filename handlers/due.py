"""The clock's turns: what happens when a time has come."""

from collections.abc import Callable
from datetime import timedelta

from domain.errors import Refusal
from domain.flows.state import Lapsed, WaitOver
from domain.intents.events import Due
from handlers import (
    approvals,
    flows,
    gate_answers,
    lead_clock,
    lead_dispatch,
    lead_doubts,
    lead_intake,
    lead_silence,
    leaving,
    pre_visit,
    proposals,
    reminders,
    sample_feedback,
    samples,
    stock,
)
from handlers.company import working_time
from handlers.turn import Reply, Turn, tell
from storage.reminders import DUE

MOST_REMINDERS = 5
LAPSED = "超过 {hours:g} 小时没有审批，已作废"
GOES_ON = frozenset(
    {
        "proposal_expiry",
        "approval_reminder",
        "approval_escalation",
        "flow_lapse",
        "flow_wait",
        "person_left",
        "sample_lapse",
        stock.WATCH,
        samples.REMIND,
        lead_dispatch.MANAGER,
        lead_intake.ASK_SAME,
    }
)
"""What is done at its time even where the person in whose name it stands has left: it ends or hands on what others
wait for. Everything else is between him and the bot, and falls away."""


def due(intent: Due, turn: Turn) -> Reply:
    return OCCASIONS[intent.name](intent, turn)


def proposal_expiry(intent: Due, turn: Turn) -> Reply:
    """A proposal that nobody confirmed for a day is closed; nothing of it counts."""
    proposal = turn.work.records.proposal(_number(intent))
    if proposal is None or proposal.state != "open":
        return Reply()
    rows = turn.work.records.of_proposal(proposal.id or 0)
    return proposals.abandon(proposal, rows, turn, "expired", "超过 24 小时没有确认，已作废")


def approval_reminder(intent: Due, turn: Turn) -> Reply:
    """Show the approver his open card again, a few working times, not for ever. Of one who left, his superior is asked
    now."""
    if not turn.person.active:
        return approval_escalation(intent, turn)
    approval = turn.work.flows.approval(_number(intent))
    row = turn.work.records.get(approval.record_id) if approval else None
    run = turn.work.flows.lock(approval.flow_id) if approval and approval.flow_id else None
    if approval is None or row is None or run is None or approval.state != "pending":
        return Reply()
    step = flows.step_of(turn.work.flows.definition(run), approval)
    working, count = working_time(turn), int(intent.payload.get("count", 0)) + 1
    if count < MOST_REMINDERS:
        again = working.after(turn.now, timedelta(hours=step.remind_after * (count + 1)))
        turn.work.schedule.at(again, "approval_reminder", intent.subject, turn.person.id, count=count)
    card = flows.card_of(approval, step, row, flows.applicant_of(row, turn), turn)
    hours = working.between(approval.created_at, turn.now) // timedelta(hours=1)
    reminder = card.model_copy(update={"revision": 1 + count, "subtitle": f"已等待 {hours} 个工作小时"})
    return tell(approval.approver_id, reminder)


def approval_escalation(intent: Due, turn: Turn) -> Reply:
    """No answer in the working time that the step gives: his superior is asked instead."""
    return approvals.hand_on(_number(intent), turn)


def flow_lapse(intent: Due, turn: Turn) -> Reply:
    """Nobody decided in time: nobody need any more. Whoever was asked late, by escalation, still has his time."""
    run = turn.work.flows.lock(_number(intent))
    if run is None or run.state != "running" or run.step != intent.payload.get("step"):
        return Reply()
    asked = [a for a in turn.work.flows.approvals_of(run.id or 0) if a.state == "pending"]
    step = flows.step_of(turn.work.flows.definition(run), asked[0]) if asked else None
    if step and (at := flows.lapses_at(run.started_at, step, asked, turn)) > turn.now:
        turn.work.schedule.at(at, intent.name, intent.subject, turn.person.id, **intent.payload)
        return Reply()
    why = LAPSED.format(hours=step.lapse_after if step else 0)
    held = turn.work.stock.held(run.record_id)
    moved = flows.move(run, Lapsed(), turn, why=why)
    freed = "，占用的库存已归还" if held and not turn.work.stock.held(run.record_id) else ""
    return moved + approvals.moved_on(run, why + freed, turn)


def flow_wait(intent: Due, turn: Turn) -> Reply:
    """The time that a flow let pass is over."""
    run = turn.work.flows.lock(_number(intent))
    if run is None or run.state != "running" or run.step != intent.payload.get("step"):
        return Reply()
    return flows.move(run, WaitOver(), turn)


def sample_lapse(intent: Due, turn: Turn) -> Reply:
    """The time of a request that was submitted when stock had a clock of its own is over."""
    row = turn.work.records.get(_number(intent))
    if row is None or row.status == "approved" or not turn.work.stock.held(row.id or 0):
        return Reply()
    why, reply = "超时没有审批，已作废，占用的库存已归还", Reply()
    for run in turn.work.flows.running(row.id or 0):
        if run.state == "running":  # the first to lapse may have ended the others
            reply += flows.move(run, Lapsed(), turn, why=why) + approvals.moved_on(run, why, turn)
    return reply + stock.release_stock(row, turn)


def _number(intent: Due) -> int:
    number = intent.subject.rpartition(":")[2]
    if not number.isdecimal():
        raise Refusal(f"due {intent.name}: the subject {intent.subject!r} names no row")
    return int(number)


def person_left(intent: Due, turn: Turn) -> Reply:
    return leaving.left(turn)


OCCASIONS: dict[str, Callable[[Due, Turn], Reply]] = {
    "proposal_expiry": proposal_expiry,
    "approval_reminder": approval_reminder,
    "approval_escalation": approval_escalation,
    "flow_lapse": flow_lapse,
    "flow_wait": flow_wait,
    lead_dispatch.REMIND: lead_clock.remind,
    lead_dispatch.MANAGER: lead_clock.tell_manager,
    lead_dispatch.MOVE: lead_clock.move,
    lead_silence.SILENT: lead_silence.remind,
    lead_silence.MANAGER: lead_silence.tell_manager,
    lead_intake.AGAIN: lead_clock.again,
    lead_intake.ASK_SAME: lead_doubts.ask_next,
    "person_left": person_left,
    "sample_lapse": sample_lapse,
    stock.WATCH: stock.watch,
    samples.REMIND: samples.remind,
    sample_feedback.ASK: sample_feedback.ask,
    pre_visit.EXPIRY: gate_answers.expired,
    DUE: reminders.remind,
}
