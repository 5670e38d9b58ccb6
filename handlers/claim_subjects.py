"""A claim whose budget subject is open holds no budget: finance says which it is before finance agrees to it."""

from decimal import Decimal

from domain.cards import Button, Card
from domain.errors import Refusal
from handlers import expenses
from handlers.turn import Reply, Turn, outcome, show
from handlers.wording import summary
from storage.tables import RecordRow

ASKED = "finance"
"""The role that keeps the books, and so decides about subjects."""
MOST = 10
"""Choices that fit on a card of every platform."""
ELSEWHERE = "这笔还没有预算科目，预算没有占用。请在聊天里的卡片上点同意，选好科目再批。"


def is_open(row: RecordRow, turn: Turn) -> bool:
    """Whether this person has to say the subject before he agrees."""
    return turn.person.role == ASKED and bool(_choices(row, turn))


def ask(approval_id: int, row: RecordRow, turn: Turn) -> Reply:
    """Raises Refusal on a page, which has nowhere to answer."""
    if turn.channel == "web":
        raise Refusal(ELSEWHERE)
    buttons = tuple(Button(id="choose", text=label, value=key) for key, label in _choices(row, turn).items())
    card = _card(approval_id, row, turn).model_copy(
        update={
            "revision": turn.inbox_id or 0,
            "subtitle": "选了科目才能占用预算，然后再点同意",
            "buttons": buttons,
        }
    )
    return show(turn, card)


def settle(approval_id: int, row: RecordRow, key: str, turn: Turn) -> Reply:
    """Keep the subject, look at the company's rules anew and take the amount from its budgets. Raises Refusal where
    there is no such subject."""
    choices = _choices(row, turn)
    if key not in choices:
        raise Refusal("没有这个科目，请在卡片上选一个。")
    why = f"{turn.person.name}定的科目"
    turn.work.records.change(row, "subject", key, why, why)
    expenses.examine(row, turn)
    held = expenses.hold_budget(row, turn)
    return outcome(turn, _card(approval_id, row, turn, f"记到{choices[key]}")) + held


def _choices(row: RecordRow, turn: Turn) -> dict[str, str]:
    field = turn.rulebook.form_of(row.form).field("subject") if row.form == expenses.FORM else None
    if field is None or row.data.get("subject") or Decimal(str(row.data.get("amount") or 0)) <= 0:
        return {}
    return {choice.key: choice.label for choice in field.choices[:MOST]}


def _card(approval_id: int, row: RecordRow, turn: Turn, status: str = "") -> Card:
    return Card(
        ref=f"subject:{approval_id}",
        revision=0,
        title=f"记到哪个科目？{summary(row, turn)}",
        status=status,
    )
