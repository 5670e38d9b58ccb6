"""The command line. Commands live in `bot/commands`; what is heavy is imported inside them, when it is needed.

Exit codes: 0 done · 1 it failed · 2 wrong usage · 130 interrupted.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.commands import (
    checking,
    coaching,
    data,
    language,
    models,
    perception,
    rules,
    running,
    schedules,
    stock,
    talk,
    transfers,
)
from bot.commands.console import FAILED, Trouble


class Commands(TyperGroup):
    """Takes `--config` and `--debug` at any place, and tells errors in words instead of tracebacks."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _global_options_first(args))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            words, code = explained(error)
            if words is None:
                raise
            typer.echo(words, err=True)
            raise typer.Exit(code) from None


def _global_options_first(args: list[str]) -> list[str]:
    first, rest = [], []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg == "--config":
            first += [arg, *[value for value in [next(waiting, None)] if value is not None]]
        elif arg.startswith("--config=") or arg == "--debug":
            first.append(arg)
        else:
            rest.append(arg)
    return [*first, *rest]


def explained(error: Exception) -> tuple[str | None, int]:
    """What the person at the terminal is told, and the exit code; None for what typer itself handles."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, Trouble):
        return error.words, error.code
    if kind.startswith(("typer.", "click.")):
        return None, FAILED
    if kind == "config.settings_file.SettingsError":
        return f"设置有 {len(error.problems)} 处问题：\n{error}", FAILED  # type: ignore[attr-defined]
    if kind == "config.rulebook.RulebookError":
        return f"规则有问题，先运行 xiaofang rulebook check：\n{error}", FAILED
    if isinstance(error, BrokenPipeError):
        _silence_output()
        return "", FAILED
    if kind.startswith("sqlalchemy."):
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"数据库出错：{why}。请检查数据库是否在运行、磁盘有没有满，再重试。", FAILED
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or '系统'}：{error.strerror}。请检查路径、权限和磁盘空间，再重试。", FAILED
    words = f"程序出错了（{type(error).__name__}：{error}）。加上 --debug 再运行一次，把输出发给开发者。"
    return words, FAILED


def _silence_output() -> None:
    """Nobody reads standard output any more; the interpreter must not complain about it at its end."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="小访：住在企业微信和钉钉里的销售助手。",
)


@app.callback()
def main_options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="设置文件；不写时用 XIAOFANG_CONFIG，再不然用 ./xiaofang.yaml。"),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示完整的调用栈。")] = False,
) -> None:
    context.obj = config


app.command("demo", context_settings=running.RAW)(running.demo)
app.command("serve")(running.serve)
app.command("say")(talk.say)
app.command("hear")(perception.hear)
app.command("read")(perception.read)
app.command("understand")(language.understand)
app.add_typer(data.importing, name="import")
app.add_typer(data.exporting, name="export")
app.add_typer(rules.app, name="rulebook")
app.add_typer(stock.app, name="stock")
app.add_typer(schedules.app, name="schedule")
app.add_typer(models.app, name="models")
app.command("hand-over")(transfers.hand_over)
app.command("doctor")(checking.doctor)
app.command("migrate")(running.migrate)
app.command("bench", context_settings=running.RAW)(running.bench)
app.command("objection")(coaching.objection)
app.add_typer(coaching.practising, name="practise")


def main() -> None:
    app()


if __name__ == "__main__":
    main()
