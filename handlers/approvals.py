"""Decisions: one wins, everybody's card shows it, whoever comes late is told what happened.

The applicant never decides about his own record; reasons for a rejection come by chat, since cards take no text.
"""

from dataclasses import dataclass
from datetime import timedelta

from domain.cards import Button, Card, Text
from domain.errors import Refusal
from domain.flows.definition import Approve, Flow
from domain.flows.state import Added, Decided, Overdue
from domain.intents.approvals import ApproveAll, Countersign, Reason
from domain.messages import Action
from handlers import claim_subjects, flows, papers, stock
from handlers.approval_cards import TONES, name_of
from handlers.company import working_time
from handlers.flows import Decision
from handlers.proposal_cards import closed_card
from handlers.turn import Reply, Turn, outcome, say, show, tell
from handlers.wording import summary
from storage.flow_tables import FlowRunRow
from storage.tables import ApprovalRow, RecordRow

SETTLED_SUBJECT = 80
"""The revision of a card that is shown anew with its subject."""
QUICK_REASONS = ("票据不清楚，请重拍", "超出标准", "与工作无关", "请补充事由")
SAMPLE_REASONS = ("库存紧张，先给别家", "数量偏多", "用途不清楚", "这家最近给过了")
AGAIN = {
    "expense": "改好后说“重新提交”，或者重新发一次票据就行。",
    "quotation": "客户还要谈，就再说一个价。",
}
NOT_FOUND = "没有找到这条审批，请看最新的卡片。"


@dataclass(frozen=True)
class Asked:
    """A decision that waits, with all that it is about."""

    approval: ApprovalRow
    run: FlowRunRow
    row: RecordRow
    step: Approve

    @property
    def id(self) -> int:
        return self.approval.id or 0


def submit(row: RecordRow, deciding: list[Flow], turn: Turn) -> Reply:
    """Send a record on its way to those who decide, in all of these flows. Raises Refusal where there is nobody who
    may."""
    turn.work.records.set_status(row, "submitted", "本人确认并提交")
    reply = flows.begin_all(deciding, row, turn)
    waiting = [flows.waiting_names(run, turn) for run in turn.work.flows.running(row.id or 0)]
    if not waiting:
        return reply
    return reply + say(turn, f"已提交给 {'、'.join(filter(None, waiting))} 审批，有结果我马上告诉你。")


def waiting_cards(turn: Turn) -> list[tuple[int, Card]]:
    """What waits for this person's decision: each number with the card that lies in his chat."""
    waiting = [_about(approval, turn) for approval in turn.work.flows.waiting_for(turn.person.id)]
    return [(asked.id, _card(asked, turn)) for asked in waiting if asked]


def _about(approval: ApprovalRow, turn: Turn) -> Asked | None:
    """None where its run or its record is gone."""
    run = turn.work.flows.run(approval.flow_id or 0)
    row = turn.work.records.get(run.record_id) if run else None
    if run is None or row is None:
        return None
    return Asked(approval, run, row, flows.step_of(turn.work.flows.definition(run), approval))


def _card(asked: Asked, turn: Turn, status: str = "") -> Card:
    applicant = flows.applicant_of(asked.row, turn)
    return flows.card_of(asked.approval, asked.step, asked.row, applicant, turn, status)


def approve(action: Action, approval_id: int, turn: Turn) -> Reply:
    """Of a claim without a subject finance is asked for it first."""
    asked = _mine(approval_id, turn)
    if claim_subjects.is_open(asked.row, turn):
        return claim_subjects.ask(asked.id, asked.row, turn)
    return _decide(asked, "approved", "", turn)


def choose_subject(action: Action, approval_id: int, turn: Turn) -> Reply:
    """Finance said which budget pays; the card is shown anew, with what is left of it."""
    asked = _mine(approval_id, turn)
    if not claim_subjects.is_open(asked.row, turn):
        raise Refusal("这笔的科目已经定了，请看最新的卡片。")
    settled = claim_subjects.settle(asked.id, asked.row, action.value, turn)
    shown = {"revision": SETTLED_SUBJECT, "subtitle": "科目定好了，可以审批了"}
    return settled + show(turn, _card(asked, turn).model_copy(update=shown))


