"""Leads that were lost, as somebody may see them."""

from datetime import datetime

from sqlmodel import col, select

from storage.lead_tables import LeadEventRow, LeadRow
from storage.seeing import Seen

MOST = 500


def losses_since(seen: Seen, since: datetime) -> list[tuple[datetime, LeadRow]]:
    """When and what, the latest first; what was told as a lead by mistake and taken back is none."""
    when = select(LeadEventRow).where(col(LeadEventRow.kind) == "lost", col(LeadEventRow.at) >= since)
    events = list(seen.session.scalars(when.order_by(col(LeadEventRow.id).desc()).limit(MOST)))
    at = {event.lead_id: event.at for event in reversed(events) if event.person_id}
    query = select(LeadRow).where(col(LeadRow.id).in_(list(at)), col(LeadRow.state) == "lost")
    rows = seen.session.scalars(query)
    return sorted(((at[row.id], row) for row in rows), key=lambda one: one[0], reverse=True)
