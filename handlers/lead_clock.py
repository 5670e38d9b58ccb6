"""The first-touch clock: reminded, the manager told, moved on. Each step looks first whether it still concerns the
lead."""

from domain.cards import Text
from domain.intents.events import Due
from domain.leads.first_touch import waited
from domain.leads.lead import FIELD_WORDS, STATE_WORDS, Lead
from domain.leads.merging import OTHERS
from handlers.company import working_time
from handlers.lead_cards import CALL, PASS, REMINDED, TAKE, TOLD, closed_card, lead_card, masked
from handlers.lead_dispatch import (
    MOVE,
    choices,
    find_another,
    present_superior,
    stop_clock,
    subject_of,
    tell_caretakers,
    to_pool,
)
from handlers.turn import Reply, Turn, outcome, tell_at_once
from handlers.wording import yuan
from storage import lead_loads

SINCE = {"offered": "还没有人接手", "accepted": "接手了还没联系"}


def remind(intent: Due, turn: Turn) -> Reply:
    """The same card again, new in the owner's chat: there it is seen, and there it can be tapped."""
    lead = _untouched(intent, turn)
    if lead is None or lead.owner_id is None:
        return Reply()
    minutes = turn.rulebook.leads.first_touch.remind
    turn.work.leads.note(lead.id, "reminded", person_id=lead.owner_id, reason=f"{minutes} 分钟没有联系")
    taken = lead.state == "accepted"
    card = lead_card(
        lead,
        turn,
        purpose=REMINDED,
        title="请马上联系",
        subtitle=f"已等 {_minutes(lead, turn)} 分钟，{_local(lead, turn)} 还没动静就改派",
        tone="warning",
        buttons=(CALL, PASS) if taken else (TAKE, CALL, PASS),
        phone=taken,
    )
    return tell_at_once(lead.owner_id, card)


def tell_manager(intent: Due, turn: Turn) -> Reply:
    """The turn of the owner's superior, who may assign it to somebody else by a tap or a word."""
    lead = _untouched(intent, turn)
    if lead is None or lead.owner_id is None:
        return Reply()
    owner, minutes = lead.owner_id, turn.rulebook.leads.first_touch.manager
    superior, name = present_superior(owner, turn), _name(owner, turn)
    words = f"{minutes} 分钟没有联系"
    turn.work.leads.note(lead.id, "manager_told", person_id=superior, reason=words)
    if superior is None:
        return tell_caretakers(f"线索「{lead.name}」在 {name} 手里 {words}，{SINCE[lead.state]}。", turn)
    card = lead_card(
        lead,
        turn,
        purpose=TOLD,
        title="线索没人联系",
        subtitle=f"在 {name} 手里：{words}，{SINCE[lead.state]}",
        note="点一个人或者说“给张伟”，马上改派。",
        tone="warning",
        buttons=choices(lead, turn),
    )
    return tell_at_once(superior, card)


def move(intent: Due, turn: Turn) -> Reply:
    """The owner's time is over: somebody else gets it. One who accepted late has a little longer."""
    lead = _untouched(intent, turn)
    if lead is None:
        return Reply()
    if lead.due_at and lead.due_at > turn.now:
        turn.work.schedule.at(lead.due_at, MOVE, intent.subject, turn.person.id)
        return Reply()
    rules = turn.rulebook.leads.first_touch
    why = f"{_name(lead.owner_id or '', turn)} {rules.move} 分钟没有联系"
    if lead.round > rules.rounds:
        reply = shown(lead, turn, "没有人联系，已放进公海")
        return reply + to_pool(lead, turn, why)
    return take_away(lead, turn, why)


def again(intent: Due, turn: Turn) -> Reply:
    """The customer turned to us once more, or more became known: whoever has the lead is told what is new."""
    lead = turn.work.leads.get(intent.subject.removeprefix("lead:").rpartition(":")[0])
    if lead is None or lead.owner_id != turn.person.id:
        return Reply()
    others = lead.details.get(OTHERS, {})
    told = []
    for name in intent.payload.get("anew", ()):
        value = (others.get(name) or [getattr(lead, name, "")])[-1]
        if name == "phone" and lead.state == "offered":
            value = masked(str(value))
        if name == "products":
            value = "、".join(
                known.name if (known := turn.lexicon.products.get(c)) else c for c in lead.products
            )
        if name == "value":
            value = yuan(value / 100)
        told.append(f"{FIELD_WORDS[name]}：{value}")
    new = "；".join(told) or "说的和上次一样"
    over = f"（这条已经记为{STATE_WORDS[lead.state]}，要接着跟就说“{lead.name}的线索重新跟进”）"
    words = f"「{lead.name}」又来咨询了：{new}。{over if lead.state in ('won', 'lost') else '请尽快联系。'}"
    return tell_at_once(lead.owner_id, Text(text=words))


def move_on(person_id: str, turn: Turn) -> Reply:
    """Somebody is away from now on: what waits for his first touch goes to others."""
    turn.work.session.flush()
    waiting = turn.work.leads.of(person_id, lead_loads.WAITING)
    return sum((take_away(lead, turn, "请假了") for lead in waiting), Reply())


def take_away(lead: Lead, turn: Turn, why: str) -> Reply:
    """From its owner, who did nothing about it in time or cannot: every card says so, and another gets it."""
    free = {"state": "new", "owner_id": None, "due_at": None}
    freed = turn.work.leads.change(lead, "moved", free, person_id=lead.owner_id, reason=why)
    if freed is None:
        return Reply()
    stop_clock(lead, turn)
    turn.dialogue = turn.dialogue.closed("lead_pass", 0, lead.id)  # mostly this is the turn of its owner
    return shown(lead, turn, f"已改派：{why}") + find_another(freed, turn, why)


def shown(lead: Lead, turn: Turn, status: str) -> Reply:
    return outcome(turn, closed_card(lead, turn, status, "warning"))


def _untouched(intent: Due, turn: Turn) -> Lead | None:
    """The lead, if it still is in the round that this time was set in, and nobody was in touch."""
    lead_id = intent.subject.removeprefix("lead:").rpartition(":")[0]
    lead = turn.work.leads.get(lead_id)
    concerned = lead and lead.state in lead_loads.WAITING and subject_of(lead) == intent.subject
    return lead if concerned else None


def _minutes(lead: Lead, turn: Turn) -> int:
    return int(waited(lead, working_time(turn), turn.now))


def _local(lead: Lead, turn: Turn) -> str:
    return f"{lead.due_at.astimezone(turn.zone):%H:%M}" if lead.due_at else "稍后"


def _name(person_id: str, turn: Turn) -> str:
    person = turn.work.people.get(person_id)
    return person.name if person else person_id
