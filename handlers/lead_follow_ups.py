"""Following up: what the owner does moves the lead. Records count and bring it to its stage; an order wins it.

Nobody ticks anything. A record is about a lead where it names the customer that the lead became, or its company.
"""

from collections.abc import Sequence
from typing import Any

from domain.intents import Intent
from domain.intents.leads import LeadFollowed
from domain.intents.records import Propose, RecordIntent, Said
from domain.intents.talk import Unclear
from domain.leads.lead import Lead
from domain.leads.normalising import plain_company
from handlers import lead_silence
from handlers.lead_cards import closed_card
from handlers.lead_steps import step_card
from handlers.lead_touch import names_of, touched
from handlers.turn import Reply, Turn, View, outcome, say, show
from nlu.understanding import first_question
from storage import lead_loads
from storage.lead_tables import HELD_STATES
from storage.leads import Leads
from storage.tables import RecordRow

MOST_HELD = 100
UNDO = "不是这条线索的单，就说“撤销”。"


def held_leads(leads: Leads, person_id: str) -> dict[str, Any]:
    """What of the view is about a person's leads: those that wait for their first touch, and those that he follows
    up."""
    held = leads.of(person_id, HELD_STATES, limit=MOST_HELD)
    named = [(lead.id, names_of(lead), lead.state) for lead in held]
    return {
        "leads": tuple((key, names) for key, names, state in named if state in lead_loads.WAITING),
        "followed": tuple((key, names) for key, names, state in named if state == "following"),
        "companies": tuple(lead.company for lead in held if lead.company and not lead.customer_code),
    }


def is_named(lead: Lead, name: str) -> bool:
    """Whether this is the lead's company, written in full or without its place and form."""
    return same_company(lead.company, name)


def same_company(company: str, name: str) -> bool:
    return bool(name and company) and plain_company(name) == plain_company(company)


# what words mean --------------------------------------------------------------------------------------------------


def with_follow_up(meant: tuple[Intent, ...], text: str, view: View) -> tuple[Intent, ...]:
    """The same intents, and before them that the sender was in touch with a lead that he follows up, where nothing
    else was understood: records count by themselves. Pure."""
    alone = len(meant) == 1 and isinstance(meant[0], Unclear)
    rules = view.rulebook.leads.first_touch
    told = any(word in text for word in rules.told) and not any(word in text for word in rules.not_told)
    if not (alone and told and view.followed) or text.rstrip().endswith(("?", "？", "吗")):
        return meant
    named = [lead for lead, names in view.followed if any(name in text for name in names)]
    return (LeadFollowed(lead=named[0], words=text.strip()),) if len(named) == 1 else meant


def with_company(meant: tuple[Intent, ...], view: View) -> tuple[Intent, ...]:
    """The same intents, with records about an unknown customer being about the lead of that name: nobody has to say
    that it is a new one. Pure."""
    return tuple(_about_leads(intent, view) if isinstance(intent, Propose) else intent for intent in meant)


def _about_leads(intent: Propose, view: View) -> Propose:
    records = tuple(_about_lead(record, view) for record in intent.records)
    if records == intent.records:
        return intent
    question = first_question(records, view.rulebook, view.lexicon)
    return intent.model_copy(update={"records": records, "question": question})


def _about_lead(record: RecordIntent, view: View) -> RecordIntent:
    said, form = record.fields.get("customer"), view.rulebook.forms[record.form]
    if said is None or said.value is not None or said.alternatives or form.field("customer_name") is None:
        return record
    found = [company for company in view.companies if same_company(company, said.words)]
    if len(found) != 1:
        return record
    fields = {name: value for name, value in record.fields.items() if name != "customer"}
    fields["customer_name"] = Said(value=found[0], words=said.words)
    return record.model_copy(update={"fields": fields})


def told(intent: LeadFollowed, turn: Turn) -> Reply:
    lead = turn.work.leads.get(intent.lead)
    if lead is None or lead.owner_id != turn.person.id or lead.state != "following":
        return Reply()
    after = _counted(lead, (), intent.words, turn)
    return say(turn, f"记下了，「{lead.name}」第 {after.follow_ups} 次跟进。") if after else Reply()


