"""What a language model pointed at in a message"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("suggested", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("inbox", "suggested")
