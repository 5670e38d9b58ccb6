"""`rulebook`: the forms and lexicon that sales operations edit."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.console import FAILED, WRONG_USAGE, Trouble, note, settings_of

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
        f"规则没有问题：{len(found.forms)} 张表单，{len(found.lexicon)} 类词库，版本 {found.version}；"
        f"{len(lessons.cards)} 张异议卡，{len(lessons.cases)} 个案例，{len(lessons.scripts)} 套报价话术。"
    )


def _later(name: str) -> None:
    @app.command(name, help="随规则发布功能一起上线。")
    def command() -> None:
        words = "现在规则文件夹就是生效的规则：用 rulebook check 检查，用版本管理工具保留旧版本。"
        raise Trouble(f"rulebook {name} 会随规则发布功能一起上线，这个版本还没有。{words}", WRONG_USAGE)


for _name in ("test", "publish", "rollback"):
    _later(_name)
