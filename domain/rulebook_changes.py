"""From one rulebook to the next: what is different, what is kept of what was deleted, what becomes of the data."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from domain.alerts import Alert
from domain.facts import fact
from domain.flows.definition import Flow
from domain.forms import FieldType, Form, FormField, Rulebook
from domain.schedules.definition import Schedule
from domain.values import Value

SAID = ("cues", "negatives", "plans", "doubts", "certainties")
"""The parts of a form that say which words mean it."""


class Carried(Value):
    """What a rulebook keeps of those before it, beside its own files."""

    forms: dict[str, Form] = Field(default_factory=dict)
    """Deleted forms, and the deleted fields of those that there still are."""
    versions: dict[str, int] = Field(default_factory=dict)
    """Of forms that were changed: nobody has to count by hand."""

    def kept(self, forms: Mapping[str, Form]) -> dict[str, Form]:
        """The forms with the deleted ones as retired and the deleted fields as hidden."""
        found = {key: self._kept(form) for key, form in forms.items()}
        gone = {key: form for key, form in self.forms.items() if key not in forms}
        return {**found, **{key: retired(form) for key, form in gone.items()}}

    def _kept(self, form: Form) -> Form:
        old = self.forms.get(form.key)
        hidden = tuple(f for f in old.fields if form.field(f.id) is None) if old else ()
        version = max(form.version, self.versions.get(form.key, 0))
        return form.model_copy(update={"fields": (*form.fields, *hidden), "version": version})


def retired(form: Form) -> Form:
    nothing: dict[str, Any] = dict.fromkeys((*SAID, "checks", "yields_to"), ())
    return form.model_copy(update={**nothing, "doubtful": "", "retired": True})


def hidden(field: FormField) -> FormField:
    return field.model_copy(
        update={
            "hidden": True,
            "required": False,
            "required_unless": (),
            "required_when": "",
            "cues": (),
            "default": None,
        }
    )


def carry(old: Rulebook, new: Rulebook) -> Carried:
    """What `new`, as it is written, has to keep of `old`, which holds what it kept itself."""
    forms, versions = {}, {}
    for key, before in old.forms.items():
        after = new.forms.get(key)
        lost = tuple(hidden(f) for f in before.fields if after is None or after.field(f.id) is None)
        if lost or after is None:
            forms[key] = before.model_copy(update={"fields": lost} if after else {})
        if after is not None:
            same = _content(before) == _content(after)
            versions[key] = before.version if same else before.version + 1
    return Carried(forms=forms, versions=versions)


def _content(form: Form) -> dict[str, Any]:
    shown = [f.model_dump() for f in form.fields if not f.hidden]
    return {**form.model_dump(exclude={"version", "fields"}), "fields": shown}


class TypeChange(Value):
    form: str
    field: FormField
    """As it is to be."""
    old: FieldType


def type_changes(old: Rulebook, new: Rulebook) -> list[TypeChange]:
    return [
        TypeChange(form=key, field=field, old=before.type)
        for key, form in new.forms.items()
        for field in form.fields
        if (was := old.forms.get(key)) and (before := was.field(field.id)) and before.type != field.type
    ]


class Unconvertible(ValueError):
    """The value says nothing in its field's new type."""


REFERENCES = frozenset({"customer", "product", "person", "competitor", "contact"})
FREE = frozenset({"text", "unit"})


def converted(value: Any, old: FieldType, field: FormField) -> Any:
    """A value of a record in its field's new type, JSON-able. Raises Unconvertible."""
    new = field.type
    if new in FREE and not isinstance(value, list | dict):
        return "是" if value is True else "否" if value is False else str(value)
    if new == "choice":
        found = next((c.key for c in field.choices if str(value) in (c.key, c.label)), None)
        if found is None:
            raise Unconvertible
        return found
    if new in REFERENCES or (old in REFERENCES and new not in FREE):
        raise Unconvertible
    known = fact(new, value)
    if known is None:
        raise Unconvertible
    if isinstance(known, Decimal):
        return int(known) if known == known.to_integral_value() else float(known)
    if isinstance(known, date):
        if new == "date" and isinstance(known, datetime):
            known = known.date()
        return known.isoformat()
    return known


