"""What flows may do by name (`do: act`): name → function. The names are those of `domain.flows.definition`."""

from collections.abc import Callable

from handlers import days, expenses, quote_approval, samples, stock, verdicts
from handlers.turn import Reply, Turn, say
from storage.tables import RecordRow


def create_todo(row: RecordRow, turn: Turn) -> Reply:
    """Have a to-do entered in its owner's calendar and list, where he has DingTalk; from then on it follows."""
    turn.work.todo_copies.want(row.id or 0)
    return Reply()


ACTIONS: dict[str, Callable[[RecordRow, Turn], Reply]] = {
    "judge_visit": verdicts.visited,
    "hold_budget": expenses.hold_budget,
    "release_budget": expenses.release_budget,
    "spend_budget": expenses.spend_budget,
    "reserve_stock": stock.reserve_stock,
    "release_stock": stock.release_stock,
    "issue_stock": stock.issue_stock,
    "hand_out": samples.decided,
    "create_todo": create_todo,
    "check_prices": quote_approval.check_prices,
    "hand_quote": quote_approval.hand_quote,
}


def tell_day(turn: Turn) -> Reply:
    """His day, to whoever did anything today."""
    told = days.of_today(turn)
    return say(turn, told) if told else Reply()


ROUTINES: dict[str, Callable[[Turn], Reply]] = {"tell_day": tell_day}
"""About the person whose turn it is."""
