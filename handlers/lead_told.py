"""A lead that somebody tells of in the chat: shown on a card, and taken in once it is confirmed."""

import re

from domain.intents import Intent
from domain.intents.events import Tap, Unheard
from domain.intents.records import Proof, Propose, RecordIntent, Said
from domain.leads.lead import STATE_WORDS, WITHDRAWN, Lead
from domain.messages import Action
from handlers import contacts
from handlers.lead_intake import take_in
from handlers.turn import OpenProposal, Reply, Turn, View, say
from nlu.language.new_leads import is_enough, lead_in
from storage.tables import RecordRow

FORM = "lead"
COLUMNS = {
    "company": "company",
    "person": "contact",
    "mobile": "phone",
    "city": "city",
    "district": "district",
    "need": "need",
}
AS_LEAD = re.compile(
    "(?:这个?|那|请|就|先)?(?:把?(?:这张|这个)?名片)?(?:记|登记|录|存|当|算)(?:为|成|作|做|到|进)?(?:一?条)?(?:新)?线索(?:吧|里)?[。！!]?"
)
NOT_ENOUGH = (
    "线索至少要有电话，或者公司名和城市，这条还没有记。"
    "连起来再说一遍就行，例如“新线索：喜乐汇超市钱店长 13900000001，朝阳区，想要酸奶进货价”。"
)
TOLD = {
    "new": "线索已登记，马上分配。",
    "merged": "这家之前有人报过，已并入原来的线索，没有另记一条。",
    "customer": "这家已经是公司的客户，已按老客户转给负责人。",
    "repeated": "这条线索已经登记过了。",
    "changed": "这条线索已经登记过，补充了新的内容。",
}


def heard(text: str, view: View, proof: Proof) -> tuple[Intent, ...]:
    """A lead that is announced as one, or the business card that was just shown. Pure."""
    if AS_LEAD.fullmatch(text.strip()) and (card := _card_shown(view)):
        return (Tap(action=Action(button="lead", ref=f"proposal:{card.id}", revision=card.revision)),)
    fields = lead_in(text)
    if fields is None or FORM not in view.rulebook.forms:
        return ()
    if not is_enough(fields):
        return (Unheard(words=NOT_ENOUGH),)
    return (Propose(records=(RecordIntent(form=FORM, fields=fields, words=text),), evidence=(proof,)),)


def _card_shown(view: View) -> OpenProposal | None:
    for proposal in view.proposals:
        (record, *others) = proposal.records
        if not others and record.fields.get("status", Said(value=None)).words == contacts.ON_THE_CARD:
            return proposal
    return None


def is_near(view: View) -> bool:
    """Whether the sender's next word may be the one by which a lead comes in. Pure."""
    return any(record.form == FORM for proposal in view.proposals for record in proposal.records)


def adopt(row: RecordRow, turn: Turn) -> Reply:
    """A confirmed record of a lead comes in like any other lead."""
    if row.form != FORM:
        return Reply()
    told = {ours: str(row.data[name]) for name, ours in COLUMNS.items() if row.data.get(name)}
    times = {"received_at": row.happened_at, "created_at": turn.now}
    card = row.sources.get("person") == contacts.ON_THE_CARD
    details = {"reporter": turn.person.id, **({"title": row.data["title"]} if row.data.get("title") else {})}
    source = contacts.ON_THE_CARD if card else "同事登记"
    lead = Lead(id=_id(row), source=source, details=details, **told, **times)
    taken = take_in(lead, turn.work, turn.companies, turn.now, way="chat")
    doubt = "可能和已有的一家是同一家，已请运营核对，不影响分配。" if taken.maybe else ""
    return say(turn, TOLD[taken.outcome] + doubt)


def take_back(row: RecordRow, turn: Turn) -> Reply:
    """Undo `adopt` as long as nobody has the lead yet; whoever has it goes on with it, and the sender is told so."""
    lead = turn.work.leads.get(_id(row), hold=True) if row.form == FORM else None
    if lead is None:
        return Reply()
    values = {"state": "lost", "lost_reason": WITHDRAWN}
    if lead.state == "new" and turn.work.leads.change(lead, "lost", values, reason=WITHDRAWN):
        return Reply()
    if lead.state == "merged":
        return say(turn, f"「{lead.name}」已并入之前的线索，那条线索不撤。")
    owner = turn.work.people.ever(lead.owner_id) if lead.owner_id else None
    whose = f"已经派给 {owner.name}" if owner else f"现在是{STATE_WORDS[lead.state]}"
    return say(turn, f"线索「{lead.name}」{whose}，不能撤回。不用跟的话请告诉 TA，或者请运营处理。")


def _id(row: RecordRow) -> str:
    return f"chat-{row.id}"
