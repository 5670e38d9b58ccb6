from pathlib import Path
from typing import Any

import pytest
import yaml

from coaching.coach import Coach
from config import library
from nlu.language.sounds import sound

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def coach() -> Coach:
    """The shipped library."""
    return Coach(library.load(), sound)


@pytest.fixture(scope="session")
def talks() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / "talks.yaml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def queries() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / "queries.yaml").read_text(encoding="utf-8"))
    return found
