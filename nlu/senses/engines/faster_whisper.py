"""Whisper through CTranslate2, on the CPU, in int8."""

import logging
import math
from pathlib import Path

from faster_whisper import WhisperModel

from nlu.senses.decoding import Samples
from nlu.senses.errors import EngineFailed, ModelBroken
from nlu.senses.models import NEEDED, check_model
from nlu.senses.speech import MOST_HOTWORD_TOKENS, Transcript, fit_hotwords

# Steers towards simplified characters with punctuation.
PROMPT = "以下是普通话的句子。"

# Tried in turn until a window comes out plausible; above 0 the engine draws lots.
TEMPERATURES = (0.0, 0.2, 0.4)

# Models with a small vocabulary spell names in bytes and know short prompts only: the test model recites
# another note from about 80 tokens on (48 of 48 right with 60, 42 with 80, 27 with 100).
SMALL_VOCABULARY, FEW_TOKENS = 10_000, 60

logging.getLogger("faster_whisper").setLevel(logging.ERROR)


class FasterWhisper:
    """Raises ModelMissing or ModelBroken when constructed on a folder that is no whole model."""

    def __init__(
        self, folder: Path | None, *, threads: int = 1, temperatures: tuple[float, ...] = TEMPERATURES
    ) -> None:
        folder = check_model(folder, NEEDED["faster-whisper"])
        try:
            self._model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=threads,
                num_workers=1,
                local_files_only=True,
            )
        except (
            Exception
        ) as error:  # the engine raises RuntimeError, ValueError, JSON and tokenizer errors here
            raise ModelBroken(
                f"The speech model in {folder} cannot be loaded ({type(error).__name__}: {error}). "
                "Fetch it again with `xiaofang models fetch speech`."
            ) from error
        small = self._model.hf_tokenizer.get_vocab_size() < SMALL_VOCABULARY
        self._most_tokens = FEW_TOKENS if small else MOST_HOTWORD_TOKENS - self._tokens(PROMPT)
        self._temperatures = list(temperatures)
        self.name = f"faster-whisper/{folder.name}"

    def transcribe(self, samples: Samples, hotwords: tuple[str, ...]) -> Transcript:
        try:
            found, _ = self._model.transcribe(
                samples,
                language="zh",
                beam_size=5,
                temperature=self._temperatures,
                vad_filter=True,
                vad_parameters={"min_silence_duration_ms": 500},
                condition_on_previous_text=False,
                initial_prompt=PROMPT,
                hotwords=fit_hotwords(hotwords, self._tokens, self._most_tokens) or None,
            )
            segments = list(found)
        except (RuntimeError, MemoryError) as error:
            raise EngineFailed(f"{self.name}: {error}") from error
        # Given hum or music, Whisper likes to repeat its prompt.
        segments = [segment for segment in segments if segment.text.strip(" 。") not in PROMPT]
        length = sum(segment.end - segment.start for segment in segments)
        if not length:
            return Transcript("".join(segment.text for segment in segments), 0.0)
        log_probability = sum(s.avg_logprob * (s.end - s.start) for s in segments) / length
        return Transcript("".join(s.text for s in segments), min(1.0, math.exp(log_probability)))

    def _tokens(self, text: str) -> int:
        return len(self._model.hf_tokenizer.encode(text, add_special_tokens=False).ids)
