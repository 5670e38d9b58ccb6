"""What people say and tap about leads: accept, call, pass on with a reason, assign."""

import re

from domain.cards import Button, Card, Text
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.events import Tap
from domain.intents.leads import LeadGive, LeadPass, LeadTouched
from domain.leads.first_touch import after_accepting
from domain.leads.lead import OPEN, STATE_WORDS, Lead
from domain.messages import Action
from handlers.company import working_time
from handlers.flows import CARETAKERS
from handlers.lead_cards import ACCEPTED, CALL, PASS, closed_card, lead_card, round_of
from handlers.lead_dispatch import find_another, hand, no_room, stop_clock
from handlers.lead_touch import names_of, tells_of_contact, touched
from handlers.turn import Reply, Turn, View, outcome, say, show, tell
from nlu.dialogue.replies import reply_word
from storage import lead_loads, transfers

GIVE = re.compile(
    r"^(?:(?:把)?(?P<lead>[^，。！？\s]{2,30}?)的?(?:这条|那条)?线索)?"
    r"(?:请|就)?(?:派|转|交|分|指派)?给(?P<name>[^，。！？\s给]{1,12}?)(?:吧|跟进|负责|去跟|去联系)?[。！!]?$"
)
GIVEN = OPEN
"""States from which a lead may be given to somebody by a word."""
GOES_ON = re.compile("点名|转|别人|换人|换个人|不是我")
"""Who was in touch and says this wants it to go to somebody else all the same."""
WHY = "为什么转出？"
HOW = "打完说一句结果就行，比如“联系上了，明天去看”。"


# what words mean -------------------------------------------------------------------------------------------------


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """Words that answer what was asked about a lead: why he passes it on, or who is to have it. Pure."""
    top, words = view.dialogue.top, text.strip()
    if top and top.kind == "lead_pass" and any(lead == top.of for lead, _ in view.leads):
        if reply_word(words) == "drop":
            return (Tap(action=Action(button="keep", ref=f"leadpass:{top.of}")),)
        if tells_of_contact(words, view.rulebook.leads.first_touch) and not GOES_ON.search(words):
            return (LeadTouched(lead=top.of, words=words),)
        return (LeadPass(lead=top.of, words=words),)
    match = GIVE.match(words) if view.person and view.person.role != "rep" else None
    if match and (match["lead"] or _is_a_colleague(match["name"], view)):
        return (LeadGive(words=match["name"], lead=match["lead"] or ""),)
    return ()


def _is_a_colleague(words: str, view: View) -> bool:
    """给李经理打电话 is about somebody else."""
    return any(words in (p.id, p.name, *p.nicknames) for p in view.lexicon.people.values())


# taps ------------------------------------------------------------------------------------------------------------


def take(action: Action, _number: int, turn: Turn) -> Reply:
    """He will see to it; the clock runs on until he is in touch."""
    lead = _mine(action, turn)
    if lead.state == "accepted":
        raise Refusal("你已经接手了，打个电话或者说一句联系结果就行。")
    rules = turn.rulebook.leads.first_touch
    due = after_accepting(turn.now, lead.due_at, rules, working_time(turn))
    taken = turn.work.leads.change(
        lead, "accepted", {"state": "accepted", "due_at": due}, person_id=turn.person.id
    )
    if taken is None:
        raise Refusal(_late(lead, turn))
    card = lead_card(
        taken,
        turn,
        purpose=ACCEPTED,
        title="等你联系",
        subtitle=f"{due.astimezone(turn.zone):%H:%M} 前联系，不然会改派",
        note=HOW,
        buttons=(CALL, PASS),
        phone=True,
    )
    done = outcome(turn, closed_card(taken, turn, f"{turn.person.name} 已接手", "success"))
    return done + show(turn, card)


def call(action: Action, _number: int, turn: Turn) -> Reply:
    """He wants the number, to call it: that is the first touch."""
    lead = _mine(action, turn)
    reply = touched(lead, "call", "点了“打电话”", turn)
    if not lead.phone:
        return reply + say(turn, f"「{lead.name}」没有留电话，{lead.contact or '联系人'}的联系方式要另外找。")
    return reply + say(turn, f"{lead.contact or lead.name} {lead.phone}\n{HOW}")


def ask_reason(action: Action, _number: int, turn: Turn) -> Reply:
    lead = _mine(action, turn)
    turn.dialogue = turn.dialogue.opened("lead_pass", 0, lead.id)
    reasons = (Button(id="because", text=words, value=words) for words in turn.rulebook.leads.pass_reasons)
    card = Card(
        ref=f"leadpass:{lead.id}",
        revision=turn.inbox_id or 0,
        title=WHY,
        subtitle=f"「{lead.name}」，点一个或者直接打字、发语音",
        buttons=(*reasons, Button(id="keep", text="不转了")),
    )
    return show(turn, card)


def because(action: Action, _number: int, turn: Turn) -> Reply:
    if action.value not in turn.rulebook.leads.pass_reasons:
        raise Refusal("这个原因没有看懂，请直接打字告诉我。")
    return pass_on(LeadPass(lead=_id(action), words=action.value), turn)


def keep(action: Action, _number: int, turn: Turn) -> Reply:
    turn.dialogue = turn.dialogue.closed("lead_pass", 0, _id(action))
    card = Card(ref=action.ref, revision=0, title=WHY, status="没有转出")
    return outcome(turn, card) + say(turn, "好，这条线索还是你的，请尽快联系。")


