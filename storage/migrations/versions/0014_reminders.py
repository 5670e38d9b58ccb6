"""Reminders by schedules: what was told when, what is stopped, people's own clocks, dates of customers"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("planned", storage.columns.UtcTime(), nullable=False),
        sa.Column("send_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("snoozed", sa.Boolean(), nullable=False),
        sa.Column("told_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_reminder_person_state", "reminder", ["person_id", "state"])
    op.create_index("ix_reminder_planned", "reminder", ["planned"])
    op.create_table(
        "reminder_stop",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "schedule", "subject"),
    )
    op.create_table(
        "swept",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("what"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("timezone", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("quiet_from", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("quiet_until", sa.Time(), nullable=True))
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contract_end", sa.Date(), nullable=True))
        batch_op.create_index("ix_customer_contract_end", ["contract_end"])
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("birthday", sa.String(), nullable=False, server_default=""))
        batch_op.create_index("ix_contact_birthday", ["birthday"])


def downgrade() -> None:
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_birthday")
        batch_op.drop_column("birthday")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_contract_end")
        batch_op.drop_column("contract_end")
    with op.batch_alter_table("person", schema=None) as batch_op:
        for name in ("quiet_until", "quiet_from", "timezone"):
            batch_op.drop_column(name)
    for table in ("swept", "reminder_stop", "reminder"):
        op.drop_table(table)
