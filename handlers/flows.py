"""Flows at work: what begins them, and how their effects become rows, cards and words.

`domain.flows.engine` decides; here it is done. A flow in which nobody has to be waited for leaves no row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.cards import Card, Text
from domain.errors import Refusal
from domain.facts import facts_of
from domain.flows.definition import SETTLES, Approve, EventName, Flow, Status
from domain.flows.engine import advance
from domain.flows.state import (
    AskFor,
    Close,
    Do,
    Effect,
    Ended,
    Event,
    Passed,
    Progress,
    Run,
    Started,
    Unanswered,
    Until,
    WaitOver,
    Withdrawn,
)
from domain.flows.triggers import Chain, LoopFound, begun
from domain.intents.approvals import Routine
from domain.people import Person
from handlers import papers
from handlers.approval_cards import approval_card, name_of
from handlers.company import scene_of, working_time
from handlers.flow_steps import Going, do, routine
from handlers.turn import Reply, Turn, outcome, tell
from storage.flow_tables import FlowRunRow
from storage.records import GIVEN_UP
from storage.tables import ApprovalRow, RecordRow

CARETAKERS = ("operations", "admin")
"""Who is told where a flow cannot go on by itself."""
LEAVES = {"done": "approved", "lapsed": "expired"}
"""How a flow ended → what becomes of a record that no step of it settled."""


def beginning(
    event: EventName, row: RecordRow, turn: Turn, before: dict[str, Any] | None = None
) -> list[Flow]:
    """The flows that this event of the record begins; costs nothing where its form has none. `before`: the data
    before a change."""
    flows = turn.rulebook.flows_of(row.form)
    if not flows:
        return []
    form = turn.rulebook.form_of(row.form)
    scene = scene_of(row, applicant_of(row, turn), turn)
    was = None if before is None else {**scene.facts, **dict.fromkeys(before), **facts_of(form, before)}
    return begun(flows, event, row.form, scene.facts, scene.names, was)


def begin(flow: Flow, row: RecordRow, turn: Turn, chain: Chain | None = None) -> Reply:
    """Raises Refusal where nobody may decide."""
    return begin_all([flow], row, turn, chain)


def begin_all(begun: list[Flow], row: RecordRow, turn: Turn, chain: Chain | None = None) -> Reply:
    """Begin what one event begins. All of them are on record before the first moves, so that one which has nothing
    to wait for does not settle what the others are still to decide. Raises Refusal where nobody may decide."""
    reply, applicant = Reply(), applicant_of(row, turn)
    started: list[Going] = []
    for flow in begun:
        try:
            longer = (chain or Chain()).then(flow)
        except LoopFound as loop:
            turn.work.records.audit(f"record:{row.id}", "flow", flow.key, "stopped", loop.words)
            reply += tell_caretakers(loop.words, turn)
            continue
        run = turn.work.flows.begin(flow, row.id or 0, applicant.id) if flow.waits else None
        started.append(Going(row, applicant, flow, run, longer, begin_changed))
    for going in started:
        progress = advance(going.flow, Run(), Started(), scene_of(row, applicant, turn))
        reply += _done(progress, going, turn)
    return reply


def begin_changed(row: RecordRow, before: dict[str, Any], turn: Turn, chain: Chain | None = None) -> Reply:
    """A record that counts was changed: begin what waits for that."""
    return begin_all(beginning("changed", row, turn, before), row, turn, chain)


@dataclass(frozen=True)
class Decision:
    """What somebody decided, to be written once the flow has taken it."""

    approval: ApprovalRow
    state: str
    reason: str = ""


def move(
    run: FlowRunRow, event: Event, turn: Turn, *, why: str = "", decision: Decision | None = None
) -> Reply:
    """Something happened to a running flow, whose row is held (`Flows.lock`). `why` is shown to those who need not
    decide any more. Raises Refusal where it cannot be."""
    row = turn.work.records.get(run.record_id)
    if row is None:
        raise Refusal("这条申请已经不在了。")
    applicant = applicant_of(row, turn)
    flow = turn.work.flows.definition(run)
    going = Going(row, applicant, flow, run, Chain((flow.key,)), begin_changed, why)
    progress = advance(flow, turn.work.flows.state_of(run), event, scene_of(row, applicant, turn))
    if decision and not turn.work.flows.decide(decision.approval, decision.state, decision.reason):
        raise Refusal("这条刚刚被别人处理了，请看最新的卡片。")
    return _done(progress, going, turn)


def withdraw(row: RecordRow, turn: Turn, why: str = "申请人已撤销") -> Reply:
    """The record is given up: take it back from whoever was to decide, and end what waits. `why` is shown to them."""
    running = turn.work.flows.running(row.id or 0)
    return sum((move(run, Withdrawn(), turn, why=why) for run in running), Reply())


def applicant_of(row: RecordRow, turn: Turn) -> Person:
    """Whose record it is. Of somebody who left it can still be decided: it holds stock and budgets like any other."""
    known = turn.person if row.reporter_id == turn.person.id else turn.work.people.ever(row.reporter_id)
    return known or Person(id=row.reporter_id, name=row.reporter_id, active=False)


def tell_caretakers(words: str, turn: Turn) -> Reply:
    who = turn.work.people.with_role(*CARETAKERS)
    return sum((tell(person.id, Text(text=words)) for person in who), Reply())


def step_of(flow: Flow, approval: ApprovalRow) -> Approve:
    step = flow.steps[approval.step]
    assert isinstance(step, Approve)
    return step


def waiting_names(run: FlowRunRow, turn: Turn) -> str:
    """Who has to decide now, in words."""
    asked = [a.approver_id for a in turn.work.flows.approvals_of(run.id or 0) if a.state == "pending"]
    return "、".join(name_of(person, turn) for person in asked)


def routine_said(intent: Routine, turn: Turn) -> Reply:
    return routine(turn.rulebook.flows[intent.flow], turn)


# effects ---------------------------------------------------------------------------------------------------------


def _done(progress: Progress, going: Going, turn: Turn) -> Reply:
    if going.row.status == "submitted":
        progress = _as_far_as_others_allow(progress, going, turn)
    if going.run is not None:
        turn.work.flows.save(going.run, progress.run)
    reply = sum((_EFFECTS[type(effect)](effect, going, turn) for effect in progress.effects), Reply())
    settled = going.flow.decides and going.row.status in SETTLES
    return reply + (_go_on(going, turn) if settled else Reply())


def _as_far_as_others_allow(progress: Progress, going: Going, turn: Turn) -> Progress:
    """A step that says "approved" waits there for the other flows that are still to decide, and with it all that is
    done for what is approved. A flow without a row, which cannot wait, says nothing."""
    found = [
        n for n, effect in enumerate(progress.effects) if isinstance(effect, Do) and _settles(effect, going)
    ]
    if not found or not _others_decide(going, turn):
        return progress
    if going.run is None:
        kept = tuple(effect for n, effect in enumerate(progress.effects) if n not in found)
        return progress.model_copy(update={"effects": kept})
    effect = progress.effects[found[0]]
    assert isinstance(effect, Do)
    place = next(n for n, step in enumerate(going.flow.steps) if step is effect.step)
    asks = tuple(ask for ask in progress.run.asks if ask.step < place)
    run = progress.run.model_copy(update={"state": "running", "step": place, "asks": asks})
    return Progress(run=run, effects=progress.effects[: found[0]])


def _settles(effect: Do, going: Going) -> bool:
    step = effect.step
    return isinstance(step, Status) and step.to in SETTLES and any(one is step for one in going.flow.steps)


def _go_on(going: Going, turn: Turn) -> Reply:
    """The record is settled: flows that waited for that do what follows."""
    reply = Reply()
    for run in turn.work.flows.running(going.row.id or 0):
        flow = turn.work.flows.definition(run)
        if isinstance(flow.steps[run.step], Status):
            reply += move(run, WaitOver(), turn)
    return reply


def _ask(effect: AskFor, going: Going, turn: Turn) -> Reply:
    """Keep the question, remind of it in working time, show the papers, what does not fit, and the card."""
    run = going.the_run
    approval = turn.work.flows.ask(run, effect.ask)
    step = step_of(going.flow, approval)
    _schedule(approval, step, going, turn)
    return shown_to(approval, step, going.row, going.applicant, turn)


def shown_to(approval: ApprovalRow, step: Approve, row: RecordRow, applicant: Person, turn: Turn) -> Reply:
    """Everything that somebody needs to decide."""
    to, reply = approval.approver_id, Reply()
    if step.may_refuse:
        for one in papers.attachments(row, turn):
            reply += tell(to, one)
        if words := papers.beside([row]):
            reply += tell(to, Text(text=words))
    return reply + tell(to, card_of(approval, step, row, applicant, turn))


def card_of(
    approval: ApprovalRow, step: Approve, row: RecordRow, applicant: Person, turn: Turn, status: str = ""
) -> Card:
    decided = turn.work.flows.approvals_of(approval.flow_id or 0)
    agreed = [a for a in decided if a.state == "approved" and a.id != approval.id]
    return approval_card(approval, step, row, applicant, turn, agreed=agreed, status=status)


def _schedule(approval: ApprovalRow, step: Approve, going: Going, turn: Turn) -> None:
    working, subject = working_time(turn), f"approval:{approval.id}"
    remind_at = working.after(turn.now, timedelta(hours=step.remind_after))
    turn.work.schedule.at(remind_at, "approval_reminder", subject, approval.approver_id)
    if step.escalate_after:
        at = working.after(turn.now, timedelta(hours=step.escalate_after))
        turn.work.schedule.at(at, "approval_escalation", subject, going.applicant.id)
    if step.lapse_after:
        at = lapses_at(going.the_run.started_at, step, [approval], turn)
        turn.work.schedule.at(
            at, "flow_lapse", f"flow:{approval.flow_id}", going.applicant.id, step=approval.step
        )


def lapses_at(began: datetime, step: Approve, asked: list[ApprovalRow], turn: Turn) -> datetime:
    """When nobody need decide any more: once the step's hours of working days have passed, and each of those `asked`
    was reminded and had as long again."""
    working = working_time(turn)
    warned = [working.after(one.created_at, 2 * timedelta(hours=step.remind_after)) for one in asked]
    return max(working.on_workdays(began, timedelta(hours=step.lapse_after)), *warned)


def _close(effect: Close, going: Going, turn: Turn) -> Reply:
    """His word is not needed any more: say on his card what happened."""
    ask = effect.ask
    for approval in turn.work.flows.approvals_of(going.the_run.id or 0):
        if (approval.step, approval.approver_id) != (ask.step, ask.person):
            continue
        if turn.work.flows.decide(approval, effect.state, going.why):
            forget_times(approval, turn)
            step = step_of(going.flow, approval)
            card = card_of(approval, step, going.row, going.applicant, turn, going.why)
            return outcome(turn, card)
    return Reply()


def forget_times(approval: ApprovalRow, turn: Turn) -> None:
    for name in ("approval_reminder", "approval_escalation"):
        turn.work.schedule.cancel(name, f"approval:{approval.id}")


def _passed(effect: Passed, going: Going, turn: Turn) -> Reply:
    label = getattr(going.flow.steps[effect.step], "label", "")
    why = f"{name_of(effect.person, turn)}上一步刚批过，不再问一遍"
    turn.work.records.audit(f"record:{going.row.id}", "flow_step", label, "passed", why)
    return Reply()


def _until(effect: Until, going: Going, turn: Turn) -> Reply:
    subject = f"flow:{going.the_run.id}"
    turn.work.schedule.at(effect.at, "flow_wait", subject, going.applicant.id, step=effect.step)
    return Reply()


def _unanswered(effect: Unanswered, going: Going, turn: Turn) -> Reply:
    label = turn.rulebook.form_of(going.row.form).label
    asked = name_of(effect.person, turn)
    words = f"{going.applicant.name} 的{label}一直等 {asked} 审批，上面没有人可以转。请帮忙催一下。"
    return tell_caretakers(words, turn)


def _do(effect: Do, going: Going, turn: Turn) -> Reply:
    return do(effect.step, going, turn)


def _ended(effect: Ended, going: Going, turn: Turn) -> Reply:
    """A record does not stay with people who have nothing more to decide, even where the flow forgot to say so.
    A flow in which nobody decides settles nothing, nor does one of several that are still to decide."""
    if going.run is not None:
        turn.work.schedule.cancel("flow_lapse", f"flow:{going.run.id}")
    row, decides = going.row, going.flow.decides and effect.state in LEAVES
    if (
        row.status == "submitted"
        and decides
        and (effect.state == "lapsed" or not _others_decide(going, turn))
    ):
        turn.work.records.set_status(row, LEAVES[effect.state], going.flow.label)
    if effect.state in ("rejected", "lapsed") and row.status in GIVEN_UP:
        return withdraw(row, turn, going.why)
    return Reply()


def _others_decide(going: Going, turn: Turn) -> bool:
    """Whether another flow of the record may still refuse it. One that has said "approved" itself may go on, to a
    payment say, and decides no more."""
    this = going.run.id if going.run else None
    others = [run for run in turn.work.flows.running(going.row.id or 0) if run.id != this]
    return any(flow.decides_at(run.step) for run in others if (flow := turn.work.flows.definition(run)))


_EFFECTS: dict[type[Effect], Callable[[Any, Going, Turn], Reply]] = {
    AskFor: _ask,
    Close: _close,
    Passed: _passed,
    Until: _until,
    Unanswered: _unanswered,
    Do: _do,
    Ended: _ended,
}
