"""Leads get their people: planned on what was read, given by one conditional update each.

Planning holds nobody up. Whoever gives a lead holds the people's rows first, counts anew what they hold, and changes
the lead only if it still is as it was planned: of two dispatchers one gives it, and nobody gets more than he may hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.cards import Button, Card, Text
from domain.errors import Refusal
from domain.flows.working_time import WorkingTime
from domain.leads.capacity import Rep, limits_of, rep_of
from domain.leads.first_touch import steps
from domain.leads.lead import Lead
from domain.leads.rules import LeadRules
from domain.leads.scoring import Record
from domain.people import Person
from handlers.company import working_time
from handlers.flows import CARETAKERS
from handlers.lead_batches import Assigned, plan, ranked
from handlers.lead_cards import CALL, PASS, TAKE, TOLD, closed_card, lead_card
from handlers.turn import Reply, Turn, outcome, tell_at_once
from storage import lead_loads
from storage.alerts import first_time

REMIND, MANAGER, MOVE = "lead_remind", "lead_manager", "lead_move"
CLOCK = (REMIND, MANAGER, MOVE)
CHOICES = 5
"""People among whom a manager may tap; anybody else he names."""
MOST_NAMED = 5
LAST_RESORT = "请你指派或者接手"


@dataclass(frozen=True)
class Desk:
    """Everybody who may be given a lead at this moment, and how leads ended before today."""

    reps: tuple[Rep, ...]
    record: Record


def desk(session: Session, rules: LeadRules, now: datetime, zone: ZoneInfo) -> Desk:
    people, today = lead_loads.at_work(session, "rep", now, zone), beginning_of_day(now, zone)
    found = lead_loads.loads(session, today)
    record = lead_loads.record(session, today - timedelta(days=rules.past.days), today)
    return Desk(tuple(_rep(person, rules, found) for person in people), record)


def _rep(person: lead_loads.AtWork, rules: LeadRules, loads: dict[str, tuple[int, int]]) -> Rep:
    held, given = loads.get(person.id, (0, 0))
    return rep_of(*person, rules=rules, open=held, today=given)


def beginning_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def works_now(working: WorkingTime, now: datetime) -> bool:
    return working.after(now, timedelta()) == now


def give(planned: Sequence[Assigned], turn: Turn) -> list[tuple[Lead, Reply]]:
    """What of the plan still holds, each lead with the card that goes out."""
    session, rules = turn.work.session, turn.rulebook.leads
    people = {one.rep.id for one in planned}
    lead_loads.hold(session, people)
    loads = lead_loads.loads(session, beginning_of_day(turn.now, turn.zone), people)
    given: list[tuple[Lead, Reply]] = []
    for one in sorted(planned, key=lambda one: one.lead.id):
        held, today = loads.get(one.rep.id, (0, 0))
        if replace(one.rep, open=held, today=today).room == 0:
            continue
        lead = offered(one.lead, one.rep.id, turn, one.score.words, parts=one.score.model_dump(mode="json"))
        if lead is not None:
            loads[one.rep.id] = (held + 1, today + 1)
            given.append((lead, tell_at_once(one.rep.id, _offer(lead, one, rules, turn))))
    return given


def offered(lead: Lead, person_id: str, turn: Turn, reason: str, **details: object) -> Lead | None:
    """Somebody has it from now on and his clock runs; None where it was changed meanwhile."""
    when = steps(turn.now, turn.rulebook.leads.first_touch, working_time(turn))
    values = {
        "state": "offered",
        "owner_id": person_id,
        "offered_at": turn.now,
        "due_at": when.move,
        "round": lead.round + 1,
    }
    given = turn.work.leads.change(lead, "offered", values, person_id=person_id, reason=reason, **details)
    if given is not None:
        superior = turn.work.people.superior(person_id)
        for name, at, whose in (
            (REMIND, when.remind, person_id),
            (MANAGER, when.manager, superior or person_id),
            (MOVE, when.move, person_id),
        ):
            turn.work.schedule.at(at, name, subject_of(given), whose)
    return given


def no_room(person: Person, turn: Turn) -> str:
    """Why he cannot be given one more; empty where he can. Nobody else gives him anything until the turn is over."""
    if turn.work.flows.away(person.id, turn.now) is not None:
        return f"{person.name} 请假了，请换一个人。"
    session = turn.work.session
    lead_loads.hold(session, [person.id])
    today = beginning_of_day(turn.now, turn.zone)
    held, given = lead_loads.loads(session, today, [person.id]).get(person.id, (0, 0))
    limits = limits_of(person.id, turn.rulebook.leads.capacity)
    if held < limits.open and given < limits.day:
        return ""
    return f"{person.name} 手上 {held} 条、今天新拿 {given} 条，已经满了，请换一个人。"


def hand(lead: Lead, person: Person, turn: Turn, why: str) -> Reply:
    """To this person, by somebody's word. Raises Refusal where it was changed meanwhile."""
    stop_clock(lead, turn)
    given = offered(lead, person.id, turn, why)
    if given is None:
        raise Refusal("这条线索刚刚已经变了，请看最新的卡片。")
    minutes = turn.rulebook.leads.first_touch.remind
    card = lead_card(
        given, turn, title="新线索", subtitle=f"{why}，{minutes} 分钟内联系", buttons=(TAKE, CALL, PASS)
    )
    closed = closed_card(lead, turn, f"已交给 {person.name}：{why}", "success")
    return outcome(turn, closed) + tell_at_once(person.id, card)


