"""What reminders say: the named contents of `config/schedules`, and texts filled in. Empty: nothing to say.

Everything is read when it is told, so that what was done meanwhile is not asked for any more.
"""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any

from domain.errors import Refusal
from domain.schedules.definition import OnDate, Schedule
from domain.schedules.occurrences import Anchor
from domain.statuses import STANDING
from handlers import day_plan, leads_mine, practice_day
from handlers.turn import Turn
from handlers.wording import customer_name, day, read_fields, summary
from storage import promises
from storage.promises import is_plan
from storage.reminders import ReminderRow
from storage.seeing import Wanted
from storage.tables import RecordRow
from storage.todos import FORM as TODO
from storage.todos import open_todos

MOST_LINES = 12
POINTS = ("competitor", "complaint", "order_intent", "customer_update")
"""Forms whose records a meeting talks about one by one."""


def todays_plan(turn: Turn, beside: Collection[str]) -> str:
    """Where he is to go, in order, and what else is due; what is overdue and was reminded of before is no reason to
    write. `beside`: subjects that another reminder of the same message is about."""
    today = turn.own_now.date()
    todos = [
        f"{row.data['title']}{_late(date.fromisoformat(str(row.data['due'])[:10]), today)}"
        for row in open_todos(turn.work.session, turn.person.id)
        if row.data.get("due")
        and str(row.data["due"])[:10] <= today.isoformat()
        and f"record:{row.id}" not in beside
    ]
    others = (
        ("要问的样品反馈", _feedback_due(turn)),
        ("到期的待办", todos),
        ("手上的线索", leads_mine.on_hand(turn)),
    )
    anything = any(lines for _, lines in others)
    return _sections(("要去的客户", day_plan.lines_of_today(turn, beside, only_overdue=anything)), *others)


def missing_records(turn: Turn, beside: Collection[str]) -> str:
    """Customers where he was, or planned to be, today, and of whom nothing is on record."""
    start, end = turn.own_day, turn.own_day + timedelta(days=1)
    records = turn.work.records.between(turn.person.id, start, end, STANDING)
    written = {row.customer_code for row in records if not is_plan(row)}
    been = [c.customer_code for c in turn.work.check_ins.between(turn.person.id, start, end)]
    meant = day_plan.planned_today(turn)
    lines = [
        f"{customer_name(code, turn)}（{why}）"
        for codes, why in ((been, "到过店"), (meant, "有计划"))
        for code in dict.fromkeys(codes)
        if code and code not in written and not (why == "有计划" and code in been)
    ]
    unconfirmed = [
        summary(row, turn)
        for matter in turn.dialogue.matters
        if matter.kind == "proposal"
        for row in turn.work.records.of_proposal(matter.id)
        if row.status == "proposed"
    ]
    if not lines and not unconfirmed:
        return ""
    told = _sections(("今天还没有记录的客户", lines), ("说过还没点确认的", unconfirmed))
    return f"{told}\n聊了什么发我一句就行；没去成也说一声。" if lines else told


def open_approvals(turn: Turn, beside: Collection[str]) -> str:
    """What waits for his decision, the oldest first."""
    lines = []
    for approval in sorted(turn.work.flows.waiting_for(turn.person.id), key=lambda one: one.created_at):
        row = turn.work.records.get(approval.record_id)
        applicant = turn.work.people.get(row.reporter_id) if row else None
        if row is None or applicant is None:
            continue
        since = day(approval.created_at.astimezone(turn.zone).date(), turn.local_now.date())
        lines.append(f"{applicant.name} 的{turn.rulebook.form_of(row.form).label}（{since}提交）")
    return _sections(("等你审批", lines))


def week_points(turn: Turn, beside: Collection[str]) -> str:
    """The last seven days of the records that this person sees: how much, and what is worth talking about."""
    since = turn.local_now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=7)
    wanted = Wanted(since=since, until=turn.now, statuses=STANDING)
    rows = [row for batch in turn.seen().batches(wanted) for row in batch if not row.data.get("planned")]
    team = [row for row in rows if row.reporter_id != turn.person.id]
    names, shops = turn.seen().names(
        (row.reporter_id for row in team), (row.customer_code for row in team if row.customer_code)
    )
    visits = Counter(names.get(row.reporter_id, row.reporter_id) for row in team if row.form == "visit")
    sections = [("拜访", [f"{name} {count} 次" for name, count in visits.most_common()])]
    for form in POINTS:
        of_form = [row for row in team if row.form == form]
        lines = [
            f"{shops.get(row.customer_code or '', '')} {_said(row, turn)}（{names.get(row.reporter_id, '')}）".strip()
            for row in of_form
        ]
        sections.append((turn.rulebook.form_of(form).label, lines))
    return _sections(*sections)


