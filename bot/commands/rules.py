"""`rulebook`: the forms and lexicon that sales operations edit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.console import (
    FAILED,
    WRONG_USAGE,
    Trouble,
    database,
    note,
    person_named,
    print_json,
    settings_of,
)

if TYPE_CHECKING:
    from bot.rulebook_cases import Case
    from config.rulebook import Rulebook
    from config.settings import Settings
    from nlu.language.lexicon import Lexicon
    from storage.store import Store

app = typer.Typer(no_args_is_help=True, help="检查和发布表单与词库。")


@app.command("check", help="检查规则文件夹，一次列出全部问题。")
def check(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(help="规则文件夹；不写时用设置里的 rulebook_dir，再不然用自带的。")
    ] = None,
) -> None:
    from config import library, rulebook

    directory = directory or settings_of(context).rulebook_dir
    if directory and not directory.is_dir():
        raise Trouble(f"没有这个文件夹：{directory}。里面应当有 forms 和 lexicon。")
    problems = []
    for load in (rulebook.load, library.load):
        try:
            load(directory)
        except rulebook.RulebookError as error:
            problems += error.problems
    if problems:
        for problem in problems:
            note(str(problem))
        note(f"共 {len(problems)} 处问题。改好以前，规则不会生效。")
        raise typer.Exit(FAILED)
    found, lessons = rulebook.load(directory), library.load(directory)
    typer.echo(
        f"规则没有问题：{len(found.forms)} 张表单，{len(found.flows)} 个流程，{len(found.alerts)} 条提醒，"
        f"{len(found.schedules)} 个定时提醒，{len(found.lexicon)} 类词库，版本 {found.version}；"
        f"{len(lessons.cards)} 张异议卡，{len(lessons.cases)} 个案例，{len(lessons.scripts)} 套报价话术，"
        f"{len(lessons.scenes)} 个对练场景。"
    )


@app.command(
    "publish", help="检查规则文件夹，拿最近 30 天的消息和记录试算，然后发布。所有进程马上生效，不用重启。"
)
def publish(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(help="规则文件夹；不写时用设置里的 rulebook_dir。")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="为什么改，会留在历史里。")] = "",
    person: Annotated[str | None, typer.Option("--as", help="谁发布的：编号、账号或名字。")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算，不发布。")] = False,
) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from bot.knowledge import Knowledge
    from config import rulebook
    from domain.people import Person
    from handlers import publishing
    from handlers.dry_run import dry_run as tried
    from storage.people import People

    settings = settings_of(context)
    directory = directory or settings.rulebook_dir
    if directory is None or not directory.is_dir():
        raise Trouble(
            f"没有这个文件夹：{directory or '（没有写）'}。请写上放着 forms 和 lexicon 的文件夹。",
            WRONG_USAGE,
        )
    files = rulebook.files(directory)
    with database(settings) as store:
        who = _publisher(store, person) if person or not dry_run else ""
        now = datetime.now(UTC)
        knowledge = Knowledge(settings.rulebook_dir)
        with store.read() as session:
            held = publishing.held(session) or knowledge.in_force(session)
            _, lexicon = knowledge.current(session)
            zoned = now.astimezone(ZoneInfo(settings.company.timezone))
            reader = People(session).get(who) or Person(id=who, name="", role="admin")
            found = tried(session, held.rules, rulebook.read(files), lexicon, reader, zoned)
        for line in found.lines():
            typer.echo(line)
        if dry_run or not found.changes:
            note("只是试算，没有发布。" if dry_run else "和现在用的规则一样，没有发布。")
            return
        with store.write() as session, _refusals():
            draft = publishing.draft(session, files, held, who=who, why=why or "命令行发布", now=now)
            row = publishing.publish(session, draft.row.id or 0, held, who=who, now=now)
        typer.echo(f"已发布版本 {row.id}（{row.version}），马上生效。退回用 xiaofang rulebook rollback。")


@app.command("rollback", help="退回上一版规则，或某个发布过的版本。")
def rollback(
    context: typer.Context,
    to: Annotated[int | None, typer.Argument(help="版本编号（见 history）；不写时退回上一版。")] = None,
    why: Annotated[str, typer.Option("--why", help="为什么退回，会留在历史里。")] = "",
    person: Annotated[str | None, typer.Option("--as", help="谁退回的：编号、账号或名字。")] = None,
) -> None:
    from datetime import UTC, datetime

    from bot.knowledge import Knowledge
    from handlers import publishing

    settings = settings_of(context)
    with database(settings) as store:
        who = _publisher(store, person)
        with store.write() as session, _refusals():
            held = publishing.held(session) or Knowledge(settings.rulebook_dir).in_force(session)
            row = publishing.roll_back(session, held, to, who=who, why=why, now=datetime.now(UTC))
    typer.echo(f"已退回到「{row.why}」（版本 {row.id}），马上生效。")


@app.command("history", help="规则改过几次：谁、什么时候、为什么。")
def history(context: typer.Context) -> None:
    from zoneinfo import ZoneInfo

    from storage import rulebooks

    settings = settings_of(context)
    zone = ZoneInfo(settings.company.timezone)
    with database(settings) as store, store.read() as session:
        rows = rulebooks.history(session)
        for number, (change, row) in enumerate(rows):
            what = {"published": "发布", "rolled_back": "退回"}[change.kind]
            which = f"版本 {row.id}（{row.version}）" if row else "安装时的规则"
            here = "  ← 现在用的" if number == 0 else ""
            when = change.at.astimezone(zone)
            typer.echo(f"{when:%Y-%m-%d %H:%M}  {what}{which}  {change.who or '命令行'}：{change.why}{here}")
    if not rows:
        note("还没有发布过，用的是规则文件夹里的规则。")


def _publisher(store: "Store", words: str | None) -> str:
    """Whose name stands in the history; the terminal itself where nobody is named."""
    return person_named(store, words).id if words else "terminal"


@contextmanager
def _refusals() -> Iterator[None]:
    from domain.errors import Refusal

    try:
        yield
    except Refusal as refusal:
        raise Trouble(refusal.words) from None


@app.command("test", help="把用例里的句子过一遍规则，逐项列出和应有结果不同的地方。")
def test(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(help="规则文件夹；不写时用设置里的 rulebook_dir，再不然用自带的。")
    ] = None,
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases", help="用例的文件或文件夹；不写时用规则文件夹里的 cases，再不然用自带的样例。"
        ),
    ] = None,
    lessons: Annotated[
        bool, typer.Option("--lessons", help="再加上大家改正过的句子（存在数据库里，不会导出）。")
    ] = False,
) -> None:
    from zoneinfo import ZoneInfo

    from bot.rulebook_cases import Case, CaseError, differences, read_cases
    from config import rulebook

    settings = settings_of(context)
    zone = ZoneInfo(settings.company.timezone)
    directory = directory or settings.rulebook_dir
    if directory and not directory.is_dir():
        raise Trouble(f"没有这个文件夹：{directory}。里面应当有 forms 和 lexicon。")
    rules = rulebook.load(directory)
    groups: list[tuple[list[Case], Any]] = []
    try:
        groups += [read_cases(path, zone) for path in _case_files(cases, directory)]
    except CaseError as error:
        raise Trouble(str(error)) from None
    if lessons or any(names is None for _, names in groups):
        rules, lexicon, kept = _company(settings, rules)
        groups = [(found, names or lexicon) for found, names in groups]
        if lessons:
            groups.append((kept, lexicon))
    total = wrong = 0
    for found, names in groups:
        for case in found:
            told = differences(case, rules, names)
            total, wrong = total + 1, wrong + bool(told)
            if told:
                typer.echo("\n    ".join([f"✗ {case.file}：{case.text}", *told]))
    typer.echo(f"{total} 条用例，{total - wrong} 条一致，{wrong} 条不同（规则版本 {rules.version}）。")
    if wrong:
        raise typer.Exit(FAILED)


def _case_files(cases: Path | None, directory: Path | None) -> list[Path]:
    from config import rulebook

    if cases is not None and cases.is_file():
        return [cases]
    own = (directory or rulebook.SHIPPED) / "cases"
    folder = cases or (own if own.is_dir() else rulebook.SHIPPED / "cases")
    if not folder.is_dir():
        raise Trouble(f"没有这些用例：{folder}。应当是一个 YAML 文件，或放着 YAML 文件的文件夹。")
    return sorted(folder.glob("*.yaml"))


def _company(settings: "Settings", rules: "Rulebook") -> "tuple[Rulebook, Lexicon, list[Case]]":
    """The rulebook with what was taught, the company's names, and the sentences that people put right."""
    from zoneinfo import ZoneInfo

    from bot.knowledge import known_to
    from bot.rulebook_cases import Case
    from storage.learning import lessons

    zone = ZoneInfo(settings.company.timezone)
    with database(settings) as store, store.read() as session:
        taught, lexicon = known_to(session, rules)
        kept = [
            Case(
                f"lesson {row.id}",
                row.text,
                tuple(next(iter(record.items())) for record in row.corrected),
                row.told_at.astimezone(zone),
                row.person_id,
            )
            for row in lessons(session)
        ]
    return taught, lexicon, kept


@app.command("lessons", help="列出大家改正过的句子，可以存成用例。里面是原话，请当作个人信息保管。")
def lessons_(
    context: typer.Context,
    format_: Annotated[str, typer.Option("--format", help="yaml 或 json。")] = "yaml",
) -> None:
    from zoneinfo import ZoneInfo

    import yaml

    from storage.learning import lessons

    if format_ not in ("yaml", "json"):
        raise Trouble(f"没有 {format_} 这种格式，可用的是 yaml 和 json。", WRONG_USAGE)
    settings = settings_of(context)
    zone = ZoneInfo(settings.company.timezone)
    with database(settings) as store, store.read() as session:
        kept = [
            {
                "text": row.text,
                "now": row.told_at.astimezone(zone).isoformat(timespec="seconds"),
                "as": row.person_id,
                "records": row.corrected,
                "proposed": row.proposed,
            }
            for row in lessons(session)
        ]
    if format_ == "json":
        for one in kept:
            print_json(one)
    elif kept:
        typer.echo(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=110), nl=False)
    note(
        f"共 {len(kept)} 条。records 是改正后的结果，proposed 是当时的理解；放进 cases 之前请核对，并去掉个人信息。"
    )
