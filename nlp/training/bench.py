"""How fast the scrubber is: `make bench` prints it as a table in Markdown.

Only the ratios of one run can be compared from machine to machine. No test holds them, since
other work on the machine would decide whether it passes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from nlp.errors import LanguageError
from nlp.training.bench_figures import one_core, one_core_figures
from nlp.training.bench_process import cores
from nlp.training.bench_table import HEAD, Figure

MESSAGES: Final = 400
ROUNDS: Final = 5
QUICK_MESSAGES: Final = 128
QUICK_ROUNDS: Final = 1
STARTS: Final = 3
MEMORY_MESSAGES: Final = 200_000
QUICK_MEMORY_MESSAGES: Final = 20_000

EXAMPLE: Final = """\
example:
  make bench
  python -m nlp.training.bench --quick --memory-messages 5000
"""


def process(what: str, count: int = 0) -> dict[str, float]:
    """Measure something in a fresh process. Raises CalledProcessError."""
    command = [sys.executable, "-m", "nlp.training.bench_process", what, str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603  # our own file
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


def whole_machine_figures(count: int, memory_messages: int) -> Iterator[Figure]:
    """Yield the figures of fresh processes. Raises CalledProcessError."""
    threads = process("threads", count)
    yield Figure(
        name=f"throughput of {threads['threads']:.0f} threads, against one",
        value=threads["ratio"],
    )
    starts = [process("cold") for _ in range(STARTS)]
    yield Figure(
        name="cold start: from the import to the first scrubbed message",
        value=statistics.median(start["seconds"] for start in starts),
        unit="s",
        at_most=3,
    )
    yield Figure(
        name="resident memory of that process",
        value=max(start["resident"] for start in starts),
        unit="MB",
        at_most=300,
        note=f"{max(start['most'] for start in starts):.0f} MB at the most",
    )
    if memory_messages:
        yield Figure(
            name=f"growth of a process over {memory_messages:,} messages about ever new people",
            value=process("memory", memory_messages)["growth"],
            unit="MB",
            at_most=20,
        )


def main() -> None:
    """Read the command line, measure and print. Status 1 where something cannot be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m nlp.training.bench",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="fewer messages: minutes, rougher")
    parser.add_argument(
        "--memory-messages",
        type=int,
        metavar="N",
        help=f"messages of the memory figure: {MEMORY_MESSAGES:,}, or {QUICK_MEMORY_MESSAGES:,}"
        " with --quick; 0 leaves it out",
    )
    options = parser.parse_args()
    count, rounds, memory = MESSAGES, ROUNDS, MEMORY_MESSAGES
    if options.quick:
        count, rounds, memory = QUICK_MESSAGES, QUICK_ROUNDS, QUICK_MEMORY_MESSAGES
    if options.memory_messages is not None:
        memory = options.memory_messages
    about = f"{count} invented messages on {cores()} cores. Only ratios of one run can be compared."
    print(f"{about}\n\n{HEAD}", flush=True)
    try:
        with one_core():
            for figure in one_core_figures(count, rounds):
                print(figure.line(), flush=True)
        for figure in whole_machine_figures(count, memory):
            print(figure.line(), flush=True)
    except LanguageError as error:
        sys.exit(f"The benchmark could not run. {error}")
    except subprocess.CalledProcessError:
        sys.exit(1)  # the process told why


if __name__ == "__main__":
    main()
