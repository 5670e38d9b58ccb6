"""`import` and `export`: master data in, records out."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import (
    FAILED,
    WRONG_USAGE,
    Trouble,
    database,
    moment,
    note,
    person_named,
    progress,
    read_bytes,
    settings_of,
)

KINDS = {
    "people": "人员",
    "customers": "客户",
    "contacts": "联系人",
    "products": "产品",
    "competitors": "竞品",
    "stock": "库存",
    "dealers": "经销商",
    "receivables": "应收账款",
    "leads": "线索",
}
MOST_REFUSED_SHOWN = 200

importing = typer.Typer(no_args_is_help=True, help="从 CSV 导入主数据；可以反复导入。")
exporting = typer.Typer(no_args_is_help=True, help="导出记录。")


class Format(StrEnum):
    jsonl = "jsonl"
    csv = "csv"
    xlsx = "xlsx"


def _importer(kind: str) -> Callable[..., None]:
    def command(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV 文件，UTF-8 或 GBK。")],
    ) -> None:
        import_file(context, kind, file)

    return command


for _kind, _label in KINDS.items():
    importing.command(_kind, help=f"导入{_label}。")(_importer(_kind))


def import_file(context: typer.Context, kind: str, file: Path) -> None:
    """Exit code 1 where a row, or the file, was refused; the other rows are in all the same."""
    from bot import imports

    content = read_bytes(file)
    with database(settings_of(context), create=True) as store:
        try:
            with progress(f"导入{KINDS[kind]}", max(0, content.count(b"\n") - 1)) as done:
                report = imports.load(kind, content, store, now=datetime.now(UTC), progress=done)
        except imports.FileRefused as refused:
            raise Trouble(f"{file}：{refused.words}") from None
    for one in report.refused[:MOST_REFUSED_SHOWN]:
        note(str(one))
    if len(report.refused) > MOST_REFUSED_SHOWN:
        note(f"……还有 {len(report.refused) - MOST_REFUSED_SHOWN} 行没有列出。")
    typer.echo(
        f"{KINDS[kind]}：新增 {report.added}，更新 {report.changed}，没有变化 {report.unchanged}，"
        f"拒绝 {len(report.refused)}。"
    )
    if report.refused:
        note("改好上面这些行以后，把同一个文件再导入一次即可，已经导入的不会重复。")
        raise typer.Exit(FAILED)


@exporting.callback()
def _exporting() -> None:
    """Keeps `records` a command of its own while it is the only one."""


@exporting.command("records", help="导出一种表单的记录（只有确认过的）。")
def export_records(
    context: typer.Context,
    form: Annotated[str, typer.Option("--form", help="表单，例如 visit、expense。")],
    format: Annotated[Format, typer.Option("--format", help="格式。")] = Format.jsonl,
    since: Annotated[
        str | None, typer.Option("--since", help="只要这个时间以后发生的，例如 2026-03-01。")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option("--as", help="只导出这个人看得到的；不写时导出全部，给管理服务器的人用。"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写到文件；不写时输出到标准输出。")] = None,
) -> None:
    from bot import exports
    from bot.knowledge import Knowledge
    from domain.policies import viewer_of
    from domain.statuses import COUNTS
    from storage.guarding import read_as
    from storage.policies import Guard
    from storage.seeing import Seen, Wanted

    settings = settings_of(context)
    zone = ZoneInfo(settings.company.timezone)
    if out is None and format is Format.xlsx and sys.stdout.isatty():
        raise Trouble("xlsx 不能显示在终端里：请加上 --out FILE.xlsx。", WRONG_USAGE)
    start = moment(since, zone) if since else None
    with database(settings) as store, ExitStack() as stack:
        with store.read() as session:
            rules = Knowledge(settings.rulebook_dir).in_force(session).rules
        forms = rules.forms
        if form not in forms:
            raise Trouble(f"没有表单“{form}”。可用的是：{'、'.join(sorted(forms))}。", WRONG_USAGE)
        if person is None:
            session = stack.enter_context(store.read())
            total = exports.how_many(session, form, start)
            records = exports.records(session, form, since=start, zone=zone)
        else:
            viewer = viewer_of(person_named(store, person), "export")
            guard = Guard(rules.policies, viewer, forms)
            seen = Seen(stack.enter_context(read_as(store, guard, datetime.now(zone))))
            wanted = Wanted(form=form, since=start, statuses=COUNTS)
            total = seen.count(wanted)
            records = exports.seen_records(seen, wanted, zone)
        target = stack.enter_context(_output(out))
        with progress(f"导出{forms[form].label}", total) as done:
            exports.FORMATS[format](_counted(records, done), forms[form], target)
    if out:
        note(f"已导出 {total} 条到 {out}。")


def _counted(found: Iterator[dict[str, Any]], done: Callable[[int], None]) -> Iterator[dict[str, Any]]:
    for record in found:
        yield record
        done(1)


@contextmanager
def _output(out: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears whole or not at all."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        handle, name = tempfile.mkstemp(dir=out.absolute().parent, prefix=f".{out.name}.")
    except OSError as error:
        raise Trouble(f"写不了 {out}（{error.strerror}）。请检查文件夹和权限。") from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        part.chmod(0o644)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
