"""Every table, typed. A column that may hold text of a person says how it is protected.

Text that merchants wrote is `ScrubbedText`; what was taken out of it and the PII of orders is
sealed. Everything else is ids, states, times, amounts, places no smaller than a zip code, and
articles.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from nlp.text import ScrubbedText
from storage.columns import BigId, ExactDecimal, StorableText, UtcDateTime
from storage.ids import (
    ChannelId,
    EventId,
    FileId,
    MerchantId,
    MessageId,
    OrderId,
    Owner,
    ReplyId,
    ReturnId,
    SlackTs,
    TeamId,
    TicketId,
    UserId,
)
from storage.sealing import SealedText

_TEXTS: Final = (
    str,
    ScrubbedText,
    SealedText,
    ChannelId,
    EventId,
    FileId,
    MerchantId,
    OrderId,
    Owner,
    ReturnId,
    SlackTs,
    TeamId,
    UserId,
)


class Base(DeclarativeBase):
    """What every table has in common."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        **dict.fromkeys(_TEXTS, StorableText()),
        **dict.fromkeys((int, TicketId, MessageId, ReplyId), BigId),
        bytes: LargeBinary(),
        datetime: UtcDateTime(),
        Decimal: ExactDecimal(),
    }


class MerchantRow(Base):
    """A merchant that Jetpack ships for."""

    __tablename__ = "merchants"

    merchant_id: Mapped[MerchantId] = mapped_column(primary_key=True)


class LinkRow(Base):
    """A Slack channel, user or workspace that speaks for a merchant."""

    __tablename__ = "links"

    team_id: Mapped[TeamId] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)  # id of the channel, user or workspace
    merchant_id: Mapped[MerchantId] = mapped_column(ForeignKey("merchants.merchant_id"))
    linked_at: Mapped[datetime]


class TicketRow(Base):
    """A conversation of a merchant with Care."""

    __tablename__ = "tickets"
    # Numbers are never used again, since receipts and audit entries name them.
    __table_args__ = (
        Index("ix_tickets_thread", "team_id", "channel_id", "thread_ts"),
        {"sqlite_autoincrement": True},
    )

    ticket_id: Mapped[TicketId] = mapped_column(primary_key=True)
    team_id: Mapped[TeamId]
    channel_id: Mapped[ChannelId]
    thread_ts: Mapped[SlackTs]
    merchant_id: Mapped[MerchantId | None] = mapped_column(
        ForeignKey("merchants.merchant_id"), index=True
    )
    user_id: Mapped[UserId]
    state: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    is_shared: Mapped[bool | None]  # whether other workspaces write there, too (Slack Connect)
    assignee: Mapped[UserId | None]  # the agent who took it
    needed_since: Mapped[datetime | None]  # since when it is up to a person of Care to end it
    waiting_since: Mapped[datetime | None]  # since when somebody waits for a person of Care
    first_reply_at: Mapped[datetime | None]  # when a person of Care first wrote


class MessageRow(Base):
    """A message, scrubbed. A deleted one stays as an empty row, so that no copy comes back."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("team_id", "channel_id", "ts"),
        {"sqlite_autoincrement": True},
    )

    message_id: Mapped[MessageId] = mapped_column(primary_key=True)
    ticket_id: Mapped[TicketId] = mapped_column(ForeignKey("tickets.ticket_id"), index=True)
    team_id: Mapped[TeamId]
    channel_id: Mapped[ChannelId]
    ts: Mapped[SlackTs | None]
    user_id: Mapped[UserId | None]
    author: Mapped[str]
    source: Mapped[str]
    text: Mapped[ScrubbedText | None]  # None once deleted
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]  # when it was to be deleted in Slack for its writer


class FileRow(Base):
    """A file that came with a message: its id, and what was found in it. Nothing else of it."""

    __tablename__ = "files"

    message_id: Mapped[MessageId] = mapped_column(
        ForeignKey("messages.message_id"), primary_key=True
    )
    file_id: Mapped[FileId] = mapped_column(primary_key=True)
    state: Mapped[str]
    found: Mapped[str]  # JSON of counts by kind of PII
    at: Mapped[datetime]


class SealedValueRow(Base):
    """What was taken out of a message, sealed with the ticket's data key."""

    __tablename__ = "sealed_values"

    message_id: Mapped[MessageId] = mapped_column(
        ForeignKey("messages.message_id"), primary_key=True
    )
    entity_type: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[TicketId] = mapped_column(ForeignKey("tickets.ticket_id"), index=True)
    sealed: Mapped[SealedText]


