"""Master data from CSV: what is there already is changed, what is new is added, what is wrong is refused row by row.

Repeatable: the same file twice changes nothing. A column that the file does not have stays as it is; an empty cell
empties the field. Rows are written in chunks, each one transaction, so that the bot goes on working meanwhile;
people are written in one, because they refer to one another.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from bot import lead_imports, stock_counts
from bot.csv_files import FileRefused, Row, rows
from bot.import_checks import CHECKS, PLATFORM_IDS, Parsed
from bot.import_columns import COLUMNS, Bad
from handlers.known_companies import KnownCompanies
from storage.lead_tables import LeadRow
from storage.people import bump_master_version
from storage.receivables import ReceivableRow, balanced
from storage.schedule import Schedule
from storage.stock_tables import StockBalanceRow
from storage.store import Store
from storage.tables import (
    CompetitorRow,
    ContactRow,
    CustomerRow,
    DealerRow,
    PersonRow,
    ProductRow,
)
from storage.todo_copies import wake_of

__all__ = ["KINDS", "FileRefused", "Refused", "Report", "load"]

CHUNK = 500
LEADS = 25
"""Leads in a transaction: each is looked for among all companies, and others want to write meanwhile."""


@dataclass(frozen=True)
class Kind:
    row: type[SQLModel]
    key: str
    """The attribute by which rows are known."""
    in_one: bool = False
    details: bool = False
    """Any further column is kept in `details`."""
    beside: str = ""
    """A second attribute by which rows are known, empty where a file leaves it out."""


KINDS: dict[str, Kind] = {
    "people": Kind(PersonRow, "id", in_one=True),
    "customers": Kind(CustomerRow, "code"),
    "contacts": Kind(ContactRow, "customer_code", beside="name"),
    "products": Kind(ProductRow, "code"),
    "competitors": Kind(CompetitorRow, "name"),
    "stock": Kind(StockBalanceRow, "product_code", beside="lot"),
    "dealers": Kind(DealerRow, "code", details=True),
    "receivables": Kind(ReceivableRow, "customer_code", beside="number"),
    "leads": Kind(LeadRow, "id", details=True),
}


@dataclass(frozen=True)
class Refused:
    line: int
    words: str

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.words}。"


@dataclass
class Report:
    """`refused` in the order of the file."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, wrong: dict[int, str]) -> None:
        self.refused.extend(Refused(line, words) for line, words in wrong.items())
        self.refused.sort(key=lambda one: one.line)


