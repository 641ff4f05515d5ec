"""The index of redacted orders holds those alone.

It also held all that are not redacted, so that SQLite took it to look for what is due.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = "ix_orders_redacted_at"


def upgrade() -> None:
    op.drop_index(NAME, table_name="orders")
    redacted = sa.text("redacted_at IS NOT NULL")
    op.create_index(
        NAME, "orders", ["redacted_at"], sqlite_where=redacted, postgresql_where=redacted
    )


def downgrade() -> None:
    op.drop_index(NAME, table_name="orders")
    op.create_index(NAME, "orders", ["redacted_at"])
