"""The one place that logs: constant events, ids and counts.

Nothing that a person wrote can come out of here. Our own records take a closed set of events and
typed facts (a plain `str` is a type error). What libraries log is withheld where the record is
made, so that it holds for every handler, also for one that is added later: only the logger, the
level, the place in the code and the class of the error are kept. Bolt, for one, logs whole
request bodies at INFO when a signature does not fit.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Final, TextIO

from nlp.text import ScrubbedText
from storage.ids import (
    ChannelId,
    EventId,
    MerchantId,
    MessageId,
    OrderId,
    Reference,
    ReplyId,
    ReturnId,
    SlackTs,
    TeamId,
    TicketId,
    UserId,
)

Fact = (
    bool
    | int
    | float
    | StrEnum
    | ScrubbedText
    | TeamId
    | ChannelId
    | UserId
    | SlackTs
    | EventId
    | MerchantId
    | OrderId
    | ReturnId
    | TicketId
    | MessageId
    | ReplyId
    | Reference
)
"""What may be logged beside an event: ids, counts, members of closed sets, scrubbed text."""

OWN: Final = "care"


class Event(StrEnum):
    """The closed set of things that the bot logs. The value is what the line says."""

    STARTED = "started"
    STOPPED = "stopped"
    MIGRATED = "database_migrated"
    MESSAGE_STORED = "message_stored"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_CLEARED = "message_cleared"
    MESSAGE_NOT_CLEARED = "message_not_cleared"
    MESSAGE_DELETED = "message_deleted"
    DUPLICATE = "duplicate_ignored"
    EVENT_IGNORED = "event_ignored"
    COMMAND = "command_done"
    COMMAND_REFUSED = "command_refused"
    SCRUBBING_FAILED = "scrubbing_failed"
    PAYLOAD_REFUSED = "payload_refused"
    REQUEST_REFUSED = "request_refused"
    REPLY_SENT = "reply_sent"
    REPLY_DELAYED = "reply_delayed"
    REPLY_FAILED = "reply_failed"
    JOB_FAILED = "job_failed"
    TICKET_RESOLVED = "ticket_resolved"
    VALUES_REVEALED = "values_revealed"
    TICKET_ERASED = "ticket_erased"
    TICKET_LINKED = "ticket_linked"
    ORDERS_REDACTED = "orders_redacted"
    KEYS_ROTATED = "keys_rotated"
    KEYS_DESTROYED = "keys_destroyed"
    AUDIT_ANCHORED = "audit_anchored"
    AUDIT_NOT_ANCHORED = "audit_not_anchored"
    HOOK_ACCEPTED = "hook_accepted"
    HOOK_REFUSED = "hook_refused"
    HOOK_REMEMBERED = "hook_remembered"
    HOOK_UNANSWERED = "hook_unanswered"
    HOOK_UNCONFIRMED = "hook_unconfirmed"
    AMAZON_READ = "amazon_read"
    AMAZON_ODD = "amazon_odd"
    AMAZON_FAILED = "amazon_failed"
    AMAZON_ENDS = "orders_api_v0_ends_2027_03_27"
    SHIPMENT_TAKEN = "shipment_taken"
    SHIPMENT_EARLY = "shipment_early"
    REWRITE_REFUSED = "rewrite_refused"
    ARTICLES_LEFT_OUT = "articles_left_out"
    CHANNEL_UNREADABLE = "channel_unreadable"
    FILE_SCANNED = "file_scanned"
    FILE_UNREADABLE = "file_unreadable"
    STREAM_REFUSED = "stream_refused"
    STATUS_REFUSED = "status_refused"
    PROMPTS_REFUSED = "prompts_refused"
    WORKSPACE_INSTALLED = "workspace_installed"
    WORKSPACE_LEFT = "workspace_left"
    WORKSPACE_ERASED = "workspace_erased"
    INSTALLATION_REFUSED = "installation_refused"
    INSTALLATION_FAILED = "installation_failed"
    TOKEN_RENEWED = "token_renewed"  # noqa: S105
    TOKEN_NOT_RENEWED = "token_not_renewed"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    SOCKET_SILENT = "socket_silent"
    APP_RATE_LIMITED = "app_rate_limited"
    ROSTER_UNREADABLE = "agent_roster_unreadable"
    LISTENER_FAILED = "listener_failed"
    UNCAUGHT = "uncaught_exception"
    WARNING = "python_warning"


def log(event: Event, /, **facts: Fact | None) -> None:
    """Log an event with its facts at INFO."""
    _write(logging.INFO, event, facts)


def warn(event: Event, /, **facts: Fact | None) -> None:
    """Log an event that somebody should look at, at WARNING."""
    _write(logging.WARNING, event, facts)


def failure(event: Event, error: BaseException, /, **facts: Fact | None) -> None:
    """Log an error at ERROR: its class and where it was raised, never its message."""
    _write(logging.ERROR, event, facts, f" error={type(error).__name__} at={_place(error)}")


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set logging up for this process, before any library builds a logger of its own.

    Args:
        level: A level of the standard library, such as `INFO`. At `DEBUG` the libraries' records
            show, too, withheld as ever.
        stream: Where the lines go; standard error when left out.
    """
    logging.setLogRecordFactory(_withheld_record)
    # A handler that fails would otherwise print the record's arguments to standard error.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(_Line())
    handler.addFilter(_worth_showing)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    # DBOS adds a console handler of its own unless its logger has one already.
    engine = logging.getLogger("dbos")
    engine.handlers[:] = [logging.NullHandler()]
    engine.propagate = True
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught_in_thread(args.exc_value)
    sys.unraisablehook = lambda args: _uncaught_in_thread(args.exc_value)
    warnings.showwarning = _show_warning


