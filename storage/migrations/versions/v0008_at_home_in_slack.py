"""At home in Slack: who has a ticket and who waits, ratings, files, installations, paces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("is_shared", sa.Boolean(), nullable=True))
    op.add_column("tickets", sa.Column("assignee", sa.Text(), nullable=True))
    for column in ("needed_since", "waiting_since", "first_reply_at"):
        op.add_column("tickets", sa.Column(column, _TIME, nullable=True))
    op.add_column(
        "replies", sa.Column("purpose", sa.Text(), nullable=False, server_default="reply")
    )
    op.add_column("replies", sa.Column("replaces", _NUMBER, nullable=True))
    op.create_index("ix_replies_slack_ts", "replies", ["channel_id", "slack_ts"])
    op.create_index(op.f("ix_replies_replaces"), "replies", ["replaces"])
    op.create_table(
        "ratings",
        sa.Column("ticket_id", _NUMBER, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("reviewed", sa.Text(), nullable=False),
        sa.Column("is_helpful", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "section", "user_id", name=op.f("pk_ratings")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.ticket_id"], name=op.f("fk_ratings_ticket_id")
        ),
    )
    op.create_index(op.f("ix_ratings_section"), "ratings", ["section"])
    op.create_table(
        "files",
        sa.Column("message_id", _NUMBER, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "file_id", name=op.f("pk_files")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.message_id"], name=op.f("fk_files_message_id")
        ),
    )
    op.create_table(
        "installations",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("bot_user_id", sa.Text(), nullable=False),
        sa.Column("bot_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.Column("installed_at", _TIME, nullable=False),
        sa.Column("bot_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("expires_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_installations")),
    )
    op.create_table(
        "oauth_states",
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_oauth_states")),
    )
    op.create_index(op.f("ix_oauth_states_expires_at"), "oauth_states", ["expires_at"])
    op.create_table(
        "channel_paces",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("free_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_channel_paces")),
    )


def downgrade() -> None:
    for table in ("channel_paces", "oauth_states", "installations", "files", "ratings"):
        op.drop_table(table)
    op.drop_index(op.f("ix_replies_replaces"), table_name="replies")
    op.drop_index("ix_replies_slack_ts", table_name="replies")
    for column in ("replaces", "purpose"):
        op.drop_column("replies", column)
    for column in ("first_reply_at", "waiting_since", "needed_since", "assignee", "is_shared"):
        op.drop_column("tickets", column)