def my_week(turn: Turn, beside: Collection[str]) -> str:
    """What one has to say at the meeting: the last seven days by form, what is still to do, what is agreed on.
    What is due already is in the plan of the same morning."""
    week, today = timedelta(days=7), turn.own_day
    records = turn.work.records.between(turn.person.id, today - week, today, STANDING)
    done = [row for row in records if not is_plan(row) and row.form != TODO]
    forms = Counter(turn.rulebook.form_of(row.form).label for row in done)
    shops = len({row.customer_code for row in done if row.customer_code})
    counted = [f"{label} {count} 条" for label, count in forms.most_common()]
    coming = promises.promised_within(turn.work.session, turn.person.id, today, today + week)
    agreed = [
        f"{day(when, today.date())} {customer_name(row.customer_code, turn)}"
        f"{f'：{step}' if (step := row.data.get('next_step')) else ''}"
        for when, row in coming
    ]
    ahead = [
        f"{row.data['title']}{f'（{day(date.fromisoformat(due), today.date())}前）' if due else ''}"
        for row in open_todos(turn.work.session, turn.person.id)
        if not (due := str(row.data.get("due") or "")[:10]) or due > today.date().isoformat()
    ]
    heading = [f"{'，'.join(counted)}（{shops} 家客户）"] if counted else []
    return _sections(("过去七天", heading), ("手上的待办", ahead), ("接下来七天约好的", agreed))


def practice(turn: Turn, beside: Collection[str]) -> str:
    """What is to be practised today; nothing while the library cannot be read, which is no rep's business."""
    try:
        return practice_day.plan_in_words(turn)
    except Refusal:
        return ""


CONTENT: dict[str, Callable[[Turn, Collection[str]], str]] = {
    "day_plan": todays_plan,
    "missing_records": missing_records,
    "open_approvals": open_approvals,
    "week_points": week_points,
    "my_week": my_week,
    "practice": practice,
}


def text_of(schedule: Schedule, row: ReminderRow, anchor: Anchor | None, turn: Turn) -> str:
    """A text with its places filled in; what is not known is left out."""
    today = turn.now.astimezone(turn.person.zone(turn.zone)).date()
    said = row.day
    facts: dict[str, Any] = {"姓名": turn.person.name, "日期": day(said, today), "天数": (said - today).days}
    if anchor is not None:
        facts |= _facts(anchor, turn)
    if not schedule.anchored:
        facts["日期"] = day(today, today)
    return schedule.says.text.format_map(_Known(facts)).strip("：，")


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _facts(anchor: Anchor, turn: Turn) -> dict[str, Any]:
    row = anchor.facts.get("record")
    owner = next((turn.work.people.get(one) for one in anchor.people.get("owner", ())), None)
    facts = {name: words for name, words in anchor.facts.items() if name not in ("record", "customer")}
    facts["业务员"] = owner.name if owner else ""
    if isinstance(row, RecordRow):
        form = turn.rulebook.form_of(row.form)
        facts |= {field.label: words for field, words in read_fields(form, row.data, turn)}
        facts["客户"] = customer_name(row.customer_code, turn) or row.data.get("customer_name", "")
    return facts


def done_before(schedule: Schedule, anchor: Anchor, turn: Turn) -> bool:
    """Whether what the reminder is about needs nobody any more."""
    row = anchor.facts.get("record")
    if not isinstance(row, RecordRow):
        return False
    if row.status not in STANDING or row.data.get("status") == "done":
        return True
    if not schedule.unless_done or not isinstance(schedule.when, OnDate) or anchor.day is None:
        return False
    since = datetime.combine(anchor.day, datetime.min.time(), turn.person.zone(turn.zone))
    return turn.work.reminders.acted(row, since)


def _late(due: date, today: date) -> str:
    return f"（已经过了 {(today - due).days} 天）" if due < today else ""


def _feedback_due(turn: Turn) -> list[str]:
    since = turn.local_now.date() - timedelta(days=turn.rulebook.stock.feedback_days)
    return [
        f"{customer_name(row.customer_code, turn)}：{summary(row, turn, without_customer=True)}"
        for row in turn.work.stock.records_with("received", ("approved",), turn.person.id)
        if not row.data.get("feedback") and _received(row, turn) <= since
    ]


def _received(row: RecordRow, turn: Turn) -> date:
    said = str(row.data.get("received_at") or "")
    at = datetime.fromisoformat(said) if said else row.updated_at
    return at.astimezone(turn.zone).date()


def _said(row: RecordRow, turn: Turn) -> str:
    skipped = {"customer", "datetime", "flag", "photo", "voice"}
    fields = read_fields(turn.rulebook.form_of(row.form), row.data, turn)
    return " ".join(words for field, words in fields if field.type not in skipped)


def _sections(*sections: tuple[str, list[str]]) -> str:
    return "\n".join(
        line
        for title, lines in sections
        if lines
        for line in (
            f"{title}（{len(lines)}）",
            *(f"· {words}" for words in lines[:MOST_LINES]),
            *([f"…还有 {len(lines) - MOST_LINES} 条"] if len(lines) > MOST_LINES else []),
        )
    )
