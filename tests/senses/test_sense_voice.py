"""Voice messages through the second engine: sherpa-onnx as it is, with a model in SenseVoice's form.

The model tells twelve notes apart and recites them: see fixtures/speech/sense_voice/README.md.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from nlu.senses.config import SensesConfig
from nlu.senses.decoding import RATE, decode
from nlu.senses.engines.sherpa_onnx import LONGEST_CHUNK, SherpaOnnx, chunks
from nlu.senses.errors import ModelBroken, ModelMissing
from nlu.senses.models import model_of
from nlu.senses.speech import hear
from nlu.senses.workers import SensePool
from tests.senses.conftest import SPEECH
from tests.senses.test_hearing import CLIPS, LINES, line_of

MODEL = SPEECH / "sense_voice"


@pytest.fixture(scope="module")
def sense_voice() -> SherpaOnnx:
    return SherpaOnnx(MODEL)


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)
def test_every_note_is_transcribed_with_its_punctuation(sense_voice: SherpaOnnx, clip: Path) -> None:
    heard = hear(clip.read_bytes(), sense_voice, ["惠民超市朝阳店"])
    assert heard.text == f"{line_of(clip)}。"
    assert (heard.problem, heard.engine) == (None, "sherpa-onnx/sense_voice")
    assert heard.confidence == 0.5, "the engine tells no probability"


def test_silence_never_reaches_the_model(sense_voice: SherpaOnnx) -> None:
    heard = hear((SPEECH / "clips" / "silence.amr").read_bytes(), sense_voice)
    assert (heard.text, heard.problem, heard.confidence) == ("", "no_speech", 0.0)


def test_a_long_recording_is_cut_in_its_pauses_and_nothing_said_is_lost(sense_voice: SherpaOnnx) -> None:
    notes = [decode(clip.read_bytes()).samples for clip in CLIPS if clip.suffix == ".amr"][:6]
    pause = np.zeros(RATE, np.float32)
    long = np.concatenate([part for note in notes for part in (note, pause)])
    pieces = list(chunks(long))
    assert len(pieces) >= len(long) / LONGEST_CHUNK
    assert all(len(piece) <= LONGEST_CHUNK for piece in pieces)
    spoken = sum(len(piece) for note in notes for piece in chunks(note))
    assert sum(map(len, pieces)) >= 0.97 * spoken
    assert sense_voice.transcribe(long, ()).text.count("。") == len(pieces)


def test_a_scrap_of_sound_does_not_upset_the_engine(sense_voice: SherpaOnnx) -> None:
    speech = decode((SPEECH / "clips" / "note12.amr").read_bytes()).samples[RATE:]
    for samples in (1, 10, 160, 1600, 4000, 8000):
        assert isinstance(sense_voice.transcribe(speech[:samples], ()).text, str)


def test_the_same_worker_process_serves_this_engine() -> None:
    config = SensesConfig(speech_engine="sherpa-onnx", model_dir=MODEL)
    with SensePool(config) as pool:
        assert pool.hear((SPEECH / "clips" / "note03-dtx.amr").read_bytes()).text == f"{LINES[2]}。"
        assert pool.hear(b"").problem == "empty"


@pytest.mark.parametrize("part", ["model.int8.onnx", "tokens.txt"])
def test_without_one_of_its_files_the_model_is_broken(tmp_path: Path, part: str) -> None:
    folder = tmp_path / "sense-voice"
    shutil.copytree(MODEL, folder)
    (folder / part).write_bytes(b"")
    with pytest.raises(ModelBroken, match=part.replace(".", r"\.")):
        model_of(SensesConfig(speech_engine="sherpa-onnx", model_dir=tmp_path))


def test_half_a_model_is_broken_and_none_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="sense-voice does not exist"):
        model_of(SensesConfig(speech_engine="sherpa-onnx", model_dir=tmp_path))
    shutil.copytree(MODEL, tmp_path / "sense-voice")
    weights = tmp_path / "sense-voice" / "model.int8.onnx"
    weights.write_bytes(weights.read_bytes()[:60_000])
    with pytest.raises(ModelBroken, match="cannot be loaded"):
        SherpaOnnx(model_of(SensesConfig(speech_engine="sherpa-onnx", model_dir=tmp_path)))


def test_the_weights_need_not_be_quantised(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "sense-voice")
    (tmp_path / "sense-voice" / "model.int8.onnx").rename(tmp_path / "sense-voice" / "model.onnx")
    assert SherpaOnnx(tmp_path / "sense-voice").name == "sherpa-onnx/sense-voice"
