"""What begins a flow, and how flows that set one another off are stopped."""

from decimal import Decimal
from typing import Any

import pytest

from domain.flows.definition import Flow
from domain.flows.triggers import MOST_IN_A_CHAIN, Chain, LoopFound, begun

NAMES: dict[str, type] = {"amount": Decimal, "level": str}


def flow(key: str, **begins: Any) -> Flow:
    steps = [{"do": "status", "to": "confirmed"}]
    return Flow.model_validate(
        {"key": key, "label": key, "begins": {"form": "order", **begins}, "steps": steps}
    )


def keys(event: Any, amount: int, before: int | None = None, *flows: Flow) -> list[str]:
    was = None if before is None else {"amount": Decimal(before)}
    return [f.key for f in begun(flows, event, "order", {"amount": Decimal(amount)}, NAMES, was)]


def test_a_flow_begins_with_its_event_and_condition() -> None:
    big = flow("big", event="submitted", when="amount > 100")
    changed = flow("changed", event="changed")
    assert keys("submitted", 200, None, big, changed) == ["big"]
    assert keys("submitted", 50, None, big, changed) == []
    assert keys("changed", 200, 50, big, changed) == ["changed"]


def test_a_condition_is_met_once_and_not_again_while_it_holds() -> None:
    met = flow("met", event="met", when="amount > 100")
    assert keys("submitted", 200, None, met) == ["met"]
    assert keys("changed", 200, 50, met) == ["met"]
    assert keys("changed", 300, 200, met) == []
    assert keys("changed", 50, 200, met) == []


def test_flows_that_set_one_another_off_are_stopped_and_named() -> None:
    ping, pong = flow("ping", event="changed"), flow("pong", event="changed")
    chain = Chain().then(ping).then(pong)
    with pytest.raises(LoopFound) as told:
        chain.then(ping)
    assert "ping → pong → ping" in told.value.words


def test_a_chain_longer_than_anybody_means_is_stopped_too() -> None:
    chain = Chain()
    with pytest.raises(LoopFound):
        for number in range(MOST_IN_A_CHAIN + 1):
            chain = chain.then(flow(f"f{number}", event="changed"))
