"""The first schema"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_approver_id"), ["approver_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_record_id"), ["record_id"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", storage.columns.JSON_TYPE, nullable=True),
        sa.Column("new", storage.columns.JSON_TYPE, nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_inbox_id"), ["inbox_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)

    op.create_table(
        "channel",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("paused_until", storage.columns.UtcTime(), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "check_in",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("customer_code", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("datum", sa.String(), nullable=False),
        sa.Column("accuracy", sa.Float(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("distance", sa.Float(), nullable=True),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_in_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "competitor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", storage.columns.JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "contact",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("customer_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer_code", "name"),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_customer_code"), ["customer_code"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("updated_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "customer",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("datum", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "dealer",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("details", storage.columns.JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "due",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("available_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", storage.columns.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("due_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("payload", storage.columns.JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "subject", "due_at"),
    )
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index(
            "ix_due_open",
            ["available_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.create_index(batch_op.f("ix_due_subject"), ["subject"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("details", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_sha256"), ["sha256"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("available_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", storage.columns.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("received_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("done_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "tenant", "key"),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_lane",
            ["lane", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.create_index(
            "ix_inbox_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.create_index(batch_op.f("ix_inbox_received_at"), ["received_at"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("details", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "master_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "media",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "message_media",
        sa.Column("inbox_id", storage.columns.BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "position"),
    )
    op.create_table(
        "outbox",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("available_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", storage.columns.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("card_ref", sa.String(), nullable=False),
        sa.Column("card_revision", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("fallback", sa.Text(), nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("first_attempt_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("done_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("platform_ref", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_card_ref"), ["card_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_inbox_id"), ["inbox_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_lane",
            ["lane", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.create_index(
            "ix_outbox_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )

    op.create_table(
        "pace",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("outbox_id", storage.columns.BIG, nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("pace", schema=None) as batch_op:
        batch_op.create_index("ix_pace_channel_at", ["channel", "at"], unique=False)
        batch_op.create_index("ix_pace_lane_at", ["lane", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pace_outbox_id"), ["outbox_id"], unique=False)

    op.create_table(
        "perception",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sense", sa.String(), nullable=False),
        sa.Column("result", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "sense"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("nicknames", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("wecom_userid", sa.String(), nullable=True),
        sa.Column("dingtalk_userid", sa.String(), nullable=True),
        sa.Column("prefers", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dingtalk_userid"),
        sa.UniqueConstraint("wecom_userid"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("pack_size", sa.Integer(), nullable=True),
        sa.Column("list_price", sa.Integer(), nullable=True),
        sa.Column("floor_price", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "proposal",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("question", storage.columns.JSON_TYPE, nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_person_id"), ["person_id"], unique=False)

    op.create_table(
        "record",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("proposal_id", storage.columns.BIG, nullable=True),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.String(), nullable=False),
        sa.Column("customer_code", sa.String(), nullable=True),
        sa.Column("visit_id", storage.columns.BIG, nullable=True),
        sa.Column("happened_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("data", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("sources", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("updated_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_customer_code"), ["customer_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_form"), ["form"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_inbox_id"), ["inbox_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index("ix_record_reporter_happened", ["reporter_id", "happened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "shown_card",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("handle_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ref", "revision", "person_id", "channel"),
    )
    with op.batch_alter_table("shown_card", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shown_card_ref"), ["ref"], unique=False)

    op.create_table(
        "stock",
        sa.Column("product_code", sa.String(), nullable=False),
        sa.Column("on_hand", sa.String(), nullable=False),
        sa.Column("counted_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("product_code"),
    )


def downgrade() -> None:
    op.drop_table("stock")
    with op.batch_alter_table("shown_card", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shown_card_ref"))

    op.drop_table("shown_card")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_visit_id"))
        batch_op.drop_index("ix_record_reporter_happened")
        batch_op.drop_index(batch_op.f("ix_record_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_record_inbox_id"))
        batch_op.drop_index(batch_op.f("ix_record_form"))
        batch_op.drop_index(batch_op.f("ix_record_customer_code"))
        batch_op.drop_index(batch_op.f("ix_record_created_at"))

    op.drop_table("record")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_person_id"))

    op.drop_table("proposal")
    op.drop_table("product")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_manager_id"))

    op.drop_table("person")
    op.drop_table("perception")
    with op.batch_alter_table("pace", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pace_outbox_id"))
        batch_op.drop_index("ix_pace_lane_at")
        batch_op.drop_index("ix_pace_channel_at")

    op.drop_table("pace")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_open",
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.drop_index(
            "ix_outbox_lane",
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_inbox_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_card_ref"))

    op.drop_table("outbox")
    op.drop_table("message_media")
    op.drop_table("media")
    op.drop_table("master_data")
    op.drop_table("lead")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_received_at"))
        batch_op.drop_index(
            "ix_inbox_open",
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )
        batch_op.drop_index(
            "ix_inbox_lane",
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )

    op.drop_table("inbox")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_sha256"))
        batch_op.drop_index(batch_op.f("ix_evidence_record_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_subject"))
        batch_op.drop_index(
            "ix_due_open",
            sqlite_where=sa.text("state IN ('pending', 'claimed')"),
            postgresql_where=sa.text("state IN ('pending', 'claimed')"),
        )

    op.drop_table("due")
    op.drop_table("dealer")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_owner_id"))
        batch_op.drop_index(batch_op.f("ix_customer_name"))

    op.drop_table("customer")
    op.drop_table("conversation")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_customer_code"))

    op.drop_table("contact")
    op.drop_table("competitor")
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_check_in_at"))

    op.drop_table("check_in")
    op.drop_table("channel")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_inbox_id"))

    op.drop_table("audit")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_record_id"))
        batch_op.drop_index(batch_op.f("ix_approval_approver_id"))

    op.drop_table("approval")
