"""我的线索: what somebody has on hand, how long each waits, and what comes next."""

from datetime import timedelta

from domain.intents.records import Command
from domain.leads.lead import OPEN, STATE_WORDS
from handlers import lead_doubts
from handlers.lead_cards import masked
from handlers.turn import Reply, Turn, say
from storage.lead_tables import LeadRow
from storage.leads import lead_value

MOST_SHOWN = 10
KNOWN = ("accepted", "following")
"""Once he took the lead he sees whom to call."""
NEXT = {
    "new": "等待分配",
    "offered": "请在卡片上接收或转出",
    "accepted": "请尽快首次联系",
    "following": "有结果说“…的线索成交了/丢了，原因…”",
    "pool": "等待重新分配",
}


def my_leads(intent: Command, turn: Turn) -> Reply:
    """His own; whoever hands leads out is told of those that nobody has as well."""
    seen = turn.seen()
    mine = seen.leads(owner=turn.person.id, states=OPEN, limit=MOST_SHOWN + 1)
    waiting = [row for row in seen.leads(states=("new", "pool"), limit=MOST_SHOWN + 1) if not row.owner_id]
    parts = [_listed("你手上的线索", mine, turn), _listed("还没有人负责的线索", waiting, turn)]
    told = "\n".join(filter(None, parts))
    words = told or "现在没有线索在等你。有新的我会发卡片给你。"
    return say(turn, words) + lead_doubts.waiting_question(turn)


def on_hand(turn: Turn) -> list[str]:
    """A line for each lead that waits for what he does next, the longest waiting first."""
    rows = turn.seen().leads(
        owner=turn.person.id, states=("offered", "accepted", "following"), limit=MOST_SHOWN
    )
    return [_line(row, turn).removeprefix("· ") for row in sorted(rows, key=lambda row: row.received_at)]


def _listed(title: str, rows: list[LeadRow], turn: Turn) -> str:
    if not rows:
        return ""
    lines = [f"{title}（{len(rows) if len(rows) <= MOST_SHOWN else f'{MOST_SHOWN} 条以上'}）"]
    return "\n".join([*lines, *(_line(row, turn) for row in rows[:MOST_SHOWN])])


def _line(row: LeadRow, turn: Turn) -> str:
    phone = row.phone if row.state in KNOWN else masked(row.phone)
    who = " ".join(filter(None, [row.company or "（没有公司名）", row.contact, phone]))
    state = f"{STATE_WORDS[row.state]}，{waited(turn.now - row.received_at)}"
    return f"· {who}：{state}；{_stage(row, turn)}{NEXT[row.state]}"


def _stage(row: LeadRow, turn: Turn) -> str:
    stage = turn.rulebook.lead_stages.of(lead_value(row)) if row.state == "following" else None
    return f"{stage.label}（跟进过 {row.follow_ups} 次）；" if stage else ""


def waited(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    if minutes < 1:
        return "刚收到"
    if minutes < 60:
        return f"已 {minutes} 分钟"
    return f"已 {minutes // 60} 小时" if minutes < 48 * 60 else f"已 {minutes // 1440} 天"
