"""What sealing one value costs, against the bare AES-256-GCM of the same library.

    python -m tests.benchmarks.sealing [--rounds N]

Prints microseconds and ratios; the ratios are of one run and mean something elsewhere.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tqdm import tqdm

from nlp.text import RawText
from storage.ids import OrderId, order_owner
from storage.keyring import FileKeyring
from storage.sealing import Sealing

VALUE: Final = "4821 Gooseberry Hollow Rd"
OWNER: Final = order_owner(OrderId("111-2223334-5556667"))
ROUNDS: Final = 5


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sealing")
    parser.add_argument("--rounds", type=int, default=20_000, help="operations of each kind")
    rounds = parser.parse_args().rounds
    with TemporaryDirectory(prefix="care-bench-") as folder:
        keyring = FileKeyring.create(Path(folder) / "keyring.json", datetime.now(UTC))
        sealing = Sealing(keyring)
        work = _work(sealing)
        costs = {
            name: _microseconds(each, rounds) for name, each in tqdm(work.items(), disable=None)
        }
    bare = costs["bare AES-256-GCM"]
    for name, cost in costs.items():
        sys.stdout.write(f"{name:<34} {cost:8.1f} us {cost / bare:6.1f} x\n")


def _work(sealing: Sealing) -> dict[str, Callable[[], object]]:
    value = RawText(VALUE)
    key, wrapped = sealing.new_key(OWNER)
    sealed = sealing.seal(key, OWNER, "street_1", value)
    bare = AESGCM(AESGCM.generate_key(256))
    plain = VALUE.encode()
    return {
        "bare AES-256-GCM": lambda: bare.encrypt(os.urandom(12), plain, b"street_1"),
        "seal a value": lambda: sealing.seal(key, OWNER, "street_1", value),
        "open a value": lambda: sealing.open_sealed(key, OWNER, "street_1", sealed),
        "make and wrap a data key": lambda: sealing.new_key(OWNER),
        "unwrap a data key": lambda: sealing.open_key(OWNER, wrapped),
    }


def _microseconds(work: Callable[[], object], rounds: int) -> float:
    """The processor time of one operation, the best of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.thread_time()
        for _ in range(rounds):
            work()
        best = min(best, time.thread_time() - begun)
    return best / rounds * 1_000_000


if __name__ == "__main__":
    main()
