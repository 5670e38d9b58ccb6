"""Red, yellow and green in words, as one person may see them: what it rests on only where he may read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.health import COLOURS, Health, Reason, judged, known_of
from domain.policies import HIDDEN, hidden_fields, viewer_of
from handlers.turn import Turn
from storage import health
from storage.seeing import Seen
from storage.tables import RecordRow

IMPORTED = "客户资料"
PAYMENT = "payment"
MONEY = frozenset({"overdue_days", "overdue_amount"})
BOOKS = frozenset({"receivable_days", "receivable_amount"})
"""Facts that rest on a sum: whoever does not see the sum is told no more than the label."""


@dataclass(frozen=True)
class Told:
    """The health of one customer as one person is told it."""

    health: Health
    heading: str
    lines: tuple[str, ...]

    @property
    def words(self) -> str:
        return "\n".join((self.heading, *self.lines))


def of_customers(
    codes: Collection[str] | None, turn: Turn, *, counting: int | None = None, without: int | None = None
) -> dict[str, Health]:
    """By code, of these customers or of all; whatever anybody may see. `counting` a record that is only about to
    stand, or `without` one that does."""
    turn.work.session.flush()
    rules, today = turn.rulebook.health, turn.local_now.date()
    forms = turn.rulebook.forms.values()
    on_record = health.seen(
        turn.work.session,
        today,
        turn.zone,
        sold=[f.key for f in forms if f.tells == "sold"],
        visited=[f.key for f in forms if f.tells == "visited"],
        complaint_days=rules.complaint_days,
        codes=codes,
        counting=counting,
        without=without,
    )
    return {code: judged(known_of(seen, today), rules) for code, seen in on_record.items()}


def told(code: str, turn: Turn) -> Told | None:
    """None of a customer that this person does not see."""
    seen = turn.seen()
    customer = seen.customer(code)
    found = of_customers([code], turn).get(code) if customer else None
    return in_words(customer.name, found, seen, turn) if customer and found else None


def in_words(name: str, found: Health, seen: Seen, turn: Turn) -> Told:
    heading = f"{COLOURS[found.colour]} · {name}"
    lines = tuple(f"· {reason_words(reason, seen, turn)}" for reason in found.reasons)
    if not lines:
        heading += "：没有发现要注意的情况"
    unknown = (f"（{'、'.join(found.unknown)}，这些看不出来）",) if found.unknown else ()
    return Told(found, heading, lines + unknown)


def reason_words(reason: Reason, seen: Seen, turn: Turn) -> str:
    """The reason with what it rests on: 已停业（3月9日 李伟记录 #12）."""
    number = reason.evidence.record
    if reason.rule.rests_on in BOOKS and _no_sums(reason, turn):
        return reason.rule.label
    if number is None:
        return f"{reason.words}（{reason.evidence.source or IMPORTED}）"
    row = seen.record(number)
    if row is None or _hides_money(reason, row):
        return reason.rule.label
    return f"{reason.words}（{_source(row, reason.evidence.on, turn)}）"


def readable(reason: Reason, seen: Seen) -> int | None:
    """The record that it rests on, where this person may open it."""
    number = reason.evidence.record
    return number if number is not None and seen.record(number) else None


def _no_sums(reason: Reason, turn: Turn) -> bool:
    """Whether this person is not shown what is owed: nobody's customers are seen by every rep, their debts are not."""
    if reason.evidence.of_nobody and turn.person.role == "rep":
        return True
    form = turn.rulebook.forms.get(PAYMENT)
    return "amount" in hidden_fields(turn.rulebook.policies, form, viewer_of(turn.person))


def _hides_money(reason: Reason, row: RecordRow) -> bool:
    return reason.rule.rests_on in MONEY and row.data.get("amount") == HIDDEN


def _source(row: RecordRow, on: date | None, turn: Turn) -> str:
    day = f"{on.month}月{on.day}日" if on and on.year == turn.local_now.year else f"{on}" if on else ""
    reporter = turn.lexicon.people.get(row.reporter_id)
    who = "你" if row.reporter_id == turn.person.id else reporter.name if reporter else row.reporter_id
    return f"{day} {who}记的{turn.rulebook.form_of(row.form).label} #{row.id}"
