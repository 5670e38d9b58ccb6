"""Records are proposed on one card, put right or confirmed by the rep, and only then count."""

from datetime import timedelta

from domain.errors import Refusal
from domain.flows.definition import Flow
from domain.intents.records import Propose, Question
from domain.messages import Action
from handlers import (
    alerts,
    approvals,
    contacts,
    expenses,
    flows,
    lead_follow_ups,
    lead_told,
    lead_touch,
    learning,
    papers,
    pre_visit,
    todos,
)
from handlers.proposal_cards import closed_card, proposal_card, question_card, submitted_card, title
from handlers.record_rows import link_visit, missing_in, prove, record_of, wrong_in
from handlers.turn import Reply, Turn, outcome, say, show
from handlers.wording import summary
from storage.tables import ProposalRow, RecordRow

DRAFT_LASTS = timedelta(hours=24)
MOST_QUESTIONS = 2


def propose(intent: Propose, turn: Turn) -> Reply:
    """Keep the records as proposed and show them on one card, with at most one question."""
    records = tuple(expenses.prepared(record, turn) for record in intent.records)
    open_question = intent.question or expenses.question_about(records, turn)
    question = open_question.model_dump(mode="json") if open_question else None
    proposal = turn.work.records.propose(question)
    rows = turn.work.records.add([record_of(proposal, record, turn) for record in records])
    for index, row in enumerate(rows):
        prove(row, index, intent.evidence, turn)
        expenses.examine(row, turn)
    link_visit(rows, turn)
    turn.dialogue = turn.dialogue.opened("proposal", proposal.id or 0)
    turn.work.schedule.at(
        turn.now + DRAFT_LASTS, "proposal_expiry", f"proposal:{proposal.id}", turn.person.id
    )
    customer = next((r.customer_code for r in rows if r.customer_code), None)
    if customer:
        turn.dialogue = turn.dialogue.at(customer, turn.now)
    doubts = papers.beside(rows)
    warned = pre_visit.before_plans(records, turn)
    return warned + (say(turn, doubts) if doubts else Reply()) + present(proposal, rows, turn)


def confirm(action: Action, proposal_id: int, turn: Turn) -> Reply:
    """The rep vouches for the records: they count from now on."""
    proposal = open_proposal(proposal_id, turn, action)
    rows = turn.work.records.of_proposal(proposal_id)
    if missing := missing_in(rows, turn):
        raise Refusal(f"还差一项才能保存：{missing}。直接打字告诉我就行。")
    if wrong := wrong_in(rows, turn):
        raise Refusal(f"还不能保存：{wrong}直接说要改成什么就行。")
    if held := pre_visit.gate(rows, proposal_id, turn):
        return held
    for row in rows:
        expenses.examine(row, turn)
        expenses.refuse_stopped(row, turn)
    begun = {row.id: flows.beginning("submitted", row, turn) for row in rows}
    taken = {row.id: why for row in rows if _decided(begun[row.id]) and (why := papers.claim(row, turn))}
    if len(taken) == len(rows):
        raise Refusal("".join(taken.values()) + "这张卡没有提交；不报了就点放弃。")
    if not turn.work.records.close(proposal, "confirmed"):
        raise Refusal("这张卡已经处理过了。")
    turn.dialogue = turn.dialogue.closed("proposal", proposal_id)
    turn.work.schedule.cancel("proposal_expiry", f"proposal:{proposal_id}")
    submitted = sum((_counts(row, taken.get(row.id), begun[row.id], turn) for row in rows), Reply())
    if any(row.status == "submitted" for row in rows):
        done = outcome(turn, submitted_card(proposal, rows, turn))
    else:
        done = outcome(turn, closed_card(proposal, rows, turn, "已保存", "success"))
    learning.remember(proposal, turn)
    followed = sum((_follows(row, taken.get(row.id), begun[row.id], turn) for row in rows), Reply())
    followed += pre_visit.flipped(rows, turn) + todos.assigned(rows, turn) + alerts.saved(rows, turn)
    followed += lead_touch.recorded(rows, turn) + lead_follow_ups.recorded(_kept(rows), turn)
    return done + submitted + followed + still_open(turn)


def _kept(rows: list[RecordRow]) -> list[RecordRow]:
    return [row for row in rows if row.status != "dropped"]


