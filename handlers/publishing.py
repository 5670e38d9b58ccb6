"""The life of a change to the rulebook: draft → check → try → publish → roll back. For the chat, pages and terminal.

Everything is read from rows and written to them in the caller's transaction; nothing that is published is ever
changed. Records and running flows keep the version under which they began.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from config import rulebook
from config.rulebook import Rulebook, RulebookError
from config.sources import Problem, reason
from domain.errors import Refusal
from domain.rulebook_changes import (
    Carried,
    TypeChange,
    Unconvertible,
    carry,
    converted,
    differences,
    type_changes,
)
from storage import rulebooks
from storage.people import one_at_a_time
from storage.records import Records
from storage.rulebooks import Files, RulebookVersionRow
from storage.typed_data import values_of

MAY_PUBLISH = ("operations", "admin")
MOST_SHOWN = 3


@dataclass(frozen=True)
class InForce:
    """The rulebook that holds, and the files that it was read from."""

    rules: Rulebook
    """As it is written and kept, without the words that people taught."""
    files: Files


@dataclass(frozen=True)
class Draft:
    row: RulebookVersionRow
    rules: Rulebook
    changes: tuple[str, ...]
    """In words; empty where nothing is different."""


def draft(
    session: Session,
    files: Files,
    now_in_force: InForce,
    *,
    who: str,
    why: str,
    now: datetime,
    base: int | None = None,
) -> Draft:
    """Keep `files` as a draft. `base`: the change that was in force when somebody began to write them, 0 for none;
    None where that was just now.

    Raises RulebookError with every mistake in them, Refusal where something was published since `base`.
    """
    last = rulebooks.in_force(session)
    if base is not None and base != (last.id if last else 0):
        raise Refusal("你打开这个文件以后，规则又改过。请重新打开，在最新的规则上再改一次。")
    written = rulebook.read(files)
    carried = carry(now_in_force.rules, written)
    rules = rulebook.read(files, carried)
    before = _own(session)
    row = rulebooks.keep(
        session,
        rules.version,
        files,
        own=rulebooks.own_of(before, now_in_force.files, files),
        carried=carried.model_dump(mode="json"),
        state="draft",
        who=who,
        why=why,
        now=now,
    )
    row.base = last.id if last else None
    return Draft(row, rules, tuple(differences(now_in_force.rules, written)))


def _own(session: Session) -> Mapping[str, str]:
    last = rulebooks.in_force(session)
    row = rulebooks.version(session, last.version_id) if last else None
    return row.own if row else {}


def publish(
    session: Session, draft_id: int, now_in_force: InForce, *, who: str, why: str = "", now: datetime
) -> RulebookVersionRow:
    """Put a draft in force. Data of fields whose type changes are converted, each change with its audit row.

    Raises Refusal where it was decided about before, where something else was published since, or where data do
    not fit a field's new type.
    """
    one_at_a_time(session)
    row = rulebooks.version(session, draft_id)
    last = rulebooks.in_force(session)
    if row is None:
        raise Refusal("没有这个草稿。")
    if row.state != "draft":
        raise Refusal("这个草稿已经处理过了。")
    if row.base != (last.id if last else None):
        raise Refusal("这个草稿之后规则又改过，请在最新的规则上重新提一次。")
    rules = tried(session, row)
    if refused := list(misfits(session, now_in_force.rules, rules)):
        raise Refusal("有的数据放不进新的类型：" + "；".join(refused) + "。请先改数据，或者新加一个字段。")
    if not rulebooks.decide(session, row, "published"):
        raise Refusal("这个草稿已经处理过了。")
    if last is None:
        keep_installed(session, now_in_force, now)
    _convert(session, now_in_force.rules, rules, who, now)
    rulebooks.change(session, row.id or 0, "published", who=who, why=why or row.why, now=now)
    _audit(session, who, now, now_in_force.rules.version, row.version, why or row.why)
    return row


def roll_back(
    session: Session,
    now_in_force: InForce,
    to: int | None = None,
    *,
    who: str,
    why: str = "",
    now: datetime,
    base: int | None = None,
) -> RulebookVersionRow:
    """Put the files of an earlier version in force again: of `to`, else of the one that the present one came after.

    That is a version of its own: it keeps what has data by now, and the same step leads further back from it. `base`:
    the change that was in force when somebody decided to go back; None where that was just now. Raises Refusal where
    there is none, where data would not fit, or where somebody else changed the rules since `base`.
    """
    one_at_a_time(session)
    last = rulebooks.in_force(session)
    if base is not None and base != (last.id if last else 0):
        raise Refusal("你打开这一页以后，规则又有人改过，没有退回。请刷新看看现在用的是哪一版，再决定。")
    here = rulebooks.version(session, last.version_id) if last else None
    if here is None:
        raise Refusal("还没有发布过规则，没有可以退回的版本。")
    target = _wanted(session, to) if to else rulebooks.before(session, here)
    if target is None or target.id == here.id:
        raise Refusal("现在用的就是这个版本。" if target else "现在用的就是安装时的规则，没有更早的版本。")
    files = rulebooks.files_of(session, target)
    with _readable(target):
        carried = carry(now_in_force.rules, rulebook.read(files))
        rules = rulebook.read(files, carried)
    if refused := list(misfits(session, now_in_force.rules, rules)):
        raise Refusal("退回以后有的数据放不进去：" + "；".join(refused) + "。请先改数据。")
    _convert(session, now_in_force.rules, rules, who, now)
    row = rulebooks.keep(
        session,
        rules.version,
        files,
        own=target.own,
        carried=carried.model_dump(mode="json"),
        state="published",
        who=who,
        why=target.why,
        now=now,
    )
    row.base = target.base
    words = why or f"退回：{target.why}"
    rulebooks.change(session, row.id or 0, "rolled_back", who=who, why=words, now=now)
    _audit(session, who, now, now_in_force.rules.version, row.version, words)
    return row


def _wanted(session: Session, number: int) -> RulebookVersionRow:
    row = rulebooks.version(session, number)
    if row is None or row.state not in ("published", "installed"):
        raise Refusal(f"没有发布过的版本 {number}。用 xiaofang rulebook history 可以看全部。")
    return row


def drop(session: Session, draft_id: int) -> None:
    """Raises Refusal where it was decided about before."""
    row = rulebooks.version(session, draft_id)
    if row is None or not rulebooks.decide(session, row, "dropped"):
        raise Refusal("这个草稿已经处理过了。")


def held(session: Session) -> InForce | None:
    """What running processes hold, as far as rows tell: their files may be changed on disk since they started."""
    for row in rulebooks.good_versions(session):
        with suppress(RulebookError):
            return InForce(of_version(session, row), rulebooks.files_of(session, row))
    return None


@contextmanager
def _readable(row: RulebookVersionRow) -> Iterator[None]:
    try:
        yield
    except RulebookError as error:
        words = f"版本 {row.id} 现在读不了：{error.problems[0]}请换一个版本，或者在现在的规则上重新改。"
        raise Refusal(words) from None


def tried(session: Session, row: RulebookVersionRow) -> Rulebook:
    """A version to try out. Raises Refusal where today's program cannot read it any more."""
    with _readable(row):
        return of_version(session, row)


