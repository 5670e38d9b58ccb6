"""From what was told to rows of records, with what proves them."""

from datetime import datetime
from typing import Any

from domain.intents.records import Proof, RecordIntent, Said
from handlers import expenses, papers, photos
from handlers.turn import Turn
from storage.tables import ProposalRow, RecordRow

DEFAULT = "默认"
"""The source of a value that nobody said and the form gives."""


def record_of(proposal: ProposalRow, intent: RecordIntent, turn: Turn) -> RecordRow:
    form = turn.rulebook.forms[intent.form]
    data = {field: said.value for field, said in intent.fields.items() if not said.alternatives}
    sources = {field: intent.fields[field].words for field in data}
    given = form.defaults(data, turn.local_now.date())
    data, sources = {**data, **given}, {**sources, **dict.fromkeys(given, DEFAULT)}
    return RecordRow(
        proposal_id=proposal.id,
        form=form.key,
        form_version=form.version,
        reporter_id=turn.person.id,
        customer_code=data.get("customer"),
        happened_at=happened(data, turn),
        data=data,
        sources=sources,
    )


def happened(data: dict[str, Any], turn: Turn) -> datetime:
    said = data.get("happened_at")
    if not said:
        return turn.now
    at = datetime.fromisoformat(str(said))
    return at if at.tzinfo else at.replace(tzinfo=turn.zone)


def prove(row: RecordRow, index: int, evidence: tuple[Proof, ...], turn: Turn) -> None:
    """A receipt proves its own expense; words prove every record of the message; a check-in its visit."""
    receipts = [p for p in evidence if p.kind == "receipt"]
    proofs = [receipts[index]] if receipts else list(evidence)
    for proof in proofs:
        papers.examine(row, proof, turn)
    here = turn.work.check_ins.get(turn.dialogue.check_in) if turn.dialogue.check_in else None
    if (
        row.form == "visit"
        and here
        and here.customer_code == row.customer_code
        and not row.data.get("planned")
    ):
        words = f"{here.at.astimezone(turn.zone):%H:%M} 签到，距离约 {here.distance or 0:.0f} 米"
        turn.work.records.prove(row.id or 0, "position", words, check_in=here.id, metres=here.distance)
    photos.prove_visit(row, turn)


def link_visit(rows: list[RecordRow], turn: Turn) -> None:
    visit = next((r for r in rows if r.form == "visit" and not r.data.get("planned")), None)
    if visit:
        beside = [r for r in rows if r is not visit and r.customer_code == visit.customer_code]
        turn.work.records.link(beside, visit)


def set_value(row: RecordRow, field: str, said: Said, turn: Turn) -> None:
    turn.work.records.change(row, field, said.value, said.words, "本人修改")
    row.customer_code = row.data.get("customer")
    row.happened_at = happened(row.data, turn) if field == "happened_at" else row.happened_at
    expenses.examine(row, turn)


def missing_in(rows: list[RecordRow], turn: Turn) -> str:
    """What is missing first, in words; empty when nothing is."""
    for row in rows:
        form = turn.rulebook.form_of(row.form)
        if field := form.missing(row.data):
            return f"{form.label}的{field.label}"
    return ""


def wrong_in(rows: list[RecordRow], turn: Turn) -> str:
    """What the forms themselves do not allow, in their words; empty when they allow all of it."""
    return "".join(words for row in rows for words in turn.rulebook.form_of(row.form).wrong(row.data))
