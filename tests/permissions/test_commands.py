"""Hand-over and export on somebody's behalf, from the command line."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from storage.store import Store
from storage.tables import AuditRow, CustomerRow, RecordRow
from tests.commands.test_cli import company as company
from tests.commands.test_cli import home as home
from tests.commands.test_cli import lines, run

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)


def store_of(company: Path) -> Store:
    return Store(f"sqlite:///{company / 'var' / 'xiaofang.db'}")


def owners(company: Path, person: str) -> int:
    store = store_of(company)
    with store.read() as session:
        found = session.exec(select(CustomerRow.code).where(CustomerRow.owner_id == person)).all()
    store.close()
    return len(found)


def test_customers_are_listed_first_and_handed_over_on_a_second_word(company: Path) -> None:
    listed = run("hand-over", "李伟", "王磊")
    assert "6 家客户" in listed.output and "--yes" in listed.output and owners(company, "P101") == 6
    assert "已把 李伟 的 6 家客户交给王磊" in run("hand-over", "小李", "P103", "--yes").output
    assert (owners(company, "P101"), owners(company, "P103")) == (0, 12)
    store = store_of(company)
    with store.read() as session:
        trail = session.exec(select(AuditRow).where(AuditRow.field == "owner")).all()
    store.close()
    assert {(row.old, row.new, row.who) for row in trail} == {("P101", "P103", "command line")}
    assert len(trail) == 6


def test_customers_go_to_nobody_only_where_that_was_said(company: Path) -> None:
    assert run("hand-over", "张敏").exit_code == 2
    assert run("hand-over", "张敏", "王磊", "--public").exit_code == 2
    assert run("hand-over", "没有的人", "王磊").exit_code == 1
    assert "公海" in run("hand-over", "张敏", "--public", "--yes").output
    assert owners(company, "P102") == 0


def test_an_export_for_somebody_holds_what_he_may_see(company: Path) -> None:
    store = store_of(company)
    with store.write() as session:
        for reporter in ("P101", "P105"):
            row = RecordRow(
                form="quote", reporter_id=reporter, happened_at=NOW, status="confirmed",
                data={"price": 42, "floor_price": 38, "result": "底价38"}, sources={"floor_price": "底价38"},
                created_at=NOW, updated_at=NOW,
            )  # fmt: skip
            session.add(row)
    store.close()
    everything = lines(run("export", "records", "--form", "quote"))
    managers = lines(run("export", "records", "--form", "quote", "--as", "周建国"))
    reps = lines(run("export", "records", "--form", "quote", "--as", "李伟"))
    assert [r["reporter"] for r in everything] == ["P101", "P105"]
    assert [r["data"] for r in managers] == [{"price": 42, "floor_price": 38, "result": "底价38"}]
    assert [r["data"] for r in reps] == [{"price": 42, "result": "＊＊＊＊"}]
