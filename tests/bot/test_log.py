"""Nothing that a person wrote comes out of the log, whoever logs it and however."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import logging.config
import logging.handlers
import subprocess
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterator
from io import StringIO
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import log
from bot.log import Event
from nlp.text import RawText, ScrubbedText
from storage.ids import EventId, TicketId

CANARY = "Wilhelmina Quackenbush, 4821 Gooseberry Hollow Rd"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """The process's logging, as it was, after each test."""
    restore = log.preserved()
    logging.getLogger("early.bird")
    yield
    restore()
    for name in ("early.bird", "library", "library.child", "late", "dbos"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True


@pytest.fixture
def stream() -> StringIO:
    """What the log writes to, with the root logger at DEBUG."""
    written = StringIO()
    log.configure("DEBUG", written)
    return written


class Unlucky(Exception):
    """An error whose message holds what somebody wrote."""


def _raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def _chained() -> BaseException:
    try:
        try:
            raise Unlucky(CANARY)
        except Unlucky as first:
            raise ValueError(CANARY) from first
    except ValueError as second:
        return second


def _noted() -> BaseException:
    error = Unlucky("plain")
    error.add_note(CANARY)
    return _raised(error)


def _deep() -> BaseException:
    def inner(words: str) -> None:
        raise Unlucky(words)

    try:
        inner(CANARY)
    except Unlucky as error:
        return error
    raise AssertionError


def _library() -> logging.Logger:
    return logging.getLogger("library")


LEAKS: dict[str, Callable[[], object]] = {
    "message": lambda: _library().warning(CANARY),
    "message at debug": lambda: _library().debug(CANARY),
    "args": lambda: _library().warning("to %s", CANARY),
    "args as a mapping": lambda: _library().warning("to %(name)s", {"name": CANARY}),
    "args that do not fit": lambda: _library().warning("to %d and %d", CANARY),
    "message object": lambda: _library().warning({"text": CANARY}),
    "extra": lambda: _library().warning("x", extra={"body": CANARY, "error_class": CANARY}),
    "exc_info": lambda: _library().error("x", exc_info=_raised(Unlucky(CANARY))),
    "exc_info as a tuple": lambda: _library().error(
        "x", exc_info=(Unlucky, _raised(Unlucky(CANARY)), None)
    ),
    "chained": lambda: _library().error("x", exc_info=_chained()),
    "grouped": lambda: _library().error(
        "x", exc_info=_raised(ExceptionGroup(CANARY, [Unlucky(CANARY), _chained_error()]))
    ),
    "noted": lambda: _library().error("x", exc_info=_noted()),
    "frames": lambda: _library().error("x", exc_info=_deep(), stack_info=True),
    "child": lambda: logging.getLogger("library.child").critical(CANARY),
    "logger of before": lambda: logging.getLogger("early.bird").warning(CANARY),
    "root": lambda: logging.getLogger().warning(CANARY),
    "our own name": lambda: logging.getLogger(log.OWN).error("event=x %s", CANARY),
    "record by hand": lambda: _library().handle(
        logging.LogRecord(log.OWN, 40, "p", 1, CANARY, None, None)
    ),
    "record from a dict": lambda: _library().handle(
        logging.makeLogRecord({"name": log.OWN, "msg": CANARY, "exc_text": CANARY, "levelno": 40})
    ),
    "adapter": lambda: logging.LoggerAdapter(_library(), {"who": CANARY}).warning(CANARY),
    "warning": lambda: warnings.warn(CANARY, UserWarning, stacklevel=1),
    "excepthook": lambda: sys.excepthook(Unlucky, _raised(Unlucky(CANARY)), None),
    "thread": lambda: _thread_that_fails(),
    "unraisable": lambda: _unraisable(),
    "never retrieved": lambda: asyncio.run(_never_retrieved()),
    "loop's handler": lambda: asyncio.run(_callback_fails()),
    "our failure": lambda: log.failure(Event.JOB_FAILED, _chained(), ticket=TicketId(1)),
    "our failure of a group": lambda: log.failure(
        Event.JOB_FAILED, _raised(ExceptionGroup(CANARY, [Unlucky(CANARY)]))
    ),
    "raw text as a fact": lambda: log.log(
        Event.MESSAGE_STORED,
        text=RawText(CANARY),  # type: ignore[arg-type]
    ),
}


def _chained_error() -> Exception:
    error = _chained()
    assert isinstance(error, Exception)
    return error


def _thread_that_fails() -> None:
    def fail() -> None:
        raise Unlucky(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


class _Falling:
    def __del__(self) -> None:
        raise Unlucky(CANARY)


def _unraisable() -> None:
    _Falling()
    gc.collect()


async def _never_retrieved() -> None:
    async def fail() -> None:
        raise Unlucky(CANARY)

    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()


async def _callback_fails() -> None:
    def fail() -> None:
        raise Unlucky(CANARY)

    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@pytest.mark.filterwarnings("always::UserWarning")
@pytest.mark.parametrize("name", LEAKS)
def test_no_way_of_logging_lets_words_out(
    name: str, stream: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever way a library or an error goes to the log, the words it carries stay behind."""
    leak = LEAKS[name]
    warnings.showwarning = log._show_warning  # pytest puts its own there before each test
    leak()
    logging.getLogger("after").warning("x")
    out, err = capfd.readouterr()
    everything = stream.getvalue() + out + err
    assert stream.getvalue().count("\n") >= 2, "the leak was not logged at all"
    for word in ("Wilhelmina", "Quackenbush", "Gooseberry"):
        assert word not in everything


@pytest.mark.parametrize(
    "name",
    sorted(
        LEAKS.keys()
        - {"warning", "excepthook", "thread", "unraisable"}  # of these pytest takes hold
        - {"our failure", "our failure of a group", "raw text as a fact"}  # ours in any case
        - {"extra", "adapter", "args that do not fit"}  # the standard format shows no extra
    ),
)
def test_without_us_the_same_words_come_out(name: str) -> None:
    """The same leaks show with the standard library's own logging: the search can find them."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel("DEBUG")
    LEAKS[name]()
    assert "Quackenbush" in written.getvalue()


def _everything(record: logging.LogRecord) -> str:
    return repr(vars(record)) + record.getMessage() + logging.Formatter().format(record)


class _Keeper(logging.Handler):
    """A handler that writes down all that a record holds, as JSON formatters do."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(_everything(record))


LATE = {
    "on the root": "",
    "on its own logger": "library",
}


@pytest.mark.parametrize("place", LATE)
def test_handlers_that_come_later_get_nothing_either(place: str, stream: StringIO) -> None:
    """A handler that a library adds after us sees no word in any attribute of a record."""
    keeper = _Keeper()
    logging.getLogger(LATE[place]).addHandler(keeper)
    for name in ("message", "args", "extra", "exc_info", "chained", "grouped", "frames"):
        LEAKS[name]()
    _library().removeHandler(keeper)
    assert len(keeper.seen) == 7
    assert "Quackenbush" not in "".join(keeper.seen)


def test_a_queue_handler_carries_withheld_records(stream: StringIO) -> None:
    """A record that is copied and sent through a queue stays withheld and whole."""
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = logging.handlers.QueueHandler(queue)
    logging.getLogger().addHandler(handler)
    LEAKS["exc_info"]()
    record = queue.get_nowait()
    assert (record.name, record.levelname) == ("library", "ERROR")
    assert "Quackenbush" not in _everything(record) + _everything(copy.copy(record))


def test_basic_config_by_a_library_lets_nothing_out(stream: StringIO) -> None:
    """`basicConfig(force=True)` replaces our handler and still finds records without words."""
    theirs = StringIO()
    logging.basicConfig(stream=theirs, force=True, format="%(name)s %(message)s")
    LEAKS["args"]()
    LEAKS["exc_info"]()
    assert theirs.getvalue().startswith("library ")
    assert "Quackenbush" not in theirs.getvalue()


def test_dict_config_by_a_library_lets_nothing_out(
    stream: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """`dictConfig` with a console handler of a library's own finds records without words."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"late": {"class": "logging.StreamHandler"}},
            "loggers": {"late": {"handlers": ["late"], "level": "DEBUG"}},
        }
    )
    logging.getLogger("late").warning("to %s", CANARY)
    _, err = capfd.readouterr()
    assert err.strip()
    assert "Quackenbush" not in err


def test_captured_warnings_are_withheld(stream: StringIO) -> None:
    """`captureWarnings(True)` takes warnings from us and logs them, without their words."""
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = logging._showwarning  # type: ignore[attr-defined]
            warnings.warn(CANARY, UserWarning, stacklevel=1)
    finally:
        logging.captureWarnings(False)
    assert "py.warnings" in stream.getvalue()
    assert "Quackenbush" not in stream.getvalue()


class _Broken(logging.Handler):
    """A handler that fails at each record."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            raise Unlucky(CANARY)
        except Unlucky:
            self.handleError(record)


def test_a_handler_that_fails_prints_nothing(
    stream: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """`handleError` does not print the record that could not be written."""
    broken = _Broken()
    logging.getLogger().addHandler(broken)
    _library().warning("to %s", CANARY)
    assert capfd.readouterr() == ("", "")


def test_the_factory_of_a_library_does_not_open_our_log(stream: StringIO) -> None:
    """Where a library sets a record factory of its own, our lines still show no words of it."""
    logging.setLogRecordFactory(logging.LogRecord)
    LEAKS["exc_info"]()
    LEAKS["our own name"]()
    log.log(Event.STARTED)
    assert "Quackenbush" not in stream.getvalue()
    assert stream.getvalue().count("library") == 3
    assert "event=started" in stream.getvalue()


def test_our_events_come_out_with_their_facts(stream: StringIO) -> None:
    """An event is one line: time in UTC, level, event, facts; a fact that is None is left out."""
    log.log(Event.TICKET_RESOLVED, ticket=TicketId(12), values=3, team=None)
    line = stream.getvalue()
    assert line.endswith("Z INFO event=ticket_resolved ticket=12 values=3\n")
    assert line[10] == "T"


def test_a_failure_names_the_class_and_the_place(stream: StringIO) -> None:
    """Of an error its class and the file and line of its raising are logged."""
    log.failure(Event.JOB_FAILED, _deep(), message=7)
    line = stream.getvalue()
    assert " ERROR event=job_failed message=7 error=Unlucky at=test_log.py:" in line


def test_a_warning_of_ours_is_one(stream: StringIO) -> None:
    """`warn` logs at WARNING."""
    log.warn(Event.HOOK_REFUSED)
    assert " WARNING event=hook_refused\n" in stream.getvalue()


def test_library_records_show_their_place_and_class(stream: StringIO) -> None:
    """Of a library's record the logger, the place in the code and the error's class are kept."""
    LEAKS["exc_info"]()
    line = stream.getvalue()
    assert " ERROR library logger=library at=test_log:" in line
    assert line.endswith(" error=Unlucky\n")


def test_at_info_libraries_below_warning_do_not_show() -> None:
    """At INFO a library's own INFO is left out, its WARNING and our INFO are not."""
    written = StringIO()
    log.configure("INFO", written)
    _library().info("x")
    _library().warning("x")
    log.log(Event.STARTED)
    levels = [line.split()[1] for line in written.getvalue().splitlines()]
    assert levels == ["WARNING", "INFO"]


BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[1A", "\x00"]


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_fact_cannot_forge_a_line(line_break: str, stream: StringIO) -> None:
    """A line break or a terminal's control code within a fact does not begin a new line."""
    forged = f"x{line_break}2026-01-01T00:00:00.000Z INFO event=ticket_resolved"
    log.log(Event.MESSAGE_STORED, text=ScrubbedText(forged), event_id=EventId(forged))
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    assert "\x00" not in stream.getvalue()


@given(st.text(alphabet=st.characters()))
def test_any_text_is_one_line_that_can_be_written(text: str) -> None:
    """Any text, lone surrogates and all, becomes one line that UTF-8 can hold."""
    restore = log.preserved()
    written = StringIO()
    try:
        log.configure("INFO", written)
        log.log(Event.MESSAGE_STORED, text=ScrubbedText(text))
    finally:
        restore()
    assert len(written.getvalue().splitlines()) == 1
    written.getvalue().encode()


def test_configuring_twice_writes_each_line_once(stream: StringIO) -> None:
    """To configure again replaces the handler."""
    again = StringIO()
    log.configure("INFO", again)
    log.log(Event.STARTED)
    assert stream.getvalue() == ""
    assert again.getvalue().count("event=started") == 1


def test_the_engine_gets_no_console_of_its_own(stream: StringIO) -> None:
    """DBOS finds a handler on its logger, so that it adds none, and its records come to us."""
    engine = logging.getLogger("dbos")
    assert [type(handler) for handler in engine.handlers] == [logging.NullHandler]
    engine.error(CANARY)
    assert "logger=dbos" in stream.getvalue()


def test_preserved_puts_everything_back() -> None:
    """After the demo or a test the process logs as before."""
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning)
    root = logging.getLogger()
    before = (logging.getLogRecordFactory(), root.level, root.handlers[:], hooks)
    restore = log.preserved()
    log.configure("DEBUG", StringIO())
    assert logging.getLogRecordFactory() is not before[0]
    restore()
    after = (sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning)
    assert (logging.getLogRecordFactory(), root.level, root.handlers[:], after) == before


PROGRAM = """
    import asyncio, gc, logging, sys, threading, warnings
    configured = sys.argv[1] == "configured"
    if configured:
        from bot import log
        log.configure("DEBUG")
    canary = "Wilhelmina " + "Quackenbush"
    class Unlucky(Exception):
        pass
    def fail():
        raise Unlucky(canary)
    class Falling:
        def __del__(self):
            fail()
    async def failing():
        fail()
    async def never_retrieved():
        task = asyncio.ensure_future(failing())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()
    warnings.simplefilter("always")
    warnings.warn(canary)
    logging.getLogger("x").warning("to %d", canary)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Falling()
    gc.collect()
    asyncio.run(never_retrieved())
    fail()
"""


def _program(argument: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), argument],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_whole_process_that_fails_in_every_way_lets_nothing_out() -> None:
    """Warnings, threads, finalizers, tasks and an uncaught exception: stderr holds classes only."""
    done = _program("configured")
    assert done.returncode == 1
    assert "Quackenbush" not in done.stdout + done.stderr
    assert done.stderr.count("error=Unlucky") == 4
    assert "event=python_warning category=UserWarning" in done.stderr


def test_the_same_process_without_us_tells_everything() -> None:
    """The positive control: the standard library prints the words each time."""
    done = _program("plain")
    assert done.returncode == 1
    assert done.stderr.count("Quackenbush") >= 6
