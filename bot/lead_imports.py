"""Leads from a file: the same way in as any other lead, row by row."""

from collections import Counter
from datetime import datetime, timedelta, timezone

from sqlmodel import Session

from bot.import_checks import Parsed
from domain.leads.reported import Unusable, reported
from handlers.known_companies import KnownCompanies
from handlers.lead_intake import take_in
from storage.work import work_of

CHINA = timezone(timedelta(hours=8))
"""Times in files that name no zone."""
COUNTED = {
    "new": "added",
    "customer": "added",
    "merged": "changed",
    "changed": "changed",
    "repeated": "unchanged",
}


def write(
    chunk: list[Parsed], session: Session, known: KnownCompanies, now: datetime
) -> tuple[dict[str, int], dict[int, str]]:
    """(how many were added, changed or are unchanged, what is wrong by line)."""
    work = work_of(session, who="import", now=now, inbox_id=None)
    counted, wrong = Counter[str](), dict[int, str]()
    for row in chunk:
        told = {"name": row.values["company"], **row.values.get("details", {})}
        try:
            lead = reported(row.values["id"], told, now, CHINA)
        except Unusable as unusable:
            wrong[row.line] = str(unusable)
            continue
        counted[COUNTED[take_in(lead, work, known, now, way="import").outcome]] += 1
    return dict(counted), wrong
