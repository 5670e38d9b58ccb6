"""How many leads everybody holds, and was given today, is read from indexes alone

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HELD = sa.text("state IN ('offered', 'accepted', 'following')")


def upgrade() -> None:
    op.create_index("ix_lead_held", "lead", ["owner_id", "state"], sqlite_where=HELD, postgresql_where=HELD)
    op.drop_index("ix_lead_event_kind_at", "lead_event")
    op.create_index("ix_lead_event_kind_at", "lead_event", ["kind", "at", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_lead_event_kind_at", "lead_event")
    op.create_index("ix_lead_event_kind_at", "lead_event", ["kind", "at"])
    op.drop_index("ix_lead_held", "lead")