class PlaceholderRow(Base):
    """Which number a value has within a ticket, by fingerprints under the ticket's data key."""

    __tablename__ = "placeholders"
    __table_args__ = (UniqueConstraint("ticket_id", "fingerprint"),)

    ticket_id: Mapped[TicketId] = mapped_column(ForeignKey("tickets.ticket_id"), primary_key=True)
    entity_type: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    # The fingerprints of the shorter forms that may mean it, one after the other.
    shorter: Mapped[bytes | None]


class DataKeyRow(Base):
    """The wrapped data key of a ticket or an order. Deleting it destroys the owner's values."""

    __tablename__ = "data_keys"

    owner: Mapped[Owner] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(index=True)
    wrapped: Mapped[bytes]


class KeyringMarkRow(Base):
    """Which keyring sealed this database."""

    __tablename__ = "keyring_marks"

    keyring_id: Mapped[str] = mapped_column(primary_key=True)


class SeenEventRow(Base):
    """A delivery that was taken, so that its copies are not."""

    __tablename__ = "seen_events"

    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[EventId] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class ReplyRow(Base):
    """What the bot says, from the moment that it is decided."""

    __tablename__ = "replies"
    __table_args__ = (
        Index("ix_replies_slack_ts", "channel_id", "slack_ts"),
        {"sqlite_autoincrement": True},
    )

    reply_id: Mapped[ReplyId] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[TicketId | None] = mapped_column(ForeignKey("tickets.ticket_id"), index=True)
    team_id: Mapped[TeamId]
    channel_id: Mapped[ChannelId]
    thread_ts: Mapped[SlackTs | None]
    ephemeral_to: Mapped[UserId | None]
    body: Mapped[str]
    state: Mapped[str]
    slack_ts: Mapped[SlackTs | None]
    error_class: Mapped[str | None]
    put_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(server_default="reply")  # a word of a closed set
    # The reply over whose message this one is written.
    replaces: Mapped[ReplyId | None] = mapped_column(index=True)


class RatingRow(Base):
    """Whether an answer from an article helped, as somebody pressed."""

    __tablename__ = "ratings"

    ticket_id: Mapped[TicketId] = mapped_column(ForeignKey("tickets.ticket_id"), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True, index=True)  # article#section
    user_id: Mapped[UserId] = mapped_column(primary_key=True)
    reviewed: Mapped[str]  # the date of the section's review, which tells its versions apart
    is_helpful: Mapped[bool]
    at: Mapped[datetime]


class InstallationRow(Base):
    """A workspace that installed the app, with its tokens, sealed."""

    __tablename__ = "installations"

    team_id: Mapped[TeamId] = mapped_column(primary_key=True)
    app_id: Mapped[str]
    bot_user_id: Mapped[UserId]
    bot_id: Mapped[str]
    url: Mapped[str]  # of the workspace, for links to messages
    scopes: Mapped[str]
    installed_by: Mapped[UserId]
    installed_at: Mapped[datetime]
    bot_token: Mapped[SealedText]
    refresh_token: Mapped[SealedText | None]  # where the app rotates its tokens
    expires_at: Mapped[datetime | None]


class OAuthStateRow(Base):
    """A state of an installation that was begun, by its hash, until it is used or too old."""

    __tablename__ = "oauth_states"

    state: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ExternalTicketRow(Base):
    """Which ticket of a help desk is which of ours."""

    __tablename__ = "external_tickets"

    provider: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[TicketId] = mapped_column(ForeignKey("tickets.ticket_id"), index=True)


class EarlyResolutionRow(Base):
    """A help desk's ticket that was resolved there before it was linked here, for a day."""

    __tablename__ = "early_resolutions"

    provider: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    resolved_at: Mapped[datetime]  # by the help desk's clock, where it says when
    heard_at: Mapped[datetime] = mapped_column(index=True)


class OrderRow(Base):
    """An Amazon order. Columns that `redaction.NON_PII` does not name are redacted."""

    __tablename__ = "orders"

    order_id: Mapped[OrderId] = mapped_column(primary_key=True)
    merchant_id: Mapped[MerchantId] = mapped_column(ForeignKey("merchants.merchant_id"), index=True)
    status: Mapped[str | None]
    channel: Mapped[str | None]
    is_prime: Mapped[bool | None]
    changed_at: Mapped[datetime | None]  # by Amazon, and by Amazon's clock
    checked_at: Mapped[datetime | None]  # when Amazon last told of it, by ours
    purchased_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    zip: Mapped[str | None]
    country: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    clock_at: Mapped[datetime]
    redacted_at: Mapped[datetime | None]
    trace_key: Mapped[int | None]  # the number of the key of its traces; None before it has any

    # NULL, a sealed value, or the literal `Redacted`.
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    company: Mapped[str | None]
    street_1: Mapped[str | None]
    street_2: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    gift_message: Mapped[str | None]
    delivery_instructions: Mapped[str | None]
    notes: Mapped[str | None]