def approve_all(intent: ApproveAll, turn: Turn) -> Reply:
    """Agree to what waits for him, each by itself: what cannot be agreed to keeps nothing else back, and is named
    with its reason. What does not fit somewhere, and payments, he has to look at one by one."""
    waiting = [approval.id or 0 for approval in turn.work.flows.waiting_for(turn.person.id)]
    if not waiting:
        raise Refusal("现在没有等你审批的单子。")
    agreed: list[str] = []
    refused: list[str] = []
    reply = Reply()
    for approval_id in waiting:
        what, before = _what(approval_id, turn), turn.dialogue
        try:
            with turn.work.attempt():
                decided = _agreed_without_doubt(approval_id, turn)
        except Refusal as refusal:
            turn.dialogue = before
            refused.append(f"· {what}：{refusal.words}")
            continue
        if decided is not None:
            agreed.append(f"· {what}")
            reply += decided
    left = len(waiting) - len(agreed) - len(refused)
    told = [f"已同意 {len(agreed)} 条：", *agreed] if agreed else []
    told += [f"有 {len(refused)} 条没有批成：", *refused] if refused else []
    told += [f"还有 {left} 条有疑点或要付款，请在卡片上逐条处理。"] if left else []
    return reply + say(turn, "\n".join(told))


def _agreed_without_doubt(approval_id: int, turn: Turn) -> Reply | None:
    """None where he has to look at it himself."""
    asked = _mine(approval_id, turn)
    doubtful = papers.doubts([asked.row]) or claim_subjects.is_open(asked.row, turn)
    return None if doubtful or not asked.step.may_refuse else _decide(asked, "approved", "", turn)


def _what(approval_id: int, turn: Turn) -> str:
    """What it is about, in a line."""
    approval = turn.work.flows.approval(approval_id)
    row = turn.work.records.get(approval.record_id) if approval else None
    if row is None:
        return f"审批 {approval_id}"
    return (
        f"{name_of(row.reporter_id, turn)}的{turn.rulebook.form_of(row.form).label}（{summary(row, turn)}）"
    )


def reject(action: Action, approval_id: int, turn: Turn) -> Reply:
    """A rejection needs a reason: ask for it, with the usual ones as buttons."""
    asked = _mine(approval_id, turn)
    if not asked.step.may_refuse:
        raise Refusal("这一步不能驳回；有问题请直接联系申请人或前面的审批人。")
    turn.dialogue = turn.dialogue.opened("rejection", asked.id)
    card = Card(
        ref=f"rejection:{asked.id}",
        revision=turn.inbox_id or 0,
        title="驳回的原因是？",
        subtitle="点一个，或者直接打字、发语音告诉我。",
        buttons=(
            *(Button(id="because", text=r, value=r) for r in _usual_reasons(asked.row, turn)),
            Button(id="keep", text="不驳回了"),
        ),
    )
    return show(turn, card)


def because(action: Action, approval_id: int, turn: Turn) -> Reply:
    """One of the usual reasons was tapped."""
    if action.value not in _usual_reasons(_mine(approval_id, turn).row, turn):
        raise Refusal("这个原因没有看懂，请直接打字告诉我。")
    return reject_because(Reason(approval=approval_id, words=action.value), turn)


def reject_because(intent: Reason, turn: Turn) -> Reply:
    """The reason came: in answer to the question for it, or together with the word (approval 0)."""
    turn.dialogue = turn.dialogue.closed("rejection", intent.approval)
    asked = _mine(intent.approval, turn)
    question = Card(ref=f"rejection:{asked.id}", revision=0, title="驳回的原因是？", status=intent.words)
    return outcome(turn, question) + _decide(asked, "rejected", intent.words, turn)


def _usual_reasons(row: RecordRow, turn: Turn) -> tuple[str, ...]:
    return SAMPLE_REASONS if stock.holds(row.form, turn) else QUICK_REASONS


def keep(action: Action, approval_id: int, turn: Turn) -> Reply:
    """The approver thought better of rejecting."""
    turn.dialogue = turn.dialogue.closed("rejection", approval_id)
    card = Card(ref=f"rejection:{approval_id}", revision=0, title="驳回的原因是？", status="没有驳回")
    return outcome(turn, card) + say(turn, "好，没有驳回，那张审批卡还等你处理。")


def countersign(intent: Countersign, turn: Turn) -> Reply:
    """Whoever is to decide wants somebody else's word as well (加签)."""
    waiting = _mine(0, turn)
    if len(intent.people) != 1:
        raise Refusal(f"没有认出“{intent.words}”是哪位同事，请说全名，比如“加签 许静”。")
    asked = flows.move(waiting.run, Added(by=turn.person.id, person=intent.people[0]), turn)
    name = name_of(intent.people[0], turn)
    told = say(
        turn,
        f"已请 {name} 一起审批「{summary(waiting.row, turn)}」，TA 同意后才会往下走。你的卡片还等你处理。",
    )
    return asked + told + moved_on(waiting.run, f"加签了 {name}", turn)


