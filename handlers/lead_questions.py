"""喜乐汇超市的线索下一步做什么, 最近为什么丢单: what is asked about leads on their way."""

import re
from collections import Counter
from datetime import timedelta

from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.leads import LeadLosses, LeadNext
from domain.leads.lead import STATE_WORDS, Lead
from handlers.lead_steps import step_card
from handlers.turn import Reply, Turn, say, show
from storage.lead_losses import losses_since
from storage.lead_tables import HELD_STATES

_NEXT = re.compile(
    r"(?:(?P<this>这条|那条|这个)?|(?:线索)?[“「]?(?P<name>[^，。：？?\s”」]{2,30}?)[”」]?(?:的|这条|那条|这个)*?)(?:线索)?(?:的)?"
    r"(?:下一步|接下来|下面)(?:该|要|应该|得|我)?(?:怎么|咋|做|干|跟)?(?:办|做|跟|跟进|弄|干|什么|啥|点什么)*(?:呢|啊)?[？?。]?"
)
_WHY_LOST = re.compile(
    r"(?:最近|这段时间|这个月|近期|上个月|我们|团队)*(?:的)?(?:线索|单子|单)?(?:都)?(?:是)?(?:因为什么|为什么|为啥|怎么)(?:都|老|总)?(?:会)?(?:丢单|丢了|丢|流失)(?:了|的)?"
    r"(?:单|线索)?[？?。]?|(?:最近)?(?:的)?丢单(?:的)?原因(?:有哪些|是什么|分布|统计)?[？?。]?"
)
MOST_SHOWN = 3


def heard(text: str) -> tuple[Intent, ...]:
    """Pure."""
    words = text.strip()
    if _WHY_LOST.fullmatch(words):
        return (LeadLosses(),)
    if ("线索" in words or "下一步" in words) and (match := _NEXT.fullmatch(words)):
        return (LeadNext(name=match["name"] or ""),)
    return ()


def next_step(intent: LeadNext, turn: Turn) -> Reply:
    """The step of one of his leads. Raises Refusal where it is unclear which."""
    lead = _meant(intent.name, turn)
    if lead.state != "following":
        state = STATE_WORDS[lead.state]
        raise Refusal(f"「{lead.name}」{state}，先联系上再说：在卡片上点“打电话”，或者说一句联系结果。")
    stage = turn.rulebook.lead_stages.of(lead)
    if stage is None:
        raise Refusal("公司还没有写线索的跟进步骤（lead_stages.yaml）。")
    return show(turn, step_card(lead, stage, turn))


def _meant(name: str, turn: Turn) -> Lead:
    """By name; without one, the one that the talk is about, or the only one."""
    mine = turn.work.leads.of(turn.person.id, HELD_STATES)
    if name:
        found = [lead for lead in mine if name in (lead.company, lead.contact)] or [
            lead for lead in mine if lead.company and (name in lead.company or lead.company in name)
        ]
    else:
        here = turn.dialogue.current_customer(turn.now)
        found = [lead for lead in mine if here and lead.customer_code == here] or mine
    if len(found) == 1:
        return found[0]
    if not found:
        what = f"没有叫“{name}”的线索" if name else "没有在跟的线索"
        raise Refusal(f"你手上{what}。说“我的线索”可以看。")
    several = "、".join(f"「{lead.name}」" for lead in found[:5])
    raise Refusal(f"你手上有 {len(found)} 条：{several}。说哪一条，比如“{found[0].name}的线索下一步做什么”。")


def losses(intent: LeadLosses, turn: Turn) -> Reply:
    """Counted by reason over the leads that he may see, the latest in their own words."""
    rules = turn.rulebook.lead_stages
    found = losses_since(turn.seen(), turn.now - timedelta(days=rules.lost_days))
    if not found:
        return say(turn, f"最近 {rules.lost_days} 天没有丢单。")
    counts = Counter(rules.reason_of(lead.lost_reason) for _, lead in found)
    lines = [f"最近 {rules.lost_days} 天丢了 {len(found)} 条："]
    lines += [
        f"· {reason} {count} 条"
        for reason, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    lines.append("最近的：")
    for at, lead in found[:MOST_SHOWN]:
        name = lead.company or lead.contact or lead.id
        lines.append(f"· {at.astimezone(turn.zone):%m月%d日} {name}：{lead.lost_reason or '没有写原因'}")
    return say(turn, "\n".join(lines))
