"""The real engines, loaded once for all tests of the senses."""

from pathlib import Path

import pytest

from nlu.senses.engines.faster_whisper import FasterWhisper
from nlu.senses.engines.rapidocr import RapidReader

SPEECH = Path(__file__).parents[1] / "fixtures" / "speech"


@pytest.fixture(scope="session")
def whisper() -> FasterWhisper:
    return FasterWhisper(SPEECH / "model", temperatures=(0.0,))


@pytest.fixture(scope="session")
def reader() -> RapidReader:
    return RapidReader()
