"""The keyed index of what is known of open orders.

No row is made here: a migration has no keyring and cannot open what is sealed. Orders without
traces are indexed by the hourly work, see `storage.trace_records`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "order_traces",
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.order_id"], name=op.f("fk_order_traces_order_id")
        ),
        sa.PrimaryKeyConstraint("trace", "order_id", name=op.f("pk_order_traces")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_order_traces_order_id"), "order_traces", ["order_id"], unique=False)
    op.add_column("orders", sa.Column("trace_key", BIG_ID, nullable=True))
    op.create_index(
        "ix_orders_trace_key",
        "orders",
        ["trace_key"],
        unique=False,
        sqlite_where=sa.text("redacted_at IS NULL"),
        postgresql_where=sa.text("redacted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_orders_trace_key", "orders")
    op.drop_column("orders", "trace_key")
    op.drop_table("order_traces")
    op.execute(sa.text("DELETE FROM data_keys WHERE owner LIKE 'traces:%'"))
