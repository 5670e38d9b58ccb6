"""The cards of those who decide: what was claimed, what does not fit, who agreed before."""

from collections.abc import Sequence

from domain.cards import Button, Card, Line, Tone
from domain.flows.definition import Approve
from domain.people import Person
from handlers import expenses, papers, stock
from handlers.turn import Turn
from handlers.wording import as_seen_by, read_fields, source_beside
from storage.tables import ApprovalRow, RecordRow

LEFT = "（已离职）"
TONES: dict[str, Tone] = {"approved": "success", "paid": "success", "rejected": "danger"}


def approval_card(
    approval: ApprovalRow,
    step: Approve,
    row: RecordRow,
    applicant: Person,
    turn: Turn,
    *,
    agreed: Sequence[ApprovalRow] = (),
    status: str = "",
) -> Card:
    """With a `status` it shows the outcome and has no buttons. `agreed` are the decisions before this one."""
    form = turn.rulebook.form_of(row.form)
    lines = [Line(label="申请人", value=applicant.name + ("" if applicant.active else LEFT))]
    data, sources = as_seen_by(row, turn.work.people.get(approval.approver_id), turn)
    lines += [
        Line(label=field.label, value=words, source=source_beside(sources.get(field.id, ""), words))
        for field, words in read_fields(form, data, turn)
    ]
    lines += [Line(label="预算", value=words) for words in expenses.balances(row, turn)]
    if hints := papers.hints(row):
        lines.append(Line(label="提示", value="".join(hints)))
    if agreed:
        lines.append(Line(label="已同意", value="、".join(_agreed(one, turn) for one in agreed)))
    waits = "" if status else f"待{step.label.removeprefix('上级')}"
    return Card(
        ref=f"approval:{approval.id}",
        revision=1,
        title=f"{form.label}{waits} · {applicant.name}",
        subtitle="" if status else _why_he(approval, turn),
        lines=tuple(lines),
        note="\n".join(filter(None, (papers.note_of([row]), "" if status else stock.note_of([row], turn)))),
        status=status,
        tone=TONES.get(approval.state, "info"),
        buttons=() if status else _buttons(step),
    )


def _buttons(step: Approve) -> tuple[Button, ...]:
    agree = Button(id="approve", text=step.button, style="primary")
    return (agree, Button(id="reject", text="驳回", style="danger")) if step.may_refuse else (agree,)


def _why_he(approval: ApprovalRow, turn: Turn) -> str:
    """Why it comes to him, where it is not his own office."""
    reasons = []
    if approval.behalf:
        reasons.append(f"代{name_of(approval.behalf, turn)}审批")
    if approval.added_by:
        reasons.append(f"{name_of(approval.added_by, turn)}请你一起审批")
    return "，".join(reasons)


def _agreed(approval: ApprovalRow, turn: Turn) -> str:
    at = approval.decided_at.astimezone(turn.zone) if approval.decided_at else turn.local_now
    return f"{name_of(approval.approver_id, turn)}（{at:%m月%d日 %H:%M}）"


def name_of(person_id: str, turn: Turn) -> str:
    known = turn.work.people.ever(person_id) or turn.lexicon.people.get(person_id)
    return known.name if known else person_id
