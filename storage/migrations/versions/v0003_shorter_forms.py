"""The fingerprints of the shorter forms of a value, so that "John" can be John Smith.

Rows of before have none: what they stand for was numbered by its whole form alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("placeholders", sa.Column("shorter", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("placeholders", "shorter")
