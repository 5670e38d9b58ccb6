"""Expense claims: their budget subject, what they break of the company's rules, and what they take from budgets."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from domain.errors import Refusal
from domain.expenses.budgets import Budget, budgets_of, fen, too_little
from domain.expenses.limits import Expense, breaches, heads_in, nights_in, plain
from domain.expenses.subjects import Clues, propose_subject
from domain.intents.records import Question, RecordIntent, Said
from handlers.turn import Reply, Turn
from storage.tables import RecordRow

FORM = "expense"
COUNTED = {"heads": heads_in, "nights": nights_in}
"""Fields that are numbers in the words beside the receipt."""
WHICH = "这笔{what}记到哪个科目？"


def prepared(record: RecordIntent, turn: Turn) -> RecordIntent:
    """The expense with what can be told of its subject, its heads and nights; other records as they are."""
    form = turn.rulebook.forms[record.form]
    if record.form != FORM or form.field("subject") is None:
        return record
    more: dict[str, Said] = {}
    for name, read in COUNTED.items():
        number = read(record.words) if form.field(name) else None
        if number:
            more[name] = Said(value=str(number), words=record.words)
    found = propose_subject(_clues(record, turn), turn.rulebook.expenses)
    if found.subject:
        more["subject"] = Said(value=found.subject, words=found.because)
    return record.model_copy(update={"fields": {**more, **record.fields}})


def question_about(records: tuple[RecordIntent, ...], turn: Turn) -> Question | None:
    """Which subject the first expense belongs to that could not be told."""
    for index, record in enumerate(records):
        if record.form != FORM or "subject" in record.fields:
            continue
        field = turn.rulebook.forms[FORM].field("subject")
        keys = propose_subject(_clues(record, turn), turn.rulebook.expenses).candidates
        labels = {choice.key: choice.label for choice in field.choices} if field else {}
        choices = tuple((key, labels[key]) for key in keys if key in labels)
        if choices:
            what = _value(record, "seller_name") or _value(record, "category")
            ask = WHICH.format(what=f"“{what}”" if what else "费用")
            return Question(field="subject", ask=ask, choices=choices, form=FORM, index=index)
    return None


def _clues(record: RecordIntent, turn: Turn) -> Clues:
    seller = _value(record, "seller_name")
    before = turn.work.invoices.subjects_before(seller) if seller else ()
    said = "" if "invoice_number" in record.fields else record.words
    purpose = _value(record, "purpose")
    return Clues(
        category=_value(record, "category"),
        seller=seller,
        items=_value(record, "items"),
        said=f"{said} {purpose}".strip(),
        before=before,
    )


def _value(record: RecordIntent, name: str) -> str:
    said = record.fields.get(name)
    return str(said.value) if said and said.value is not None else ""


# rules -----------------------------------------------------------------------------------------------------------


def examine(row: RecordRow, turn: Turn) -> None:
    """Write beside what does not fit on the paper what does not fit with the company's rules."""
    if row.form != FORM or row.data.get("amount") is None:
        return
    others = [check for check in row.checks if check.get("by") != "rules"]
    found = [one.model_dump(mode="json") for one in breaches(_expense(row, turn), turn.rulebook.expenses)]
    if (checks := [*others, *found]) != row.checks:
        row.checks = checks
        turn.work.session.add(row)


def refuse_stopped(row: RecordRow, turn: Turn) -> None:
    """Raises Refusal with what the rules do not even let anybody hand in."""
    stopped = [str(check["words"]) for check in row.checks if check.get("stop")]
    if stopped:
        raise Refusal(f"这笔不能提交：{''.join(stopped)}请改好金额或科目，有特殊情况先找财务。")


