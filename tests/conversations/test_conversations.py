"""Conversations as data: who does what, what everybody sees then, and what is on record at the end.

A step is one of
    {liwei: 拜访了…}                        somebody writes
    {liwei: {tap: 确认}}                    taps the newest button of that text
    {liwei: {at: [纬度, 经度, 名称]}}         shares a position (GCJ-02)
    {liwei: {voice: note01.amr}} / {picture: receipt_taxi.jpg} / {file: …}
    {liwei: {at_once: [话, 话]}}             writes several messages before the bot gets to the first
    {liwei: {again: 话}}                    the platform delivers the message three times
    {forward: {hours: 25}}                  time passes
    {restart: bot}                          the bot is ended and started again
and may expect, of the person who acted or of anybody by name,
    sees: [words, …]      all of these stand in what was new in his chat since the step before, or on a changed card
    buttons: [确认, …]     the live buttons on his newest card
    silent: true          nothing new
Names with `d-` are in DingTalk, all others in WeCom. `records` lists the records at the end, by status and content.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import select

from config.sources import LOADER
from nlu.senses.workers import SensePool
from storage.tables import RecordRow
from tests.conftest import TestClock
from tests.world import SAMPLES, SPEECH, World, new_postgres_company, world

NOBODY = ("forward", "restart")
"""Steps that nobody takes."""

HERE = Path(__file__).parent
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted(HERE.glob("*.yaml"))
    for case in yaml.load(path.read_text(encoding="utf-8"), LOADER)
]


@pytest.mark.parametrize("case", CASES)
def test_conversation(case: dict[str, Any], tmp_path: Path, clock: TestClock, pool: SensePool) -> None:
    _play(case, f"sqlite:///{tmp_path / 'x.db'}", tmp_path, clock, pool)


@pytest.mark.parametrize("case", CASES[::6])
def test_conversation_on_postgresql(
    case: dict[str, Any], postgres_url: str, tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    """A sixth of them: what differs between the databases has its own tests where the statements are."""
    _play(case, new_postgres_company(postgres_url, clock()), tmp_path, clock, pool)


def _play(case: dict[str, Any], url: str, tmp_path: Path, clock: TestClock, pool: SensePool) -> None:
    with world(tmp_path, url, clock, pool=pool) as there:
        for number, step in enumerate(case["steps"], 1):
            _step(there, step, f"{case['title']}, step {number} {step}")
        if "records" in case:
            assert _records(there, case["records"]) == case["records"]


def _step(there: World, step: dict[str, Any], where: str) -> None:
    expected = {key: step[key] for key in ("sees", "buttons", "silent") if key in step}
    by_others = step.get("others", {})
    (actor, what), *_ = [(k, v) for k, v in step.items() if k not in ("sees", "buttons", "silent", "others")]
    by_actor = {} if actor in NOBODY else {actor: expected}
    before = {who: Counter(there.texts(who)) for who in {*by_others, *by_actor}}
    _act(there, actor, what)
    for who, wanted in {**by_others, **by_actor}.items():
        new = "\n".join((Counter(there.texts(who)) - before[who]).elements())
        for words in wanted.get("sees", ()):
            assert words in new, f"{where}: {who} does not see {words!r} in\n{new}"
        if "buttons" in wanted:
            assert there.buttons(who) == wanted["buttons"], f"{where}: the buttons of {who}"
        if wanted.get("silent"):
            assert new == "", f"{where}: {who} should have seen nothing, but saw\n{new}"


def _act(there: World, actor: str, what: Any) -> None:
    if actor == "forward":
        there.forward(**what)
    elif actor == "restart":
        there.restart()
    elif isinstance(what, str):
        there.say(actor, what)
    elif "at_once" in what:
        there.say_at_once(actor, *what["at_once"])
    elif "again" in what:
        there.say_again(actor, what["again"], times=3)
    elif "tap" in what:
        there.tap(actor, what["tap"])
    elif "at" in what:
        latitude, longitude, label = what["at"]
        there.act(there.wecom.send_location(actor, latitude, longitude, label))
    elif "voice" in what:
        there.act(there.wecom.send_voice(actor, _file(what["voice"])))
    elif "picture" in what:
        there.act(there.wecom.send_image(actor, _file(what["picture"]), what["picture"]))
    else:
        there.act(there.wecom.send_file(actor, _file(what["file"]), what["file"]))


def _file(name: str) -> bytes:
    places = (SAMPLES, SPEECH / "clips", SPEECH / "bad")
    return next((p / name).read_bytes() for p in places if (p / name).exists())


def _records(there: World, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records there are, reduced to the fields that the case speaks of."""
    with there.house.store.read() as session:
        rows = list(session.exec(select(RecordRow).order_by(RecordRow.id)))  # type: ignore[arg-type]
    found = []
    for index, row in enumerate(rows):
        known = {"form": row.form, "status": row.status, "reporter": row.reporter_id, **row.data}
        asked = wanted[index] if index < len(wanted) else known
        found.append({key: known.get(key) for key in asked})
    return found
