"""The models by engine and name: their files, and whether they are all there.

Imports no engine, so anybody may ask.
"""

from pathlib import Path

from nlu.senses.config import SensesConfig
from nlu.senses.errors import ModelBroken, ModelMissing

Parts = dict[str, tuple[str, ...]]
"""What a model needs → the names under which it may lie there, the preferred one first."""

NEEDED: dict[str, Parts] = {
    "faster-whisper": {
        "weights": ("model.bin",),
        "config": ("config.json",),
        "tokenizer": ("tokenizer.json",),
        "vocabulary": ("vocabulary.json", "vocabulary.txt"),
        # Without it the engine assumes 80 mel bands, which is wrong for the large models.
        "preprocessor": ("preprocessor_config.json",),
    },
    "sherpa-onnx": {
        # Quantised first: a quarter of the size.
        "weights": ("model.int8.onnx", "model.onnx"),
        "tokens": ("tokens.txt",),
    },
}

REPOSITORIES: dict[str, dict[str, str]] = {
    "faster-whisper": {
        "small": "Systran/faster-whisper-small",
        "medium": "Systran/faster-whisper-medium",
        "large-v3": "Systran/faster-whisper-large-v3",
        "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    },
    "sherpa-onnx": {
        "sense-voice": "csukuangfj/sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17",
    },
}
"""Where the models lie on the hub. The first of an engine is the one it takes where none is named."""

READING_PARTS: Parts = {"weights": ("inference.onnx",), "description": ("inference.yml",)}
"""Of each of PaddleOCR's two models, the one that finds lines and the one that reads them; rapidocr bundles its own."""
READING_MODEL = "PP-OCRv6_small"


def model_name(config: SensesConfig) -> str:
    return config.speech_model or next(iter(REPOSITORIES[config.speech_engine]))


def repository(config: SensesConfig) -> str:
    """On the hub; a model that is not in the table is named by its repository."""
    name = model_name(config)
    return REPOSITORIES[config.speech_engine].get(name, name)


def model_of(config: SensesConfig) -> Path:
    """The folder of the configured speech model, whole. Raises ModelMissing or ModelBroken."""
    return check_model(model_folder(config), NEEDED[config.speech_engine])


def model_folder(config: SensesConfig) -> Path | None:
    """Where the model's files lie: in `model_dir` itself, else in the folder there that bears its name."""
    root = config.model_dir
    if root is None or any((root / name).exists() for name in NEEDED[config.speech_engine]["weights"]):
        return root
    return root / model_name(config).rpartition("/")[2]


def part_of(folder: Path, names: tuple[str, ...]) -> Path | None:
    """The first of these files that is there and not empty."""
    found = (folder / name for name in names if (folder / name).is_file())
    return next((file for file in found if file.stat().st_size), None)


def reading_models(config: SensesConfig) -> tuple[Path, Path]:
    """The folders of PaddleOCR's two models, whole. Raises ModelMissing or ModelBroken."""
    detection, recognition = (
        check_model(folder, READING_PARTS, "reading") for folder in reading_folders(config)
    )
    return detection, recognition


def reading_folders(config: SensesConfig) -> tuple[Path, Path]:
    name, root = reading_model_name(config), config.reading_model_dir or Path()
    return root / f"{name}_det", root / f"{name}_rec"


def reading_model_name(config: SensesConfig) -> str:
    return config.reading_model or READING_MODEL


def reading_repositories(config: SensesConfig) -> tuple[str, str]:
    """On the hub, under the names by which PaddleX knows its ONNX models."""
    name = reading_model_name(config)
    return f"PaddlePaddle/{name}_det_onnx", f"PaddlePaddle/{name}_rec_onnx"


def check_model(folder: Path | None, needed: Parts, sense: str = "speech") -> Path:
    """The folder, if every needed file is there and not empty.

    Looked at before an engine is constructed, because engines go to the network or assume defaults in
    silence where a file is missing. Raises ModelMissing or ModelBroken.
    """
    fetch = f"`xiaofang models fetch {sense}`"
    if folder is None or not folder.is_dir():
        where = f"{folder} does not exist" if folder else f"no model directory is set ({sense}.model_dir)"
        raise ModelMissing(f"No {sense} model: {where}. Run {fetch}, or copy one there.")
    missing = [" or ".join(names) for names in needed.values() if part_of(folder, names) is None]
    if len(missing) == len(needed):
        raise ModelMissing(f"No {sense} model in {folder}: it is empty. Run {fetch}.")
    if missing:
        raise ModelBroken(
            f"The {sense} model in {folder} is incomplete: {', '.join(missing)} missing or empty. "
            f"Fetch it again with {fetch}."
        )
    return folder
