"""Messages that were deleted in Slack for their writer; the unused paces go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("messages", sa.Column("cleared_at", _TIME, nullable=True))
    op.drop_table("channel_paces")


def downgrade() -> None:
    op.create_table(
        "channel_paces",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("free_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_channel_paces")),
    )
    op.drop_column("messages", "cleared_at")
