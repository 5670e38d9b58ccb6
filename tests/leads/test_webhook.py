"""Leads from other systems: signed, just now, row by row, and no matter how often."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot import lead_gate
from bot.wiring import House, build
from config.settings import Settings
from storage.leads import Leads
from tests.conftest import TestClock
from tests.databases import new_file

SECRET = "a-secret-of-two-sides"
LEAD = {
    "id": "f-1",
    "name": "喜乐汇超市",
    "mobile": "139 0000 0001",
    "city": "北京",
    "活动": "糖酒会",
    "value": "38.5",
}


@pytest.fixture
def house(tmp_path: Path, clock: TestClock) -> Iterator[House]:
    given = {"database_url": new_file(tmp_path / "x.db"), "media_dir": str(tmp_path / "m")}
    house = build(Settings.model_validate({**given, "leads": {"webhook_secret": SECRET}}), now=clock)
    yield house
    house.close()


def send(
    house: House, told: Any, *, late: int = 0, kind: str = "application/json", secret: str = SECRET
) -> Any:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    stamp = str(int(house.now().timestamp()) - late)
    headers = {
        "content-type": kind,
        lead_gate.TIMESTAMP: stamp,
        lead_gate.SIGNATURE: lead_gate.signature(secret, stamp, body),
    }
    return TestClient(Starlette(routes=lead_gate.routes(house))).post(
        "/leads/webhook", content=body, headers=headers
    )


def test_a_signed_lead_is_taken_once(house: House) -> None:
    assert send(house, LEAD).json() == {"results": [{"outcome": "new", "lead": "hook-f-1"}]}
    assert send(house, [LEAD]).json()["results"][0]["outcome"] == "repeated"
    with house.store.read() as session:
        lead = Leads(session, who="x", now=house.now()).get("hook-f-1")
    assert lead is not None
    assert (lead.phone, lead.value, lead.details) == ("13900000001", 3850, {"活动": "糖酒会"})


def test_what_is_unsigned_or_old_is_refused(house: House) -> None:
    assert send(house, LEAD, secret="another").status_code == 401
    assert send(house, LEAD, late=301).status_code == 401
    assert send(house, b"x" * (lead_gate.LONGEST + 1)).status_code == 413
    assert send(house, b"{").status_code == 400
    assert send(house, [LEAD] * 501).status_code == 400


def test_each_row_is_answered_at_its_place(house: House) -> None:
    csv = "name,mobile,city\n喜乐汇超市,13900000001,\n没有电话的店,,\n悦来酒店,,北京\n".encode()
    results = send(house, csv, kind="text/csv").json()["results"]
    assert [one["outcome"] for one in results] == ["new", "refused", "new"]
    assert "至少要有" in results[1]["why"]
    mixed = send(house, [3, {"name": "某店", "mobile": "13900000007", "received_at": "昨天"}]).json()[
        "results"
    ]
    assert [one["outcome"] for one in mixed] == ["refused", "refused"]


@pytest.mark.parametrize(
    "odd", [{"note": "a\x00b"}, {"\ud83d": "x"}, {"value": "1e999999"}, {"value": "sNaN"}, {"活动": ["\x00"]}]
)
def test_a_row_that_no_database_can_keep_does_not_keep_the_others_out(
    house: House, odd: dict[str, Any]
) -> None:
    results = send(house, [{"name": "怪店", "mobile": "13900000007", **odd}, LEAD]).json()["results"]
    assert [one["outcome"] for one in results] == ["refused", "new"]


def test_another_system_that_tells_nothing_new_changes_nothing(house: House) -> None:
    send(house, LEAD)
    assert send(house, LEAD | {"id": "f-2"}).json()["results"] == [{"outcome": "merged", "lead": "hook-f-1"}]


def test_without_a_secret_there_is_no_door(tmp_path: Path, clock: TestClock) -> None:
    given = {"database_url": new_file(tmp_path / "y.db"), "media_dir": str(tmp_path / "m")}
    house = build(Settings.model_validate(given), now=clock)
    assert lead_gate.routes(house) == []
    house.close()
