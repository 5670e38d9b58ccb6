"""The five isolation policies, read from the folder `policies` of the rulebook and checked as a whole."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from config.sources import Problem, Source, reason
from domain.forms import Form
from domain.policies import (
    CustomerPolicy,
    DealerPolicy,
    MoneyPolicy,
    PersonalPolicy,
    Policies,
    TeamPolicy,
)

POLICIES: dict[str, type[BaseModel]] = {
    "team": TeamPolicy,
    "customers": CustomerPolicy,
    "dealers": DealerPolicy,
    "money": MoneyPolicy,
    "personal": PersonalPolicy,
}


def read(files: list[Source], forms: dict[str, Form] | None, problems: list[Problem]) -> Policies | None:
    """None where anything is wrong; what is, is added to the problems. A policy that is missing is a mistake too:
    who sees what is never left to a default. `forms` are those that the policies may name, None for any."""
    before = len(problems)
    found: dict[str, Any] = {}
    for source in files:
        name = source.file.removeprefix("policies/").removesuffix(".yaml")
        if name not in POLICIES:
            problems.append(source.problem(f"没有 {name} 这种权限，可用的是 {'、'.join(POLICIES)}。"))
            continue
        try:
            found[name] = POLICIES[name].model_validate(source.data)
        except ValidationError as error:
            problems.extend(source.problem(_reason(e), *e["loc"]) for e in error.errors())
            found[name] = None
            continue
        if forms is not None:
            problems.extend(_unknown_forms(source, found[name], forms))
    problems.extend(Problem(f"policies/{n}.yaml", 0, "缺少这个文件。") for n in POLICIES if n not in found)
    return Policies(**found) if len(problems) == before else None


def _reason(error: Any) -> str:
    """Names the roles and the words that may stand there: policies are written by people who know neither."""
    allowed = error.get("ctx", {}).get("expected", "")
    return reason(error) + (f"可用的是 {allowed.replace(' or ', '、')}。" if allowed else "")


def _unknown_forms(source: Source, policy: BaseModel, forms: dict[str, Form]) -> Iterator[Problem]:
    if isinstance(policy, TeamPolicy):
        for role, keys in policy.only_forms.items():
            for index, key in enumerate(keys):
                if key not in forms:
                    yield source.problem(f"没有表单 {key}。", "only_forms", role, index)
    if isinstance(policy, CustomerPolicy):
        for index, key in enumerate(policy.history):
            if key not in forms:
                yield source.problem(f"没有表单 {key}。", "history", index)
