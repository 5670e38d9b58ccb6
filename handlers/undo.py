"""Undo: within a day, what was confirmed last is taken back. The rows stay, with who took them back and when."""

from datetime import timedelta

from domain.errors import Refusal
from domain.intents.records import Command
from domain.messages import Action
from handlers import contacts, flows, lead_follow_ups, lead_told, pre_visit, proposals, todos, verdicts
from handlers.proposal_cards import closed_card
from handlers.turn import Reply, Turn, outcome, say
from handlers.wording import summary
from storage.tables import ProposalRow

UNDO_WITHIN = timedelta(hours=24)


def undo(intent: Command, turn: Turn) -> Reply:
    """Drop the open proposal; where there is none, take back the one confirmed last."""
    top = turn.dialogue.top
    if top and top.kind == "proposal" and (open_one := turn.work.records.proposal(top.id)):
        rows = turn.work.records.of_proposal(top.id)
        if reply := proposals.abandon(open_one, rows, turn, "dropped", "已放弃，没有记录"):
            return reply
    proposal = turn.work.records.last_confirmed(turn.person.id, turn.now - UNDO_WITHIN)
    if proposal is None:
        raise Refusal("24 小时内没有可以撤销的记录。更早的记录要改，请找你的上级或管理员。")
    return _take_back(proposal, turn)


def withdraw(action: Action, proposal_id: int, turn: Turn) -> Reply:
    """The button of a card whose records wait for a decision: undo of this very card."""
    proposal = turn.work.records.proposal(proposal_id)
    if proposal is None or proposal.person_id != turn.person.id:
        raise Refusal("没有找到这张卡片对应的记录，请看最新的一张。")
    if proposal.state != "confirmed":
        raise Refusal("这张卡已经撤销了，不用再撤回。")
    return _take_back(proposal, turn)


def _take_back(proposal: ProposalRow, turn: Turn) -> Reply:
    rows = turn.work.records.of_proposal(proposal.id or 0)
    for row in rows:
        turn.work.flows.running(
            row.id or 0
        )  # whoever decides just now is waited for, and what he decided is seen
        turn.work.records.read_anew(row)
    decided = [r for r in rows if r.status in ("approved", "rejected", "paid")]
    if decided:
        raise Refusal(f"「{summary(decided[0], turn)}」已经审批过了，不能撤销；有问题请直接找审批人。")
    if proposal.decided_at is None or proposal.decided_at < turn.now - UNDO_WITHIN:
        raise Refusal("提交超过 24 小时，不能自己撤回了；请让审批人驳回。")
    turn.work.records.close(proposal, "undone", expected="confirmed")
    reply = Reply()
    for row in rows:
        turn.work.records.set_status(row, "undone", "本人撤销")
        contacts.take_back(row, turn)
        reply += lead_told.take_back(row, turn) + flows.withdraw(row, turn)
        reply += lead_follow_ups.taken_back(row, turn)
        reply += todos.withdrawn(row, turn) + verdicts.withdraw(row, turn)
    card = closed_card(proposal, rows, turn, "已撤销", "warning")
    what = "；".join(summary(r, turn) for r in rows)
    said = say(turn, f"已撤销：{what}。要重新记，直接再说一遍。")
    return outcome(turn, card) + reply + said + pre_visit.flipped(rows, turn)