# what records do --------------------------------------------------------------------------------------------------


def recorded(rows: Sequence[RecordRow], turn: Turn) -> Reply:
    """What the owner told and confirmed, at one time: one follow-up for each lead that it is about."""
    away = turn.rulebook.lead_stages.not_follow_ups
    done = [row for row in rows if row.form not in away and not row.data.get("planned")]
    if not any(row.customer_code or row.data.get("customer_name") or row.data.get("lead") for row in done):
        return Reply()
    reply = Reply()
    for lead in turn.work.leads.of(turn.person.id, HELD_STATES):
        if about := [row for row in done if _is_about(row, lead)]:
            reply += _followed(lead, about, turn)
    return reply


def _is_about(row: RecordRow, lead: Lead) -> bool:
    if row.data.get("lead"):
        return bool(row.data["lead"] == lead.id)
    if row.customer_code:
        return row.customer_code == lead.customer_code
    return is_named(lead, str(row.data.get("customer_name") or ""))


def _followed(lead: Lead, rows: list[RecordRow], turn: Turn) -> Reply:
    reply = Reply()
    if lead.state in lead_loads.WAITING:
        reply = touched(lead, "visit" if rows[0].form == "visit" else "note", "本人的记录", turn)
        lead = turn.work.leads.get(lead.id) or lead
    forms = [row.form for row in rows]
    labels = "、".join(dict.fromkeys(turn.rulebook.form_of(form).label for form in forms))
    before = turn.rulebook.lead_stages.of(lead)
    after = _counted(lead, forms, labels, turn)
    if after is None:
        return reply
    sold = [row for row in rows if turn.rulebook.form_of(row.form).tells == "sold"]
    if sold:
        return reply + _won(after, sold[0], turn)
    stage = turn.rulebook.lead_stages.of(after)
    if stage and stage != before:
        reply += show(turn, step_card(after, stage, turn, title=f"进到「{stage.label}」"))
    return reply


def _counted(lead: Lead, forms: Sequence[str], why: str, turn: Turn) -> Lead | None:
    """One more follow-up; the stage that it leads to, where that is further on; the clock of silence begins anew."""
    stage = turn.rulebook.lead_stages.reached(lead, forms)
    values: dict[str, Any] = {"follow_ups": lead.follow_ups + 1, "last_follow_up_at": turn.now}
    if stage:
        values["stage"] = stage.key
    counted = turn.work.leads.change(lead, "followed_up", values, person_id=turn.person.id, reason=why)
    if counted is None:
        return None
    if stage:
        turn.work.leads.note(lead.id, "stage", person_id=turn.person.id, reason=stage.label, stage=stage.key)
    lead_silence.watch(counted, turn)
    return counted


def _won(lead: Lead, row: RecordRow, turn: Turn) -> Reply:
    """An order: that was what it was all for."""
    details = {"record": row.id, "stage": lead.stage}
    values: dict[str, Any] = {"state": "won", "due_at": None}
    won = turn.work.leads.change(lead, "won", values, person_id=turn.person.id, reason="客户下单", **details)
    if won is None:
        return Reply()
    lead_silence.watch(won, turn)
    card = closed_card(won, turn, f"{turn.person.name} 成交（客户下单）", "success")
    told = f"恭喜，线索「{lead.name}」成交了，一共跟进 {lead.follow_ups} 次。{UNDO}"
    return outcome(turn, card) + say(turn, told)


def taken_back(row: RecordRow, turn: Turn) -> Reply:
    """The order that won a lead is undone: the lead goes on where it was."""
    if turn.rulebook.form_of(row.form).tells != "sold":
        return Reply()
    for lead in turn.work.leads.of(turn.person.id, ("won",)):
        if not _is_about(row, lead):
            continue
        ended = [event for event in turn.work.leads.events(lead.id) if event.kind == "won"]
        if ended and ended[-1].details.get("record") == row.id:
            back = turn.work.leads.change(
                lead, "reopened", {"state": "following"}, person_id=turn.person.id, reason="订单撤销了"
            )
            if back:
                lead_silence.watch(back, turn)
                return say(turn, f"线索「{lead.name}」恢复跟进。")
    return Reply()
