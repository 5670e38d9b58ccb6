"""Who waits for whom while voice notes and receipts are perceived."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from bot.crew import Crew
from bot.hot_words import HotWords
from bot.senses import PooledSenses
from nlu.senses.workers import SensePool
from storage.tables import InboxRow
from tests.conftest import TestClock
from tests.world import SAMPLES, SPEECH, World, world

NOTES = SPEECH / "clips"


class Watched(PooledSenses):
    """The real senses, with something to do before each note and each picture."""

    before: Callable[[str, str], object] = staticmethod(lambda sense, person: None)

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]:
        self.before("hear", person_id)
        return super().hear(content, person_id)

    def read(self, content: bytes, now: datetime) -> dict[str, Any]:
        self.before("read", "")
        return super().read(content, now)


def watched(there: World, pool: SensePool) -> Watched:
    senses = Watched(pool, HotWords(there.house.store, there.clock))
    there.house.perceiver = replace(
        there.house.perceiver, files=replace(there.house.perceiver.files, senses=senses)
    )
    return senses


def arrive(there: World, doing: Any) -> None:
    """On the platform and in the inbox, but nothing done about it yet."""
    import asyncio

    async def run() -> None:
        await doing

    asyncio.run(run())


def note(name: str) -> bytes:
    return (NOTES / name).read_bytes()


def test_texts_are_answered_while_both_senses_are_taken(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    taken, go_on = {"hear": threading.Event(), "read": threading.Event()}, threading.Event()
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:

        def hold(sense: str, _person: str) -> None:
            taken[sense].set()
            assert go_on.wait(60)

        watched(there, pool).before = hold
        crew = Crew(there.house.posts())
        crew.start()
        try:
            arrive(there, there.wecom.send_voice("liwei", note("note06.amr")))
            arrive(there, there.wecom.send_image("liwei", (SAMPLES / "receipt_taxi.jpg").read_bytes()))
            assert all(one.wait(60) for one in taken.values())
            arrive(there, there.wecom.say("zhangmin", "帮助"))
            wait_for(lambda: "发一个位置" in there.last("zhangmin"))
            assert there.texts("liwei") == [], "his note and his receipt are still being looked at"
            go_on.set()
            wait_for(lambda: len(there.cards("liwei")) == 2)
        finally:
            go_on.set()
            crew.stop()


def wait_for(happened: Callable[[], bool], patience: float = 60) -> None:
    pause = threading.Event()
    for _ in range(round(patience / 0.02)):
        if happened():
            return
        pause.wait(0.02)
    raise AssertionError("it never happened")


def test_who_sends_many_notes_at_once_does_not_hold_up_the_others(
    tmp_path: Path, database_url: str, clock: TestClock, pool: SensePool
) -> None:
    heard: list[str] = []
    with world(tmp_path, database_url, clock, pool=pool) as there:

        def meanwhile(_sense: str, person: str) -> None:
            """While the first note is being heard, the second thread looks for work."""
            heard.append(person)
            if len(heard) == 1:
                assert there.house.perceiver.run_once("hear") == 1
                assert there.house.perceiver.run_once("hear") == 0, "the rest is of him whose note is in hand"

        watched(there, pool).before = meanwhile
        for name in ("note06.amr", "note02.amr", "note12.amr"):
            arrive(there, there.wecom.send_voice("liwei", note(name)))
        arrive(there, there.wecom.send_voice("zhangmin", note("note09.amr")))
        while there.house.perceiver.run_once("hear"):
            pass
    assert len(heard) == 4
    assert heard[0] == heard[2] == heard[3] != heard[1]


def test_notes_do_not_wait_for_receipts_nor_receipts_for_notes(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        receipt = (SAMPLES / "receipt_taxi.jpg").read_bytes()
        arrive(there, there.wecom.send_image("liwei", receipt))
        arrive(there, there.wecom.send_voice("liwei", note("note06.amr")))
        assert there.house.perceiver.run_once("hear") == 1
        with there.house.store.read() as session:
            stages = session.exec(select(InboxRow.kind, InboxRow.stage).order_by(col(InboxRow.id))).all()
    assert [tuple(one) for one in stages] == [("image", "perceive"), ("voice", "turn")]