def differences(old: Rulebook, new: Rulebook) -> list[str]:
    """What the new rulebook has other than the old one, in words, forms first."""
    return [
        *_form_differences(old, new),
        *_keyed_differences("流程", old.flows, new.flows),
        *_keyed_differences("提醒", old.alerts, new.alerts),
        *_keyed_differences("定时提醒", old.schedules, new.schedules),
        *_word_differences(old, new),
    ]


def _form_differences(old: Rulebook, new: Rulebook) -> Iterator[str]:
    for key, form in new.forms.items():
        before = old.forms.get(key)
        if before is None or before.retired:
            yield f"新表单「{form.label}」，{len(form.fields)} 个字段"
        else:
            yield from (f"「{form.label}」{words}" for words in _field_differences(before, form))
    for key, before in old.forms.items():
        if key not in new.forms and not before.retired:
            yield f"「{before.label}」停用：不能再新记，已有的记录都在"


def _field_differences(old: Form, new: Form) -> Iterator[str]:
    if old.label != new.label:
        yield f"改名，原来叫「{old.label}」"
    for field in new.fields:
        before = old.field(field.id)
        if before is None or (before.hidden and not field.hidden):
            yield f"新字段「{field.label}」" + ("，必填" if field.required else "")
        elif before != field:
            yield from _one_field(before, field)
    for before in old.fields:
        if new.field(before.id) is None and not before.hidden:
            yield f"字段「{before.label}」隐藏：不再问也不再显示，已有的数据都在"
    more, less = _said(new) - _said(old), _said(old) - _said(new)
    if more or less:
        yield f"说法增加 {len(more)} 条，减少 {len(less)} 条"
    if old.checks != new.checks:
        yield "校验改了"


def _one_field(old: FormField, new: FormField) -> Iterator[str]:
    if old.label != new.label:
        yield f"字段「{old.label}」改名为「{new.label}」"
    if old.type != new.type:
        yield f"字段「{new.label}」的类型从 {old.type} 改为 {new.type}"
    if (old.required, old.required_when, old.required_unless) != (
        new.required,
        new.required_when,
        new.required_unless,
    ):
        needed = "必填" if new.required else "有条件时必填" if new.may_be_required else "不必填"
        yield f"字段「{new.label}」改为{needed}"
    ignored = {"label", "type", "required", "required_when", "required_unless"}
    if old.model_dump(exclude=ignored) != new.model_dump(exclude=ignored):
        yield f"字段「{new.label}」的问法、说法或选项改了"


def _said(form: Form) -> set[tuple[str, str]]:
    return {(part, words) for part in SAID for words in getattr(form, part)}


def _keyed_differences(
    what: str, old: Mapping[str, Alert | Flow | Schedule], new: Mapping[str, Alert | Flow | Schedule]
) -> Iterator[str]:
    for key, one in new.items():
        before = old.get(key)
        if before is None:
            yield f"新{what}「{one.label}」"
        elif before != one:
            stopped = getattr(one, "off", False) and not getattr(before, "off", False)
            yield f"{what}「{one.label}」" + ("停用" if stopped else "改了")
    yield from (f"{what}「{before.label}」删除" for key, before in old.items() if key not in new)


def _word_differences(old: Rulebook, new: Rulebook) -> Iterator[str]:
    for file in sorted({*old.lexicon, *new.lexicon}):
        before, after = old.lexicon.get(file, {}), new.lexicon.get(file, {})
        for section in sorted({*before, *after}):
            more = set(after.get(section, ())) - set(before.get(section, ()))
            less = set(before.get(section, ())) - set(after.get(section, ()))
            if more or less:
                yield f"词库 {file}.{section} 增加 {len(more)} 个词，减少 {len(less)} 个词"
    if old.authenticity != new.authenticity:
        yield "拜访真实性的判断规则改了"
    if old.office != new.office:
        yield "上班时间改了"
