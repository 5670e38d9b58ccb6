"""No way around the policies: what is not declared is closed, and who reads people's records says why or is refused."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Field, Session, SQLModel, create_engine

from config import rulebook
from domain.policies import Viewer
from storage.guarding import GuardedSession
from storage.policies import ROWS, Forbidden, Guard
from tests.permissions.company import NOW

ROOT = Path(__file__).parents[2]
READING = {"select", "exec", "scalars", "scalar", "execute"}
"""Calls that read from a database, whoever makes them."""
OF_STORAGE = {"get", "fetch", "fetch_one", "rows", *READING} - {"execute"}
"""The same inside `storage`, where statements are prepared as well."""
OUTSIDE = {
    "bot/commands/talk.py": "what the terminal itself was answered",
    "bot/doctor.py": "whether people can be reached, for whoever runs the server",
    "bot/exports.py": "the whole export, for whoever runs the server; everybody else's is seen_records",
    "bot/going_live.py": "whether a test message came",
    "bot/import_checks.py": "master data that is imported, against what is there",
    "bot/imports.py": "the same",
    "bot/inbox.py": "one's own message, before anybody knows whose",
    "bot/perceiver.py": "notes that wait for a model",
    "bot/stock_counts.py": "products that are counted, against the master data",
    "handlers/alert_trials.py": "what an alert would have done: names and days, to whoever writes the rules",
    "handlers/dry_run.py": "how many records a draft would not take; messages are shown through the guard",
    "bot/trail.py": "the playground's panel, on invented people",
}
"""Modules above `storage` that may read tables by themselves, and what. A module that is new here needs a reason why
nobody sees through it what he may not; else: `turn.seen()` in handlers, `House.seen_by` in pages."""


@cache
def modules() -> list[tuple[str, ast.Module]]:
    return list(_modules())


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("bot", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(("bot/playground/", "bot/benchmarks/")):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def test_no_module_reads_tables_by_itself_without_a_reason() -> None:
    reading = {name for name, tree in modules() if any(called in READING for called, _ in calls(tree))}
    assert reading == OUTSIDE.keys()


REPOSITORIES = {"records", "check_ins", "customers", "verdicts", "photos", "places", "invoices"}
KNOWN = Path(__file__).parent / "unguarded.txt"


@cache
def guarded_reads() -> set[str]:
    """Methods and functions of `storage` that read tables of people's records without a guard."""
    rows = {row.__name__ for row in ROWS} - {"PersonRow", "ProductRow", "CompetitorRow", "StockRow"}
    found = set()
    for path in sorted((ROOT / "storage").glob("*.py")):
        if path.stem in ("seeing", "guarding", "masking", "policies", "retention", "tables"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        of_rows = _made_of(rows, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                reads = any(called in OF_STORAGE for called, _ in calls(node))
                if reads and of_rows & _names(node):
                    found.add(node.name)
    return found


def _made_of(rows: set[str], tree: ast.Module) -> set[str]:
    """These names, and those of the module that are made of them: tables, conditions, prepared statements."""
    known = set(rows)
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and known & _names(statement.value):
            known |= set().union(*(_names(target) for target in statement.targets))
    return known


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


@cache
def unguarded() -> set[str]:
    """`module function what`: each place above `storage` that reads people's records without a guard."""
    names, found = guarded_reads(), set()
    for name, tree in modules():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for called, call in calls(function):
                where = ast.unparse(call.func).split(".")
                of_storage = len(where) == 1 or where[-2] in (
                    REPOSITORIES | {"learning", "transfers", "todos"}
                )
                if called in names and of_storage:
                    found.add(f"{name} {function.name} {'.'.join(where[-2:])}")
    return found


def test_every_reading_without_a_guard_is_known() -> None:
    """`unguarded.txt` lists what the house reads in its own name: the sender's own things, what he was asked to decide,
    its own judgement. Whoever adds a line has to be sure that nobody is told by it what he may not see; an answer, a
    page, a card for somebody else reads through `turn.seen()` or `House.seen_by` instead.
    `python -m tests.permissions.test_closed` prints the list as it is."""
    assert "handlers/days.py of_today records.between" in unguarded()  # it finds what there is to find
    known = set(KNOWN.read_text(encoding="utf-8").splitlines())
    assert unguarded() - known == set(), "new readings without a guard"
    assert known - unguarded() == set(), "lines of unguarded.txt that nothing needs any more: take them out"


def test_pages_read_through_the_guard_only() -> None:
    assert [line for line in unguarded() if line.startswith("bot/web/")] == []


# default deny ---------------------------------------------------------------------------------------------------


def session(viewer: Viewer, *tables: Any) -> GuardedSession:
    connection = create_engine("sqlite://").connect()
    with Session(bind=connection) as writing:
        for row in tables:
            row.__table__.create(connection)
            writing.add_all(row(id=n, dealer_code=code) for n, code in enumerate(("D1", "D2", "D3"), 1))
        writing.commit()
    rules = rulebook.load()
    return GuardedSession(connection, Guard(rules.policies, viewer, rules.forms), NOW)


class NewThingRow(SQLModel, table=True):
    """A table of tomorrow that nobody has thought about."""

    __tablename__ = "new_thing"
    id: int | None = Field(default=None, primary_key=True)
    dealer_code: str = ""


SQLModel.metadata.remove(NewThingRow.__table__)  # type: ignore[attr-defined]  # other tests compare the metadata


def test_a_table_that_nobody_declared_is_refused_to_everybody() -> None:
    for role in ("rep", "director", "admin"):
        with pytest.raises(Forbidden, match="not declared"):
            session(Viewer(id="x", role=role), NewThingRow).scalars(select(NewThingRow)).all()


def test_a_dealer_sees_rows_with_his_code_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, NewThingRow, ROWS[next(iter(ROWS))])
    seen = session(Viewer(id="d", role="dealer", dealers=("D1", "D3")), NewThingRow)
    assert seen.scalars(select(NewThingRow.dealer_code)).all() == ["D1", "D3"]


def test_nothing_is_written_through_a_persons_session() -> None:
    reading = session(Viewer(id="x", role="admin"), NewThingRow)
    reading.add(NewThingRow())
    with pytest.raises(Forbidden, match="only reads"):
        reading.flush()
    with pytest.raises(Forbidden):
        reading.connection()


if __name__ == "__main__":
    print("\n".join(sorted(unguarded())))
