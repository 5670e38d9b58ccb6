"""What was published holds from the start, also where nobody has written anything to this process yet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.knowledge import Knowledge
from bot.reminder_rounds import ReminderRounds
from bot.retention import Retention
from handlers import publishing
from storage.media import MediaStore
from storage.reminders import ReminderRow
from storage.store import Store
from storage.tables import InboxRow, MediaRow, MessageMediaRow, PersonRow

NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)


def publish(store: Store, name: str, old: bytes, new: bytes) -> None:
    """As another process does it; a file that is not there yet is begun."""
    with store.write() as session:
        held = Knowledge().in_force(session)
        text = held.files.get(name, b"")
        assert old in text
        files = {**held.files, name: text.replace(old, new)}
        draft = publishing.draft(session, files, held, who="P202", why="试试", now=NOW)
        publishing.publish(session, draft.row.id or 0, held, who="P202", now=NOW)


def test_a_voice_note_is_kept_for_as_long_as_was_published(sqlite_store: Store, tmp_path: Path) -> None:
    media, long_ago = MediaStore(tmp_path / "media"), NOW - timedelta(days=100)
    with sqlite_store.write() as session:
        sha256 = media.put(b"voice")
        session.add(MediaRow(sha256=sha256, size=5, created_at=long_ago))
        message = InboxRow(
            channel="wecom", tenant="", key="1", lane="x", kind="voice", stage="turn", payload="{}",
            received_at=long_ago, available_at=long_ago,
        )  # fmt: skip
        session.add(message)
        session.flush()
        session.add(MessageMediaRow(inbox_id=message.id or 0, position=0, sha256=sha256))
    publish(sqlite_store, "policies/personal.yaml", b"keep_days: 90", b"keep_days: 400")
    cleaning = Retention(sqlite_store, media, Knowledge(), ZoneInfo("Asia/Shanghai"))
    assert cleaning.run(NOW) == 0 and media.path(sha256).exists()
    assert cleaning.run(NOW + timedelta(days=301)) == 1 and not media.path(sha256).exists()


def test_a_flow_begins_at_the_time_that_was_published(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        session.add(PersonRow(id="P101", name="李伟", role="rep"))
    publish(sqlite_store, "flows/daily_report.yaml", b'at: "18:04"', b'at: "10:04"')
    now = NOW + timedelta(minutes=5)  # 10:05 in Shanghai
    ReminderRounds(sqlite_store, Knowledge(), lambda: now, ZoneInfo("Asia/Shanghai")).run_once()
    with sqlite_store.read() as session:
        found = session.scalars(select(ReminderRow).where(ReminderRow.schedule == "flow:daily_report")).one()
    assert found.planned == NOW + timedelta(minutes=4)