def load(
    kind: str,
    content: bytes,
    store: Store,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Import one file. Raises FileRefused where nothing of it can be used; then nothing was written."""
    what = KINDS[kind]
    report, known = Report(), KnownCompanies()
    parsed = _accepted(kind, content, store, report)
    size = max(1, len(parsed)) if what.in_one else LEADS if kind == "leads" else CHUNK
    for start in range(0, len(parsed), size):
        chunk = parsed[start : start + size]
        if kind == "leads":
            with store.read() as session:
                known.refresh(session)
        with store.write() as session:
            if kind == "leads":
                _take_leads(chunk, session, report, known, now)
            elif kind == "stock":
                _count(chunk, session, report, now)
            else:
                _write(what, chunk, session, report, now)
        progress(len(chunk))
    if kind == "receivables":
        _balance(parsed, store, report, now)
    return report


def _balance(parsed: list[Parsed], store: Store, report: Report, now: datetime) -> None:
    """The file is the whole list of what is open: nothing else is. Where a row was refused, nobody can say so."""
    if not parsed or report.refused:
        return
    keys = {(row.values["customer_code"], row.values["number"]) for row in parsed}
    with store.write() as session:
        balanced(session, keys, max(row.values["as_of"] for row in parsed), now)


def _accepted(kind: str, content: bytes, store: Store, report: Report) -> list[Parsed]:
    """The rows that nothing is wrong with; the others are in the report."""
    columns = COLUMNS[kind]
    names = tuple(column.name for column in columns)
    required = tuple(column.name for column in columns if column.required)
    read = rows(content, columns=names, required=required, others=KINDS[kind].details)
    parsed = list(_parsed(kind, read, report))
    wrong = _repeated(KINDS[kind], parsed)
    check = CHECKS[kind]
    with store.read() as session:
        # A refused row may be what another one relies on: checked until nothing more falls out.
        while wrong := wrong or check(parsed, session):
            report.refuse(wrong)
            parsed = [row for row in parsed if row.line not in wrong]
            wrong = {}
    return parsed


def _parsed(kind: str, read: Iterable[Row], report: Report) -> Iterator[Parsed]:
    columns = {column.name: column for column in COLUMNS[kind]}
    for row in read:
        problems = [row.problem] if row.problem else []
        values: dict[str, Any] = {}
        for name, cell in row.cells.items():
            column = columns.get(name)
            if column is None:
                values.setdefault("details", {})[name] = cell
            elif column.required and not cell:
                problems.append(f"{name} 是空的")
            else:
                try:
                    values[column.attribute] = column.read(cell)
                except Bad as bad:
                    problems.append(f"{name} {bad}")
        if problems:
            report.refuse({row.line: "；".join(problems)})
        else:
            yield Parsed(row.line, values)


def _repeated(what: Kind, parsed: list[Parsed]) -> dict[int, str]:
    first: dict[str, int] = {}
    wrong = {}
    for row in parsed:
        name = " ".join(filter(None, (row.values[what.key], row.values.get(what.beside))))
        if name in first:
            wrong[row.line] = f"“{name}”和第 {first[name]} 行重复"
        first.setdefault(name, row.line)
    return wrong


def _write(what: Kind, chunk: list[Parsed], session: Session, report: Report, now: datetime) -> None:
    """One transaction's worth."""
    keys = [row.values[what.key] for row in chunk]
    query = select(what.row).where(col(getattr(what.row, what.key)).in_(keys))
    known = {(getattr(row, what.key), getattr(row, what.beside, "")): row for row in session.exec(query)}
    changes = [
        (known.get((row.values[what.key], row.values.get(what.beside, ""))), row.values) for row in chunk
    ]
    changes = [(old, _changed(old, values)) for old, values in changes]
    _let_go(changes)
    session.flush()
    for old, values in changes:
        if old is None:
            session.add(what.row(**values))
            report.added += 1
        elif values:
            for name, value in values.items():
                setattr(old, name, value)
            session.add(old)
            report.changed += 1
        else:
            report.unchanged += 1
    if what.row is PersonRow:
        _those_who_left(changes, session, now)
        _in_the_calendar(changes, session, now)
    if any(values for _, values in changes):
        bump_master_version(session)


def _those_who_left(
    changes: list[tuple[SQLModel | None, dict[str, Any]]], session: Session, now: datetime
) -> None:
    """What they had open is looked at once this is on record."""
    for old, values in changes:
        if old is not None and values.get("active") is False:
            person = getattr(old, "id", "")
            Schedule(session).at(now, "person_left", f"person:{person}", person)


def _in_the_calendar(
    changes: list[tuple[SQLModel | None, dict[str, Any]]], session: Session, now: datetime
) -> None:
    """To-dos go into the calendar of whoever has one by now, and out of that of whoever left."""
    others = {"dingtalk_userid", "active"}
    people = [
        str(getattr(old, "id", "")) for old, values in changes if old is not None and others & values.keys()
    ]
    if people:
        session.flush()
        wake_of(session, people, now)


def _count(chunk: list[Parsed], session: Session, report: Report, now: datetime) -> None:
    """One transaction's worth of stock: counts, which are movements of a ledger."""
    counted, wrong = stock_counts.write(chunk, session, now)
    for outcome, many in counted.items():
        setattr(report, outcome, getattr(report, outcome) + many)
    report.refuse(wrong)


def _take_leads(
    chunk: list[Parsed], session: Session, report: Report, known: KnownCompanies, now: datetime
) -> None:
    """One transaction's worth of leads: each is found again, merged or added."""
    counted, wrong = lead_imports.write(chunk, session, known, now)
    for outcome, many in counted.items():
        setattr(report, outcome, getattr(report, outcome) + many)
    report.refuse(wrong)


def _changed(old: SQLModel | None, values: dict[str, Any]) -> dict[str, Any]:
    if old is None:
        return dict(values)
    return {name: value for name, value in values.items() if getattr(old, name) != value}


def _let_go(changes: list[tuple[SQLModel | None, dict[str, Any]]]) -> None:
    """Platform ids that wander from one person to another are free before they are taken."""
    for old, values in changes:
        for name in PLATFORM_IDS:
            if old is not None and name in values:
                setattr(old, name, None)
