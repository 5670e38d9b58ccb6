"""Leads that nobody does anything about: their owner is reminded, then his superior told, each once for each silence.

Whatever is done about a lead writes down when it would be silent (`watch`). Nothing is cancelled: two things done in
one night lead to the same hour of the next day. An hour that comes looks whether it still holds, and was not told of
before.
"""

from datetime import timedelta

from domain.cards import Text
from domain.intents.events import Due
from domain.leads.lead import EventKind, Lead
from domain.leads.stages import Stage
from handlers.company import working_time
from handlers.lead_steps import step_card
from handlers.turn import Reply, Turn, tell

SILENT, MANAGER = "lead_silent", "lead_silent_manager"


def watch(lead: Lead, turn: Turn) -> None:
    """From now on it is silent. Of a lead that is not followed up nothing is watched."""
    stage = turn.rulebook.lead_stages.of(lead)
    if lead.state == "following" and lead.owner_id and stage:
        at = working_time(turn).after(turn.now, timedelta(hours=stage.silent))
        turn.work.schedule.at(at, SILENT, _subject(lead), lead.owner_id)


def remind(intent: Due, turn: Turn) -> Reply:
    """The next step once more, to its owner; his superior hears of it unless something is done now."""
    found = _silent(intent, turn, "silent")
    if found is None:
        return Reply()
    lead, stage, hours = found
    at = working_time(turn).after(turn.now, timedelta(hours=turn.rulebook.lead_stages.manager_after))
    turn.work.schedule.at(at, MANAGER, intent.subject, turn.person.id)
    turn.work.leads.note(lead.id, "silent", person_id=lead.owner_id, reason=f"{hours} 个工作小时没有跟进")
    words = f"{hours} 个工作小时没有动静了。{stage.label}：{stage.do}"
    return tell(turn.person.id, step_card(lead, stage, turn, title="该跟进了", subtitle=words))


def tell_manager(intent: Due, turn: Turn) -> Reply:
    found = _silent(intent, turn, "silent_told")
    superior = turn.work.people.superior(turn.person.id)
    if found is None or superior is None:
        return Reply()
    lead, stage, hours = found
    why = f"{hours} 个工作小时没有跟进"
    turn.work.leads.note(lead.id, "silent_told", person_id=superior, reason=why)
    words = (
        f"线索「{lead.name}」在 {turn.person.name} 手里 {why}了（{stage.label}，跟进过 {lead.follow_ups} 次）。"
        "提醒过他，还没有动静，请问一下。"
    )
    return tell(superior, Text(text=words))


def _silent(intent: Due, turn: Turn, told_as: EventKind) -> tuple[Lead, Stage, int] | None:
    """The lead, where it stands, and for how many working hours it has been silent; None where it no longer is, or this
    silence was told of already."""
    lead = turn.work.leads.get(intent.subject.removeprefix("silent:"))
    stage = turn.rulebook.lead_stages.of(lead) if lead else None
    if lead is None or stage is None or lead.state != "following" or lead.owner_id != turn.person.id:
        return None
    events, working = turn.work.leads.events(lead.id), working_time(turn)
    reopened = max((event.at for event in events if event.kind == "reopened"), default=None)
    since = max(filter(None, (lead.last_follow_up_at, lead.touched_at, reopened)), default=lead.created_at)
    if any(event.kind == told_as and event.at > since for event in events):
        return None
    until = working.after(since, timedelta(hours=stage.silent))
    if turn.now < until:
        turn.work.schedule.at(until, SILENT, intent.subject, turn.person.id)
        return None
    return lead, stage, working.between(since, turn.now) // timedelta(hours=1)


def _subject(lead: Lead) -> str:
    return f"silent:{lead.id}"
