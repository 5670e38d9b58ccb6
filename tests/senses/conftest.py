"""The real engine of speech, loaded once for all tests of the senses; that of reading is in tests/conftest.py."""

from pathlib import Path

import pytest

from nlu.senses.engines.faster_whisper import FasterWhisper

SPEECH = Path(__file__).parents[1] / "fixtures" / "speech"


@pytest.fixture(scope="session")
def whisper() -> FasterWhisper:
    return FasterWhisper(SPEECH / "model", temperatures=(0.0,))
