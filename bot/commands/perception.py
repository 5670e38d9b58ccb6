"""`hear` and `read`: what the senses make of a file, as JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import Trouble, books, moment, print_json, read_bytes, senses_config, settings_of

if TYPE_CHECKING:
    from config.settings import Settings
    from nlu.senses.workers import SensePool

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="一个或几个文件，每个文件输出一行 JSON。")]


def hear(context: typer.Context, files: Files) -> None:
    """听语音文件，输出听到的文字。"""
    from nlu.senses.errors import EngineUnavailable
    from nlu.senses.speech import unheard

    contents = [read_bytes(file) for file in files]
    with _senses(settings_of(context)) as senses:
        for content in contents:
            try:
                print_json(senses.hear(content).model_dump(mode="json"))
            except EngineUnavailable as missing:
                print_json(unheard(missing, senses.config.speech_engine).model_dump(mode="json"))
                words = "语音模型还不能用。请运行 xiaofang models fetch speech，再重试。"
                raise Trouble(words) from None


def read(
    context: typer.Context,
    files: Files,
    now: Annotated[str | None, typer.Option("--now", help="当作这个时间来判断日期。")] = None,
) -> None:
    """读票据和照片，输出认出的字段和疑点；几个文件之间、和已有的报销之间的重复也会指出。"""
    from bot.register import Register
    from bot.reuse import told_in_order
    from bot.wiring import invoice_policy

    settings = settings_of(context)
    zone = ZoneInfo(settings.company.timezone)
    at = moment(now, zone)
    contents = {file: read_bytes(file) for file in files}
    policy, local = invoice_policy(settings), at.astimezone(zone)
    with _senses(settings) as senses, books(settings) as store, Register(policy, local, store) as register:
        found = told_in_order((contents[file], senses.read(contents[file], at)) for file in files)
        for file, read in zip(files, found, strict=True):
            print_json(register.checked(read.model_dump(mode="json"), file.name, contents[file]))


@contextmanager
def _senses(settings: "Settings") -> Iterator["SensePool"]:
    from nlu.senses.workers import SensePool

    with SensePool(senses_config(settings)) as pool:
        yield pool