def hand_on(approval_id: int, turn: Turn) -> Reply:
    """He has not answered in time, or left: his superior is asked instead, where there is one."""
    approval = turn.work.flows.approval(approval_id)
    run = turn.work.flows.lock(approval.flow_id) if approval and approval.flow_id else None
    if approval is None or run is None or not _waits(approval_id, turn):
        return Reply()
    hours = working_time(turn).between(approval.created_at, turn.now) // timedelta(hours=1)
    here = turn.work.people.get(approval.approver_id) is not None
    slow = f"{hours} 个工作小时没有处理" if here else "审批人已离职"
    moved = flows.move(run, Overdue(person=approval.approver_id), turn, why=f"{slow}，已转给上级")
    what = "已请运营催办" if _waits(approval_id, turn) else "已转给上级"
    told = f"审批超过 {hours} 个工作小时没有回音" if here else "审批人已离职"
    return moved + moved_on(run, f"{told}，{what}", turn)


def _waits(approval_id: int, turn: Turn) -> bool:
    """Looked at again once the run is held."""
    now = turn.work.flows.approval(approval_id)
    return now is not None and now.state == "pending"


def moved_on(run: FlowRunRow, status: str, turn: Turn) -> Reply:
    """The clock moved a flow on: the applicant learns it."""
    row = turn.work.records.get(run.record_id)
    return _tell_applicant(row, run, status, turn) if row else Reply()


def _mine(approval_id: int, turn: Turn) -> Asked:
    """The decision, if this person may make it now, with its run held against everybody else. `approval_id` 0 = the
    only one that waits for him."""
    if approval_id == 0:
        waiting = turn.work.flows.waiting_for(turn.person.id)
        if len(waiting) != 1:
            raise Refusal(
                f"你有 {len(waiting)} 条待审批，请在对应的卡片上点同意或驳回。"
                if waiting
                else "现在没有等你审批的单子。"
            )
        approval_id = waiting[0].id or 0
    known = turn.work.flows.approval(approval_id)
    run = turn.work.flows.lock(known.flow_id) if known and known.flow_id else None
    approval = turn.work.flows.approval(approval_id)
    if approval is None or run is None:
        raise Refusal(NOT_FOUND)
    if approval.approver_id != turn.person.id or run.applicant_id == turn.person.id:
        raise Refusal("这条不归你审批。")
    if approval.state != "pending":
        raise Refusal(_late(approval, turn))
    asked = _about(approval, turn)
    if asked is None:
        raise Refusal(NOT_FOUND)
    return asked


def _late(approval: ApprovalRow, turn: Turn) -> str:
    """What somebody is told whose tap came too late."""
    done = {
        "approved": "已经通过了",
        "rejected": "已经驳回了",
        "cancelled": approval.reason or "已经处理过了",
        "passed_on": approval.reason or "已经转给别人了",
    }
    when = approval.decided_at.astimezone(turn.zone) if approval.decided_at else turn.local_now
    return f"这条{done[approval.state]}（{when:%m月%d日 %H:%M}），不用再处理。"


def _decide(asked: Asked, state: str, reason: str, turn: Turn) -> Reply:
    """Move the flow on by this decision and show it to everybody concerned."""
    approval, run, row = asked.approval, asked.run, asked.row
    who = turn.person.name + (f"（代{name_of(approval.behalf, turn)}）" if approval.behalf else "")
    status = f"{who}{asked.step.done if state == 'approved' else f'已驳回：{reason}'}"
    if state == "rejected":
        turn.work.records.set_status(row, "rejected", status)
    event = Decided(person=turn.person.id, approves=state == "approved")
    moved = flows.move(run, event, turn, why=status, decision=Decision(approval, state, reason))
    flows.forget_times(approval, turn)
    return outcome(turn, _card(asked, turn, status)) + moved + _tell_applicant(row, run, status, turn)


def _tell_applicant(row: RecordRow, run: FlowRunRow, status: str, turn: Turn) -> Reply:
    """Words at every step. His card is changed only when the matter is settled: in WeCom each change costs a one-time
    code, and there has to be one left for the outcome."""
    label = turn.rulebook.form_of(row.form).label
    waits = f"接下来等 {flows.waiting_names(run, turn)}。" if run.state == "running" else ""
    again = AGAIN.get(row.form, "改好后说“重新提交”就行。") if row.status == "rejected" else ""
    told = tell(row.reporter_id, Text(text=f"你的{label}（{summary(row, turn)}）{status}。{waits}{again}"))
    return told + (_settled(row, status, turn) if row.status not in ("submitted", "paid") else Reply())


def _settled(row: RecordRow, status: str, turn: Turn) -> Reply:
    """The outcome on the card by which he submitted it."""
    proposal = turn.work.records.proposal(row.proposal_id) if row.proposal_id else None
    if proposal is None:
        return Reply()
    rows = turn.work.records.of_proposal(proposal.id or 0)
    return outcome(turn, closed_card(proposal, rows, turn, status, TONES.get(row.status, "info")))
