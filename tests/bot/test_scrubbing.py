"""`scrub` over streams: in batches, by several processes, and when something breaks."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from bot.errors import WorkersLost
from bot.scrubbing import BYTES, LINES, LONGEST, batches, scrub_stream, size_of

TEXTS: Final = [
    "mail joe@example.com or call 415-555-0132",
    "113-5550142-5550142 is late",
    "card 4111 1111 1111 1111, thanks",
    "",
]
PATIENCE: Final = 120
"""Seconds that a process may take to load its model or to end, on a busy machine."""


def of_json(many: int) -> bytes:
    """Return JSON lines, every tenth of them none."""
    lines = (
        "Quackenbush" if at % 10 == 9 else json.dumps({"id": at, "text": TEXTS[at % len(TEXTS)]})
        for at in range(many)
    )
    return "\n".join(lines).encode()


def test_lines_come_in_batches() -> None:
    """A batch ends with the line that makes it full, and all lines are in one, in order."""
    lines = [b"%d\n" % at for at in range(LINES + 1)]
    long = b"x" * (BYTES - 1) + b"\n"

    found = list(batches(io.BytesIO(b"".join([*lines, long, b"last"])), steady=True))

    assert found == [lines[:LINES], [lines[LINES], long], [b"last"]]


@pytest.mark.parametrize(("content", "found"), [(b"", []), (b"\n", [[b"\n"]]), (b"a", [[b"a"]])])
def test_the_end_of_a_stream_is_no_line(content: bytes, found: list[list[bytes]]) -> None:
    """What follows the last line feed is a line only if it is something."""
    assert list(batches(io.BytesIO(content), steady=True)) == found


def test_a_pipe_is_not_held_back() -> None:
    """Of a pipe each whole line that has come is handed on, and the rest once it is whole."""
    reading, writing = os.pipe()
    with open(reading, "rb") as pipe, open(writing, "wb", buffering=0) as pen:
        assert size_of(pipe) is None
        found = batches(pipe, steady=False)
        pen.write(b"one\ntwo\nthr")
        first = next(found)
        pen.write(b"ee\n")
        second = next(found)

    assert (first, second) == ([b"one\n", b"two\n"], [b"three\n"])


def test_a_line_without_end_is_cut() -> None:
    """Of a line longer than any text that is scrubbed a part is kept, still too long for it."""
    endless = b"x" * (3 * LONGEST)

    (batch,) = batches(io.BytesIO(endless), steady=True)

    assert [LONGEST < len(line) <= 2 * LONGEST for line in batch] == [True]


def test_what_comes_out_is_the_same_for_any_number_of_processes(tmp_path: Path) -> None:
    """One process and two write the same lines in the same order, and count the same bad ones."""
    content = of_json(3 * LINES + 5)
    results = []
    for jobs in (1, 2):
        written: list[str] = []
        sizes: list[int] = []
        bad = scrub_stream(
            io.BytesIO(content),
            as_json=True,
            jobs=jobs,
            steady=True,
            write=written.append,
            done=sizes.append,
        )
        assert sum(sizes) == len(content)
        results.append((bad, "\n".join(written)))

    assert results[0] == results[1]
    bad, output = results[0]
    lines = [json.loads(line) for line in output.splitlines()]
    assert len(lines) == 3 * LINES + 5
    assert bad == sum("error" in line for line in lines) == (3 * LINES + 5) // 10
    assert "joe@" not in output


def test_a_killed_worker_ends_the_work(tmp_path: Path) -> None:
    """If the workers are killed, what was written is whole lines and the error says so."""
    written: list[str] = []

    def write(lines: str) -> None:
        written.append(lines)
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(WorkersLost):
        scrub_stream(
            io.BytesIO(of_json(40 * LINES)),
            as_json=True,
            jobs=2,
            steady=True,
            write=write,
            done=lambda _: None,
        )

    assert 0 < len(written) < 40
    assert all(len(lines.splitlines()) == LINES for lines in written)
    assert multiprocessing.active_children() == []


def hear_ctrl_c() -> None:
    """Take Ctrl-C as a program on a terminal does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def scrubbing(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start `scrub --jobs 2` on a file that takes long, in a process group of its own."""
    file = folder / "many.jsonl"
    file.write_bytes(of_json(400 * LINES))
    command = [sys.executable, "-m", "bot", "scrub", "--json", "--jobs", "2", str(file)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Tests that run in the background of a shell have Ctrl-C ignored, and would hand that on.
        preexec_fn=hear_ctrl_c,
    ) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["id"] == 0
            yield process
        finally:
            if not gone(process.pid):
                os.killpg(process.pid, signal.SIGKILL)


def gone(group: int) -> bool:
    """Say whether no process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def ends(group: int) -> bool:
    """Wait until no process of the group is left."""
    deadline = time.monotonic() + PATIENCE
    while not gone(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return gone(group)


@pytest.mark.timeout(3 * PATIENCE)
def test_who_stops_reading_ends_the_work(tmp_path: Path) -> None:
    """A closed pipe is one clear line and exit code 1, and no worker is left."""
    with scrubbing(tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()

        assert process.wait(PATIENCE) == 1
        assert told == "jetpack-care: Nobody reads the output any more.\n"
        assert ends(process.pid)


@pytest.mark.timeout(3 * PATIENCE)
def test_ctrl_c_ends_the_work(tmp_path: Path) -> None:
    """Ctrl-C, which all processes of a terminal get, ends them without a traceback."""
    with scrubbing(tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.killpg(process.pid, signal.SIGINT)
        output, told = process.stdout.read(), process.stderr.read()

        assert process.wait(PATIENCE) == 1
        assert told.decode().strip() == "Aborted!"
        assert all(json.loads(line) for line in output.splitlines())
        assert ends(process.pid)


@pytest.mark.timeout(3 * PATIENCE)
def test_no_worker_outlives_its_parent(tmp_path: Path) -> None:
    """Where the process that a person started is killed, its workers end too."""
    with scrubbing(tmp_path) as process:
        process.kill()

        assert process.wait(PATIENCE) == -signal.SIGKILL
        assert ends(process.pid)
