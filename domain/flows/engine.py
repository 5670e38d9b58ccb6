"""How a flow moves on: state and event in, state and effects out. No clock, no rows; whoever calls it does the effects.

Every step's `when` is looked at when the flow comes to it. An approval whose condition cannot be worked out is asked
for: one question too many is better than one too few.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.errors import Refusal
from domain.facts import Names
from domain.flows.approvers import Chosen, Company, appoint, choose, superiors
from domain.flows.conditions import holds
from domain.flows.definition import Approve, Flow, Instant, Outcome, Status, Wait
from domain.flows.state import (
    Added,
    Ask,
    AskFor,
    Close,
    Decided,
    Do,
    Effect,
    Ended,
    Event,
    Lapsed,
    Overdue,
    Passed,
    Progress,
    Run,
    Started,
    Unanswered,
    Until,
    WaitOver,
    Withdrawn,
)
from domain.flows.working_time import WorkingTime

NOT_YOURS = "这条现在不归你审批，请看最新的卡片。"


@dataclass(frozen=True)
class Scene:
    """Everything that a flow may look at when it moves on."""

    now: datetime
    applicant: str
    company: Company
    working: WorkingTime
    facts: Mapping[str, object] = field(default_factory=dict)
    names: Names = field(default_factory=dict)


def advance(flow: Flow, run: Run, event: Event, scene: Scene) -> Progress:
    """What becomes of the run. Raises Refusal where the event is not possible, in words for whoever caused it.

    What comes after the end, or about somebody who is not asked, changes nothing or is refused.
    """
    if run.state != "running":
        raise Refusal("这条已经处理完了，不用再处理。")
    return _HANDLERS[type(event)](flow, run, event, scene)


def _started(flow: Flow, run: Run, event: Started, scene: Scene) -> Progress:
    return _from(flow, run, 0, scene)


def _decided(flow: Flow, run: Run, event: Decided, scene: Scene) -> Progress:
    ask = run.pending(event.person)
    step = flow.steps[run.step]
    if ask is None or not isinstance(step, Approve):
        raise Refusal(NOT_YOURS)
    if not event.approves:
        if not step.may_refuse:
            raise Refusal("这一步不能驳回；有问题请直接联系申请人或前面的审批人。")
        return _over(flow, _with(run, ask, "rejected"), "rejected", scene)
    run = _with(run, ask, "approved")
    if not _complete(step, run):
        return Progress(run=run)
    run, closed = _closed(run)
    ahead = _from(flow, run, run.step + 1, scene)
    return Progress(run=ahead.run, effects=(*closed, *ahead.effects))


def _added(flow: Flow, run: Run, event: Added, scene: Scene) -> Progress:
    if run.pending(event.by) is None:
        raise Refusal(NOT_YOURS)
    name = scene.company.name(event.person)
    if event.person == scene.applicant:
        raise Refusal(f"{name}是申请人，不能批自己的单，请换一个人加签。")
    chosen = appoint(event.person, scene.applicant, scene.company)
    if chosen is None:
        raise Refusal(f"{name}正在休假，也没有人代他审批，请换一个人加签。")
    if any(a.person == chosen.person for a in run.at_work):
        raise Refusal(f"这一步已经在请{scene.company.name(chosen.person)}审批了，不用再加。")
    ask = Ask(step=run.step, person=chosen.person, behalf=chosen.behalf, added_by=event.by)
    return Progress(run=_asked(run, ask), effects=(AskFor(ask=ask),))


def _overdue(flow: Flow, run: Run, event: Overdue, scene: Scene) -> Progress:
    """His superior is asked instead, or that of the one for whom he stands in; above whom there is nobody, the question
    stays with him."""
    ask = run.pending(event.person)
    if ask is None:
        return Progress(run=run)
    asked = {a.person for a in run.at_work}
    above = [
        appoint(p, scene.applicant, scene.company)
        for p in superiors(ask.behalf or event.person, scene.company)
    ]
    found = next((c for c in above if c and c.person not in asked and c.person != scene.applicant), None)
    if found is None:
        return Progress(run=run, effects=(Unanswered(person=event.person),))
    again = Ask(step=run.step, person=found.person, behalf=event.person, added_by=ask.added_by)
    run = _asked(_with(run, ask, "passed_on"), again)
    return Progress(run=run, effects=(Close(ask=ask, state="passed_on"), AskFor(ask=again)))


def _wait_over(flow: Flow, run: Run, event: WaitOver, scene: Scene) -> Progress:
    match flow.steps[run.step]:
        case Wait():
            return _from(flow, run, run.step + 1, scene)
        case Status():  # it waited for what other flows decide
            return _from(flow, run, run.step, scene)
        case _:
            return Progress(run=run)


def _lapsed(flow: Flow, run: Run, event: Lapsed, scene: Scene) -> Progress:
    return _over(flow, run, "lapsed", scene)


def _withdrawn(flow: Flow, run: Run, event: Withdrawn, scene: Scene) -> Progress:
    return _over(flow, run, "withdrawn", scene)


_HANDLERS: dict[type, Callable[[Flow, Run, Any, Scene], Progress]] = {
    Started: _started,
    Decided: _decided,
    Added: _added,
    Overdue: _overdue,
    WaitOver: _wait_over,
    Lapsed: _lapsed,
    Withdrawn: _withdrawn,
}


def _from(flow: Flow, run: Run, index: int, scene: Scene) -> Progress:
    """Go through the steps from `index` on, as far as nobody has to be waited for."""
    effects: list[Effect] = []
    for number, step in enumerate(flow.steps[index:], start=index):
        waiting = isinstance(step, Approve)
        if not holds(step.when, scene.facts, scene.names, doubtful=waiting):
            continue
        if isinstance(step, Approve):
            chosen = choose(step.who, scene.applicant, scene.company)
            if passed := _decided_before(step, chosen, run):
                effects.append(Passed(step=number, person=passed))
                continue
            asks = tuple(Ask(step=number, person=c.person, behalf=c.behalf) for c in chosen)
            moved = run.model_copy(update={"step": number, "asks": (*run.asks, *asks)})
            return Progress(run=moved, effects=(*effects, *(AskFor(ask=a) for a in asks)))
        if isinstance(step, Wait):
            effects.append(Until(step=number, at=_until(step, scene)))
            return Progress(run=run.model_copy(update={"step": number}), effects=tuple(effects))
        effects.append(Do(step=step))
    ended = run.model_copy(update={"state": "done", "step": len(flow.steps)})
    return Progress(run=ended, effects=(*effects, Ended(state="done")))


def _until(step: Wait, scene: Scene) -> datetime:
    how_long = timedelta(hours=step.hours)
    return scene.working.after(scene.now, how_long) if step.working else scene.now + how_long


def _decided_before(step: Approve, chosen: tuple[Chosen, ...], run: Run) -> str:
    """Who of them agreed at the last step that was asked, where that is enough for this one; empty where not."""
    last = max((a.step for a in run.asks), default=-1)
    agreed = {a.person for a in run.asks if a.step == last and a.state == "approved"}
    known = [c.person for c in chosen if c.person in agreed]
    if step.again or not known or (step.mode == "all" and len(known) < len(chosen)):
        return ""
    return known[0]


def _complete(step: Approve, run: Run) -> bool:
    counts = [a for a in run.at_work if a.state in ("pending", "approved")]
    asked = [a.state == "approved" for a in counts if not a.added_by]
    added = [a.state == "approved" for a in counts if a.added_by]
    return all(added) and (all(asked) if step.mode == "all" else any(asked) or not asked)


def _over(flow: Flow, run: Run, outcome: Outcome, scene: Scene) -> Progress:
    run, closed = _closed(run)
    steps: tuple[Instant, ...] = getattr(flow, outcome)
    follow = [Do(step=s) for s in steps if holds(s.when, scene.facts, scene.names, doubtful=False)]
    run = run.model_copy(update={"state": outcome})
    return Progress(run=run, effects=(*closed, *follow, Ended(state=outcome)))


def _closed(run: Run) -> tuple[Run, tuple[Close, ...]]:
    """Nobody else need decide at this step."""
    waiting = [a for a in run.at_work if a.state == "pending"]
    for ask in waiting:
        run = _with(run, ask, "cancelled")
    return run, tuple(Close(ask=a, state="cancelled") for a in waiting)


def _with(run: Run, ask: Ask, state: str) -> Run:
    asks = tuple(a.model_copy(update={"state": state}) if a == ask else a for a in run.asks)
    return run.model_copy(update={"asks": asks})


def _asked(run: Run, ask: Ask) -> Run:
    return run.model_copy(update={"asks": (*run.asks, ask)})
