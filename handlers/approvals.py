"""Approval: a confirmed record goes to the reporter's manager, one decision wins, everybody's card shows it.

The applicant never approves his own record; reasons for a rejection come by chat, since cards take no text.
"""

from datetime import timedelta

from domain.cards import Button, Card, Line, Text, Tone
from domain.errors import Refusal
from domain.intents import Reason
from domain.messages import Action
from domain.people import Person
from domain.policies import may_decide
from domain.push_times import push_time
from handlers import papers, samples, stock
from handlers.proposal_cards import closed_card
from handlers.turn import Reply, Turn, outcome, say, show, tell
from handlers.wording import as_seen_by, read_fields, source_beside, summary
from storage.tables import ApprovalRow, RecordRow

TONES: dict[str, Tone] = {"approved": "success", "rejected": "danger"}
REMIND_AFTER = timedelta(hours=4)
QUICK_REASONS = ("票据不清楚，请重拍", "超出标准", "与工作无关", "请补充事由")
SAMPLE_REASONS = ("库存紧张，先给别家", "数量偏多", "用途不清楚", "这家最近给过了")


def submit(row: RecordRow, turn: Turn) -> Reply:
    """Send a record to the reporter's manager, with the stock that it asks for held.

    Raises Refusal where there is nobody who may decide, or too little in stock.
    """
    approver = approver_of(turn.person, turn)
    held = stock.reserve_stock(row, turn) if row.form in stock.FORMS else Reply()
    turn.work.records.set_status(row, "submitted", "本人确认并提交")
    approval = turn.work.records.ask_approval(row.id or 0, approver.id)
    remind_at = push_time(turn.now + REMIND_AFTER, turn.zone, f"approval:{approval.id}")
    turn.work.schedule.at(remind_at, "approval_reminder", f"approval:{approval.id}", approver.id)
    pictures = (tell(approver.id, one) for one in papers.attachments(row, turn))
    card = approval_card(approval, row, turn.person, turn)
    said = say(turn, f"已提交给 {approver.name} 审批，有结果我马上告诉你。")
    words = papers.beside([row])
    doubts = tell(approver.id, Text(text=words)) if words else Reply()
    return sum(pictures, Reply()) + doubts + tell(approver.id, card) + said + held


def approver_of(applicant: Person, turn: Turn) -> Person:
    """The manager; above somebody without one, a director. Never the applicant himself."""
    manager = turn.work.people.get(applicant.manager_id) if applicant.manager_id else None
    candidates = [manager] if manager else turn.work.people.with_role("director", "admin")
    others = [p for p in candidates if p and may_decide(p.id, applicant.id)]
    if not others:
        raise Refusal("没有找到能审批的人：你的资料里没有填上级。请联系管理员补上，再点一次确认。")
    return others[0]


def approve(action: Action, approval_id: int, turn: Turn) -> Reply:
    approval = _mine(approval_id, turn)
    if not turn.work.records.decide(approval, "approved"):
        raise Refusal(_late(approval, turn))
    return _decided(approval, "已通过", turn)


def reject(action: Action, approval_id: int, turn: Turn) -> Reply:
    """A rejection needs a reason: ask for it, with the usual ones as buttons."""
    approval = _mine(approval_id, turn)
    turn.dialogue = turn.dialogue.opened("rejection", approval.id or 0)
    card = Card(
        ref=f"rejection:{approval.id}",
        revision=turn.inbox_id or 0,
        title="驳回的原因是？",
        subtitle="点一个，或者直接打字、发语音告诉我。",
        buttons=(
            *(Button(id="because", text=r, value=r) for r in _usual_reasons(approval, turn)),
            Button(id="keep", text="不驳回了"),
        ),
    )
    return show(turn, card)


def because(action: Action, approval_id: int, turn: Turn) -> Reply:
    """One of the usual reasons was tapped."""
    if action.value not in _usual_reasons(_mine(approval_id, turn), turn):
        raise Refusal("这个原因没有看懂，请直接打字告诉我。")
    return reject_because(Reason(approval=approval_id, words=action.value), turn)


def reject_because(intent: Reason, turn: Turn) -> Reply:
    """The reason came: in answer to the question for it, or together with the word (approval 0)."""
    approval = _mine(intent.approval, turn)
    turn.dialogue = turn.dialogue.closed("rejection", approval.id or 0)
    if not turn.work.records.decide(approval, "rejected", intent.words):
        raise Refusal(_late(approval, turn))
    asked = Card(ref=f"rejection:{approval.id}", revision=0, title="驳回的原因是？", status=intent.words)
    return outcome(turn, asked) + _decided(approval, "已驳回", turn)


def _usual_reasons(approval: ApprovalRow, turn: Turn) -> tuple[str, ...]:
    row = turn.work.records.get(approval.record_id)
    return SAMPLE_REASONS if row and row.form in stock.FORMS else QUICK_REASONS


