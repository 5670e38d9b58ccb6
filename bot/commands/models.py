"""`models`: which models there are, and fetching one. Never done inside a turn."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import Trouble, note, progress, senses_config, settings_of

if TYPE_CHECKING:
    from nlu.senses.config import SensesConfig
    from nlu.senses.models import Parts

app = typer.Typer(no_args_is_help=True, help="查看和下载模型。")

OFFLINE = "没有外网时，在能上网的机器上下载同样的文件（{files}），放到 {folder} 即可。"


class Which(StrEnum):
    speech = "speech"
    reading = "reading"


@app.command("list", help="列出模型和它们在不在。")
def list_models(context: typer.Context) -> None:
    config = senses_config(settings_of(context))
    for name, (ok, words) in states(config).items():
        typer.echo(f"{'✓' if ok else '✗'} {name}  {words}")


def states(config: "SensesConfig") -> dict[str, tuple[bool, str]]:
    """For each sense whether its model is in place, and words about it."""
    from nlu.senses.models import model_folder, model_name, model_of

    named = f"{config.speech_engine}/{model_name(config)}"
    speech = _state(named, lambda: model_of(config), str(model_folder(config)))
    return {"speech": speech, "reading": _reading_state(config)}


def _reading_state(config: "SensesConfig") -> tuple[bool, str]:
    from importlib.util import find_spec

    from nlu.senses.models import reading_folders, reading_model_name, reading_models

    if find_spec(config.reading_engine) is None:
        return False, f"没有安装 {config.reading_engine}"
    if config.reading_engine == "rapidocr":
        return True, "rapidocr，模型随程序自带"
    folders = "、".join(map(str, reading_folders(config)))
    named = f"{config.reading_engine}/{reading_model_name(config)}"
    return _state(named, lambda: reading_models(config)[0].parent, folders)


def _state(named: str, whole: Callable[[], Path], wanted: str) -> tuple[bool, str]:
    from nlu.senses.errors import EngineUnavailable

    try:
        return True, f"{named}，在 {whole()}"
    except EngineUnavailable as missing:
        words = "不完整，请加 --again 重新下载" if missing.code == "model_broken" else "还没有"
        return False, f"{named} {words}，应当在 {wanted}"


@app.command("fetch", help="下载模型到 speech.model_dir 或 reading.model_dir。")
def fetch(
    context: typer.Context,
    which: Annotated[Which, typer.Argument(help="speech，或 paddleocr 用的 reading。")] = Which.speech,
    again: Annotated[bool, typer.Option("--again", help="已经有了也重新下载。")] = False,
) -> None:
    config = senses_config(settings_of(context))
    if which is Which.reading and config.reading_engine == "rapidocr":
        typer.echo("读图用的是 rapidocr，模型随程序自带，不用下载。")
        return
    ok, words = states(config)[which.value]
    if ok and not again:
        typer.echo(f"已经有了：{words}。不用再下载。")
        return
    if which is Which.speech:
        _fetch_speech(config)
    else:
        _fetch_reading(config)


def _fetch_speech(config: "SensesConfig") -> None:
    from nlu.senses.models import NEEDED, model_folder, repository

    folder = model_folder(config)
    if folder is None or folder == config.model_dir:
        raise Trouble(
            f"模型文件直接放在 {folder} 里，是手工放的，不能覆盖。请先挪走，或改 speech.model_dir。"
        )
    _download(repository(config), NEEDED[config.speech_engine], folder)
    typer.echo(f"语音模型已放到 {folder}。等着的语音会在一分钟内开始处理，不用重启。")


def _fetch_reading(config: "SensesConfig") -> None:
    from nlu.senses.models import READING_PARTS, reading_folders, reading_repositories

    for repository, folder in zip(reading_repositories(config), reading_folders(config), strict=True):
        _download(repository, READING_PARTS, folder)
        typer.echo(f"读图模型已放到 {folder}。")


def _download(repository: str, parts: "Parts", folder: Path) -> None:
    from bot.model_download import FetchFailed, look_up
    from bot.model_download import fetch as bring

    try:
        note(f"正在下载 {repository} ……")
        source = look_up(repository, parts)
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
