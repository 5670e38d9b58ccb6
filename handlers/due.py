"""The clock's turns: what happens when a time has come."""

from collections.abc import Callable
from datetime import timedelta

from domain.cards import Text
from domain.errors import Refusal
from domain.intents import Due
from domain.push_times import push_time
from handlers import approvals, proposals, sample_feedback, samples, stock
from handlers.approvals import REMIND_AFTER, approval_card
from handlers.proposal_cards import closed_card
from handlers.turn import Reply, Turn, outcome, tell
from handlers.wording import summary

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


def sample_lapse(intent: Due, turn: Turn) -> Reply:
    """A request that nobody decided in time holds no stock any longer."""
    row = turn.work.records.get(_number(intent))
    if row is None or row.status == "approved" or not turn.work.stock.held(row.id or 0):
        return Reply()
    hours = turn.rulebook.stock.hold_hours
    why = f"超过 {hours} 小时没有审批，已作废，占用的库存已归还"
    reply = approvals.end_pending(row, "lapsed", why, turn) + stock.release_stock(row, turn)
    if row.status != "submitted":
        return reply
    turn.work.records.set_status(row, "expired", why)
    news = Text(text=f"你的样品申请（{summary(row, turn)}）{why}。还需要的话，直接再说一遍。")
    proposal = turn.work.records.proposal(row.proposal_id) if row.proposal_id else None
    if proposal:
        rows = turn.work.records.of_proposal(proposal.id or 0)
        reply += outcome(turn, closed_card(proposal, rows, turn, why, "warning"))
    return reply + tell(row.reporter_id, news)


def _number(intent: Due) -> int:
    number = intent.subject.rpartition(":")[2]
    if not number.isdecimal():
        raise Refusal(f"due {intent.name}: the subject {intent.subject!r} names no row")
    return int(number)


OCCASIONS: dict[str, Callable[[Due, Turn], Reply]] = {
    "proposal_expiry": proposal_expiry,
    "approval_reminder": approval_reminder,
    stock.LAPSE: sample_lapse,
    stock.WATCH: stock.watch,
    samples.REMIND: samples.remind,
    sample_feedback.ASK: sample_feedback.ask,
}
