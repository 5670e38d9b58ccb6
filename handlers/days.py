"""My day: what was done, what is open, what was promised for today."""

from datetime import timedelta

from domain.intents.records import Command
from domain.statuses import COUNTS
from handlers import day_plan, todos
from handlers.turn import Reply, Turn, say
from handlers.wording import customer_name, summary
from storage.tables import CheckInRow, RecordRow
from storage.todos import open_todos

STATUS = {"submitted": "（待审批）", "approved": "（已通过）", "rejected": "（被驳回）", "paid": "（已付款）"}


def my_day(intent: Command, turn: Turn) -> Reply:
    if told := of_today(turn):
        return say(turn, told)
    return say(turn, f"{_heading(turn)}还没有记录。到店发个位置，聊完说一句，剩下的我来写。")


def of_today(turn: Turn) -> str:
    """What was done, is open and was promised for today; empty where there is nothing."""
    start = turn.own_day
    end = start + timedelta(days=1)
    records = turn.work.records.between(turn.person.id, start, end, COUNTS)
    sections = [
        _section(
            "签到", [_check_in(c, turn) for c in turn.work.check_ins.between(turn.person.id, start, end)]
        ),
        _section("已记录", [_record(r, turn) for r in records]),
        _section("今天要跑", day_plan.lines_of_today(turn)),
        _section("会议待办", todos.listed(open_todos(turn.work.session, turn.person.id), turn)),
        _section("等你确认", _unconfirmed(turn)),
        _section("等你审批", _waiting(turn)),
    ]
    filled = [s for s in sections if s]
    return "\n\n".join([_heading(turn), *filled]) if filled else ""


def _heading(turn: Turn) -> str:
    return f"{turn.person.name}，今天 {turn.own_now.month}月{turn.own_now.day}日"


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"{title}（{len(lines)}）", *(f"· {line}" for line in lines)]) if lines else ""


def _check_in(row: CheckInRow, turn: Turn) -> str:
    return f"{row.at.astimezone(turn.person.zone(turn.zone)):%H:%M} {customer_name(row.customer_code, turn)}"


def _record(row: RecordRow, turn: Turn) -> str:
    label = turn.rulebook.form_of(row.form).label
    return f"{label}：{summary(row, turn)}{STATUS.get(row.status, '')}"


def _unconfirmed(turn: Turn) -> list[str]:
    rows = [
        row
        for matter in turn.dialogue.matters
        if matter.kind == "proposal"
        for row in turn.work.records.of_proposal(matter.id)
    ]
    return [_record(r, turn) for r in rows if r.status == "proposed"]


def _waiting(turn: Turn) -> list[str]:
    lines = []
    for approval in turn.work.flows.waiting_for(turn.person.id):
        row = turn.work.records.get(approval.record_id)
        applicant = turn.work.people.get(row.reporter_id) if row else None
        if row and applicant:
            lines.append(f"{applicant.name} 的{_record(row, turn).removesuffix(STATUS.get(row.status, ''))}")
    return lines
