"""The lead office with yoghurt to sell and two customers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import imports
from bot.benchmarks.lead_office import LeadOffice
from tests.conftest import TestClock
from tests.databases import new_file
from tests.leads.conftest import people

PRODUCTS = """code,name,aliases,unit,pack_size,list_price,floor_price
SKU-YW,原味酸奶,原味,箱,12,42.00,36.00
SKU-CM,草莓酸奶,草莓味,箱,12,45.00,38.50
"""
CUSTOMERS = """code,name,aliases,city,district,address,level,owner_id,lat,lng,datum,status
C1,永旺超市望京店,永旺望京店,北京,朝阳,望京1号,A,R1,,,,active
C2,万家福超市,万家福,北京,海淀,学院路1号,B,R3,,,,active
"""


@pytest.fixture
def office(tmp_path: Path, clock: TestClock) -> Iterator[LeadOffice]:
    there = LeadOffice(new_file(tmp_path / "x.db"), clock)
    there.hire(people())
    for kind, rows in (("products", PRODUCTS), ("customers", CUSTOMERS)):
        imports.load(kind, rows.encode(), there.store, now=clock())
    yield there
    there.close()


def say(office: LeadOffice, who: str, words: str) -> str:
    """The words that come back."""
    before = len(office.texts(who))
    office.say(who, words)
    office.settle()
    return "\n".join(office.texts(who)[before:])