def keep(action: Action, approval_id: int, turn: Turn) -> Reply:
    """The approver thought better of rejecting."""
    turn.dialogue = turn.dialogue.closed("rejection", approval_id)
    card = Card(ref=f"rejection:{approval_id}", revision=0, title="驳回的原因是？", status="没有驳回")
    return outcome(turn, card) + say(turn, "好，没有驳回，那张审批卡还等你处理。")


def approval_card(
    approval: ApprovalRow, row: RecordRow, applicant: Person, turn: Turn, status: str = ""
) -> Card:
    """The approver's card; with a `status` it shows the outcome and has no buttons."""
    form = turn.rulebook.forms[row.form]
    lines = [Line(label="申请人", value=applicant.name)]
    data, sources = as_seen_by(row, turn.work.people.get(approval.approver_id), turn)
    lines += [
        Line(label=field.label, value=words, source=source_beside(sources.get(field.id, ""), words))
        for field, words in read_fields(form, data, turn)
    ]
    return Card(
        ref=f"approval:{approval.id}",
        revision=1,
        title=f"{form.label}待审批 · {applicant.name}" if not status else f"{form.label} · {applicant.name}",
        lines=tuple(lines),
        note="\n".join(filter(None, (papers.note_of([row]), "" if status else stock.note_of([row], turn)))),
        status=status,
        tone=TONES.get(approval.state, "info"),
        buttons=()
        if status
        else (
            Button(id="approve", text="同意", style="primary"),
            Button(id="reject", text="驳回", style="danger"),
        ),
    )


def _mine(approval_id: int, turn: Turn) -> ApprovalRow:
    """The approval, if this person may decide it now. `approval_id` 0 = the only one that waits for him."""
    if approval_id == 0:
        waiting = turn.work.records.approvals_waiting_for(turn.person.id)
        if len(waiting) != 1:
            raise Refusal(
                f"你有 {len(waiting)} 条待审批，请在对应的卡片上点同意或驳回。"
                if waiting
                else "现在没有等你审批的单子。"
            )
        return waiting[0]
    approval = turn.work.records.approval(approval_id)
    row = turn.work.records.get(approval.record_id) if approval else None
    if approval is None or row is None:
        raise Refusal("没有找到这条审批，请看最新的卡片。")
    if approval.approver_id != turn.person.id or row.reporter_id == turn.person.id:
        raise Refusal("这条不归你审批。")
    if approval.state != "pending":
        raise Refusal(_late(approval, turn))
    return approval


def _late(approval: ApprovalRow, turn: Turn) -> str:
    """What somebody is told whose tap came too late."""
    turn.work.session.refresh(approval)
    done = {
        "approved": "已经通过了",
        "rejected": "已经驳回了",
        "cancelled": "申请人已经撤回了",
        "lapsed": "超过时限作废了",
    }
    when = approval.decided_at.astimezone(turn.zone) if approval.decided_at else turn.local_now
    return f"这条{done.get(approval.state, '已经处理过了')}（{when:%m月%d日 %H:%M}），不用再处理。"


def _decided(approval: ApprovalRow, words: str, turn: Turn) -> Reply:
    """Write the decision on the record and show it to everybody concerned."""
    row = turn.work.records.get(approval.record_id)
    applicant = turn.work.people.get(row.reporter_id) if row else None
    if row is None or applicant is None:
        raise Refusal("申请人已不在通讯录里，请联系管理员处理这条申请。")
    reason = f"：{approval.reason}" if approval.reason else ""
    turn.work.records.set_status(row, approval.state, f"{turn.person.name}{words}{reason}")
    turn.work.schedule.cancel("approval_reminder", f"approval:{approval.id}")
    status = f"{turn.person.name}{words}{reason}"
    label = turn.rulebook.forms[row.form].label
    again = "改好后重新发一次票据就行。" if approval.state == "rejected" and row.form == "expense" else ""
    news = Text(text=f"你的{label}（{summary(row, turn)}）{status}。{again}")
    reply = outcome(turn, approval_card(approval, row, applicant, turn, status)) + tell(applicant.id, news)
    reply += samples.decided(row, turn) if row.form in stock.FORMS else Reply()
    proposal = turn.work.records.proposal(row.proposal_id) if row.proposal_id else None
    if proposal is None:
        return reply
    rows = turn.work.records.of_proposal(proposal.id or 0)
    return reply + outcome(turn, closed_card(proposal, rows, turn, status, TONES[approval.state]))


def end_pending(row: RecordRow, state: str, why: str, turn: Turn) -> Reply:
    """Nobody has to decide about the record any more: `cancelled` by the applicant, or `lapsed`."""
    reply = Reply()
    applicant = turn.work.people.get(row.reporter_id) or turn.person
    for approval in turn.work.records.approvals_of(row.id or 0):
        if turn.work.records.decide(approval, state, why):
            turn.work.schedule.cancel("approval_reminder", f"approval:{approval.id}")
            reply += outcome(turn, approval_card(approval, row, applicant, turn, why))
    return reply
