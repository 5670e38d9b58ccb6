"""Models fetched from a hub on this machine, by the real client, through every accident that a network has."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.model_download import FetchFailed, Source, fetch, look_up
from nlu.senses.config import SensesConfig
from nlu.senses.engines.sherpa_onnx import SherpaOnnx
from nlu.senses.models import NEEDED, REPOSITORIES, model_of
from tests.commands.hub import COMMIT, Hub, hub
from tests.senses.conftest import SPEECH

SENSE_VOICE = REPOSITORIES["sherpa-onnx"]["sense-voice"]
WHISPER = REPOSITORIES["faster-whisper"]["small"]
WEIGHTS = "model.int8.onnx"


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix not in (".py", ".md")}


@pytest.fixture
def served() -> Iterator[Hub]:
    whole = files_of(SPEECH / "sense_voice") | {"model.onnx": b"the large one", "README.md": b"hello"}
    with hub({SENSE_VOICE: whole, WHISPER: files_of(SPEECH / "model")}) as found:
        yield found


def sense_voice(served: Hub) -> Source:
    return look_up(SENSE_VOICE, NEEDED["sherpa-onnx"], served.endpoint)


def bring(source: Source, folder: Path) -> int:
    """Fetch without waiting after a broken connection; how many bytes the bar was told of."""
    counted: list[int] = []
    fetch(source, folder, arrived=counted.append, sleep=lambda seconds: None)
    return sum(counted)


def config(root: Path) -> SensesConfig:
    return SensesConfig(speech_engine="sherpa-onnx", model_dir=root)


def test_only_what_the_engine_needs_is_fetched_and_the_model_loads(served: Hub, tmp_path: Path) -> None:
    source = sense_voice(served)
    assert (source.commit, {file.name for file in source.files}) == (COMMIT, {WEIGHTS, "tokens.txt"})
    assert bring(source, tmp_path / "sense-voice") == source.size
    assert {file.name for file in (tmp_path / "sense-voice").iterdir()} == {WEIGHTS, "tokens.txt"}
    assert SherpaOnnx(model_of(config(tmp_path))).name == "sherpa-onnx/sense-voice"
    assert not (tmp_path / ".sense-voice.part").exists()


def test_a_whisper_model_comes_with_all_five_files(served: Hub, tmp_path: Path) -> None:
    bring(look_up(WHISPER, NEEDED["faster-whisper"], served.endpoint), tmp_path / "small")
    assert files_of(tmp_path / "small") == files_of(SPEECH / "model")
    assert model_of(SensesConfig(model_dir=tmp_path)) == tmp_path / "small"


def test_a_broken_connection_is_taken_up_where_it_broke(served: Hub, tmp_path: Path) -> None:
    served.breaks_after[WEIGHTS] = [50_000, 30_000]
    source = sense_voice(served)
    assert bring(source, tmp_path / "sense-voice") == source.size
    ranges = [asked for name, asked in served.asked if name == WEIGHTS]
    assert ranges == ["", "bytes=50000-", "bytes=80000-"]


def test_a_busy_hub_is_asked_again(served: Hub, tmp_path: Path) -> None:
    served.busy = 2
    bring(sense_voice(served), tmp_path / "sense-voice")
    assert model_of(config(tmp_path)).name == "sense-voice"


def test_what_was_fetched_before_it_was_given_up_is_not_fetched_again(served: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "sense-voice"
    served.breaks_after[WEIGHTS] = [20_000, 0, 0, 0, 0]
    with pytest.raises(FetchFailed, match="会接着下"):
        bring(sense_voice(served), folder)
    assert not folder.exists(), "half a model is never where a model is looked for"
    served.asked.clear()
    bring(sense_voice(served), folder)
    assert (WEIGHTS, "bytes=20000-") in served.asked
    assert files_of(folder)[WEIGHTS] == files_of(SPEECH / "sense_voice")[WEIGHTS]


@pytest.mark.parametrize("wrong", ["same size", "longer", "shorter"])
def test_bytes_that_are_not_the_hubs_are_refused_and_thrown_away(
    served: Hub, tmp_path: Path, wrong: str
) -> None:
    folder = tmp_path / "sense-voice"
    right = served.repositories[SENSE_VOICE]["tokens.txt"]
    instead = {"same size": right[::-1], "longer": right + b"more", "shorter": right[:-7]}
    served.served_instead["tokens.txt"] = instead[wrong]
    with pytest.raises(FetchFailed, match=r"tokens\.txt"):
        bring(sense_voice(served), folder)
    assert not folder.exists()
    served.served_instead.clear()
    bring(sense_voice(served), folder)
    assert files_of(folder)["tokens.txt"] == right


def test_the_old_model_stays_until_the_new_one_is_whole(served: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "sense-voice"
    folder.mkdir()
    (folder / "tokens.txt").write_text("old")
    served.served_instead[WEIGHTS] = b"?" * len(served.repositories[SENSE_VOICE][WEIGHTS])
    with pytest.raises(FetchFailed):
        bring(sense_voice(served), folder)
    assert (folder / "tokens.txt").read_text() == "old"
    served.served_instead.clear()
    bring(sense_voice(served), folder)
    assert (folder / "tokens.txt").read_text() != "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == [".sense-voice.lock", "sense-voice"]


def test_killed_between_the_renames_the_old_model_comes_back(served: Hub, tmp_path: Path) -> None:
    (tmp_path / ".sense-voice.old").mkdir()
    (tmp_path / ".sense-voice.old" / "tokens.txt").write_text("old")
    served.served_instead["tokens.txt"] = b"wrong"
    with pytest.raises(FetchFailed):
        bring(sense_voice(served), tmp_path / "sense-voice")
    assert (tmp_path / "sense-voice" / "tokens.txt").read_text() == "old"


def test_two_fetches_do_not_write_into_one_another(served: Hub, tmp_path: Path) -> None:
    with (tmp_path / ".sense-voice.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(FetchFailed, match="另一个"):
            bring(sense_voice(served), tmp_path / "sense-voice")


def test_a_repository_of_another_kind_is_refused_by_name(served: Hub) -> None:
    with pytest.raises(FetchFailed, match=r"没有 model\.int8\.onnx 或 model\.onnx"):
        look_up(WHISPER, NEEDED["sherpa-onnx"], served.endpoint)