def pass_on(intent: LeadPass, turn: Turn) -> Reply:
    """To somebody else, at once, with his reason."""
    turn.dialogue = turn.dialogue.closed("lead_pass", 0, intent.lead)
    lead = _waiting_for(intent.lead, turn)
    asked = Card(ref=f"leadpass:{lead.id}", revision=0, title=WHY, status=intent.words)
    freed = turn.work.leads.change(
        lead,
        "passed",
        {"state": "new", "owner_id": None, "due_at": None},
        person_id=turn.person.id,
        reason=intent.words,
    )
    if freed is None:
        raise Refusal(_late(lead, turn))
    stop_clock(lead, turn)
    why = f"{turn.person.name} 转出：{intent.words}"
    done = outcome(turn, asked) + outcome(turn, closed_card(lead, turn, why, "warning"))
    return done + say(turn, f"好，「{lead.name}」转出了。") + find_another(freed, turn, why)


def give_tapped(action: Action, _number: int, turn: Turn) -> Reply:
    lead = turn.work.leads.get(_id(action))
    if lead and action.revision and round_of(action.revision) != lead.round:
        raise Refusal(_late(lead, turn))
    return _give(_id(action), action.value, turn)


def give_named(intent: LeadGive, turn: Turn) -> Reply:
    found = transfers.people_named(turn.work.session, intent.words)
    if len(found) != 1 or not found[0].active:
        raise Refusal(f"没有认出“{intent.words}”是哪位同事，请说全名或者工号。")
    meant = _named(intent.lead, turn) if intent.lead else _told_of(turn)
    if not meant:
        raise Refusal(
            f"没有找到叫“{intent.lead}”、可以由你指派的线索。" if intent.lead else "现在没有等你指派的线索。"
        )
    if len(meant) > 1:
        which = "、".join(f"「{lead.name}」" for lead in meant[:5])
        how = "把名字说全一点，我就知道是哪一条" if intent.lead else "请在卡片上点，或者说“…的线索给张伟”"
        raise Refusal(f"有 {len(meant)} 条：{which}。{how}。")
    return _give(meant[0].id, found[0].id, turn)


def _told_of(turn: Turn) -> list[Lead]:
    """What waits with him, or with one of his people so long that he was told; what nobody has, for those who look
    after it."""
    leads, me = turn.work.leads, turn.person.id
    nobodys = leads.in_state("pool") if turn.person.role in CARETAKERS else []
    return [*nobodys, *leads.of(me, lead_loads.WAITING), *leads.manager_told(me)]


def _named(words: str, turn: Turn) -> list[Lead]:
    """The leads of that name that he sees and that are not over; those that are called exactly so before all others."""
    rows = turn.seen().leads(states=GIVEN, words=words)
    found = [lead for row in rows if (lead := turn.work.leads.get(row.id))]
    return [lead for lead in found if words in names_of(lead)] or found


def _give(lead_id: str, person_id: str, turn: Turn) -> Reply:
    """A manager's word goes before the weights, not before the limits."""
    lead, person = turn.work.leads.get(lead_id), turn.work.people.get(person_id)
    if lead is None or person is None:
        raise Refusal("没有找到这条线索或者这个人，请看最新的卡片。")
    owner = lead.owner_id
    if not _may_give(lead, turn):
        raise Refusal("这条线索不归你指派。")
    if lead.state not in GIVEN or owner == person_id:
        raise Refusal(_late(lead, turn))
    if why_not := no_room(person, turn):
        raise Refusal(why_not)
    reply = hand(lead, person, turn, f"{turn.person.name} 指派给你")
    if owner and owner != turn.person.id and lead.state == "following":
        words = f"{turn.person.name} 把线索「{lead.name}」交给了 {person.name}，你不用再跟进了。"
        reply += tell(owner, Text(text=words))
    return reply + say(turn, f"好，「{lead.name}」给了 {person.name}。")


def _may_give(lead: Lead, turn: Turn) -> bool:
    """Those above the owner, whoever was told in their place, and whoever looks after what nobody has."""
    if turn.person.role in CARETAKERS:
        return True
    if turn.person.role == "rep" or lead.owner_id is None:
        return False
    told = (one.id == lead.id for one in turn.work.leads.manager_told(turn.person.id))
    return lead.owner_id in transfers.below(turn.work.session, turn.person.id) or any(told)


def _mine(action: Action, turn: Turn) -> Lead:
    """The lead of a tapped card, if it is his and waits. Raises Refusal with what became of it."""
    lead = _waiting_for(_id(action), turn)
    if action.revision and round_of(action.revision) != lead.round:
        raise Refusal("这张卡片是上一次派给你的，请看最新的一张。")
    return lead


def _waiting_for(lead_id: str, turn: Turn) -> Lead:
    lead = turn.work.leads.get(lead_id)
    if lead is None:
        raise Refusal("没有找到这条线索，请看最新的卡片。")
    if lead.owner_id != turn.person.id or lead.state not in lead_loads.WAITING:
        raise Refusal(_late(lead, turn))
    return lead


def _late(lead: Lead, turn: Turn) -> str:
    """What somebody is told whose tap came too late."""
    now = turn.work.leads.get(lead.id) or lead
    if now.owner_id == turn.person.id and now.touched_at:
        return f"这条线索你 {now.touched_at.astimezone(turn.zone):%H:%M} 已经联系过了，不用再点。"
    owner = turn.work.people.get(now.owner_id) if now.owner_id else None
    whose = f"现在在 {owner.name} 手里" if owner else STATE_WORDS[now.state]
    return f"这条线索已经不等你处理了：{whose}。"


def _id(action: Action) -> str:
    return action.ref.partition(":")[2]
