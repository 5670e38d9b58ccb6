"""What waits: a voice note for its model, a check-in for the answer which shop it is."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from bot import doctor, imports
from bot.health import readiness
from bot.hot_words import HotWords
from bot.senses import PooledSenses
from nlu.senses.workers import SensePool
from storage.tables import CheckInRow, InboxRow, PerceptionRow, RecordRow
from tests.conftest import TestClock
from tests.world import SPEECH, World, world

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


def half_a_model(folder: Path) -> None:
    """All files are there, but the weights do not load."""
    shutil.copytree(SPEECH / "model", folder)
    weights = folder / "model.bin"
    weights.write_bytes(weights.read_bytes()[:300_000])


def states(there: World) -> list[tuple[str, int]]:
    with there.house.store.read() as session:
        return [(row.state, row.attempts) for row in session.exec(select(InboxRow).order_by(InboxRow.id))]


def perceive_with(there: World, senses: PooledSenses) -> None:
    perceiver = there.house.perceiver
    there.house.perceiver = replace(perceiver, files=replace(perceiver.files, senses=senses))


def test_a_model_that_cannot_be_loaded_is_tried_again_after_longer_and_longer_waits(
    tmp_path: Path, clock: TestClock
) -> None:
    model = tmp_path / "model"
    half_a_model(model)
    speech = {"model_dir": str(model)}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, speech=speech) as there:
        perceiver = there.house.perceiver
        for name in ("note06.amr", "note02.amr"):
            there.act(there.wecom.send_voice("liwei", (SPEECH / "clips" / name).read_bytes()))
        assert sum("语音识别还没有准备好" in text for text in there.texts("liwei")) == 2
        assert perceiver.files.patience.failures == 1, "the second note did not load it in vain"

        waits = []
        for _ in range(7):
            began = clock()
            while not perceiver.wake_waiting():
                clock.forward(seconds=5)
            waits.append((clock() - began).total_seconds())
            there.house.drain()
        assert waits == [30, 60, 120, 240, 480, 600, 600]
        assert [state for state, _ in states(there)] == ["waiting", "waiting"]
        assert len(there.texts("liwei")) == 2, "told once a note, however often it is tried"

        (model / "model.bin").write_bytes((SPEECH / "model" / "model.bin").read_bytes())
        clock.forward(minutes=10)
        assert perceiver.wake_waiting() == 1, "the oldest one tries"
        there.settle()
        assert [state for state, _ in states(there)] == ["done", "done"], "and takes the others along"
        assert perceiver.files.patience.failures == 0


def test_waiting_notes_are_heard_in_the_order_in_which_they_came(tmp_path: Path, clock: TestClock) -> None:
    model = tmp_path / "model"
    speech = {"model_dir": str(model)}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, speech=speech) as there:
        numbers = (6, 2, 12, 9)
        for number in numbers:
            there.act(
                there.wecom.send_voice("liwei", (SPEECH / "clips" / f"note{number:02d}.amr").read_bytes())
            )
        shutil.copytree(SPEECH / "model", model)
        there.house.perceiver.wake_waiting()
        heard: list[str] = []
        while there.house.perceiver.run_once():
            with there.house.store.read() as session:
                results = session.exec(select(PerceptionRow).order_by(col(PerceptionRow.created_at)))
                heard += [r.result["text"] for r in results if r.result["text"] not in heard]
            clock.forward(seconds=1)
    lines = (SPEECH / "sentences.txt").read_text(encoding="utf-8").split()
    assert heard == [lines[number - 1] for number in numbers]


def test_doctor_and_readyz_say_why_notes_wait_and_how_many(tmp_path: Path, clock: TestClock) -> None:
    speech = {"model_dir": str(tmp_path / "nothing")}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, speech=speech) as there:
        for number in (6, 2):
            there.act(
                there.wecom.send_voice("liwei", (SPEECH / "clips" / f"note{number:02d}.amr").read_bytes())
            )
        _, body = readiness(there.house)
        with there.house.store.read() as session:
            found = {one.name: one for one in doctor.work(session, there.house.settings, clock())}
    assert body["models"]["waiting"]["count"] == 2
    assert body["models"]["waiting"]["since"] == "2026-03-10T02:07:00+00:00"
    assert "does not exist" in body["models"]["waiting"]["why"]
    assert found["queue.voice"].words.startswith("2 段语音在等语音模型")
    assert "does not exist" in found["queue.voice"].words


class Falling(PooledSenses):
    """The engine falls over on the first `times` notes, as it does when it runs out of memory."""

    times = 0

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]:
        if self.times:
            self.times -= 1
            return {"problem": "engine_failed"}
        return super().hear(content, person_id)


@pytest.mark.parametrize(("times", "told"), [(2, "佳美便利店"), (3, "这段语音我听了几次都没听成")])
def test_an_engine_that_falls_over_is_tried_three_times(
    tmp_path: Path, clock: TestClock, pool: SensePool, times: int, told: str
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        falling = Falling(pool, HotWords(there.house.store, clock))
        falling.times = times
        perceive_with(there, falling)
        there.act(there.wecom.send_voice("liwei", (SPEECH / "clips" / "note06.amr").read_bytes()))
        assert told in there.last("liwei")


def test_the_same_recording_is_heard_once_whoever_sends_it(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        counting = Counting(pool, HotWords(there.house.store, clock))
        perceive_with(there, counting)
        for _ in range(2):
            there.act(there.wecom.send_voice("liwei", (SPEECH / "clips" / "note06.amr").read_bytes()))
        there.act(there.wecom.send_voice("liwei", (SPEECH / "bad" / "json-error.amr").read_bytes()))
        there.act(there.wecom.send_voice("liwei", (SPEECH / "bad" / "json-error.amr").read_bytes()))
    assert counting.count == 2


class Counting(PooledSenses):
    count = 0

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]:
        self.count += 1
        return super().hear(content, person_id)


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
