"""A voice note → its text. What a speech engine must do, and what is the same whichever engine does it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from nlu.senses.decoding import Samples, decode
from nlu.senses.errors import EngineUnavailable, UnreadableMedia
from nlu.senses.perception import Heard

MOST_HOTWORDS = 35
MOST_HOTWORD_TOKENS = 200
"""With the engine's own prompt: what the model recites must still fit behind it."""

UNKNOWN_CONFIDENCE = 0.5
"""Of engines that give no probabilities: neither sure nor unsure."""

CUT_OFF = "这段语音没有传完整，后面断了。听到的是：{text}。请把整段重新录一遍，或者打字补上。"
HEARD = "我听到的是：{text}"
NO_SPEECH = "没有听到说话声。请靠近话筒重新录一遍，或者直接打字告诉我。"
WITHOUT_MODEL = "语音已经收好，但语音识别还没准备好，暂时听不了。准备好后我会接着听；着急的话请直接打字。"


@dataclass(frozen=True)
class Transcript:
    text: str
    confidence: float


class SpeechEngine(Protocol):
    @property
    def name(self) -> str:
        """As it stands in `Heard.engine`, with the model: `faster-whisper/small`."""
        ...

    def transcribe(self, samples: Samples, hotwords: tuple[str, ...]) -> Transcript:
        """Mono float32 at 16 kHz → what was said; an empty text where nobody spoke. Raises EngineFailed."""
        ...


def hear(audio: bytes, engine: SpeechEngine, hotwords: Iterable[str] = ()) -> Heard:
    """The bytes of a voice message → text in simplified characters.

    A file that cannot be heard is answered in `problem` and `words`; EngineFailed passes through.
    """
    try:
        sound = decode(audio)
    except UnreadableMedia as error:
        return Heard.model_validate({"engine": engine.name, "problem": error.code, "words": error.words})
    transcript = engine.transcribe(sound.samples, tuple(hotwords))
    text = simplified(transcript.text.strip())
    found = {"seconds": round(sound.seconds, 2), "engine": engine.name}
    if not re.search(r"\w", text):
        return Heard.model_validate(found | {"problem": "no_speech", "words": NO_SPEECH})
    return Heard(
        text=text,
        seconds=round(sound.seconds, 2),
        confidence=round(transcript.confidence, 3),
        engine=engine.name,
        problem="truncated" if sound.cut_off else None,
        words=(CUT_OFF if sound.cut_off else HEARD).format(text=text),
    )


def unheard(error: EngineUnavailable, engine: str) -> Heard:
    """What to say of a note that waits for the model (`model_missing`, `model_broken`)."""
    return Heard.model_validate({"engine": engine, "problem": error.code, "words": WITHOUT_MODEL})


def fit_hotwords(
    names: Iterable[str], tokens_of: Callable[[str], int], most_tokens: int = MOST_HOTWORD_TOKENS
) -> str:
    """As many of the names, in their order, as an engine's prompt can hold; longer prompts crash Whisper.

    The names that matter most come first: see `bot.hot_words`.
    """
    line, count = "", 0
    for name in dict.fromkeys(name.strip() for name in names):
        longer = f"{line}、{name}" if line else name
        if not name or tokens_of(longer) > most_tokens:
            continue
        line, count = longer, count + 1
        if count == MOST_HOTWORDS:
            break
    return line


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    return str(_converter().convert(text))
