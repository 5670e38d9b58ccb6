"""Records out of the house, one at a time: JSON lines, CSV or a spreadsheet. However many there are, memory stays flat.

Only what counts is exported: proposals that nobody confirmed, and what was dropped, expired or undone, is not.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from domain.forms import Form
from domain.policies import HIDDEN
from domain.statuses import COUNTS
from storage.flows import approvals_about
from storage.seeing import Seen, Wanted
from storage.tables import EvidenceRow, RecordRow

SETTLED = ("approved", "rejected", "paid")
BATCH = 500
HEAD = ("id", "form", "form_version", "reporter", "customer", "happened_at", "status")

FORMULA = tuple("=+-@|%＝＋－＠")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
INVISIBLE = re.compile(r"^[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\"']+")
UNSHEETABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LONGEST_CELL = 32_767
"""Characters that a cell of a spreadsheet holds."""

Exported = dict[str, Any]


def how_many(session: Session, form: str, since: datetime | None) -> int:
    query = select(func.count()).select_from(RecordRow).where(*_which(form, since))
    return int(session.exec(query).one())


def records(session: Session, form: str, *, since: datetime | None, zone: ZoneInfo) -> Iterator[Exported]:
    """`{"id", "form", "form_version", "reporter", "customer", "happened_at", "status", "data", "evidence"}`, and
    `approvals` where others decided about the record.

    In the order in which they were made; `since` is by the time they happened. Times carry the offset of `zone`.
    Of the whole house: for whoever runs it. On anybody else's behalf: `seen_records`.
    """
    last = 0
    while True:
        query = (
            select(RecordRow)
            .where(*_which(form, since), col(RecordRow.id) > last)
            .order_by(col(RecordRow.id))
            .limit(BATCH)
        )
        batch = list(session.exec(query))
        if not batch:
            return
        evidence = _evidence(session, [row.id or 0 for row in batch])
        decided = _decided(session, [row.id or 0 for row in batch], zone)
        for row in batch:
            last = row.id or 0
            exported = _exported(row, evidence.get(last, []), zone)
            yield exported | ({"approvals": decided[last]} if last in decided else {})
        session.expunge_all()


def seen_records(seen: Seen, wanted: Wanted, zone: ZoneInfo) -> Iterator[Exported]:
    """The same of what one person may see; hidden values are left out."""
    for batch in seen.batches(wanted):
        evidence = seen.evidence(batch)
        for row in batch:
            yield _exported(row, [_proof(e) for e in evidence.get(row.id or 0, ())], zone)


def _exported(row: RecordRow, evidence: list[Exported], zone: ZoneInfo) -> Exported:
    return {
        "id": row.id,
        "form": row.form,
        "form_version": row.form_version,
        "reporter": row.reporter_id,
        "customer": row.customer_code,
        "happened_at": row.happened_at.astimezone(zone).isoformat(timespec="seconds"),
        "status": row.status,
        "data": {key: value for key, value in row.data.items() if value != HIDDEN},
        "evidence": evidence,
    }


def _which(form: str, since: datetime | None) -> list[Any]:
    when = [col(RecordRow.happened_at) >= since] if since else []
    return [col(RecordRow.form) == form, col(RecordRow.status).in_(COUNTS), *when]


def _evidence(session: Session, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    query = select(EvidenceRow).where(col(EvidenceRow.record_id).in_(ids)).order_by(col(EvidenceRow.id))
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.exec(query):
        found.setdefault(row.record_id, []).append(_proof(row))
    return found


def _proof(row: EvidenceRow) -> Exported:
    known = {"kind": row.kind, "words": row.words, "sha256": row.sha256, "details": row.details}
    return {name: value for name, value in known.items() if value}


def _decided(session: Session, ids: list[int], zone: ZoneInfo) -> dict[int, list[Exported]]:
    """Who agreed or refused when, of records that others decide about."""
    found: dict[int, list[Exported]] = {}
    for row in approvals_about(session, ids):
        if row.state in ("approved", "rejected") and row.decided_at:
            at = row.decided_at.astimezone(zone).isoformat(timespec="seconds")
            who = {"by": row.approver_id, "for": row.behalf, "state": row.state, "at": at}
            told = {**who, "reason": row.reason}
            found.setdefault(row.record_id, []).append({name: v for name, v in told.items() if v})
    return found


# formats ----------------------------------------------------------------------------------------------------


def jsonl(found: Iterator[Exported], form: Form, out: BinaryIO) -> None:
    for record in found:
        out.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def csv_file(found: Iterator[Exported], form: Form, out: BinaryIO) -> None:
    """With a byte-order mark, so that spreadsheets read it as UTF-8."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_titles(form))
    writer.writerows([safe(cell) for cell in _cells(record, form)] for record in found)
    text.detach()


def xlsx(found: Iterator[Exported], form: Form, out: BinaryIO) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "", form.label)[:31] or form.key)
    sheet.append(_titles(form))
    for record in found:
        sheet.append([_sheet_cell(cell) for cell in _cells(record, form)])
    book.save(out)


FORMATS: dict[str, Callable[[Iterator[Exported], Form, BinaryIO], None]] = {
    "jsonl": jsonl,
    "csv": csv_file,
    "xlsx": xlsx,
}


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, whatever blank or invisible signs stand before it. Plain numbers
    stay numbers."""
    if PLAIN_NUMBER.fullmatch(text):
        return text
    shown = INVISIBLE.sub("", text)
    hidden = bool(text) and text[0] in "\t\r\n"
    return f"'{text}" if hidden or shown.startswith(FORMULA) else text


def _titles(form: Form) -> list[str]:
    """The record's own columns, then the form's; `data.status` where both have a `status`."""
    fields = [f"data.{field.id}" if field.id in HEAD else field.id for field in form.fields]
    return [*HEAD, *fields, "other", "evidence", "approvals", "settled_at"]


def _cells(record: Exported, form: Form) -> list[str]:
    """`other` holds what an older version of the form had."""
    data = dict(record["data"])
    head = [_words(record[name]) for name in HEAD]
    fields = [_words(data.pop(field.id, None)) for field in form.fields]
    proofs = [e.get("words") or f"{e['kind']} {e.get('sha256', '')}".strip() for e in record["evidence"]]
    decided = record.get("approvals", [])
    who = "\n".join(f"{d['by']} {d['state']} {d['at']} {d.get('reason', '')}".strip() for d in decided)
    settled = str(decided[-1]["at"]) if decided and record["status"] in SETTLED else ""
    return [*head, *fields, _words(data or None), "\n".join(proofs), who, settled]


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and not any(isinstance(v, dict | list) for v in value):
        return "|".join(map(_words, value))
    if isinstance(value, list) and all(isinstance(v, dict) for v in value):
        return "\n".join(flattened(line) for line in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def flattened(line: dict[str, Any]) -> str:
    """One line of a field of type `lines`, for a cell: `product: SKU-CM; quantity: 3`."""
    return "; ".join(f"{key}: {_words(value)}" for key, value in line.items() if value is not None)


def _sheet_cell(text: str) -> str | float | int:
    """Short plain numbers as numbers, so that columns add up; everything else as text."""
    if PLAIN_NUMBER.fullmatch(text) and len(text) <= 15 and not re.match(r"[+-]?0\d|\+", text):
        return float(text) if "." in text else int(text)
    return safe(UNSHEETABLE.sub("", text))[:LONGEST_CELL]
