"""The first touch: what a person does, not what he ticks.

Words of contact, a visit, a record; a tap on the number comes from `handlers/lead_talk.py`. Accepting is none.
"""

import re
from collections.abc import Sequence
from typing import Any

from domain.intents import Intent
from domain.intents.leads import LeadTouched
from domain.intents.talk import Unclear
from domain.leads.lead import Lead, Touch
from domain.leads.rules import FirstTouch
from handlers import lead_silence
from handlers.lead_cards import closed_card
from handlers.lead_dispatch import stop_clock
from handlers.turn import Reply, Turn, View, outcome, say
from storage import lead_loads
from storage.tables import RecordRow

SHORTEST_NAME = 2
_CLAUSE = re.compile(r"[，,。；;、！!\n]+")
_FIRST = re.compile("[了过]?再(?!次)")
"""打了再说: it is still to be done."""


def names_of(lead: Lead) -> tuple[str, ...]:
    return tuple(n for n in (lead.company, lead.contact, lead.phone) if len(n) >= SHORTEST_NAME)


def with_touch(meant: tuple[Intent, ...], text: str, view: View) -> tuple[Intent, ...]:
    """The same intents, and before them that the sender was in touch with a lead of his, where the words say so. Pure.

    A word of contact and one lead: the one that is named, or the only one where none is.
    """
    if not view.leads or not tells_of_contact(text, view.rulebook.leads.first_touch):
        return meant
    named = [lead for lead, names in view.leads if any(name in text for name in names)]
    alone = len(meant) == 1 and isinstance(meant[0], Unclear)
    if not named and alone and len(view.leads) == 1 and meant[0].customer is None:  # type: ignore[union-attr]
        named = [view.leads[0][0]]
    if len(named) != 1:
        return meant
    told = LeadTouched(lead=named[0], words=text.strip(), alone=alone)
    return (told,) if alone else (told, *meant)


def tells_of_contact(text: str, rules: FirstTouch) -> bool:
    """联系上了，晚点发报价 does, 晚点联系 and 打了再告诉你 do not. Pure.

    A word of contact counts unless, in the same clause, a word that says not yet stands before it. A question tells
    nothing.
    """
    if text.rstrip().endswith(("?", "？", "吗")):
        return False
    return any(_contact_in(clause, rules) for clause in _CLAUSE.split(text))


def _contact_in(clause: str, rules: FirstTouch) -> bool:
    not_yet = min((clause.find(word) for word in rules.not_told if word in clause), default=len(clause))
    return any(
        found.start() <= not_yet and not _FIRST.match(clause, found.end())
        for word in rules.told
        for found in re.finditer(re.escape(word), clause)
    )


def told(intent: LeadTouched, turn: Turn) -> Reply:
    lead = turn.work.leads.get(intent.lead)
    if lead is None or lead.owner_id != turn.person.id or lead.state not in lead_loads.WAITING:
        return Reply()
    passing = any(matter.kind == "lead_pass" and matter.of == lead.id for matter in turn.dialogue.matters)
    reply = touched(lead, "reply", intent.words, turn)
    if not intent.alone:
        return reply
    kept = f"没有转出；还是要给别人，就说“{lead.name}的线索退回公海，原因……”。" if passing else ""
    return reply + say(turn, f"记下了，「{lead.name}」已首次联系。{kept}")


def visited(customer_code: str, turn: Turn) -> Reply:
    """He checked in at a customer that a lead of his became."""
    return _about({customer_code: "visit"}, "到店签到", turn)


def recorded(rows: Sequence[RecordRow], turn: Turn) -> Reply:
    """What he confirmed is about a customer that a lead of his became."""
    kinds = {row.customer_code: row.form for row in rows if row.customer_code and not row.data.get("planned")}
    how: dict[str, Touch] = {code: "visit" if form == "visit" else "note" for code, form in kinds.items()}
    return _about(how, "本人的记录", turn)


def _about(customers: dict[str, Touch], words: str, turn: Turn) -> Reply:
    """`customers`: by code, how he was in touch."""
    concerned = turn.work.leads.became(customers, turn.person.id, lead_loads.WAITING)
    return sum(
        (touched(lead, customers[lead.customer_code or ""], words, turn) for lead in concerned), Reply()
    )


def touched(lead: Lead, how: Touch, words: str, turn: Turn) -> Reply:
    """The clock stops; every card about it says when he was in touch."""
    values: dict[str, Any] = {"state": "following", "due_at": None}
    if lead.touched_at is None:
        values |= {"touched_at": turn.now, "touched_by": turn.person.id, "touch": how}
    reached = turn.work.leads.change(lead, "touched", values, person_id=turn.person.id, reason=words, how=how)
    if reached is None:
        return Reply()
    stop_clock(lead, turn)
    lead_silence.watch(reached, turn)
    turn.dialogue = turn.dialogue.closed("lead_pass", 0, lead.id)
    status = f"{turn.person.name} {turn.local_now:%H:%M} 已联系"
    return outcome(turn, closed_card(reached, turn, status, "success"))
