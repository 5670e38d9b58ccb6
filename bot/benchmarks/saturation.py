"""`xiaofang bench saturation`: do people who type wait for those who speak and photograph?

Reps write texts one after the other, first alone, then while more voice notes and receipts lie ready than both senses
can take. The whole house runs, with its threads and worker processes; only the platform is a stand-in that notes when
an answer went out. Time from the moment a text is stored until its answer is sent, beside the goal of one second.
"""

import asyncio
import itertools
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from bot.benchmarks import company
from bot.channels.base import Download, Envelope, Receipt
from bot.channels.terminal import TerminalChannel
from bot.crew import Crew
from bot.demo import SMALL_MODEL
from bot.wiring import House, build
from config.settings import Settings
from domain.messages import Inbound, Media
from storage import migrate
from storage.tables import InboxRow, PerceptionRow

SAMPLES = Path(__file__).parents[1] / "playground" / "samples"
GOAL = 1.0
"""Seconds: 95 in 100 texts are answered within it, whatever the senses do."""
REPS, TYPISTS, SHOPS = 40, 20, 20
TEXTS, PAUSE = 120, 0.15
"""Texts in each half, and the seconds between two of them."""
READY = 6
"""So many notes and as many receipts lie ready at any moment."""


class Phones(TerminalChannel):
    """The platform: hands out files, and notes when somebody is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._note = (SAMPLES / "note09.amr").read_bytes()
        self._receipt = (SAMPLES / "receipt_taxi.jpg").read_bytes()
        self._answered: dict[str, asyncio.Future[float]] = {}

    def answer_to(self, person: str) -> "asyncio.Future[float]":
        """When this person is next sent something."""
        self._answered[person] = asyncio.get_running_loop().create_future()
        return self._answered[person]

    def send(self, envelope: Envelope) -> Receipt:
        if answered := self._answered.pop(envelope.recipient, None):
            answered.get_loop().call_soon_threadsafe(answered.set_result, time.perf_counter())
        return Receipt(ref=envelope.key)

    def fetch(self, media: Media) -> Download:
        """Another file each time, since what was perceived once is not perceived again."""
        kind, _, number = media.handle.partition(":")
        if kind == "voice":  # the same note with so many empty frames more
            return Download(self._note + b"\x7c" * int(number))
        return Download(self._receipt + number.encode())


def main(arguments: list[str]) -> int:
    """`--texts N` for a shorter run."""
    texts = int(arguments[arguments.index("--texts") + 1]) if "--texts" in arguments else TEXTS
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        alone, saturated, perceived = asyncio.run(measure(Path(folder), texts))
    for name, waits in (("alone", alone), ("saturated", saturated)):
        middle, high = statistics.median(waits), statistics.quantiles(waits, n=20)[-1]
        print(
            f"{name:10} p50 {middle * 1e3:5.0f} ms   p95 {high * 1e3:5.0f} ms = {high / GOAL:.2f} × the goal of 1 s"
        )
    print(f"meanwhile  {perceived['hear']} notes heard, {perceived['read']} receipts read")
    return 0


async def measure(folder: Path, texts: int) -> tuple[list[float], list[float], dict[str, int]]:
    """Seconds of each text alone and under load, and what was perceived under load."""
    phones = Phones()
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder / 'bench.db'}",
            "media_dir": str(folder / "media"),
            "speech": {"model_dir": str(SMALL_MODEL)},
        }
    )
    house = build(settings, channels={"terminal": phones})
    migrate.upgrade(house.store)
    company.found(house.store, reps=REPS, shops=SHOPS, now=datetime.now(UTC))
    crew = Crew(house.posts())
    crew.start()
    try:
        await _waits(house, phones, 3)  # the first texts build the lexicon
        alone = await _waits(house, phones, texts)
        under_way = asyncio.Event()
        load = asyncio.create_task(_keep_loaded(house, under_way))
        await under_way.wait()
        before = _perceived(house)
        saturated = await _waits(house, phones, texts)
        after = _perceived(house)
        load.cancel()
    finally:
        await house.inbox.close()
        await asyncio.to_thread(crew.stop)
        house.close()
    return alone, saturated, {sense: after[sense] - before[sense] for sense in after}


async def _waits(house: House, phones: Phones, texts: int) -> list[float]:
    """From each text's way into the inbox to its answer; another rep each time."""
    waits = []
    for number in range(texts):
        rep = number % TYPISTS
        answer, began = phones.answer_to(company.rep_id(rep)), time.perf_counter()
        await house.inbox.accept(
            _message("text", rep, text=company.visit_note(rep, number % SHOPS, number + 1))
        )
        waits.append(await answer - began)
        await asyncio.sleep(PAUSE)
    return waits


async def _keep_loaded(house: House, under_way: asyncio.Event) -> None:
    """More notes and receipts than the senses can take, from people who do nothing else.

    `under_way` is set once both senses have perceived something.
    """
    numbers = itertools.count(1)
    while True:
        for kind in ("voice", "image"):
            for _ in range(READY - _lying_ready(house, kind)):
                number = next(numbers)
                media = (Media(handle=f"{kind}:{number}"),)
                rep = TYPISTS + number % (REPS - TYPISTS)
                await house.inbox.accept(_message(kind, rep, media=media))
        if all(_perceived(house).values()):
            under_way.set()
        await asyncio.sleep(0.1)


def _message(kind: str, rep: int, **content: Any) -> Inbound:
    about = {"channel": "terminal", "tenant": "local", "key": uuid.uuid4().hex, "sender": company.rep_id(rep)}
    return Inbound.model_validate({**about, "kind": kind, "sent_at": datetime.now(UTC), **content})


def _lying_ready(house: House, kind: str) -> int:
    waiting = (
        col(InboxRow.kind) == kind,
        col(InboxRow.stage) == "perceive",
        col(InboxRow.state) == "pending",
    )
    with house.store.read() as session:
        return session.exec(select(func.count()).select_from(InboxRow).where(*waiting)).one()


def _perceived(house: House) -> dict[str, int]:
    counted = select(col(PerceptionRow.sense), func.count()).group_by(col(PerceptionRow.sense))
    with house.store.read() as session:
        return {"hear": 0, "read": 0} | dict(session.exec(counted).all())
