"""A lead that may be one that came before, or a customer: whoever looks after leads says so, one question at a time.

Meanwhile it is a lead of its own: nobody waits for the answer.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.cards import Button, Card, Line, Text
from domain.errors import Refusal
from domain.intents.events import Due
from domain.leads.lead import OPEN, STATE_WORDS, Lead
from domain.leads.merging import merged_values
from domain.messages import Action
from domain.people import Customer
from handlers.flows import CARETAKERS
from handlers.lead_cards import closed_card
from handlers.lead_dispatch import hand, no_room, stop_clock
from handlers.lead_intake import ASK_SAME, tell_owner
from handlers.turn import Reply, Turn, outcome, say, tell
from storage import lead_doubts, lead_loads
from storage.lead_tables import LeadDoubtRow
from storage.people import one_at_a_time

MOST_ASKED, MOST_SHOWN = 3, 3
"""How many of those who may decide get the card, and how many of those that it may be are shown."""
TITLE = "是不是同一家"
APART, OVER = "apart", "over"
NUMBERS = "①②③"


def ask_next(intent: Due, turn: Turn) -> Reply:
    return question(turn)


def question(turn: Turn) -> Reply:
    """The next one, to all who may decide; nothing while another still waits for its answer."""
    session = turn.work.session
    if lead_doubts.asked(session, turn.now):
        return Reply()
    deciders = turn.work.people.with_role(*CARETAKERS)[:MOST_ASKED]
    row = next(_worth_asking(turn), None) if deciders else None
    if row is None:
        return Reply()
    lead_doubts.ask(session, row.lead_id, turn.now)
    turn.work.leads.note(row.lead_id, "asked", others=row.others)
    turn.work.schedule.at(turn.now + lead_doubts.ANSWER_WITHIN, ASK_SAME, "leads", deciders[0].id)
    card = question_card(row, turn)
    return sum((tell(person.id, card) for person in deciders), Reply())


def waiting_question(turn: Turn) -> Reply:
    """The one that is asked now, shown again to somebody who asks for his leads."""
    row = lead_doubts.asked(turn.work.session, turn.now) if turn.person.role in CARETAKERS else None
    return Reply() if row is None else tell(turn.person.id, question_card(row, turn))


def _worth_asking(turn: Turn) -> Iterator[LeadDoubtRow]:
    session = turn.work.session
    while row := lead_doubts.next_one(session):
        if _open_lead(row.lead_id, turn) and any(_other(ref, turn) for ref in row.others):
            yield row
        lead_doubts.decide(session, row.lead_id, OVER, "", turn.now)


def question_card(row: LeadDoubtRow, turn: Turn) -> Card:
    lead = turn.work.leads.get(row.lead_id)
    assert lead is not None, f"lead {row.lead_id} is never deleted"
    others = [(ref, other) for ref in row.others if (other := _other(ref, turn))][:MOST_SHOWN]
    alone = len(others) == 1
    lines = [Line(label="新来的", value=_told(lead, turn))]
    buttons = []
    for mark, (ref, other) in zip(NUMBERS, others, strict=False):
        lines.append(Line(label="原来的" if alone else f"原来的{mark}", value=_told(other, turn, lead)))
        buttons.append(Button(id="same", text="是同一家" if alone else f"就是{mark}", value=ref))
    left = lead_doubts.undecided(turn.work.session) - 1
    return Card(
        ref=f"leadsame:{lead.id}",
        revision=sum(event.kind == "asked" for event in turn.work.leads.events(lead.id)),
        title=f"{TITLE}：{lead.name}",
        lines=tuple(lines),
        note="是就并成一条，不是就分开记。" + (f"后面还有 {left} 个这样的问题。" if left else ""),
        buttons=(*buttons, Button(id=APART, text="不是同一家" if alone else "都不是")),
    )


def _told(one: Lead | Customer, turn: Turn, beside: Lead | None = None) -> str:
    """What tells it apart. Whether phones are the same is said, the phones are not."""
    owner = turn.work.people.ever(one.owner_id) if one.owner_id else None
    place = "".join((one.city, one.district, one.address))
    if isinstance(one, Customer):
        return "，".join(filter(None, (f"客户 {one.name}", place, f"{owner.name}负责" if owner else "公海")))
    phone = ""
    if beside and beside.phone and one.phone:
        phone = "电话相同" if beside.phone == one.phone else "电话不同"
    came = one.created_at.astimezone(turn.zone)
    words = (one.name, one.contact, place, phone, f"{came.month}月{came.day}日来自{one.source or '没写来源'}")
    return "，".join(filter(None, (*words, STATE_WORDS[one.state], owner.name if owner else "")))


# the answer ------------------------------------------------------------------------------------------------------


def same(action: Action, _number: int, turn: Turn) -> Reply:
    row, lead = _asked(action, turn)
    other = _other(action.value, turn, hold=True) if action.value in row.others else None
    if other is None or (isinstance(other, Lead) and other.id == lead.id):
        raise Refusal("原来的那一家已经结束了，或者卡片过期了，没有合并。")
    lead_doubts.decide(turn.work.session, row.lead_id, action.value, turn.person.id, turn.now)
    if isinstance(other, Customer):
        done, words = _is_customer(lead, other, turn), f"就是客户「{other.name}」"
    else:
        done, words = _merge(lead, other, turn), "已合并"
    return _decided(lead, words, turn) + done + question(turn)


def apart(action: Action, _number: int, turn: Turn) -> Reply:
    row, lead = _asked(action, turn)
    lead_doubts.decide(turn.work.session, row.lead_id, APART, turn.person.id, turn.now)
    why = f"{turn.person.name} 确认不是同一家"
    turn.work.leads.note(lead.id, "apart", reason=why, others=row.others)
    for ref in row.others:
        if isinstance(other := _other(ref, turn), Lead):
            turn.work.leads.note(other.id, "apart", reason=why, others=[f"lead:{lead.id}"])
    return _decided(lead, "不是同一家，分开记", turn) + question(turn)


def _asked(action: Action, turn: Turn) -> tuple[LeadDoubtRow, Lead]:
    """Raises Refusal with what became of it."""
    if turn.person.role not in CARETAKERS:
        raise Refusal("是不是同一家，要由运营或管理员来定。")
    one_at_a_time(turn.work.session)
    row = lead_doubts.doubt(turn.work.session, action.ref.partition(":")[2])
    if row is None:
        raise Refusal("没有找到这张卡片说的线索，请看最新的一张。")
    if row.decided_at is not None:
        who = turn.work.people.ever(row.decided_by or "")
        verdict = "不是同一家" if row.verdict == APART else "不用再定" if row.verdict == OVER else "是同一家"
        raise Refusal(
            f"{who.name if who else '小访'} {row.decided_at.astimezone(turn.zone):%H:%M} 定过了：{verdict}。"
        )
    lead = _open_lead(row.lead_id, turn, hold=True)
    if lead is None:
        raise Refusal("这条线索已经结束了，不用再定。")
    return row, lead


def _merge(lead: Lead, other: Lead, turn: Turn) -> Reply:
    """The one that is further along goes on; whoever had the other is told."""
    kept, gone = sorted((lead, other), key=_further)
    why = f"{turn.person.name} 确认是同一家"
    after = turn.work.leads.merge(gone, kept, merged_values(kept, gone), reason=why)
    assert after is not None, "both are held"
    stop_clock(gone, turn)
    tell_owner(kept, after, turn.work)
    reply = outcome(turn, closed_card(gone, turn, f"{why}，并入「{kept.name}」", "warning"))
    if gone.owner_id and gone.owner_id != kept.owner_id:
        owner = turn.work.people.get(kept.owner_id) if kept.owner_id else None
        whose = f"由 {owner.name} 继续跟进，你不用再联系了" if owner else "会重新分配"
        words = f"线索「{gone.name}」和「{kept.name}」是同一家，已经合并，{whose}。"
        reply += tell(gone.owner_id, Text(text=words))
    return reply


def _further(lead: Lead) -> tuple[bool, datetime, datetime, str]:
    never = datetime.max.replace(tzinfo=UTC)
    return (lead.owner_id is None, lead.touched_at or never, lead.created_at, lead.id)


def _is_customer(lead: Lead, customer: Customer, turn: Turn) -> Reply:
    """Who looks after the customer gets the lead, unless somebody is in touch already, or he has no room."""
    owner = turn.work.people.get(customer.owner_id) if customer.owner_id else None
    values = {"customer_code": customer.code}
    if lead.state == "new" and owner:
        values["owner_id"] = owner.id
    why = f"{turn.person.name} 确认是客户「{customer.name}」"
    now = turn.work.leads.change(lead, "customer", values, person_id=customer.owner_id, reason=why)
    assert now is not None, "it is held"
    waits = now.state in lead_loads.WAITING and owner is not None and owner.id != now.owner_id
    if not waits or owner is None or no_room(owner, turn):
        return Reply()
    return hand(now, owner, turn, f"{why}，交给客户的负责人")


def _decided(lead: Lead, words: str, turn: Turn) -> Reply:
    status = f"{turn.person.name}：{words}"
    card = Card(
        ref=f"leadsame:{lead.id}", revision=0, title=f"{TITLE}：{lead.name}", status=status, tone="success"
    )
    return outcome(turn, card) + say(turn, f"好，「{lead.name}」{words}。")


def _open_lead(lead_id: str, turn: Turn, *, hold: bool = False) -> Lead | None:
    lead = turn.work.leads.get(lead_id, hold=hold)
    return lead if lead and lead.state in OPEN else None


def _other(ref: str, turn: Turn, *, hold: bool = False) -> Lead | Customer | None:
    """What it may be, as it is now; None where that is over."""
    kind, _, key = ref.partition(":")
    if kind == "customer":
        return turn.work.customers.get(key)
    lead = turn.work.leads.survivor(key, hold=hold)
    return lead if lead and lead.state in OPEN else None
