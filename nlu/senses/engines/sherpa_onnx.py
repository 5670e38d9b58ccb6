"""SenseVoice through sherpa-onnx, on the CPU: Mandarin with punctuation and written figures.

The model takes no hot words: names are matched afterwards, in the text (`nlu.language`). It gives no
probabilities either, so `confidence` is `speech.UNKNOWN_CONFIDENCE` whenever something was heard.
"""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import sherpa_onnx
from faster_whisper.vad import VadOptions, get_speech_timestamps

from nlu.senses.decoding import RATE, Samples
from nlu.senses.errors import EngineFailed, ModelBroken
from nlu.senses.models import NEEDED, check_model, part_of
from nlu.senses.speech import UNKNOWN_CONFIDENCE, Transcript

LONGEST_CHUNK = 28 * RATE
"""Samples. The model was trained on up to 30 s; longer recordings are cut in a pause between words."""

TAGS = re.compile(r"<\|[^|<>]*\|>")

VAD = VadOptions(min_silence_duration_ms=500, max_speech_duration_s=LONGEST_CHUNK / RATE)


class SherpaOnnx:
    """Raises ModelMissing or ModelBroken when constructed on a folder that is no whole model."""

    def __init__(self, folder: Path | None, *, threads: int = 1) -> None:
        needed = NEEDED["sherpa-onnx"]
        folder = check_model(folder, needed)
        try:
            self._recognizer = sherpa_onnx.OfflineRecognizer.from_sense_voice(
                model=str(part_of(folder, needed["weights"])),
                tokens=str(part_of(folder, needed["tokens"])),
                num_threads=threads,
                language="zh",
                use_itn=True,
            )
        except Exception as error:
            raise ModelBroken(
                f"The speech model in {folder} cannot be loaded ({type(error).__name__}: {error}). "
                "Fetch it again with `xiaofang models fetch speech`."
            ) from error
        self.name = f"sherpa-onnx/{folder.name}"

    def transcribe(self, samples: Samples, hotwords: tuple[str, ...]) -> Transcript:
        texts: list[str] = []
        for chunk in chunks(samples):
            stream = self._recognizer.create_stream()
            try:
                stream.accept_waveform(RATE, chunk)
                self._recognizer.decode_stream(stream)
            except (RuntimeError, MemoryError) as error:
                raise EngineFailed(f"{self.name}: {error}") from error
            # Language, mood and sounds (<|zh|><|NEUTRAL|><|Speech|>) are apart in the result; a model that puts
            # them into the text all the same must not have them taken for words.
            texts.append(TAGS.sub("", stream.result.text).strip())
        return Transcript("".join(texts), UNKNOWN_CONFIDENCE if any(texts) else 0.0)


def chunks(samples: Samples) -> Iterator[Samples]:
    """The recording without the silence around it, in pieces that the model takes; none where nobody spoke.

    Pauses inside a piece stay: what was said hangs together.
    """
    spoken = deque((span["start"], span["end"]) for span in get_speech_timestamps(samples, VAD))
    while spoken:
        start, end = spoken.popleft()
        while spoken and spoken[0][1] - start <= LONGEST_CHUNK:
            _, end = spoken.popleft()
        yield samples[start:end]
