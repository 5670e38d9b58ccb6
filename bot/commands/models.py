"""`models`: which models there are, and fetching one. Never done inside a turn."""

import shutil
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import Trouble, note, senses_config, settings_of

if TYPE_CHECKING:
    from nlu.senses.config import SensesConfig

app = typer.Typer(no_args_is_help=True, help="查看和下载模型。")

FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.*", "preprocessor_config.json")
OFFLINE = "没有外网时，在能上网的机器上下载同样的文件，放到 {folder} 即可。"


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
    from nlu.senses.models import model_folder, model_of

    try:
        speech = (True, f"{config.speech_engine}/{config.speech_model}，在 {model_of(config)}")
    except EngineUnavailable as missing:
        where = config.model_dir and model_folder(config.model_dir, config.speech_model)
        words = "不完整，请加 --again 重新下载" if missing.code == "model_broken" else "还没有"
        speech = (False, f"{config.speech_engine}/{config.speech_model} {words}，应当在 {where}")
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
    from nlu.senses.models import NEEDED, check_model, model_of

    config = senses_config(settings_of(context))
    root = config.model_dir or Path("var/models")
    folder = root / config.speech_model
    if not again:
        try:
            typer.echo(f"模型已经在 {model_of(config)}，不用再下载。")
            return
        except EngineUnavailable:
            pass
    root.mkdir(parents=True, exist_ok=True)
    # Fetched beside its place and moved there whole: half a model would pass for one.
    with tempfile.TemporaryDirectory(dir=root, prefix=f".{config.speech_model}.") as part:
        _download(config.speech_model, Path(part), folder)
        try:
            check_model(Path(part), NEEDED[config.speech_engine])
        except EngineUnavailable as broken:
            raise Trouble(f"下载下来的模型不完整：{broken}") from None
        if folder.exists():
            shutil.rmtree(folder)
        Path(part).rename(folder)
        Path(part).mkdir()
    folder.chmod(0o755)
    typer.echo(f"语音模型已放到 {folder}。等着的语音会在一分钟内开始处理，不用重启。")


def _download(model: str, part: Path, folder: Path) -> None:
    """With the hub's own client, which shows its own progress. Mirrors by HF_ENDPOINT, proxies by HTTPS_PROXY."""
    from faster_whisper.utils import _MODELS
    from huggingface_hub import snapshot_download

    source = _MODELS.get(model, model)
    note(f"正在下载 {source} ……")
    try:
        snapshot_download(source, local_dir=str(part), allow_patterns=list(FILES))
    except Exception as error:  # the hub, HTTP and the disk each raise their own
        first = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise Trouble(
            f"模型没有下载成功（{type(error).__name__}：{first[:200]}）。请检查网络；"
            f"需要镜像时设置环境变量 HF_ENDPOINT，需要代理时设置 HTTPS_PROXY。{OFFLINE.format(folder=folder)}"
        ) from None
    shutil.rmtree(part / ".cache", ignore_errors=True)
