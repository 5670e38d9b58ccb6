"""How leads end, by a word of whoever has them: won, lost with the reason, or given back to everybody; and how one that
ended goes on after all.

The sentence has to say that it is about a lead (`喜乐汇超市的线索成交了`): an order or a visit is told in other words.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from domain.cards import Tone
from domain.errors import Refusal
from domain.intents.leads import LeadEnd, LeadEnding
from domain.leads.lead import EventKind, Lead
from handlers import lead_silence
from handlers.lead_cards import closed_card
from handlers.lead_dispatch import stop_clock
from handlers.turn import Reply, Turn, outcome, say
from storage.lead_tables import HELD_STATES

_WHICH = (
    r"(?:把)?(?:线索[“\"「]?(?P<after>[^，。：\s”\"」]{2,30}?)[”\"」]?"
    r"|(?P<before>[^，。：\s]{2,30}?)的?(?:这条|那条)?线索)"
)
_NOT_YET = r"(?<![没未不快能会要想])"
_SUPPOSED = re.compile(
    "^(?:我?怕|先?别)|如果|要是|万一|假如|假设|担心|以为|差点|差一点|险些|几乎|可能|估计|觉得|感觉|好像|怀疑|是不是|会不会"
)
"""In front of the ending: it did not happen, or is not sure."""
_ASKED = re.compile("(?:怎么办|咋办|怎么跟|怎么说|怎么处理|[吗呢]|[?？])[。！!?？]*$")
_THIS = frozenset(
    ["这", "这个", "这条", "那", "那个", "那条", "该", "我的", "我这条", "我手上的", "手上的", "刚才的"]
)
CLOSED = ("won", "lost")


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
    "following": _Ending("(?:重新跟进|重新打开|恢复跟进|又有戏|没丢)了?", "reopened", "重新跟进"),
}
_SAID = {
    how: re.compile(rf"{_WHICH}{_NOT_YET}{ending.said}(?:[，,：:\s]+(?P<reason>.{{2,100}}?))?[。！!]?")
    for how, ending in _ENDINGS.items()
}


def heard(text: str) -> tuple[LeadEnd, ...]:
    """Pure."""
    if _ASKED.search(text.strip()):
        return ()
    for how, pattern in _SAID.items():
        if match := pattern.fullmatch(text.strip()):
            name = match["after"] or match["before"]
            if _SUPPOSED.search(name):
                return ()
            return (LeadEnd(name=name, how=how, reason=match["reason"] or ""),)
    return ()


def end(intent: LeadEnd, turn: Turn) -> Reply:
    """Raises Refusal where none of his leads is meant, or more than one, or the reason of a loss is not said."""
    lead = _meant(intent.name, CLOSED if intent.how == "following" else HELD_STATES, turn)
    _, kind, done, example = _ENDINGS[intent.how]
    if example and not intent.reason:
        raise Refusal(f"{done}要说一下原因，比如“{lead.name}的线索{example}”。")
    values: dict[str, Any] = {"state": intent.how, "due_at": None}
    if intent.how in ("lost", "following"):
        values["lost_reason"] = intent.reason
    if intent.how in CLOSED and lead.touched_at is None:  # who knows how it ended was in touch
        values |= {"touched_at": turn.now, "touched_by": turn.person.id, "touch": "note"}
    if intent.how == "pool":
        values["owner_id"] = None
    ended = turn.work.leads.change(lead, kind, values, person_id=turn.person.id, reason=intent.reason)
    if ended is None:
        raise Refusal("这条线索刚刚已经变了，说“我的线索”看看现在的情况。")
    stop_clock(lead, turn)
    lead_silence.watch(ended, turn)
    tone: Tone = "success" if intent.how == "won" else "warning"
    return outcome(turn, closed_card(ended, turn, f"{turn.person.name} {done}", tone)) + say(
        turn, f"好，线索「{lead.name}」记为{done}。"
    )


def _meant(name: str, states: Sequence[str], turn: Turn) -> Lead:
    mine = turn.work.leads.of(turn.person.id, states)
    found = [lead for lead in mine if name in (lead.company, lead.contact)] or [
        lead for lead in mine if name in lead.company or (lead.company and lead.company in name)
    ]
    if not found and name in _THIS:
        found = mine
    if len(found) == 1:
        return found[0]
    if not found:
        which = "已经结束的线索里" if states == CLOSED else "手上"
        raise Refusal(f"你{which}没有叫“{name}”的。说“我的线索”可以看手上有哪些。")
    several = "、".join(f"「{lead.name}」" for lead in found[:5])
    raise Refusal(f"有 {len(found)} 条：{several}。把名字说全，我就知道是哪一条。")