def subject_of(lead: Lead) -> str:
    """What due times of this round are about."""
    return f"lead:{lead.id}:{lead.round}"


def stop_clock(lead: Lead, turn: Turn) -> None:
    for name in CLOCK:
        turn.work.schedule.cancel(name, subject_of(lead))


def find_another(lead: Lead, turn: Turn, why: str) -> Reply:
    """A lead that its owner gave up, or lost: somebody else at once, the manager where enough were tried, the morning
    where nobody works now. `lead` is new again and still in the round in which it was lost."""
    rules, working = turn.rulebook.leads, working_time(turn)
    if lead.round >= rules.first_touch.rounds:
        return to_manager(lead, turn, why)
    if not works_now(working, turn.now):
        return Reply()
    session = turn.work.session
    there = desk(session, rules, turn.now, turn.zone)
    planned = plan([lead], there.reps, rules, there.record, lead_loads.had(session, [lead.id]))
    given = give(planned, turn)
    return given[0][1] if given else to_manager(lead, turn, f"{why}，也没有别人能接")


def to_manager(lead: Lead, turn: Turn, why: str) -> Reply:
    """The superior of whoever had it last gets it, to assign it or to take it himself; the pool where there is none."""
    last = last_owner(lead, turn)
    superior = present_superior(last, turn) if last else None
    had = lead_loads.had(turn.work.session, [lead.id]).get(lead.id, set())
    if superior is None or superior in had:
        return to_pool(lead, turn, why)
    given = offered(lead, superior, turn, why)
    if given is None:
        return Reply()
    card = lead_card(
        given,
        turn,
        purpose=TOLD,
        title="没有人接的线索",
        subtitle=f"{why}，{LAST_RESORT}",
        note="说“给张伟”也可以指派。",
        tone="warning",
        buttons=(TAKE, CALL, *choices(given, turn)),
    )
    return tell_at_once(superior, card)


def to_pool(lead: Lead, turn: Turn, why: str) -> Reply:
    back = {"state": "pool", "owner_id": None, "due_at": None}
    if turn.work.leads.change(lead, "returned", back, reason=why) is None:
        return Reply()
    return tell_caretakers(
        f"线索「{lead.name}」没有人跟进，已放进公海：{why}。请安排，比如“{lead.name}的线索给张伟”。", turn
    )


def nobody(leads: Sequence[Lead], turn: Turn, why: str) -> Reply:
    """Leads that nobody may be given have waited long: told once each, and all together."""
    caretakers = [person.id for person in turn.work.people.with_role(*CARETAKERS)]
    untold = [
        lead
        for lead in leads
        if first_time(
            turn.work.session,
            *("lead_nobody", f"lead:{lead.id}", str(lead.round)),
            told=caretakers,
            words=why,
            now=turn.now,
        )
    ]
    for lead in untold:
        turn.work.leads.note(lead.id, "manager_told", reason=why)
    if not untold:
        return Reply()
    named = "、".join(f"「{lead.name}」" for lead in untold[:MOST_NAMED])
    many = f"等 {len(untold)} 条" if len(untold) > 1 else ""
    return tell_caretakers(f"线索{named}{many}{why}：可能都满了、请假，或者规则只给某些人。", turn)


def present_superior(person_id: str, turn: Turn) -> str | None:
    """His superior; of one who is away whoever stands in for him, else the next above. None where nobody is there."""
    passed = {person_id}
    superior = turn.work.people.superior(person_id)
    while superior and superior not in passed:
        deputy = turn.work.flows.away(superior, turn.now)
        if deputy is None:
            return superior
        passed.add(superior)
        superior = (turn.work.people.get(deputy) and deputy) or turn.work.people.superior(superior)
    return None


def tell_caretakers(words: str, turn: Turn) -> Reply:
    who = turn.work.people.with_role(*CARETAKERS)
    return sum((tell_at_once(person.id, Text(text=words)) for person in who), Reply())


def choices(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """The people who would be best, for the manager to tap."""
    session, rules = turn.work.session, turn.rulebook.leads
    there = desk(session, rules, turn.now, turn.zone)
    had = lead_loads.had(session, [lead.id]).get(lead.id, set())
    found = ranked(lead, there.reps, rules, there.record, had)[:CHOICES]
    return tuple(Button(id="give", text=rep.name, value=rep.id) for rep in found)


def last_owner(lead: Lead, turn: Turn) -> str | None:
    """To whom it was given last."""
    given = [event for event in turn.work.leads.events(lead.id) if event.kind == "offered"]
    return given[-1].person_id if given else None


def _offer(lead: Lead, one: Assigned, rules: LeadRules, turn: Turn) -> Card:
    times = rules.first_touch
    why = "是你负责的老客户；" if one.lead.owner_id == one.rep.id else ""
    return lead_card(
        lead,
        turn,
        title="新线索",
        subtitle=f"{times.remind} 分钟内联系；{times.move} 分钟没动静会改派",
        note=f"为什么给你：{why}{one.score.words}。",
        buttons=(TAKE, CALL, PASS),
    )
