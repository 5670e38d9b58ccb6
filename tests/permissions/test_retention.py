"""Voice notes, photos and positions go when their days are over; papers and what was noted stay."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from nlu.senses.workers import SensePool
from storage.media import keep_perception, note_media
from storage.store import Store
from storage.tables import AuditRow, CheckInRow, EvidenceRow, InboxRow, MediaRow, PerceptionRow, RecordRow
from tests.conftest import TestClock
from tests.world import World, world


@pytest.fixture
def there(tmp_path: Path, clock: TestClock, pool: SensePool) -> World:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as found:
        yield found


def send(there: World, kind: str, proof: str, content: bytes) -> str:
    """A file as it lies after a message of that kind was worked on, and the record that rests on it."""
    now, store = there.clock(), there.house.store
    sha256 = there.house.media.put(content)
    with store.write() as session:
        message = InboxRow(
            channel="wecom", tenant="t", key=f"{kind}{now}{content!r}", lane="l", kind=kind, stage="turn",
            payload="{}", state="done", received_at=now, available_at=now,
        )  # fmt: skip
        session.add(message)
        session.flush()
        note_media(session, message.id or 0, 0, sha256, size=1, name="", content_type="", now=now)
        keep_perception(session, sha256, "hear", {"text": "秘密"}, now)
        record = RecordRow(
            form="visit",
            reporter_id="P101",
            happened_at=now,
            status="confirmed",
            created_at=now,
            updated_at=now,
        )
        session.add(record)
        session.flush()
        session.add(EvidenceRow(record_id=record.id or 0, kind=proof, words="听到的话", sha256=sha256))
    return sha256


def kept(store: Store) -> set[str]:
    with store.read() as session:
        return set(session.exec(select(MediaRow.sha256)))


def test_each_file_goes_after_its_own_days_and_papers_stay(there: World) -> None:
    voice = send(there, "voice", "voice", b"voice")
    photo = send(there, "image", "photo", b"photo")
    paper = send(there, "image", "receipt", b"receipt")
    there.forward(days=89)
    assert kept(there.house.store) == {voice, photo, paper}
    there.forward(days=3)
    assert kept(there.house.store) == {photo, paper}
    assert not there.house.media.path(voice).exists()
    there.forward(days=300)
    assert kept(there.house.store) == {paper} and there.house.media.path(paper).exists()


def test_what_was_noted_stays_what_was_perceived_goes_and_it_is_on_record(there: World) -> None:
    voice = send(there, "voice", "voice", b"voice")
    there.forward(days=91)
    with there.house.store.read() as session:
        assert session.get(PerceptionRow, (voice, "hear")) is None
        assert session.exec(select(EvidenceRow.words)).all() == ["听到的话"]
        audit = session.exec(select(AuditRow).where(col(AuditRow.subject) == f"media:{voice}")).one()
    assert (audit.who, audit.new, audit.why) == ("clock", "deleted", "录音保留 90 天，已到期")


def test_a_file_that_was_sent_again_is_kept_from_then_on(there: World) -> None:
    first = send(there, "voice", "voice", b"again")
    there.forward(days=60)
    send(there, "voice", "voice", b"again")
    there.forward(days=60)
    assert kept(there.house.store) == {first}
    there.forward(days=40)
    assert kept(there.house.store) == set()


def test_positions_lose_their_coordinates_and_the_visit_stays(there: World) -> None:
    there.act(there.wecom.send_location("liwei", 39.923614, 116.503482, "惠民超市"))
    there.forward(days=181)
    with there.house.store.read() as session:
        row = session.exec(select(CheckInRow)).one()
        payloads = session.exec(select(InboxRow.payload).where(col(InboxRow.kind) == "location")).all()
    assert (row.latitude, row.longitude, row.label, row.state) == (0, 0, "", "forgotten")
    assert row.customer_code == "C0001" and payloads == ["{}"]
