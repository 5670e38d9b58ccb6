"""Photos: is a copy found among many, is anything else, and what is read on them. Beside each figure its goal.

    xiaofang bench photos [PHOTOS] [STAMPS]

PHOTOS different scenes (1,000) are sent one after another through a real database; of every twentieth, changed copies
follow. STAMPS (4) times every layout of watermark is read by the real engine. The drawings come with the tests, so
this runs in a checkout only.
"""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.album import Album
from nlu.senses.engines.orb import OrbEye
from nlu.senses.engines.rapidocr import RapidReader
from nlu.senses.photos.fingerprints import fingerprint
from nlu.senses.reading import read
from storage import migrate
from storage.photos import Photos
from storage.store import Store

PHOTOS, STAMPS, EVERY = 1000, 4, 20
START = datetime(2026, 3, 10, 2, tzinfo=UTC)
GOAL_WHOLE, GOAL_CUT = 0.99, 0.90
Boxes = tuple[tuple[int, int, int, int], ...]


def main(arguments: list[str]) -> int:
    try:
        import tests.photos.scenes  # noqa: F401
    except ModuleNotFoundError:
        print("bench photos 要在源码目录里运行：图片由 tests/photos 画出来，安装包里没有。")
        return 1
    photos, stamps = (int(text) for text in [*arguments, *map(str, (PHOTOS, STAMPS)[len(arguments) :])])
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        store = Store(f"sqlite:///{Path(folder) / 'x.db'}")
        migrate.upgrade(store)
        reuse(History(store), photos)
        store.close()
    fields(stamps)
    return 0


class History:
    """Everything sent so far. Every photo is somebody else's, so that only its look can give it away."""

    def __init__(self, store: Store) -> None:
        self.store, self.album, self.eye = store, Album(store), OrbEye()
        self.sent = 0
        self.spent: Counter[str] = Counter()

    def send(self, name: str, picture: Any, boxes: Boxes = ()) -> list[str]:
        """The names of the earlier photos of which this is taken for a copy."""
        started = time.process_time()
        text = fingerprint(picture, self.eye, boxes).to_text()
        known = time.process_time()
        found = self.album.earlier(text, name, f"P{self.sent}", {})
        self.spent["fingerprint"] += round((known - started) * 1e6)
        self.spent["search"] += round((time.process_time() - known) * 1e6)
        self.sent += 1
        if name:
            with self.store.write() as session:
                self.album.keep(session, text, name)
                at = START + timedelta(minutes=self.sent)
                Photos(session).note_sent(self.sent, name, f"P{self.sent}", at, found)
        return found


def reuse(history: History, photos: int) -> None:
    from tests.photos.changes import CUT, WHOLE
    from tests.photos.overlays import LAYOUTS, stamp_of
    from tests.photos.scenes import scene

    false = sum(bool(history.send(f"{seed}", scene(seed))) for seed in range(photos))
    print(f"different  {false} of {photos} taken for a copy of another (goal: 0)")
    sent = history.sent
    costs = " · ".join(f"{what} {spent / sent / 1000:.0f} ms CPU" for what, spent in history.spent.items())
    print(f"cost       {costs} a photo, {photos} known")
    found, wrong, tried = Counter[str](), Counter[str](), Counter[str]()
    layouts = list(LAYOUTS.values())
    for seed in range(0, photos, EVERY):
        taken = seed + seed // EVERY % 3  # every kind of scene in turn
        chance, original = random.Random(seed), scene(taken)
        copies: list[tuple[str, Any, Boxes]] = [
            (name, change(original, chance), ()) for name, change in {**WHOLE, **CUT}.items()
        ]
        layout = chance.choice(layouts)
        stamped, restamped = (layout(original, stamp_of(number)) for number in (seed, seed + 1))
        copies.append(("watermark put on", stamped.picture, stamped.boxes))
        copies.append(("another visit", scene(taken, visit=1), ()))
        for name, copy, boxes in copies:
            if name == "another visit" and taken % 3 == 0:
                continue
            hits = history.send("", copy, boxes)
            tried[name] += 1
            found[name] += f"{taken}" in hits
            wrong[name] += any(hit != f"{taken}" for hit in hits)
        history.send(f"{taken} stamped", stamped.picture, stamped.boxes)
        hits = history.send("", restamped.picture, restamped.boxes)
        tried["another watermark"] += 1
        found["another watermark"] += f"{taken} stamped" in hits
        wrong["another watermark"] += any(hit.split()[0] != f"{taken}" for hit in hits)
    for name in tried:
        print(f"  {name:22} {found[name]:4} of {tried[name]:4} found, {wrong[name]} wrong ones")
    for title, names, goal in (
        ("whole", (*WHOLE, "another watermark"), GOAL_WHOLE),
        ("cut", tuple(CUT), GOAL_CUT),
    ):
        recall = sum(found[name] for name in names) / sum(tried[name] for name in names)
        print(f"recall     {title:6} {recall:.2%} (goal: {goal:.0%})")
    rate = found["another visit"] / max(tried["another visit"], 1)
    print(f"look-alike {rate:.1%} of the same places photographed again taken for copies")


