"""Alerts as YAML: read, and checked against the forms."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from config.sources import Problem, Source, expression_problem, reason
from domain.alerts import DAILY, PEOPLE, Alert
from domain.forms import Form


def read(
    files: list[Source], problems: list[Problem], forms: Mapping[str, Form]
) -> Iterator[tuple[str, Alert]]:
    for source in files:
        try:
            alert = Alert.model_validate(source.data)
        except ValidationError as error:
            problems.extend(source.problem(reason(e), *e["loc"]) for e in error.errors())
            continue
        problems.extend(_problems(source, alert, forms))
        yield alert.key, alert


def _problems(source: Source, alert: Alert, forms: Mapping[str, Form]) -> Iterator[Problem]:
    if source.file.removeprefix("alerts/") != f"{alert.key}.yaml":
        yield source.problem(f"文件名应为 {alert.key}.yaml，和 key 一致。", "key")
    allowed = (DAILY,) if alert.about == "customer" else ()
    for index, trigger in enumerate(alert.triggers):
        if trigger not in forms and trigger not in allowed:
            words = (
                "关于记录的提醒要由记录触发，请写表单的 key" if trigger == DAILY else f"没有表单 {trigger}"
            )
            yield source.problem(f"{words}。", "triggers", index)
    if not alert.triggers:
        yield source.problem("请写由什么触发：daily，或者表单的 key。", "triggers")
    for part in ("tell", "also"):
        for index, who in enumerate(getattr(alert, part)):
            if who not in PEOPLE and (who.isascii() and who.islower()):
                yield source.problem(
                    f"没有 {who} 这种人，可用的是 {'、'.join(PEOPLE)}，或人员编号。", part, index
                )
    if not alert.tell:
        yield source.problem("请写提醒谁，比如 owner（客户负责人）。", "tell")
    names = alert.names(forms)
    if any(trigger in forms for trigger in alert.triggers) or alert.about == "customer":
        yield from expression_problem(source, alert.when, names, "when")
    for name in alert.places():
        if name not in names:
            yield source.problem(f"提醒的话里没有 {{{name}}} 可填。可用的是条件里能用的名字。", "words")
    if not alert.when.strip():
        yield source.problem("提醒没有条件（when）。", "when")
