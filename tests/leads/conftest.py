"""An office with five people, on a Tuesday at 10:07."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.benchmarks.lead_office import LeadOffice, person
from storage.tables import PersonRow
from tests.conftest import TestClock
from tests.databases import new_file


def people() -> list[PersonRow]:
    return [
        person("D1", "林总", "director"),
        person("O1", "马超", "operations", manager_id="D1"),
        person("M1", "周经理", "manager", team="一队", manager_id="D1"),
        person("R1", "李伟", "rep", team="一队", region="北京东区", manager_id="M1"),
        person("R2", "张敏", "rep", team="一队", region="北京东区", manager_id="M1"),
        person("R3", "陈晨", "rep", team="一队", region="北京西区", manager_id="M1"),
    ]


@pytest.fixture
def office(tmp_path: Path, clock: TestClock) -> Iterator[LeadOffice]:
    there = LeadOffice(new_file(tmp_path / "x.db"), clock)
    there.hire(people())
    yield there
    there.close()
