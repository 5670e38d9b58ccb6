"""The cards of a proposal. A card is a view: everything on it is read from the rows."""

from domain.cards import Button, Card, Line, Tone
from domain.intents.records import Question
from handlers import contacts, papers, stock
from handlers.record_rows import wrong_in
from handlers.turn import Turn
from handlers.wording import (
    MISSING,
    customer_name,
    read_fields,
    source_beside,
    summary,
)
from nlu.todos.reading import FORM
from storage.tables import ProposalRow, RecordRow

HOW_TO_ANSWER = "客户的异议要不要看看怎么回？说“怎么回”就行。"
BUTTONS = (
    Button(id="confirm", text="确认", style="primary"),
    Button(id="modify", text="修改"),
    Button(id="drop", text="放弃", style="danger"),
)
AS_LEAD = Button(id="lead", text="记为线索")
"""On a business card: whoever is on it is no customer yet."""


def proposal_card(proposal: ProposalRow, rows: list[RecordRow], turn: Turn) -> Card:
    """What was understood, each value with the words it came from, and 确认 / 修改 / 放弃."""
    return Card(
        ref=f"proposal:{proposal.id}",
        revision=proposal.revision,
        title=title(rows, turn),
        subtitle="请核对，确认后才算数",
        lines=_lines(rows, turn),
        note=_note(rows, turn),
        buttons=(*BUTTONS, AS_LEAD) if contacts.is_off_a_card(rows) else BUTTONS,
    )


def closed_card(proposal: ProposalRow, rows: list[RecordRow], turn: Turn, status: str, tone: Tone) -> Card:
    """The same card once nothing more can happen to it: the outcome instead of the buttons."""
    return Card(
        ref=f"proposal:{proposal.id}",
        revision=proposal.revision,
        title=title(rows, turn),
        lines=_lines(rows, turn),
        status=status,
        tone=tone,
    )


def submitted_card(proposal: ProposalRow, rows: list[RecordRow], turn: Turn) -> Card:
    """The same card while somebody else decides.

    It keeps a button: a rep may think better of it, and WeCom changes no card that has none, so that the decision
    could not be shown on it.
    """
    card = closed_card(proposal, rows, turn, "已提交审批", "info")
    return card.model_copy(update={"buttons": (Button(id="withdraw", text="撤回"),)})


def question_card(proposal: ProposalRow, question: Question, turn: Turn) -> Card:
    return Card(
        ref=f"question:{proposal.id}",
        revision=turn.inbox_id or 0,
        title=question.ask,
        buttons=tuple(Button(id="choose", text=label, value=value) for value, label in question.choices),
    )


def title(rows: list[RecordRow], turn: Turn) -> str:
    """The kinds of record and the customer's full name."""
    labels = list(dict.fromkeys(turn.rulebook.form_of(r.form).label for r in rows))
    what = labels[0] if len(labels) == 1 else f"{labels[0]}等 {len(rows)} 条记录"
    customers = list(dict.fromkeys(filter(None, (customer_name(r.customer_code, turn) for r in rows))))
    return " · ".join([what, *customers[:1]]) + (f" 等 {len(customers)} 家" if len(customers) > 1 else "")


def _lines(rows: list[RecordRow], turn: Turn) -> tuple[Line, ...]:
    """A line a field for one record; a line a record where there are several."""
    if len(rows) > 1:
        same = len({r.customer_code for r in rows}) == 1
        lines = [_record_line(row, turn, without_customer=same) for row in rows]
        if all(row.form == FORM for row in rows):
            return tuple(line.model_copy(update={"label": f"第{n}条"}) for n, line in enumerate(lines, 1))
        return tuple(lines)
    (row,) = rows
    form = turn.rulebook.form_of(row.form)
    filled = [
        Line(label=field.label, value=words, source=source_beside(row.sources.get(field.id, ""), words))
        for field, words in read_fields(form, row.data, turn)
    ]
    if field := form.missing(row.data):
        filled.append(Line(label=field.label, value=MISSING))
    return tuple(filled)


def _record_line(row: RecordRow, turn: Turn, *, without_customer: bool) -> Line:
    form = turn.rulebook.form_of(row.form)
    value = summary(row, turn, without_customer=without_customer)
    if field := form.missing(row.data):
        value = f"{value}（{field.label}{MISSING}）"
    known = {row.sources.get(shown.id, "") for shown, _ in read_fields(form, row.data, turn)}
    beside = [s for s in dict.fromkeys(row.sources.values()) if s in known and source_beside(s, value)]
    named = customer_name(row.customer_code, turn)
    return Line(label=form.label, value=value, source="，".join(s for s in _whole(beside) if s not in named))


def _whole(words: list[str]) -> list[str]:
    """Without what another of them says already."""
    return [w for w in words if not any(w in other for other in words if other != w)]


def _note(rows: list[RecordRow], turn: Turn) -> str:
    """What does not fit on the papers or in the form, what there is of samples, how one is put right, and help."""
    how = "" if len(rows) == 1 else "要改其中一条，直接说，比如“样品改成3箱”。"
    if rows and all(row.form == FORM for row in rows):
        how = "要改就说，比如“第一条给张敏”“第一条改到周五”“最后一条不要”。"
    help_ = HOW_TO_ANSWER if any(row.data.get("objections") for row in rows) else ""
    told = (papers.note_of(rows), wrong_in(rows, turn), stock.note_of(rows, turn), how, help_)
    return "\n".join(filter(None, told))
