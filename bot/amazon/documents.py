"""A report's document, streamed: bytes in pieces, then lines, never the whole of it.

The address of a document is signed and good for five minutes; it is neither logged nor kept. A
document says its encoding by a byte order mark, or in its Content-Type, or not at all: then it is
UTF-8, and a line that is not is Windows-1252, which Latin-1 is in practice.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import httpx

from bot.amazon.transport import status_error, unreached
from bot.errors import AmazonBusy, AmazonUnreadable

PIECE: Final = 64 * 1024
LINE_BYTES: Final = 1024 * 1024
"""The longest line that is read; what is longer is no report."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSETS: Final = ("big5", "cp", "euc_", "gb", "iso8859-", "koi8-", "shift_jis", "utf-16")
"""How the encodings begin that a report may be in. Python's codecs are more than encodings."""
_GZIP: Final = 31
"""zlib's word for a gzip header, see https://docs.python.org/3/library/zlib.html"""


class CutOff(AmazonUnreadable):
    """The report ends before its end. What stands before is taken, and it is asked for again."""


def lines(client: httpx.Client, url: str, *, is_gzip: bool) -> Iterator[str]:
    """Yield the lines of a document without their ends.

    Raises:
        AmazonError: It cannot be had, or is not what it should be.
        CutOff: It ends in the middle, after the lines before were given.
    """
    with (
        unreached(),
        # As it was sent: a content encoding would be undone by the client, whatever it is.
        client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
    ):
        error = status_error(response.status_code, response.headers)
        if error is not None:
            # The store refuses what is not there any more, or a link that has ended; neither says
            # anything of roles or requests. With the next try there is another link.
            raise error if isinstance(error, AmazonBusy) else AmazonUnreadable
        pieces: Iterable[bytes] = response.iter_raw(PIECE)
        if is_gzip:
            pieces = _unpacked(pieces)
        yield from decoded(pieces, response.charset_encoding)


def decoded(pieces: Iterable[bytes], charset: str | None = None) -> Iterator[str]:
    """Yield the lines of bytes that come in pieces. `charset` is what the sender calls them."""
    found = iter(pieces)
    start = b""
    for piece in found:
        start += piece
        if len(start) >= len(codecs.BOM_UTF8):
            break
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    encoding = marked or _known(charset)
    if encoding == "utf-16" and marked is None:
        # A header of ASCII letters tells which byte comes first.
        encoding = "utf-16-be" if start.startswith(b"\0") else "utf-16-le"
    rest = _chained(start, found)
    if encoding is None:
        for line in _lines_of_bytes(rest):
            yield _guessed(line)
    else:
        yield from _lines_of_text(rest, encoding)


def _chained(start: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


def _known(charset: str | None) -> str | None:
    """Return the encoding of a name, None for none, one that no report has, and for UTF-8.

    UTF-8 is what is tried anyway, line by line, so that one bad line spoils no other.
    """
    try:
        name = codecs.lookup(charset or "").name
    except (LookupError, ValueError):
        return None
    return name if name != "iso8859-1" and name.startswith(_CHARSETS) else None


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, one or several members. Raises CutOff and AmazonUnreadable."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            left = piece
            while left:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                # Bounded, so that a small piece cannot grow to more than memory holds.
                yield unpacker.decompress(left, PIECE)
                left = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error:
        raise AmazonUnreadable from None
    if not unpacker.eof:
        raise CutOff


def _lines_of_bytes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    kept = b""
    for piece in pieces:
        *whole, kept = (kept + piece).split(b"\n")
        yield from whole
        if len(kept) > LINE_BYTES:
            raise AmazonUnreadable
    if kept:
        yield kept


def _lines_of_text(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    kept = ""
    for piece in pieces:
        *whole, kept = (kept + decoder.decode(piece)).split("\n")
        yield from (line.removesuffix("\r") for line in whole)
        if len(kept) > LINE_BYTES:
            raise AmazonUnreadable
    kept += decoder.decode(b"", final=True)
    if kept:
        yield kept.removesuffix("\r")


def _guessed(line: bytes) -> str:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("cp1252", "replace")
    return text.removesuffix("\r")
