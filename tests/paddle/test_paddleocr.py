"""The second reading engine in its own environment, compared with the first one in its own."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlu.senses.config import SensesConfig
from nlu.senses.engines.paddleocr import PaddleReader
from nlu.senses.errors import ModelBroken, ModelMissing
from nlu.senses.models import reading_models
from nlu.senses.workers import SensePool
from tests.paddle.models import MODEL, build
from tests.paddle.samples import NOW, fields, pictures

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def rapid() -> Any:
    """What the other engine reads, in the other environment."""
    run = [os.environ["RAPIDOCR_PYTHON"], "-m", "tests.paddle.samples"]
    return json.loads(subprocess.run(run, cwd=ROOT, capture_output=True, check=True, text=True).stdout)


@pytest.fixture(scope="session")
def config(rapid: Any, tmp_path_factory: pytest.TempPathFactory) -> SensesConfig:
    root = tmp_path_factory.mktemp("models")
    build(Path(rapid["models"]), root)
    return SensesConfig(reading_engine="paddleocr", reading_model_dir=root)


@pytest.fixture(scope="session")
def paddle(config: SensesConfig) -> PaddleReader:
    return PaddleReader(reading_models(config), MODEL)


@pytest.fixture(scope="module")
def pool(config: SensesConfig) -> Iterator[SensePool]:
    with SensePool(config) as found:
        yield found


def test_both_engines_read_the_same_fields_on_the_same_pictures(paddle: PaddleReader, rapid: Any) -> None:
    read = fields(paddle)
    assert len(read) >= 5
    assert all(one["readable"] and one["documents"] for one in read.values())
    assert read == rapid["fields"]


def test_a_picture_without_writing_has_no_lines(paddle: PaddleReader) -> None:
    assert paddle.recognise(np.full((200, 300, 3), 255, np.uint8)) == []


def test_the_worker_process_reads_with_it_too(pool: SensePool, rapid: Any) -> None:
    seen = pool.read(pictures()["taxi"], NOW)
    assert seen.documents[0].fields["total"].text == rapid["fields"]["taxi"]["documents"][0]["total"]
    assert pool.read(b"", NOW).problem == "empty"


def test_without_its_models_nothing_is_loaded_and_nothing_fetched(
    config: SensesConfig, tmp_path: Path
) -> None:
    nowhere = config.model_copy(update={"reading_model_dir": tmp_path})
    with pytest.raises(ModelMissing, match="models fetch reading"):
        reading_models(nowhere)
    with SensePool(nowhere) as pool:
        unread = pool.read(pictures()["taxi"], NOW)
    assert (unread.readable, unread.problem) == (False, "engine_failed")


def test_half_a_model_is_broken(config: SensesConfig, tmp_path: Path) -> None:
    for folder in reading_models(config):
        copy = tmp_path / folder.name
        copy.mkdir()
        (copy / "inference.yml").write_bytes((folder / "inference.yml").read_bytes())
        (copy / "inference.onnx").write_bytes((folder / "inference.onnx").read_bytes()[:9000])
    half = config.model_copy(update={"reading_model_dir": tmp_path})
    with pytest.raises(ModelBroken, match=f"{MODEL}_det"):
        PaddleReader(reading_models(half), MODEL)