def of_version(session: Session, row: RulebookVersionRow) -> Rulebook:
    """A version as it was when it was made. Raises RulebookError where today's program cannot read it any more."""
    return rulebook.read(rulebooks.files_of(session, row), carried_of(row))


def carried_of(row: RulebookVersionRow) -> Carried:
    """Raises RulebookError where today's program does not know what the version kept, as after a downgrade."""
    try:
        return Carried.model_validate(row.carried)
    except ValidationError as error:
        problems = [Problem(f"version {row.id}", 0, reason(e)) for e in error.errors()]
        raise RulebookError(problems) from None


def misfits(session: Session, old: Rulebook, new: Rulebook) -> Iterator[str]:
    """For each field whose type changes: how many values do not fit, and in which records. Never the values: whoever
    publishes rules need not be somebody who sees them."""
    for change in type_changes(old, new):
        values = values_of(session, change.form, change.field.id)
        wrong = [row.id for row, value in values if _fits(value, change) is None]
        if wrong:
            label = new.forms[change.form].label
            shown = "、".join(str(number) for number in wrong[:MOST_SHOWN])
            yield f"「{label}」的「{change.field.label}」有 {len(wrong)} 条，比如记录 {shown}"


def _fits(value: Any, change: TypeChange) -> Any:
    try:
        return converted(value, change.old, change.field)
    except Unconvertible:
        return None


def _convert(session: Session, old: Rulebook, new: Rulebook, who: str, now: datetime) -> None:
    records = Records(session, who=who, now=now, inbox_id=None)
    for change in type_changes(old, new):
        for row, value in values_of(session, change.form, change.field.id):
            now_is = _fits(value, change)
            if now_is is not None and now_is != value:
                source = row.sources.get(change.field.id, "")
                records.change(row, change.field.id, now_is, source, "字段类型改了")
    records.write()


def keep_installed(session: Session, installed: InForce, now: datetime) -> None:
    """Keep what holds without any publication, so that it can be read for ever."""
    files, version = installed.files, installed.rules.version
    if rulebooks.of_content(session, version) is not None:
        return
    rulebooks.keep(
        session, version, files, own={}, carried={}, state="installed", who="", why="安装时的规则", now=now
    )


def _audit(session: Session, who: str, now: datetime, old: str, new: str, why: str) -> None:
    records = Records(session, who=who, now=now, inbox_id=None)
    records.audit("rulebook", "version", old, new, why)
    records.write()
