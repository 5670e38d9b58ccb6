"""The files of a speech model, and whether they are all there. Imports no engine, so anybody may ask."""

from pathlib import Path

from nlu.senses.config import SensesConfig
from nlu.senses.errors import ModelBroken, ModelMissing

# Engine → what it needs → the names under which it may lie there.
NEEDED: dict[str, dict[str, tuple[str, ...]]] = {
    "faster-whisper": {
        "weights": ("model.bin",),
        "config": ("config.json",),
        "tokenizer": ("tokenizer.json",),
        "vocabulary": ("vocabulary.json", "vocabulary.txt"),
        # Without it the engine assumes 80 mel bands, which is wrong for the large models.
        "preprocessor": ("preprocessor_config.json",),
    },
}


def model_of(config: SensesConfig) -> Path:
    """The folder of the configured speech model, whole. Raises ModelMissing or ModelBroken."""
    folder = model_folder(config.model_dir, config.speech_model) if config.model_dir else None
    return check_model(folder, NEEDED[config.speech_engine])


def model_folder(root: Path, model: str) -> Path:
    """Where the files of a model lie: in `root` itself, or in the folder of `root` that bears its name."""
    return root if (root / "model.bin").exists() else root / model


def check_model(folder: Path | None, needed: dict[str, tuple[str, ...]]) -> Path:
    """The folder, if every needed file is there and not empty; `needed` maps a part to its possible names.

    Looked at before an engine is constructed, because engines go to the network or assume defaults in
    silence where a file is missing. Raises ModelMissing or ModelBroken.
    """
    if folder is None or not folder.is_dir():
        where = f"{folder} does not exist" if folder else "no model directory is set (speech.model_dir)"
        raise ModelMissing(
            f"No speech model: {where}. Run `xiaofang models fetch speech`, or copy one there."
        )
    missing = [
        " or ".join(names)
        for names in needed.values()
        if not any((folder / name).is_file() and (folder / name).stat().st_size for name in names)
    ]
    if len(missing) == len(needed):
        raise ModelMissing(f"No speech model in {folder}: it is empty. Run `xiaofang models fetch speech`.")
    if missing:
        raise ModelBroken(
            f"The speech model in {folder} is incomplete: {', '.join(missing)} missing or empty. "
            "Fetch it again with `xiaofang models fetch speech`."
        )
    return folder
