"""Somebody left the company: what he asked for can still be decided, what he was asked is handed on, and whoever looks
after the flows is told what of his is open."""

from domain.cards import Text
from handlers import approvals, flows, samples, stock
from handlers.turn import Reply, Turn, tell
from storage import transfers
from storage.flow_tables import FlowRunRow

OPEN = "申请人已离职，占用的库存和预算还在：同意照常往下走，驳回就归还"
REVISION = 90
"""Of the cards shown again: after all reminders."""


def left(turn: Turn) -> Reply:
    """In the name of whoever left."""
    me = turn.person
    reply = Reply()
    for approval in turn.work.flows.waiting_for(me.id):
        reply += approvals.hand_on(approval.id or 0, turn)
    open_runs = turn.work.flows.runs_of(me.id)
    for run in open_runs:
        reply += _shown_again(run, turn)
    to_issue = turn.work.stock.records_with("held", ("approved",), me.id)
    for row in to_issue:
        card = samples.issue_card(row, turn).model_copy(
            update={"revision": REVISION, "subtitle": "申请人已离职：还要发就发，不发点“发不了”，库存就归还"}
        )
        reply += sum((tell(keeper.id, card) for keeper in stock.operations(turn)), Reply())
    told = _summary(open_runs, len(to_issue), turn)
    return reply + sum((tell(one.id, Text(text=told)) for one in stock.operations(turn)), Reply())


def _shown_again(run: FlowRunRow, turn: Turn) -> Reply:
    row = turn.work.records.get(run.record_id)
    if row is None:
        return Reply()
    definition, reply = turn.work.flows.definition(run), Reply()
    for approval in turn.work.flows.approvals_of(run.id or 0):
        if approval.state == "pending":
            step = flows.step_of(definition, approval)
            card = flows.card_of(approval, step, row, turn.person, turn)
            again = card.model_copy(update={"revision": REVISION, "subtitle": OPEN})
            reply += tell(approval.approver_id, again)
    return reply


def _summary(open_runs: list[FlowRunRow], to_issue: int, turn: Turn) -> str:
    name, lines = turn.person.name, []
    if open_runs:
        lines.append(f"· {len(open_runs)} 条申请还没走完，审批人可以照常同意或驳回")
    if to_issue:
        lines.append(f"· {to_issue} 单样品等发货，卡片已经发给运营")
    if shops := len(transfers.customers_of(turn.work.session, turn.person.id)):
        lines.append(f"· {shops} 家客户还在他名下，说“把{name}的客户交给…”就能交接")
    return "\n".join(
        [f"{name} 已离职。" + ("还有这些没有了结：" if lines else "没有没了结的申请和客户。"), *lines]
    )
