"""`models`: which models there are, and fetching one. Never done inside a turn."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import Trouble, note, progress, senses_config, settings_of

if TYPE_CHECKING:
    from nlu.senses.config import SensesConfig

app = typer.Typer(no_args_is_help=True, help="查看和下载模型。")

OFFLINE = "没有外网时，在能上网的机器上下载同样的文件（{files}），放到 {folder} 即可。"


class Which(StrEnum):
    speech = "speech"


@app.command("list", help="列出模型和它们在不在。")
def list_models(context: typer.Context) -> None:
    config = senses_config(settings_of(context))
    for name, (ok, words) in states(config).items():
        typer.echo(f"{'✓' if ok else '✗'} {name}  {words}")


def states(config: "SensesConfig") -> dict[str, tuple[bool, str]]:
    """For each sense whether its model is in place, and words about it."""
    from importlib.util import find_spec

    from nlu.senses.errors import EngineUnavailable
    from nlu.senses.models import model_folder, model_name, model_of

    named = f"{config.speech_engine}/{model_name(config)}"
    try:
        speech = (True, f"{named}，在 {model_of(config)}")
    except EngineUnavailable as missing:
        words = "不完整，请加 --again 重新下载" if missing.code == "model_broken" else "还没有"
        speech = (False, f"{named} {words}，应当在 {model_folder(config)}")
    reading = find_spec(config.reading_engine) is not None
    bundled = f"{config.reading_engine}，模型随程序自带" if reading else f"没有安装 {config.reading_engine}"
    return {"speech": speech, "reading": (reading, bundled)}


@app.command("fetch", help="下载语音模型到 speech.model_dir。")
def fetch(
    context: typer.Context,
    which: Annotated[Which, typer.Argument(help="目前只有 speech；读图的模型随程序自带。")] = Which.speech,
    again: Annotated[bool, typer.Option("--again", help="已经有了也重新下载。")] = False,
) -> None:
    from nlu.senses.errors import EngineUnavailable
    from nlu.senses.models import model_folder, model_of

    config = senses_config(settings_of(context))
    if not again:
        try:
            typer.echo(f"模型已经在 {model_of(config)}，不用再下载。")
            return
        except EngineUnavailable:
            pass
    folder = model_folder(config)
    if folder is None or folder == config.model_dir:
        raise Trouble(
            f"模型文件直接放在 {folder} 里，是手工放的，不能覆盖。请先挪走，或改 speech.model_dir。"
        )
    _download(config, folder)
    typer.echo(f"语音模型已放到 {folder}。等着的语音会在一分钟内开始处理，不用重启。")


def _download(config: "SensesConfig", folder: Path) -> None:
    from bot.model_download import FetchFailed, look_up
    from bot.model_download import fetch as bring
    from nlu.senses.models import NEEDED, repository

    parts = NEEDED[config.speech_engine]
    try:
        note(f"正在下载 {repository(config)} ……")
        source = look_up(repository(config), parts)
        with progress(folder.name, source.size, of_bytes=True) as arrived:
            bring(source, folder, arrived=arrived)
    except FetchFailed as failed:
        raise Trouble(str(failed)) from None
    except Exception as error:  # the hub, HTTP and the disk each raise their own
        first = str(error).strip().splitlines()[0] if str(error).strip() else ""
        offline = OFFLINE.format(files="、".join(names[0] for names in parts.values()), folder=folder)
        raise Trouble(
            f"模型没有下载成功（{type(error).__name__}：{first[:200]}）。请检查网络；"
            f"需要镜像时设置环境变量 HF_ENDPOINT，需要代理时设置 HTTPS_PROXY。{offline}"
        ) from None
