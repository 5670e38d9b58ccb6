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
from domain.statuses import COUNTS, STANDING
from handlers import leads_mine, practice_day
from handlers.turn import Turn
from handlers.wording import customer_name, day, read_fields, summary
from storage.reminders import ReminderRow
from storage.seeing import Wanted
from storage.tables import RecordRow
from storage.todos import open_todos

PLANS_FROM = timedelta(days=60)
"""How far back plans and promises are looked for that fall on today."""
MOST_LINES = 12
POINTS = ("competitor", "complaint", "order_intent", "customer_update")
"""Forms whose records a meeting talks about one by one."""


def day_plan(turn: Turn, beside: Collection[str]) -> str:
    """Today as it was planned. `beside`: subjects that another reminder of the same message is about."""
    today = turn.local_now.date()
    records = _since(turn, PLANS_FROM)
    visits = [_visit(row, turn) for row in planned_visits(records, turn)]
    promised = [
        f"{customer_name(row.customer_code, turn)} {row.data.get('next_step') or '跟进'}".strip()
        for row in records
        if str(row.data.get("next_date", ""))[:10] == today.isoformat() and f"record:{row.id}" not in beside
    ]
    todos = [
        str(row.data["title"])
        for row in open_todos(turn.work.session, turn.person.id)
        if row.data.get("due")
        and str(row.data["due"])[:10] <= today.isoformat()
        and f"record:{row.id}" not in beside
    ]
    return _sections(
        ("要去的客户", visits),
        ("约好的跟进", promised),
        ("要问的样品反馈", _feedback_due(turn)),
        ("到期的待办", todos),
        ("手上的线索", leads_mine.on_hand(turn)),
    )


def missing_records(turn: Turn, beside: Collection[str]) -> str:
    """Customers where he was, or planned to be, today, and of whom nothing is on record."""
    start, end = _today(turn)
    records = _since(turn, PLANS_FROM)
    written = {
        row.customer_code
        for row in records
        if start <= row.happened_at < end and not row.data.get("planned") and row.form != "visit_plan"
    }
    been = [c.customer_code for c in turn.work.check_ins.between(turn.person.id, start, end)]
    meant = [row.customer_code for row in planned_visits(records, turn)]
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
    if not lines:
        return ""
    told = _sections(("今天还没有记录的客户", lines), ("说过还没点确认的", unconfirmed))
    return f"{told}\n聊了什么发我一句就行；没去成也说一声。"


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


def practice(turn: Turn, beside: Collection[str]) -> str:
    """What is to be practised today; nothing while the library cannot be read, which is no rep's business."""
    try:
        return practice_day.plan_in_words(turn)
    except Refusal:
        return ""


CONTENT: dict[str, Callable[[Turn, Collection[str]], str]] = {
    "day_plan": day_plan,
    "missing_records": missing_records,
    "open_approvals": open_approvals,
    "week_points": week_points,
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


def planned_visits(records: list[RecordRow], turn: Turn) -> list[RecordRow]:
    """Those of today, in the order of their times."""
    today = _today(turn)[0].date()
    plans = (row for row in records if row.data.get("planned") or row.form == "visit_plan")
    found = [row for row in plans if _day(row, turn) == today]
    return sorted(found, key=lambda row: (row.happened_at, row.id or 0))


def _day(row: RecordRow, turn: Turn) -> date:
    """A day that was said without a time is that day wherever one is."""
    said = str(row.data.get("happened_at") or "")
    if len(said) == 10:
        return date.fromisoformat(said)
    return row.happened_at.astimezone(turn.person.zone(turn.zone)).date()


def _visit(row: RecordRow, turn: Turn) -> str:
    at = row.happened_at.astimezone(turn.person.zone(turn.zone))
    name = customer_name(row.customer_code, turn) or str(row.data.get("customer_name", ""))
    timed = len(str(row.data.get("happened_at", ""))) > 10 and (at.hour, at.minute) != (0, 0)
    purpose = row.data.get("purpose")
    return f"{f'{at:%H:%M} ' if timed else ''}{name}{f'：{purpose}' if purpose else ''}"


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


def _since(turn: Turn, how_long: timedelta) -> list[RecordRow]:
    """The person's own records that count, plans for later today included, also where today ends later elsewhere."""
    end = _today(turn)[1] + timedelta(days=1)
    rows = turn.work.records.between(turn.person.id, turn.now - how_long, end, COUNTS)
    return [row for row in rows if row.status != "rejected"]


def _today(turn: Turn) -> tuple[datetime, datetime]:
    start = turn.now.astimezone(turn.person.zone(turn.zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return start, start + timedelta(days=1)


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
