"""What waits: a voice note for its model, a check-in for the answer which shop it is."""

import shutil
from pathlib import Path

from sqlmodel import select

from bot import imports
from storage.tables import CheckInRow, InboxRow, RecordRow
from tests.conftest import TestClock
from tests.world import SPEECH, world

TWIN = """code,name,city,district,address,level,owner_id,lat,lng,datum,status
C0901,惠民烟酒店,北京,朝阳,朝阳北路103号,C,P101,39.923800,116.503600,GCJ-02,active
"""


def test_without_a_model_a_note_waits_and_its_sender_goes_on_typing(tmp_path: Path, clock: TestClock) -> None:
    model = tmp_path / "model"
    speech = {"model_dir": str(model)}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, speech=speech) as there:
        there.act(there.wecom.send_voice("liwei", (SPEECH / "clips" / "note06.amr").read_bytes()))
        assert "语音识别还没有准备好" in there.last("liwei")
        there.say("liwei", "帮助")
        assert "发一个位置" in there.last("liwei"), "the waiting note does not hold up what comes after it"

        shutil.copytree(SPEECH / "model", model)
        assert there.house.perceiver.wake_waiting() == 1
        there.settle()
        assert "佳美便利店" in there.last("liwei")
        with there.house.store.read() as session:
            assert {row.state for row in session.exec(select(InboxRow))} == {"done"}
            assert [row.form for row in session.exec(select(RecordRow))] == ["payment"]


def test_between_two_shops_the_rep_is_asked_and_his_tap_decides(tmp_path: Path, clock: TestClock) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        imports.load("customers", TWIN.encode(), there.house.store, now=clock())
        there.act(there.wecom.send_location("liwei", 39.9237, 116.50354, "朝阳北路"))
        assert sorted(there.buttons("liwei")) == ["惠民烟酒店", "惠民超市朝阳店"]
        there.tap("liwei", "惠民烟酒店")
        assert "已在「惠民烟酒店」签到" in there.last("liwei")
        with there.house.store.read() as session:
            row = session.exec(select(CheckInRow)).one()
    assert (row.customer_code, row.state) == ("C0901", "done")