# What was redacted is counted, and nothing else is looked for by it.
Index(
    "ix_orders_redacted_at",
    OrderRow.redacted_at,
    sqlite_where=OrderRow.redacted_at.is_not(None),
    postgresql_where=OrderRow.redacted_at.is_not(None),
)
# A sweep looks at what is not redacted yet and nothing else, however large the table.
Index(
    "ix_orders_clock_at",
    OrderRow.clock_at,
    sqlite_where=OrderRow.redacted_at.is_(None),
    postgresql_where=OrderRow.redacted_at.is_(None),
)
# So does the search for orders whose traces are missing or old.
Index(
    "ix_orders_trace_key",
    OrderRow.trace_key,
    sqlite_where=OrderRow.redacted_at.is_(None),
    postgresql_where=OrderRow.redacted_at.is_(None),
)


class OrderTraceRow(Base):
    """A fingerprint by which an order is found when a message holds one of its values."""

    __tablename__ = "order_traces"
    __table_args__ = ({"sqlite_with_rowid": False},)

    trace: Mapped[bytes] = mapped_column(primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(
        ForeignKey("orders.order_id"), primary_key=True, index=True
    )


class PackageRow(Base):
    """A package of an order."""

    __tablename__ = "packages"

    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    tracking_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    carrier: Mapped[str | None]
    status: Mapped[str | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    delivery_source: Mapped[str | None]


class ItemRow(Base):
    """An article of an order."""

    __tablename__ = "items"

    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    asin: Mapped[str | None]
    title: Mapped[str | None]
    quantity: Mapped[int | None]
    price: Mapped[Decimal | None]


class EarlyShipmentRow(Base):
    """What a carrier said of a package before its order was known here, for a while."""

    __tablename__ = "early_shipments"

    tracking_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(primary_key=True, index=True)  # or empty
    carrier: Mapped[str | None]
    status: Mapped[str | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    source: Mapped[str]
    heard_at: Mapped[datetime] = mapped_column(index=True)


class ReturnRow(Base):
    """A line of a return: what comes back of one SKU under one RMA id.

    It holds no name and no address, so it stays as it is when its order goes.
    """

    __tablename__ = "returns"

    return_id: Mapped[ReturnId] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)  # empty where nobody said
    # No foreign key: Amazon may tell of a return before we know its order.
    order_id: Mapped[OrderId] = mapped_column(index=True)
    merchant_id: Mapped[MerchantId] = mapped_column(ForeignKey("merchants.merchant_id"), index=True)
    status: Mapped[str | None]
    reason: Mapped[str | None]
    carrier: Mapped[str | None]
    tracking_id: Mapped[str | None]
    requested_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    quantity: Mapped[int | None]
    refund_amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    told_at: Mapped[datetime | None]  # by Amazon, and by Amazon's clock
    updated_at: Mapped[datetime]


class FeedRow(Base):
    """How far a seller's orders or returns are read from Amazon."""

    __tablename__ = "feeds"
    __table_args__ = (UniqueConstraint("merchant_id", "kind"),)

    feed_id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[MerchantId] = mapped_column(ForeignKey("merchants.merchant_id"))
    kind: Mapped[str]
    turn: Mapped[int]  # the number of the next turn; what was begun as an earlier one is void
    due_at: Mapped[datetime]  # when the next turn is
    read_until: Mapped[datetime | None]  # all that changed before this is here, by Amazon's clock
    window_from: Mapped[datetime | None]  # the window that is being read
    window_until: Mapped[datetime | None]
    cursor: Mapped[str | None]  # Amazon's token of the next page, or the report's id
    cursor_at: Mapped[datetime | None]
    failures: Mapped[int]  # one after the other, up to now
    problem: Mapped[str | None]  # a word of a closed set
    paused_at: Mapped[datetime | None]  # until the seller's token is another one
    token_mark: Mapped[str | None]  # by which the token is told from another, and no more


class WantedOrderRow(Base):
    """An order of which Amazon is to be asked when the limits allow."""

    __tablename__ = "wanted_orders"

    order_id: Mapped[OrderId] = mapped_column(primary_key=True)
    merchant_id: Mapped[MerchantId] = mapped_column(
        ForeignKey("merchants.merchant_id"), primary_key=True
    )
    wanted_at: Mapped[datetime]
    tries: Mapped[int]


class CallBudgetRow(Base):
    """How many calls of an operation a seller has left, a token bucket that all workers share."""

    __tablename__ = "call_budgets"

    merchant_id: Mapped[MerchantId] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[float]
    rate: Mapped[float]  # calls a second
    at: Mapped[datetime]


class AuditRow(Base):
    """An entry of the audit chain. Rows are added and never changed."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    facts: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]
