"""Flows as YAML: read, and checked against the forms. All mistakes at once, each with file, line and what to do."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from pydantic import ValidationError

from config.sources import Problem, Source, expression_problem, reason
from domain.flows.conditions import names_of
from domain.flows.definition import ACTIONS, ROUTINES, Act, Approve, Flow, SetField, Task, Tell
from domain.forms import Form

PLACES = ("申请人", "单据", "内容", "客户")
"""What stands in braces in a text of a flow."""


def read(
    files: list[Source], forms: Mapping[str, Form], problems: list[Problem]
) -> Iterator[tuple[str, Flow]]:
    """The flows of the files; what is wrong with them is added to the problems."""
    found: list[tuple[Source, Flow]] = []
    for source in files:
        try:
            flow = Flow.model_validate(source.data)
        except ValidationError as error:
            problems.extend(source.problem(_reason(e), *_path(e["loc"])) for e in error.errors())
            continue
        if not any(p.file == f"forms/{flow.begins.form}.yaml" for p in problems):
            problems.extend(_flow_problems(source, flow, forms))
        problems.extend(_rivals(source, flow, [other for _, other in found]))
        found.append((source, flow))
    yield from ((flow.key, flow) for _, flow in found)


def _flow_problems(source: Source, flow: Flow, forms: Mapping[str, Form]) -> Iterator[Problem]:
    if source.file.removeprefix("flows/") != f"{flow.key}.yaml":
        yield source.problem(f"文件名应为 {flow.key}.yaml，和 key 一致。", "key")
    form = forms.get(flow.begins.form)
    if flow.begins.form and form is None:
        yield source.problem(f"没有表单 {flow.begins.form}，可用的是 {'、'.join(forms)}。", "begins", "form")
        return
    if not flow.steps:
        yield source.problem("至少要有一个步骤。", "steps")
    names = names_of(form) if form else {}
    yield from expression_problem(source, flow.begins.when, names, "begins", "when")
    ids: set[str] = set()
    for section, index, step in flow.all_steps():
        at = (section, index)
        yield from expression_problem(source, step.when, names, *at, "when")
        if isinstance(step, Approve):
            if step.id in ids:
                yield source.problem(f"步骤 {step.id} 重复了。", *at, "id")
            ids.add(step.id)
            if step.who.owner:
                yield source.problem(
                    "审批人不能写 owner（客户负责人），他只能收到 tell 和 task。", *at, "who"
                )
        yield from _step_problems(source, step, form, *at)
    yield from _held_for_ever(source, flow)


def _held_for_ever(source: Source, flow: Flow) -> Iterator[Problem]:
    """What a flow reserves it gives back at every end but its own, and nobody keeps it waiting without an end."""
    held = False
    for index, step in enumerate(flow.steps):
        held = held or _acts(step, "reserve_stock")
        if held and isinstance(step, Approve) and not step.lapse_after:
            words = "这一步等人审批的时候占用着库存，没人批就一直占着。请写上 lapse_after（多少小时没人批就作废）。"
            yield source.problem(words, "steps", index)
    for section in ("rejected", "withdrawn", "lapsed"):
        if held and not any(_acts(step, "release_stock") for step in getattr(flow, section)):
            words = f"流程占用的库存在 {section} 里没有归还，请加上 {{do: act, action: release_stock}}。"
            yield source.problem(words, section)


def _acts(step: Any, action: str) -> bool:
    return isinstance(step, Act) and step.action == action


def _step_problems(source: Source, step: Any, form: Form | None, *at: Any) -> Iterator[Problem]:
    actions = ACTIONS if form else ROUTINES
    if isinstance(step, Act) and step.action not in actions:
        known = "、".join(f"{name}（{words}）" for name, words in actions.items())
        yield source.problem(f"没有动作 {step.action}，可用的是 {known}。", *at, "action")
    if isinstance(step, Tell | Task):
        yield from _text(source, step.text, *at, "text")
    if isinstance(step, SetField) and (form is None or form.field(step.field) is None):
        yield source.problem(f"表单里没有字段 {step.field}。", *at, "field")
    if form is None and not isinstance(step, Act | Tell):
        yield source.problem("没有单据的流程（schedule、message）只能用 act 和 tell。", *at, "do")


def _text(source: Source, text: str, *at: Any) -> Iterator[Problem]:
    try:
        names = [name for _, name, *_ in Formatter().parse(text) if name is not None]
    except ValueError:
        names = ["{"]
    for name in names:
        if name not in PLACES:
            known = "、".join(f"{{{place}}}" for place in PLACES)
            yield source.problem(f"文字里的 {{{name}}} 不认识，可用的是 {known}。", *at)


def _rivals(source: Source, flow: Flow, others: list[Flow]) -> Iterator[Problem]:
    """Of two approvals that both always begin nobody knows which one counts."""
    for other in others:
        both = flow.decides and other.decides and not flow.begins.when and not other.begins.when
        if both and (flow.begins.event, flow.begins.form) == (other.begins.event, other.begins.form):
            yield source.problem(
                f"流程 {other.key} 也审批所有的 {flow.begins.form}，请给两个流程写上不同的条件（when）。",
                "begins",
            )


def _reason(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ") + "。"
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        known = "approve、wait、status、act、tell、task、webhook、set"
        return f"{'.'.join(str(s) for s in error['loc'])}：do 应当是 {known} 之一。"
    return reason({**error, "loc": _path(error["loc"])})


def _path(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the kind of step, which pydantic puts after its place."""
    return tuple(
        s for n, s in enumerate(loc) if not (n > 1 and isinstance(loc[n - 1], int) and loc[n - 2] in SECTIONS)
    )


SECTIONS = ("steps", "rejected", "withdrawn", "lapsed")
