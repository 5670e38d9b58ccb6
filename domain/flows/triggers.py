"""Which flows an event begins, and when one flow that sets off another has to be stopped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.facts import Names
from domain.flows.conditions import holds
from domain.flows.definition import EventName, Flow

MOST_IN_A_CHAIN = 5


class LoopFound(Exception):
    """Flows set one another off without end. `words` say which, for whoever looks after them."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Chain:
    """The flows that set one another off, of one record, the first one first."""

    flows: tuple[str, ...] = ()

    def then(self, flow: Flow) -> "Chain":
        """Raises LoopFound where this flow is in the chain already, or the chain is longer than anybody means."""
        flows = (*self.flows, flow.key)
        if flow.key in self.flows or len(flows) > MOST_IN_A_CHAIN:
            raise LoopFound(
                f"流程互相触发停不下来，已经停住：{' → '.join(flows)}。请修改其中一个的触发条件。"
            )
        return Chain(flows)


def begun(
    flows: Iterable[Flow],
    event: EventName,
    form: str,
    facts: Mapping[str, object],
    names: Names,
    before: Mapping[str, object] | None = None,
) -> list[Flow]:
    """The flows that begin. `before`: the facts before a change, None where the record has only just come.

    A condition that cannot be worked out begins a flow in which people decide, and no other.
    """
    found = []
    for flow in flows:
        on = flow.begins
        if on.form != form or not (on.event == event or (on.event == "met" and event in MEETS)):
            continue
        if not holds(on.when, facts, names, doubtful=flow.decides and on.event != "met"):
            continue
        if on.event == "met" and before is not None and holds(on.when, before, names, doubtful=True):
            continue
        found.append(flow)
    return found


MEETS: frozenset[EventName] = frozenset({"submitted", "changed"})
"""Events after which a condition may be met that was not before."""
