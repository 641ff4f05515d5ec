"""The words of a file that somebody shared, for the scrubber's eyes alone. Pure, in memory.

Text in any of the usual encodings, tables and mails as text, the text of PDF. A file that is none
of these has no words here.
"""

from __future__ import annotations

import email
import email.policy
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from pypdf import PdfReader

from nlp.text import RawText

PAGES: Final = 100
"""Pages of a PDF that are read."""
PIECE: Final = 8_000
"""Characters of a piece, which ends with a line where it can. A person is named within a line."""
PIECES: Final = 150
"""Pieces of a file that are read."""
_TEXTS: Final = frozenset(
    {"txt", "text", "csv", "tsv", "md", "markdown", "json", "log", "xml", "html", "yaml", "eml",
     "email", "post"}
)  # fmt: skip
_ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1252")


class FileKind(StrEnum):
    """What a file is read as."""

    TEXT = "text"
    MAIL = "mail"
    PDF = "pdf"
    OTHER = "other"  # not read


class FileUnreadable(ValueError):
    """The file is damaged, encrypted, or not what it says it is."""


def kind_of(filetype: str, mimetype: str) -> FileKind:
    """Return what a file is read as, by what Slack says of it."""
    if filetype in ("eml", "email") or mimetype == "message/rfc822":
        return FileKind.MAIL
    if filetype == "pdf" or mimetype == "application/pdf":
        return FileKind.PDF
    if filetype in _TEXTS or mimetype.startswith("text/") or mimetype == "application/json":
        return FileKind.TEXT
    return FileKind.OTHER


def pieces_of(content: bytes, kind: FileKind) -> list[RawText]:
    """Return the words of a file, in pieces that can be scrubbed one by one.

    Raises:
        FileUnreadable: Its words cannot be got at, or there are more than can be read.
    """
    try:
        text = "\n".join(_words(content, kind))
    except FileUnreadable:
        raise
    except Exception:  # The libraries raise errors of any kind, which hold pieces of the file.
        raise FileUnreadable from None
    pieces = list(_pieces(text))
    if len(pieces) > PIECES:
        raise FileUnreadable
    return [RawText(piece) for piece in pieces if piece.strip()]


def _words(content: bytes, kind: FileKind) -> Iterator[str]:
    if kind is FileKind.MAIL:
        yield from _of_mail(content)
    elif kind is FileKind.PDF:
        yield from _of_pdf(content)
    elif kind is FileKind.TEXT:
        yield _decoded(content)
    else:
        raise FileUnreadable


def _decoded(content: bytes) -> str:
    if not content.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\x00" in content[:1024]:
        # A picture or a program under another name.
        raise FileUnreadable
    encodings = _ENCODINGS if content.startswith((b"\xff\xfe", b"\xfe\xff")) else (
        "utf-8-sig", "cp1252"
    )  # fmt: skip
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _of_mail(content: bytes) -> Iterator[str]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    for name in ("from", "to", "cc", "subject"):
        yield str(message.get(name) or "")
    for part in message.walk():
        if part.get_content_maintype() == "text":
            yield str(part.get_content())


def _of_pdf(content: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted or len(reader.pages) > PAGES:
        raise FileUnreadable
    found = 0
    for page in reader.pages:
        text = page.extract_text()
        found += len(text)
        if found > PIECE * PIECES:
            raise FileUnreadable
        yield text


def _pieces(text: str) -> Iterator[str]:
    rest = text
    while len(rest) > PIECE:
        cut = rest.rfind("\n", 0, PIECE) + 1 or rest.rfind(" ", 0, PIECE) + 1 or PIECE
        yield rest[:cut]
        rest = rest[cut:]
    yield rest
