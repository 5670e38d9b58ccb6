"""Photos that are known again"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("look", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "sent_photo",
        sa.Column("inbox_id", storage.columns.BIG, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("sent_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("reuse_of", storage.columns.JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "sha256"),
    )
    with op.batch_alter_table("sent_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sent_photo_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sent_photo_sha256"), ["sha256"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sent_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sent_photo_sha256"))
        batch_op.drop_index(batch_op.f("ix_sent_photo_person_id"))

    op.drop_table("sent_photo")
    op.drop_table("photo")
