"""`config/health.yaml`, checked beyond its shape: conditions, and keys that are the only ones of their kind."""

from collections.abc import Iterator

from config.sources import Problem, Source, expression_problem
from domain.health.facts import NAMES


def problems_of(source: Source) -> Iterator[Problem]:
    """Only for a file whose shape is right."""
    reasons = source.data.get("reasons") or []
    keys = [reason["key"] for reason in reasons]
    for index, reason in enumerate(reasons):
        if keys.index(reason["key"]) != index:
            yield source.problem(
                f"理由 {reason['key']} 写了两遍，请给它另一个 key。", "reasons", index, "key"
            )
        if not str(reason["when"]).strip():
            yield source.problem("理由没有条件（when）。", "reasons", index, "when")
        yield from expression_problem(source, str(reason["when"]), NAMES, "reasons", index, "when")