class _Words(str):
    """A line of ours. Only a record that was made with one shows its words."""

    __slots__ = ()


class _Attributes(dict[str, object]):
    """The attributes of a library's record: those of `extra` are not taken in."""

    def __setitem__(self, key: str, value: object) -> None:
        """Take nothing: the standard library sets `extra` this way, and only `extra`."""


class _WithheldRecord(logging.LogRecord):
    """A library's record without its words."""

    __slots__ = ("error_class",)

    error_class: str


def _withheld_record(
    name: str,
    level: int,
    pathname: str,
    lineno: int,
    msg: object,
    _args: object,
    exc_info: object,
    func: str | None = None,
    _sinfo: str | None = None,
) -> logging.LogRecord:
    if isinstance(msg, _Words):
        return logging.LogRecord(name, level, pathname, lineno, msg, None, None, func)
    record = _WithheldRecord(name, level, pathname, lineno, "library record", None, None, func)
    kind = exc_info[0] if isinstance(exc_info, tuple) else None
    record.error_class = kind.__name__ if isinstance(kind, type) else ""
    record.__dict__ = _Attributes(record.__dict__)
    return record


class _Line(logging.Formatter):
    """One line a record: time, level, event, facts."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = f"{when.replace('+00:00', 'Z')} {record.levelname}"
        if isinstance(record.msg, _Words):
            return f"{head} {record.msg}"
        error = record.error_class if isinstance(record, _WithheldRecord) else ""
        tail = f" error={error}" if error else ""
        return f"{head} library logger={record.name} at={record.module}:{record.lineno}{tail}"


def _worth_showing(record: logging.LogRecord) -> bool:
    """Below WARNING a library's withheld record tells nobody anything, save at DEBUG."""
    return (
        isinstance(record.msg, _Words)
        or record.levelno >= logging.WARNING
        or logging.getLogger().level <= logging.DEBUG
    )


def _write(level: int, event: Event, facts: dict[str, Fact | None], tail: str = "") -> None:
    words = "".join(f" {key}={value}" for key, value in facts.items() if value is not None)
    line = f"event={event}{words}{tail}"
    # Scrubbed text may hold line breaks, and a forged line must not look like one of ours.
    logging.getLogger(OWN).log(level, _Words("".join(map(_printable, line))))


def _printable(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "unknown"
    last = frames[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno}"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    del kind, trace
    if not isinstance(error, KeyboardInterrupt):
        failure(Event.UNCAUGHT, error)


def _uncaught_in_thread(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        failure(Event.UNCAUGHT, error)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, filename, file, line
    tail = f" category={category.__name__} line={lineno}"
    _write(logging.WARNING, Event.WARNING, {}, tail)


def preserved() -> Callable[[], None]:
    """Remember the process's logging and return what puts it back, for tests and the demo."""
    root = logging.getLogger()
    kept = (
        logging.getLogRecordFactory(),
        logging.raiseExceptions,
        root.handlers[:],
        root.level,
        sys.excepthook,
        threading.excepthook,
        sys.unraisablehook,
        warnings.showwarning,
    )

    def restore() -> None:
        logging.setLogRecordFactory(kept[0])
        logging.raiseExceptions = kept[1]
        root.handlers[:] = kept[2]
        root.setLevel(kept[3])
        sys.excepthook, threading.excepthook = kept[4], kept[5]
        sys.unraisablehook, warnings.showwarning = kept[6], kept[7]

    return restore
