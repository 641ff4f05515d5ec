"""Undo the escapes of text formats around the places where there are some."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

BETWEEN: Final = b"\n\0\n"
"""Stands between parts that did not stand together, so that no needle is found across."""

_PERCENT: Final = re.compile(rb"%[0-9A-Fa-f]{2}")
_QUOTED: Final = re.compile(rb"=(?:[0-9A-Fa-f]{2}|\r?\n)")
_BACKSLASH: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,2}|[0-7]{3}|\n|[\\/\"'abfnrtv])"
)
_NAMED: Final = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\n": b"",
}  # fmt: skip


def escapes(data: bytes, home: int, reach: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each kind of escape that occurs, and what stands around, unescaped.

    Args:
        data: A piece.
        home: Escapes that begin in its first so many bytes are undone.
        reach: Bytes around an escape in which a needle may lie.
    """
    kinds: tuple[tuple[str, re.Pattern[bytes], Callable[[bytes], bytes]], ...] = (
        ("percent-encoding", _PERCENT, unquote_to_bytes),
        ("percent-encoded form", _PERCENT, lambda part: unquote_to_bytes(part.replace(b"+", b" "))),
        ("quoted-printable", _QUOTED, lambda part: _QUOTED.sub(_byte_of_quoted, part)),
        ("backslashes", _BACKSLASH, lambda part: _BACKSLASH.sub(_bytes_of_backslash, part)),
    )
    for name, pattern, undo in kinds:
        around = [undo(data[start:end]) for start, end in _around(pattern, data, home, reach)]
        if around:
            yield name, BETWEEN.join(around)


def _around(
    pattern: re.Pattern[bytes], data: bytes, home: int, reach: int
) -> Iterator[tuple[int, int]]:
    """Yield the stretches around the matches, those that touch as one."""
    first = last = -1
    for match in pattern.finditer(data):
        if match.start() >= home:
            break
        if first < 0:
            first = max(0, match.start() - reach)
        elif match.start() - reach > last:
            yield first, last
            first = match.start() - reach
        last = match.end() + reach
    if first >= 0:
        yield first, last


def _byte_of_quoted(match: re.Match[bytes]) -> bytes:
    digits = match[0][1:]
    return b"" if digits.endswith(b"\n") else bytes.fromhex(digits.decode())


def _bytes_of_backslash(match: re.Match[bytes]) -> bytes:
    code = match[0][1:]
    if code in _NAMED:
        return _NAMED[code]
    if code[:1] == b"x":
        return bytes([int(code[1:], 16)])
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    if code[:1] not in (b"u", b"U"):
        return code
    if code[:1] == b"U":
        number = int(code[1:], 16)
        return chr(number).encode("utf-8", "surrogatepass") if number <= 0x10FFFF else match[0]
    # Two halves of a character outside the first 65,536 become one.
    units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in code[1:].split(b"\\u"))
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
