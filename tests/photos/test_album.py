"""The history of photos on both databases."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.album import Album
from nlu.senses.engines.orb import OrbEye
from nlu.senses.photos.fingerprints import fingerprint
from storage.media import keep_perception
from storage.photos import Photos
from storage.store import Store
from tests.photos.changes import cropped, cropped_10
from tests.photos.scenes import scene

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    eye, chance = OrbEye(), random.Random(1)
    made = {str(seed): scene(seed) for seed in range(4)}
    made["cut"] = cropped_10(scene(1), chance)
    made["half"] = cropped(scene(1), chance, 0.3)
    return {name: fingerprint(picture, eye).to_text() for name, picture in made.items()}


def send(store: Store, album: Album, texts: dict[str, str], name: str, person: str, number: int) -> list[str]:
    found = album.earlier(texts[name], name, person, {"kind": "other"})
    with store.write() as session:
        keep_perception(session, name, "read", {"kind": "other"}, AT)
        album.keep(session, texts[name], name)
        Photos(session).note_sent(number, name, person, AT + timedelta(hours=number), found)
    return found


def test_a_cut_copy_is_found_in_the_whole_history_also_by_another_process(
    store: Store, texts: dict[str, str]
) -> None:
    ours, theirs = Album(store), Album(store)
    for number in range(4):
        assert send(store, ours, texts, str(number), "P101", number + 1) == []
    assert send(store, theirs, texts, "cut", "P102", 5) == ["1"]
    with store.read() as session:
        (before,) = Photos(session).before(5, "cut")
    assert (before.sha256, before.person, before.at) == ("1", "P101", AT + timedelta(hours=2))
    assert not before.counts and before.customer is None


def test_a_larger_cut_is_found_among_the_senders_own_latest(
    sqlite_store: Store, texts: dict[str, str]
) -> None:
    album = Album(sqlite_store)
    send(sqlite_store, album, texts, "1", "P101", 1)
    assert send(sqlite_store, album, texts, "half", "P101", 2) == ["1"]


def test_the_very_same_file_is_a_reuse_once_it_comes_with_another_message(
    store: Store, texts: dict[str, str]
) -> None:
    album = Album(store)
    send(store, album, texts, "0", "P101", 1)
    with store.write() as session:
        album.sent_again(session, 1, "0", "P101", AT)  # the same message once more, after a crash
        album.sent_again(session, 2, "0", "P102", AT + timedelta(days=1))
        album.sent_again(session, 3, "no picture", "P102", AT)
    with store.read() as session:
        photos = Photos(session)
        assert photos.before(1, "0") == ()
        assert [one.person for one in photos.before(2, "0")] == ["P101"]
        assert photos.sent(3, "no picture") is None
