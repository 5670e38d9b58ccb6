"""The engines by name. A new one is a module here and a line in its table."""

from collections.abc import Callable

from nlu.senses.config import SensesConfig
from nlu.senses.documents import ReadingEngine
from nlu.senses.models import model_of, reading_model_name, reading_models
from nlu.senses.photos.fingerprints import Eye
from nlu.senses.speech import SpeechEngine


def _faster_whisper(config: SensesConfig) -> SpeechEngine:
    folder = model_of(config)  # before the heavy import, which a missing model makes useless
    from nlu.senses.engines.faster_whisper import FasterWhisper

    return FasterWhisper(folder, threads=config.threads, temperatures=config.temperatures)


def _sherpa_onnx(config: SensesConfig) -> SpeechEngine:
    folder = model_of(config)
    from nlu.senses.engines.sherpa_onnx import SherpaOnnx

    return SherpaOnnx(folder, threads=config.threads)


def _rapidocr(config: SensesConfig) -> ReadingEngine:
    from nlu.senses.engines.rapidocr import RapidReader

    return RapidReader(threads=config.threads)


def _paddleocr(config: SensesConfig) -> ReadingEngine:
    folders = reading_models(config)
    from nlu.senses.engines.paddleocr import PaddleReader

    return PaddleReader(folders, reading_model_name(config), threads=config.threads)


SPEECH: dict[str, Callable[[SensesConfig], SpeechEngine]] = {
    "faster-whisper": _faster_whisper,
    "sherpa-onnx": _sherpa_onnx,
}
READING: dict[str, Callable[[SensesConfig], ReadingEngine]] = {
    "rapidocr": _rapidocr,
    "paddleocr": _paddleocr,
}


def speech_engine(config: SensesConfig) -> SpeechEngine:
    """Loads the model. Raises ModelMissing or ModelBroken."""
    return SPEECH[config.speech_engine](config)


def reading_engine(config: SensesConfig) -> ReadingEngine:
    """Raises ModelMissing or ModelBroken where the engine brings no models of its own."""
    return READING[config.reading_engine](config)


def eye() -> Eye:
    from nlu.senses.engines.orb import OrbEye

    return OrbEye()