def fields(stamps: int) -> None:
    from tests.photos.overlays import LAYOUTS, Card, business_card, stamp_of
    from tests.photos.scenes import front, shelf, street
    from tests.senses.receipts import as_jpeg

    reader, eye, now = RapidReader(), OrbEye(), datetime(2026, 12, 31, tzinfo=UTC)
    right, empty, filled = Counter[str](), Counter[str](), Counter[str]()
    count, wall, cpu = 0, time.perf_counter(), time.process_time()
    size = (1200, 900)

    def look(picture: Any, kind: str, truth: Mapping[str, object]) -> None:
        nonlocal count
        got = read(as_jpeg(picture, 60), reader, now, eye)
        count += 1
        values = {key: one.value for key, one in got.documents[0].fields.items()} if got.documents else {}
        filled[f"{kind} kind"] += 1
        right[f"{kind} kind"] += got.kind == kind
        for key, value in truth.items():
            filled[f"{kind} {key}"] += 1
            same = values.get(key) == value or (
                key in ("latitude", "longitude") and _number(values.get(key)) == value
            )
            right[f"{kind} {key}"] += same
            empty[f"{kind} {key}"] += key not in values

    for round_ in range(stamps):
        for number, draw in enumerate(LAYOUTS.values()):
            seed = round_ * len(LAYOUTS) + number
            scene = (street(seed, size), front(seed, size), shelf(seed, size).picture)[(seed + round_) % 3]
            stamped = draw(scene, stamp_of(seed))
            degrees = ("latitude", "longitude")
            truth = {k: float(v) if k in degrees else v for k, v in stamped.truth.items()}
            look(stamped.picture, "watermark_photo", truth)
        made = shelf(round_ + 100, size)
        look(made.picture, "shelf_photo", {"product_names": made.names, "prices": made.prices})
        card = Card()
        look(
            business_card(card, round_ % 3, round_),
            "business_card",
            {"person_name": card.name, "title": card.title, "company": card.company, "mobile": card.mobile},
        )
        look(street(round_ + 200, size), "other", {})
        look(front(round_ + 200, size), "other", {})
    print("fields     exact · left out · wrong")
    for name in filled:
        wrong = filled[name] - right[name] - empty[name]
        print(f"  {name:30} {right[name] / filled[name]:7.1%} {empty[name]:4} {wrong:4}  of {filled[name]}")
    seconds, spent = (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count
    print(f"cost       {seconds:.2f} s, {spent:.2f} CPU s a photo of 1200 × 900, read and fingerprinted")


def _number(text: object) -> float | None:
    return float(text) if isinstance(text, str) else None
