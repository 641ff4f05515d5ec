"""Search files for what should be gone, in the forms in which bytes survive.

A search for the bare bytes misses a copy in UTF-16, hexadecimal, base64 or escaped JSON.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

_SHORTEST: Final = 4


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A file that holds a needle. It tells which needle by its place, never the needle.

    Attributes:
        path: The file.
        needle: Index of the needle in the order given.
        variant: The form in which it was found, such as `utf-16-le` or `base64+1`.
        count: How many times (copies that overlap count once).
    """

    path: Path
    needle: int
    variant: str
    count: int


def variants(needle: bytes) -> dict[str, bytes]:
    """Return the forms of a needle by name, each form once. The needle is UTF-8 or any bytes."""
    text = needle.decode("utf-8", "surrogateescape")
    forms = {
        "utf-8": needle,
        "utf-16-le": text.encode("utf-16-le", "surrogatepass"),
        "utf-16-be": text.encode("utf-16-be", "surrogatepass"),
        "hex": needle.hex().encode(),
        "HEX": needle.hex().upper().encode(),
        "json": json.dumps(text)[1:-1].encode(),
    }
    for shift in range(3):
        standard = _base64(needle, shift)
        forms[f"base64+{shift}"] = standard
        forms[f"base64url+{shift}"] = standard.translate(bytes.maketrans(b"+/", b"-_"))
    distinct: dict[bytes, str] = {}
    for name, form in forms.items():
        if len(form) >= _SHORTEST or name == "utf-8":
            distinct.setdefault(form, name)
    return {name: form for form, name in distinct.items()}


def scan(
    files: Iterable[Path], needles: Iterable[bytes], *, piece: int = 1 << 24
) -> tuple[Hit, ...]:
    """Search each file for each needle in every variant, reading `piece` bytes at a time.

    Files that are gone by the time they are opened (a `-wal` that was closed) hold nothing.

    Raises:
        ValueError: A needle is empty, which every file would hold.
        OSError: A file cannot be read.
    """
    forms = [
        (index, name, form)
        for index, needle in enumerate(needles)
        for name, form in variants(needle).items()
    ]
    if not all(form for _, _, form in forms):
        raise ValueError("An empty needle is in every file.")
    overlap = max((len(form) for _, _, form in forms), default=1) - 1
    hits: list[Hit] = []
    for path in files:
        counts: dict[tuple[int, str], int] = {}
        for chunk, seen in _chunks(path, piece, overlap):
            for index, name, form in forms:
                # Copies that lie wholly in what the last chunk showed are counted already.
                count = chunk.count(form, max(0, seen - len(form) + 1))
                if count:
                    counts[index, name] = counts.get((index, name), 0) + count
        hits.extend(
            Hit(path=path, needle=index, variant=name, count=count)
            for (index, name), count in counts.items()
        )
    return tuple(hits)


def _base64(needle: bytes, shift: int) -> bytes:
    """Return the characters that are the same whatever stands around the needle."""
    encoded = base64.b64encode(bytes(shift) + needle).rstrip(b"=")
    start = (0, 2, 3)[shift]
    end = len(encoded) - (1 if (shift + len(needle)) % 3 else 0)
    return encoded[start:end]


def _chunks(path: Path, piece: int, overlap: int) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of a file and how many of their first bytes the piece before had shown."""
    try:
        with path.open("rb") as file:
            tail = b""
            while read := file.read(piece):
                chunk = tail + read
                yield chunk, len(tail)
                tail = chunk[-overlap:] if overlap else b""
    except FileNotFoundError:
        return
