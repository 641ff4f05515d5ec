"""What a help desk said is resolved before anybody linked it to a ticket, for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "early_resolutions",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "external_id", name=op.f("pk_early_resolutions")),
    )
    op.create_index(
        op.f("ix_early_resolutions_heard_at"), "early_resolutions", ["heard_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("early_resolutions")
