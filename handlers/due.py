"""The clock's turns: what happens when a time has come."""

from collections.abc import Callable
from datetime import timedelta

from domain.errors import Refusal
from domain.intents import Due
from domain.push_times import push_time
from handlers import proposals
from handlers.approvals import REMIND_AFTER, approval_card
from handlers.turn import Reply, Turn, tell

MOST_REMINDERS = 5


def due(intent: Due, turn: Turn) -> Reply:
    return OCCASIONS[intent.name](intent, turn)


def proposal_expiry(intent: Due, turn: Turn) -> Reply:
    """A proposal that nobody confirmed for a day is closed; nothing of it counts."""
    proposal = turn.work.records.proposal(_number(intent))
    if proposal is None or proposal.state != "open":
        return Reply()
    rows = turn.work.records.of_proposal(proposal.id or 0)
    return proposals.abandon(proposal, rows, turn, "expired", "超过 24 小时没有确认，已作废")


def approval_reminder(intent: Due, turn: Turn) -> Reply:
    """Show the approver his open card again, a few working times, not for ever."""
    approval = turn.work.records.approval(_number(intent))
    row = turn.work.records.get(approval.record_id) if approval else None
    applicant = turn.work.people.get(row.reporter_id) if row else None
    if approval is None or row is None or applicant is None or approval.state != "pending":
        return Reply()
    count = int(intent.payload.get("count", 0)) + 1
    if count < MOST_REMINDERS:
        again = push_time(turn.now + REMIND_AFTER * (count + 1), turn.zone, intent.subject)
        turn.work.schedule.at(again, "approval_reminder", intent.subject, turn.person.id, count=count)
    card = approval_card(approval, row, applicant, turn)
    hours = (turn.now - approval.created_at) // timedelta(hours=1)
    reminder = card.model_copy(update={"revision": 1 + count, "subtitle": f"已等待 {hours} 小时"})
    return tell(approval.approver_id, reminder)


def _number(intent: Due) -> int:
    number = intent.subject.rpartition(":")[2]
    if not number.isdecimal():
        raise Refusal(f"due {intent.name}: the subject {intent.subject!r} names no row")
    return int(number)


OCCASIONS: dict[str, Callable[[Due, Turn], Reply]] = {
    "proposal_expiry": proposal_expiry,
    "approval_reminder": approval_reminder,
}
