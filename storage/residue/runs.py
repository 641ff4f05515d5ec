"""Decode the runs of base64 and hexadecimal digits that a piece holds.

What a needle looks like in them is among its forms; this is for what holds a needle in turn, such
as the base64 of something compressed.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

from storage.residue.escapes import BETWEEN

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{20,}(?:(?:\r?\n|\\n|=\r?\n)[A-Za-z0-9+/_-]+)*")
_HEX: Final = re.compile(rb"[0-9a-fA-F]{20,}(?:(?:\r?\n|\\n)[0-9a-fA-F]+)*")
_BREAK: Final = re.compile(rb"=?\r?\n|\\n")
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


def runs(data: bytes, home: int) -> Iterator[tuple[str, bytes]]:
    """Yield what the runs that begin in the first `home` bytes decode to, all of a kind at once.

    Where a run begins is not sure, since the letters before it may look like part of it; so it
    is decoded from each of its first four characters on, hexadecimal from the first two.
    """
    base64s = [
        binascii.a2b_base64(run[phase : phase + (len(run) - phase) // 4 * 4])
        for run in _matches(_BASE64, data, home)
        for phase in range(4)
    ]
    if base64s:
        yield "base64", BETWEEN.join(base64s)
    hexes = [
        binascii.unhexlify(run[phase : phase + (len(run) - phase) // 2 * 2])
        for run in _matches(_HEX, data, home)
        for phase in range(2)
    ]
    if hexes:
        yield "hex", BETWEEN.join(hexes)


def _matches(pattern: re.Pattern[bytes], data: bytes, home: int) -> Iterator[bytes]:
    for match in pattern.finditer(data):
        if match.start() >= home:
            break
        yield _BREAK.sub(b"", match[0]).translate(_STANDARD)