def _expense(row: RecordRow, turn: Turn) -> Expense:
    data, rules = row.data, turn.rulebook.expenses
    subject, day = str(data.get("subject", "")), _day(row, turn)
    texts = [str(data[name]) for name in ("city", "seller_name", "purpose") if name in data]
    return Expense(
        subject=subject if subject in rules.subjects else "",
        amount=Decimal(str(data["amount"])),
        day=day,
        city=rules.city_in([*texts, *row.sources.values()]),
        heads=_number(data.get("heads")),
        nights=_number(data.get("nights")),
        near_visit=_days_to_visit(row, day, turn) if _wants_visit(subject, turn) else None,
    )


def _wants_visit(subject: str, turn: Turn) -> bool:
    return any(subject in rule.subjects for rule in turn.rulebook.expenses.visits)


def _days_to_visit(row: RecordRow, day: date, turn: Turn) -> int | None:
    most = max(rule.days for rule in turn.rulebook.expenses.visits)
    start = datetime.combine(day, time(), turn.zone) - timedelta(days=most)
    end = start + timedelta(days=2 * most + 1)
    visits = turn.work.records.between(row.reporter_id, start, end, ("confirmed",))
    found = [abs((v.happened_at.astimezone(turn.zone).date() - day).days) for v in visits if v.form in VISITS]
    return min(found, default=None)


VISITS = frozenset({"visit", "visit_plan"})


def _number(value: Any) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isdecimal() else heads_in(f"{text}人") if text else None


def _day(row: RecordRow, turn: Turn) -> date:
    return row.happened_at.astimezone(turn.zone).date()


# budgets ---------------------------------------------------------------------------------------------------------


def hold_budget(row: RecordRow, turn: Turn) -> Reply:
    """Take the amount from every budget of the subject; where that goes over one, whoever approves is shown it.

    Raises Refusal where the rules stop such a claim.
    """
    budgets = _budgets(row, turn)
    if not budgets:
        return Reply()
    amount = fen(Decimal(str(row.data["amount"])))
    limits = {key: budget.limit for key, budget in budgets.items()}
    if short := turn.work.budgets.hold(row.id or 0, amount, limits):
        used = turn.work.budgets.used([short])[short]
        breach = too_little(budgets[short], _subject_label(row, turn), used, amount, turn.rulebook.expenses)
        row.checks = [*row.checks, breach.model_dump(mode="json")]
        turn.work.session.add(row)
        refuse_stopped(row, turn)
        turn.work.budgets.hold(row.id or 0, amount, limits, force=True)
    words = f"占用 {plain(Decimal(amount) / 100)} 元"
    turn.work.records.audit(f"record:{row.id}", "budget", None, "held", words)
    return Reply()


def release_budget(row: RecordRow, turn: Turn) -> Reply:
    turn.work.budgets.release(row.id or 0)
    return Reply()


def spend_budget(row: RecordRow, turn: Turn) -> Reply:
    turn.work.budgets.spend(row.id or 0)
    return Reply()


def balances(row: RecordRow, turn: Turn) -> list[str]:
    """What is left of each budget of the record, this claim already taken off where it holds any."""
    budgets = _budgets(row, turn)
    used = turn.work.budgets.used(budgets) if budgets else {}
    return [_balance(budget, budget.limit - used[key]) for key, budget in budgets.items()]


def _balance(budget: Budget, left: int) -> str:
    what = "剩" if left >= 0 else "超出"
    return f"{budget.words}{what} {plain(Decimal(abs(left)) / 100)} 元（共 {plain(Decimal(budget.limit) / 100)}）"


def _budgets(row: RecordRow, turn: Turn) -> dict[str, Budget]:
    if row.form != FORM or row.data.get("amount") is None:
        return {}
    subject = str(row.data.get("subject", ""))
    found = budgets_of(subject, row.reporter_id, _day(row, turn), turn.rulebook.expenses)
    return {budget.key: budget for budget in found}


def _subject_label(row: RecordRow, turn: Turn) -> str:
    field = turn.rulebook.form_of(FORM).field("subject")
    labels = {choice.key: choice.label for choice in field.choices} if field else {}
    return labels.get(str(row.data.get("subject")), "")
