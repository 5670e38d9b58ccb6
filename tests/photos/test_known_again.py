"""A photo that was sent before is known again, whatever was done to it; other photos are not."""

import random

import numpy as np
import pytest
from PIL import Image, ImageOps

from nlu.senses.engines.orb import OrbEye
from nlu.senses.photos.fingerprints import Fingerprint, fingerprint, panels, within_bars
from nlu.senses.photos.hashing import phash, phash_all_ways
from nlu.senses.photos.matching import CANDIDATE_BITS, match, nearest_bits
from nlu.senses.photos.papers import may_be_one_paper
from tests.photos.changes import CUT, WHOLE, Change
from tests.photos.overlays import LAYOUTS, stamp_of
from tests.photos.scenes import scene

CHANGES: dict[str, Change] = {**WHOLE, **CUT}
KINDS_OF_SCENE = 3


@pytest.fixture(scope="module")
def eye() -> OrbEye:
    return OrbEye()


@pytest.fixture(scope="module")
def known(eye: OrbEye) -> dict[int, Fingerprint]:
    return {seed: fingerprint(scene(seed), eye) for seed in range(7)}


def found(seen: Fingerprint, known: dict[int, Fingerprint]) -> set[int]:
    hashes = np.array([one.hashes for one in known.values()], dtype=np.uint64)
    bits = nearest_bits(np.array(seen.ways, dtype=np.uint64), hashes)
    near = [seed for seed, apart in zip(known, bits, strict=True) if apart <= CANDIDATE_BITS]
    return {seed for seed in near if match(seen, known[seed].look)}


def test_the_hash_is_the_one_that_imagehash_defines() -> None:
    # Made with imagehash 4.3.2 from the same pictures.
    drawn = np.add.outer(np.arange(96) * 3, np.arange(128) * 5) % 251
    ramp = Image.fromarray(drawn.astype(np.uint8))
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 255, (70, 90), np.uint8))
    assert (f"{phash(ramp):016x}", f"{phash(noise):016x}") == ("83a90357aca6fd54", "d620208f3fbde11b")


def test_all_eight_ways_of_holding_a_picture_have_their_hash() -> None:
    picture = scene(1)
    quarter = Image.Transpose.ROTATE_90
    held = [picture, ImageOps.mirror(picture)]
    for _ in range(3):
        held += [one.transpose(quarter) for one in held[-2:]]
    ways = phash_all_ways(picture)
    # A frequency on the very edge of the median may fall to either side.
    assert all(min((phash(one) ^ way).bit_count() for way in ways) <= 2 for one in held)
    assert len(set(ways)) == len(held)


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=list(CHANGES))
def test_a_changed_copy_is_known_again_and_nothing_else(
    eye: OrbEye, known: dict[int, Fingerprint], number: int
) -> None:
    """Every change to a scene of one kind; `xiaofang bench photos` does every change to all."""
    change, seed = list(CHANGES.values())[number], number % KINDS_OF_SCENE
    assert found(fingerprint(change(scene(seed), random.Random(seed)), eye), known) == {seed}


def test_another_watermark_makes_no_other_photo_and_the_same_one_no_copy(eye: OrbEye) -> None:
    layout = LAYOUTS["form"]
    stamps = [stamp_of(1), stamp_of(2)]
    one, restamped, other = (
        layout(scene(seed), stamp) for seed, stamp in ((3, stamps[0]), (3, stamps[1]), (9, stamps[0]))
    )
    first, again, different = (fingerprint(made.picture, eye, made.boxes) for made in (one, restamped, other))
    assert match(again, first.look) is not None
    assert match(different, first.look) is None


@pytest.mark.parametrize(("layout", "seed"), [("form", 0), ("coordinates", 2)])
def test_a_panel_that_is_put_on_a_photo_makes_no_other_photo(
    eye: OrbEye, known: dict[int, Fingerprint], layout: str, seed: int
) -> None:
    stamped = LAYOUTS[layout](scene(seed), stamp_of(1))
    assert found(fingerprint(stamped.picture, eye, stamped.boxes), known) == {seed}


def test_lines_that_stand_together_are_a_panel_and_others_are_not() -> None:
    lines = [(20, 100, 200, 120), (20, 130, 180, 150), (24, 160, 220, 180)]
    assert panels(lines) == [(0, 80, 240, 200)]
    assert panels(lines[:2]) == []
    assert panels([lines[0], (300, 130, 400, 150), (20, 400, 90, 420)]) == []


def test_the_same_shelf_on_another_day_is_no_copy(eye: OrbEye, known: dict[int, Fingerprint]) -> None:
    assert found(fingerprint(scene(2, visit=1), eye), known) == set()


def test_pictures_without_anything_on_them_are_copies_of_nothing(eye: OrbEye) -> None:
    blank = fingerprint(Image.new("RGB", (400, 300), (180, 180, 180)), eye)
    assert match(blank, blank.look) is None


def test_a_fingerprint_survives_its_way_between_processes(eye: OrbEye) -> None:
    made = fingerprint(scene(4), eye)
    back = Fingerprint.from_text(made.to_text())
    assert (back.hashes, back.ways) == (made.hashes, made.ways)
    assert match(back, made.look) == match(made, made.look) != None  # noqa: E711


def test_only_black_or_white_bars_are_cut_off() -> None:
    photo = scene(5)
    assert within_bars(photo) == (0, 0, *photo.size)
    screen = Image.new("RGB", (photo.width, photo.height + 400), "black")
    screen.paste(photo, (0, 200))
    left, top, right, bottom = within_bars(screen)
    assert (left, right) == (0, photo.width)
    assert abs(top - 200) <= 2 and abs(bottom - 200 - photo.height) <= 2


def receipt(**fields: str) -> dict[str, object]:
    read = {key: {"value": value} for key, value in fields.items()}
    return {"kind": "receipt_till", "documents": [{"kind": "receipt_till", "fields": read}]}


def test_two_receipts_that_look_alike_are_one_only_when_they_say_the_same() -> None:
    lunch = receipt(total="46.50", date="2026-03-10", time="12:31")
    assert may_be_one_paper(lunch, receipt(total="46.50", date="2026-03-10"))
    assert not may_be_one_paper(lunch, receipt(total="46.50", date="2026-03-11"))
    assert not may_be_one_paper(lunch, receipt(total="46.50"))
    assert not may_be_one_paper(lunch, {"kind": "other", "documents": []})
    assert may_be_one_paper({"kind": "shelf_photo"}, {"kind": "other"})
