"""这个客户怎么样: colour and reasons, the last visit and order, what was promised, open complaints, the latest records.

All of it as the asker may see it.
"""

from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.records import Command
from domain.statuses import STANDING
from handlers import health
from handlers.turn import Reply, Turn, View, say
from handlers.wording import customer_name, moment, summary
from nlu.language.heading import asks_about_this_one
from storage.seeing import Seen, Wanted
from storage.tables import RecordRow

STATUS_WORDS = {
    "active": "正常",
    "closed": "已停业",
    "contact_left": "联系人已离职",
    "competitor_exclusive": "竞品独家",
    "dormant": "沉默",
}
LATEST = 3
LOOKED_THROUGH = 30
"""Records in which what was promised is looked for."""


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """Of the customer that the talk is about. Pure."""
    return (Command(intent="query_customer", words=text),) if asks_about_this_one(text) else ()


def about_customer(intent: Command, turn: Turn) -> Reply:
    """What is known of a customer that the asker may see. Raises Refusal where he may not, or named none."""
    code = intent.fields["customer"].value if "customer" in intent.fields else None
    code = code or turn.dialogue.current_customer(turn.now)
    if not code:
        raise Refusal("想查哪家客户？说一下店名，比如“惠民超市朝阳店怎么样”。")
    seen = turn.seen()
    customer = seen.customer(code)
    if customer is None:
        raise Refusal(f"「{customer_name(code, turn)}」不在你名下，资料要问它的负责人。")
    learned = turn.work.places.of([customer.code]).get(customer.code)
    records = seen.records(Wanted(customer=code, statuses=STANDING), limit=LOOKED_THROUGH)
    found = health.of_customers([code], turn)[code]
    told = health.in_words(customer.name, found, seen, turn)
    status = STATUS_WORDS.get(customer.status, customer.status)
    lines = [
        f"{customer.name}（{customer.level or '未分级'}类，资料状态：{status}）",
        customer.address,
        learned.words if learned and customer.position is None else "",
        told.heading,
        *told.lines,
        _last("上次拜访", "visited", code, seen, turn),
        _last("上次订货", "sold", code, seen, turn),
        *_promised(records, turn),
        *(
            f"· {_day(r, turn)} {turn.rulebook.form_of(r.form).label}：{summary(r, turn)}"
            for r in records[:LATEST]
        ),
    ]
    return say(turn, "\n".join(line for line in lines if line))


def _last(label: str, tells: str, code: str, seen: Seen, turn: Turn) -> str:
    forms = [form.key for form in turn.rulebook.forms.values() if form.tells == tells]
    rows = [
        row
        for form in forms
        for row in seen.records(
            Wanted(customer=code, form=form, until=turn.now, statuses=STANDING), limit=LATEST
        )
        if not row.data.get("planned")
    ]
    if not rows:
        return f"{label}：没有记录"
    last = max(rows, key=lambda row: (row.happened_at, row.id or 0))
    return f"{label}：{_day(last, turn)}"


def _promised(records: list[RecordRow], turn: Turn) -> list[str]:
    """What was spoken of for today or later."""
    today = turn.local_now.date().isoformat()
    named = ((r, str(r.data.get("next_date") or "")[:10]) for r in records)
    return [
        f"答应过：{moment(day, turn.now, turn.zone)} {r.data.get('next_step') or '跟进'}"
        for r, day in named
        if day >= today
    ]


def _day(row: RecordRow, turn: Turn) -> str:
    return f"{row.happened_at.astimezone(turn.zone):%m月%d日}"
