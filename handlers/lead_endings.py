"""How leads end, by a word of whoever has them: won, lost with the reason, or given back to everybody.

The sentence has to say that it is about a lead (`喜乐汇超市的线索成交了`): an order or a visit is told in other words.
"""

import re
from typing import Any, NamedTuple

from domain.cards import Tone
from domain.errors import Refusal
from domain.intents import LeadEnd, LeadEnding
from domain.leads.lead import EventKind, Lead
from handlers.lead_cards import closed_card
from handlers.lead_dispatch import stop_clock
from handlers.turn import Reply, Turn, outcome, say
from storage.lead_tables import HELD_STATES

_WHICH = (
    r"(?:把)?(?:线索[“\"「]?(?P<after>[^，。：\s”\"」]{2,30}?)[”\"」]?"
    r"|(?P<before>[^，。：\s]{2,30}?)的?(?:这条|那条)?线索)"
)
_NOT_YET = r"(?<![没未不快能会要想])"


class _Ending(NamedTuple):
    said: str
    kind: EventKind
    done: str
    example: str = ""
    """A reason, where one has to be given."""


_ENDINGS: dict[LeadEnding, _Ending] = {
    "lost": _Ending("(?:已经|已)?(?:丢单|丢|没成|没戏|黄|流失)了?", "lost", "丢单", "丢了，价格比别家高"),
    "won": _Ending("(?:已经|已)?(?:成交|签约|签单|成)了?", "won", "成交"),
    "pool": _Ending("(?:退回|退到|放回|放进)公海[吧了]?", "returned", "退回公海", "退回公海，不是我的片区"),
}
_SAID = {
    how: re.compile(rf"{_WHICH}{_NOT_YET}{ending.said}(?:[，,：:\s]+(?P<reason>.{{2,100}}?))?[。！!]?")
    for how, ending in _ENDINGS.items()
}


def heard(text: str) -> tuple[LeadEnd, ...]:
    """Pure."""
    for how, pattern in _SAID.items():
        if match := pattern.fullmatch(text.strip()):
            name = match["after"] or match["before"]
            return (LeadEnd(name=name, how=how, reason=match["reason"] or ""),)
    return ()


def end(intent: LeadEnd, turn: Turn) -> Reply:
    """Raises Refusal where none of his leads is meant, or more than one, or the reason of a loss is not said."""
    lead = _meant(intent.name, turn)
    _, kind, done, example = _ENDINGS[intent.how]
    if example and not intent.reason:
        raise Refusal(f"{done}要说一下原因，比如“{lead.name}的线索{example}”。")
    values: dict[str, Any] = {"state": intent.how, "due_at": None}
    if intent.how == "lost":
        values["lost_reason"] = intent.reason
    if intent.how == "pool":
        values["owner_id"] = None
    ended = turn.work.leads.change(lead, kind, values, person_id=turn.person.id, reason=intent.reason)
    if ended is None:
        raise Refusal("这条线索刚刚已经变了，说“我的线索”看看现在的情况。")
    stop_clock(lead, turn)
    tone: Tone = "success" if intent.how == "won" else "warning"
    return outcome(turn, closed_card(ended, turn, f"{turn.person.name} {done}", tone)) + say(
        turn, f"好，线索「{lead.name}」记为{done}。"
    )


def _meant(name: str, turn: Turn) -> Lead:
    mine = turn.work.leads.of(turn.person.id, HELD_STATES)
    found = [lead for lead in mine if name in (lead.company, lead.contact)] or [
        lead for lead in mine if name in lead.company or (lead.company and lead.company in name)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(f"你手上没有叫“{name}”的线索。说“我的线索”可以看。")
    several = "、".join(f"「{lead.name}」" for lead in found[:5])
    raise Refusal(f"有 {len(found)} 条像的：{several}。把名字说全，我就知道是哪一条。")
