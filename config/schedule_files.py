"""Schedules as YAML: read, and checked against the forms. All mistakes at once, each with file, line and what to do."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from pydantic import ValidationError

from config.sources import Problem, Source, reason
from domain.forms import Form
from domain.schedules.definition import (
    CONCERNED,
    CONTENTS,
    MASTER_DATES,
    PEOPLE,
    PLACES,
    AfterEvent,
    Anchored,
    OnDate,
    Schedule,
)

KINDS = "daily、weekly、monthly、date、event"


def read(
    files: list[Source], forms: Mapping[str, Form], problems: list[Problem]
) -> Iterator[tuple[str, Schedule]]:
    """The schedules of the files; what is wrong with them is added to the problems."""
    for source in files:
        try:
            schedule = Schedule.model_validate(source.data)
        except ValidationError as error:
            problems.extend(source.problem(_reason(e), *_path(e["loc"])) for e in error.errors())
            continue
        problems.extend(_problems(source, schedule, forms, problems))
        yield schedule.key, schedule


def _problems(
    source: Source, schedule: Schedule, forms: Mapping[str, Form], found: list[Problem]
) -> Iterator[Problem]:
    if source.file.removeprefix("schedules/") != f"{schedule.key}.yaml":
        yield source.problem(f"文件名应为 {schedule.key}.yaml，和 key 一致。", "key")
    if ":" in schedule.key:
        yield source.problem("key 里不能有冒号。", "key")
    when = schedule.when
    form = None
    if isinstance(when, Anchored):
        name, _, field = when.of.partition(".")
        if any(p.file == f"forms/{name}.yaml" for p in found):
            return
        form = forms.get(name)
        yield from _date_problems(source, when, form, field)
    elif schedule.repeat.times > 1 or schedule.unless_done:
        yield source.problem("repeat 和 unless_done 只能用在 date 和 event 上。", "repeat")
    if schedule.unless_done and isinstance(when, Anchored) and form is None:
        yield source.problem("unless_done 只能用在表单的日期上。", "unless_done")
    for index, who in enumerate(schedule.whom):
        yield from _whom(source, schedule, form, who, index)
    if schedule.says.content and schedule.says.content not in CONTENTS:
        known = "、".join(f"{name}（{words}）" for name, words in CONTENTS.items())
        yield source.problem(f"没有内容 {schedule.says.content}，可用的是 {known}。", "says", "content")
    if schedule.says.content and schedule.anchored:
        yield source.problem("date 和 event 用 text 写要说的话。", "says", "content")
    if schedule.says.flow:
        yield source.problem(
            "流程在自己的文件里写什么时候开始（begins），这里写 content 或 text。", "says", "flow"
        )
    yield from _text(source, schedule, form)


def _date_problems(
    source: Source, when: OnDate | AfterEvent, form: Form | None, field: str
) -> Iterator[Problem]:
    kinds = ("date", "datetime") if isinstance(when, OnDate) else ("datetime",)
    if isinstance(when, OnDate) and when.of in MASTER_DATES:
        return
    known = form.field(field) if form else None
    if field == "happened_at" and form is not None:
        return
    if known is None or known.hidden or known.type not in kinds:
        master = "、".join(f"{of}（{words}）" for of, words in MASTER_DATES.items())
        own = (
            "、".join(f"{form.key}.{f.id}（{f.label}）" for f in form.fields if f.type in kinds)
            if form
            else ""
        )
        also = f"，或者 {master}" if isinstance(when, OnDate) else ""
        yield source.problem(
            f"{when.of} 不是{'日期' if isinstance(when, OnDate) else '时间'}。"
            f"请写 表单.字段{f'，如 {own}' if own else ''}{also}。",
            "when",
            "of",
        )


def _whom(source: Source, schedule: Schedule, form: Form | None, who: str, index: int) -> Iterator[Problem]:
    if who not in PEOPLE:
        known = "、".join(f"{name}（{words}）" for name, words in PEOPLE.items())
        yield source.problem(f"没有 {who} 这种人，可用的是 {known}。", "whom", index)
    elif who in ("person", "owner") and not schedule.anchored:
        yield source.problem("没有具体单据的提醒请写角色，比如 rep（业务员）。", "whom", index)
    elif schedule.anchored and who not in CONCERNED:
        yield source.problem(
            "有日期的提醒请写 person（记录的本人）、owner（客户负责人）或 manager（他的上级）。",
            "whom",
            index,
        )
    elif who == "person" and form is None:
        yield source.problem("客户和联系人的日期没有记录人，请写 owner（客户负责人）。", "whom", index)


def _text(source: Source, schedule: Schedule, form: Form | None) -> Iterator[Problem]:
    try:
        names = [name for _, name, *_ in Formatter().parse(schedule.says.text) if name is not None]
    except ValueError:
        names = ["{"]
    places = PLACES if schedule.anchored else ("姓名", "日期")
    places = (*places, *(f.label for f in form.fields if not f.hidden)) if form else places
    for name in names:
        if name not in places:
            known = "、".join(f"{{{place}}}" for place in dict.fromkeys(places))
            yield source.problem(f"文字里的 {{{name}}} 不认识，可用的是 {known}。", "says", "text")


def _reason(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ") + "。"
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return f"when：kind 应当是 {KINDS} 之一。"
    return reason({**error, "loc": _path(error["loc"])})


def _path(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the kind of time, which pydantic puts after its place."""
    return (loc[0], *loc[2:]) if len(loc) > 1 and loc[0] == "when" else loc
