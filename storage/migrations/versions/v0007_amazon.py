"""Orders and returns from Amazon: cursors, call budgets, early shipments; a return's lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LINE = (
    "return_id", "sku", "order_id", "merchant_id", "status", "reason", "carrier", "tracking_id",
    "requested_at", "received_at", "quantity", "refund_amount", "currency", "updated_at",
)  # fmt: skip
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("orders", sa.Column("is_prime", sa.Boolean(), nullable=True))
    op.add_column("orders", sa.Column("changed_at", _TIME, nullable=True))
    op.add_column("orders", sa.Column("checked_at", _TIME, nullable=True))
    _rebuild_returns(("return_id", "sku"), "coalesce(sku, '')")
    op.create_table(
        "early_shipments",
        sa.Column("tracking_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("shipped_at", _TIME, nullable=True),
        sa.Column("delivered_at", _TIME, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("tracking_id", "order_id", name=op.f("pk_early_shipments")),
    )
    op.create_index(op.f("ix_early_shipments_order_id"), "early_shipments", ["order_id"])
    op.create_index(op.f("ix_early_shipments_heard_at"), "early_shipments", ["heard_at"])
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "feeds",
        sa.Column("feed_id", number, nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("turn", number, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("read_until", _TIME, nullable=True),
        sa.Column("window_from", _TIME, nullable=True),
        sa.Column("window_until", _TIME, nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("cursor_at", _TIME, nullable=True),
        sa.Column("failures", number, nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("paused_at", _TIME, nullable=True),
        sa.Column("token_mark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("merchant_id", "kind", name=op.f("uq_feeds_merchant_id")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.merchant_id"], name=op.f("fk_feeds_merchant_id")
        ),
    )
    op.create_table(
        "wanted_orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("wanted_at", _TIME, nullable=False),
        sa.Column("tries", number, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "merchant_id", name=op.f("pk_wanted_orders")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.merchant_id"], name=op.f("fk_wanted_orders_merchant_id")
        ),
    )
    op.create_table(
        "call_budgets",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("left", sa.Double(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "operation", name=op.f("pk_call_budgets")),
    )


def downgrade() -> None:
    for table in ("call_budgets", "wanted_orders", "feeds", "early_shipments"):
        op.drop_table(table)
    _rebuild_returns(("return_id",), "nullif(min(sku), '')")
    for column in ("checked_at", "changed_at", "is_prime"):
        op.drop_column("orders", column)


def _rebuild_returns(key: tuple[str, ...], sku: str) -> None:
    """Make the table anew with another primary key, which SQLite cannot change."""
    for name in ("order_id", "merchant_id"):
        op.drop_index(op.f(f"ix_returns_{name}"), table_name="returns")
    op.rename_table("returns", "returns_before")
    if op.get_bind().dialect.name == "postgresql":
        # The names of constraints go along with the table there, and are needed again.
        for old in ("pk_returns", "fk_returns_merchant_id"):
            op.execute(f"ALTER TABLE returns_before RENAME CONSTRAINT {old} TO {old}_before")
    op.create_table(
        "returns",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable="sku" not in key),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("tracking_id", sa.Text(), nullable=True),
        sa.Column("requested_at", _TIME, nullable=True),
        sa.Column("received_at", _TIME, nullable=True),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refund_amount", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        *([sa.Column("told_at", _TIME, nullable=True)] if "sku" in key else []),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_returns")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.merchant_id"], name=op.f("fk_returns_merchant_id")
        ),
    )
    rest = [name for name in LINE if name not in ("return_id", "sku")]
    taken = [f"max({name})" for name in rest] if "sku" not in key else rest
    grouped = " GROUP BY return_id" if "sku" not in key else ""
    op.execute(
        f"INSERT INTO returns (return_id, sku, {', '.join(rest)}) "  # noqa: S608 - our own names
        f"SELECT return_id, {sku}, {', '.join(taken)} FROM returns_before{grouped}"
    )
    op.drop_table("returns_before")
    for name in ("order_id", "merchant_id"):
        op.create_index(op.f(f"ix_returns_{name}"), "returns", [name])
