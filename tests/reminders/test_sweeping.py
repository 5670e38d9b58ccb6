"""What was finished long ago is deleted, and still nothing of it happens again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import app
from bot.knowledge import Knowledge
from bot.retention import Retention
from storage.flow_tables import WebhookRow
from storage.media import MediaStore
from storage.store import Store
from storage.tables import DueRow
from tests.databases import new_file
from tests.reminders.company import Held, Working, hire, messages, reminders
from tests.reminders.test_once import at, one

SHANGHAI = ZoneInfo("Asia/Shanghai")


def swept(store: Store, path: Path, now: datetime) -> None:
    Retention(store, MediaStore(path / "media"), Knowledge(), SHANGHAI).run(now)


def test_a_reminder_whose_row_is_gone_is_not_told_again_where_the_clock_is_put_back(tmp_path: Path) -> None:
    store = Store(new_file(tmp_path / "x.db"))
    hire(store, "P1")
    now = [at(8, 3)]
    worker = Working("w", store, Held(one("10:10")), lambda: now[0])
    for days in range(3):
        now[0] = at(10, 12, 10 + days)
        worker.run()
    assert len(messages(store)) == 3
    swept(store, tmp_path, at(4, 0, 12) + timedelta(days=31))
    assert [row.day.day for row in reminders(store)] == [12]
    for days in range(3):
        now[0] = at(10, 12, 10 + days)
        Working("w", store, Held(one("10:10")), lambda: now[0]).run()
    assert len(messages(store)) == 3
    store.close()


def test_a_clock_that_was_far_ahead_for_a_moment_keeps_nothing_back(tmp_path: Path) -> None:
    store = Store(new_file(tmp_path / "x.db"))
    hire(store, "P1")
    now = [at(10, 12)]
    worker = Working("w", store, Held(one("10:10")), lambda: now[0])
    for days in range(2):
        now[0] = at(10, 12, 10 + days)
        worker.run()
    ahead = at(4, 0, 12).replace(year=2036)
    swept(store, tmp_path, ahead)
    now[0] = at(10, 12, 12)
    worker.run()
    assert [row.day.day for row in reminders(store)] == [11, 12] and len(messages(store)) == 3
    store.close()


def test_the_newest_row_stays_so_that_no_number_is_given_twice(tmp_path: Path) -> None:
    store, now = Store(new_file(tmp_path / "x.db")), datetime(2026, 3, 10, tzinfo=UTC)
    with store.write() as session:
        for number, state in enumerate(("done", "failed", "cancelled", "done")):
            session.add(
                DueRow(name="x", subject=str(number), person_id="", due_at=now, available_at=now, state=state)
            )
            session.add(
                WebhookRow(
                    key=str(number),
                    event="e",
                    body="",
                    created_at=now,
                    done_at=now,
                    available_at=now,
                    state=state,
                )
            )
    swept(store, tmp_path, now + timedelta(days=40))
    with store.read() as session:
        assert list(session.scalars(select(DueRow.subject))) == ["1", "3"]
        assert list(session.scalars(select(WebhookRow.key))) == ["1", "3"]
    store.close()


def test_operations_see_what_will_be_told_when(tmp_path: Path) -> None:
    url = new_file(tmp_path / "x.db")
    store = Store(url)
    hire(store, "P1", role="manager")
    config = tmp_path / "x.yaml"
    config.write_text(f"database_url: {url}\n", encoding="utf-8")
    arguments = ["schedule", "preview", "--as", "P1", "--days", "5", "--now", "2026-03-06T10:07"]
    shown = CliRunner().invoke(app, ["--config", str(config), *arguments]).output
    lines = shown.splitlines()
    assert [line[:5] for line in lines[1:]] == ["03-09", "03-09", "03-10", "03-11"]
    assert "周会要点：" in lines[1] and "审批汇总：（等着自己审批的单子；现在还没有内容）" in lines[2]
    assert reminders(store) == [] and messages(store) == []
    store.close()