def _decided(begun: list[Flow]) -> list[Flow]:
    """The flows in which somebody else decides about the record."""
    return [flow for flow in begun if flow.decides]


def _counts(row: RecordRow, taken: str | None, begun: list[Flow], turn: Turn) -> Reply:
    """The record counts from now on, or goes to whoever must approve it; `taken`: why its paper cannot be had."""
    if taken:
        turn.work.records.set_status(row, "dropped", taken)
        return Reply()
    if deciding := _decided(begun):
        return approvals.submit(row, deciding, turn)
    turn.work.records.set_status(row, "confirmed", "本人确认")
    contacts.adopt(row, turn)
    pre_visit.noted(row, turn)
    return lead_told.adopt(row, turn)


def _follows(row: RecordRow, taken: str | None, begun: list[Flow], turn: Turn) -> Reply:
    if taken:
        return say(turn, f"「{summary(row, turn)}」没有提交：{taken}")
    return flows.begin_all([flow for flow in begun if not flow.decides], row, turn)


def modify(action: Action, proposal_id: int, turn: Turn) -> Reply:
    open_proposal(proposal_id, turn, action)
    return say(turn, "直接说要改什么就行，比如“改成60箱”“客户是永旺超市望京店”“日期改到下周五”。")


def drop(action: Action, proposal_id: int, turn: Turn) -> Reply:
    proposal = open_proposal(proposal_id, turn, action)
    rows = turn.work.records.of_proposal(proposal_id)
    return abandon(proposal, rows, turn, "dropped", "已放弃，没有记录") + still_open(turn)


def abandon(proposal: ProposalRow, rows: list[RecordRow], turn: Turn, state: str, words: str) -> Reply:
    """Close a proposal without keeping its records."""
    if not turn.work.records.close(proposal, state):
        return Reply()
    for row in rows:
        turn.work.records.set_status(row, state, words)
    turn.dialogue = turn.dialogue.closed("proposal", proposal.id or 0)
    turn.dialogue = turn.dialogue.without("gate", pre_visit.waits_for(proposal.id))
    turn.work.schedule.cancel("proposal_expiry", f"proposal:{proposal.id}")
    return outcome(turn, closed_card(proposal, rows, turn, words, "warning"))


def present(proposal: ProposalRow, rows: list[RecordRow], turn: Turn) -> Reply:
    return show(turn, proposal_card(proposal, rows, turn)) + ask(proposal, turn)


def ask(proposal: ProposalRow, turn: Turn) -> Reply:
    """The one open question, as quick replies where there are candidates; after two it is left to the rep."""
    question = Question.model_validate(proposal.question) if proposal.question else None
    if question is None or (proposal.asked > MOST_QUESTIONS and not question.pending):
        return Reply()
    if question.choices:
        return show(turn, question_card(proposal, question, turn))
    return say(turn, question.ask)


def still_open(turn: Turn) -> Reply:
    """The proposal that now lies on top, by name, and its question once more."""
    top = turn.dialogue.top
    proposal = turn.work.records.proposal(top.id) if top and top.kind == "proposal" else None
    if proposal is None or proposal.state != "open":
        return Reply()
    rows = turn.work.records.of_proposal(proposal.id or 0)
    named = f"「{title(rows, turn)}」"
    if proposal.question and proposal.asked <= MOST_QUESTIONS:
        return say(turn, f"{named}还没记完，接着说：") + ask(proposal, turn)
    return say(turn, f"{named}还等你确认：说“确认”就保存，要改直接说，不要了说“放弃”。")


def open_proposal(proposal_id: int, turn: Turn, action: Action | None = None) -> ProposalRow:
    """The sender's own open proposal. Raises Refusal with what became of it."""
    proposal = turn.work.records.proposal(proposal_id)
    if proposal is None or proposal.person_id != turn.person.id:
        raise Refusal("没有找到这张卡片对应的记录，请看最新的一张。")
    if proposal.state != "open":
        ended = {
            "confirmed": "已经保存过了",
            "dropped": "已经放弃了",
            "expired": "超过 24 小时没有确认，已作废",
            "undone": "已经撤销了",
        }
        raise Refusal(f"这张卡{ended[proposal.state]}。要重新记，直接再说一遍就行。")
    if action and action.revision and action.revision != proposal.revision:
        raise Refusal("这张卡已经改过，请在最新的那张卡上操作。")
    return proposal
