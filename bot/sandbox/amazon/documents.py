"""Report documents: where they lie, for how long, and all the ways in which they may look.

A document is drawn row by row while it is sent, so that one of hundreds of megabytes takes no
memory. https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-retrieve-a-report:
the URL is good for five minutes, the content is compressed where `compressionAlgorithm` says so.
"""

from __future__ import annotations

import codecs
import hmac
import secrets
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from bot.sandbox.amazon.moments import moment
from bot.sandbox.amazon.returned import Return
from bot.sandbox.amazon.returns_table import COLUMNS, cells

LINK_SECONDS: Final = 300
_GZIP: Final = 31
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStyle:
    """How a document looks.

    Attributes:
        encoding: A codec of Python's; what it lacks becomes a question mark.
        charset_in_header: Whether `Content-Type` names the encoding.
        gzip: Whether it is compressed.
        truncated: Whether its end is missing, without a sign of it in the headers.
        rename: New names of columns, by their usual ones.
        drop: Columns that are missing.
        extra: Further columns at the end, with their value in every row.
        reordered: Whether the columns come in the reverse order.
        repeat: How often each row comes; each copy has an RMA id of its own.
        bad_rows: Lines that stand right behind the header, just as they are.
        status: What the download is answered; any but 200 comes with an error in XML.
    """

    encoding: str = "utf-8"
    charset_in_header: bool = False
    gzip: bool = True
    truncated: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    drop: Collection[str] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    reordered: bool = False
    repeat: int = 1
    bad_rows: Sequence[str] = ()
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report's rows as they stood when it was made."""

    id: str
    seller: str
    rows: tuple[Return, ...]
    style: DocumentStyle

    @property
    def content_type(self) -> str:
        """What the download says that it is."""
        charset = self.style.encoding.removesuffix("-sig")
        return f"text/plain; charset={charset}" if self.style.charset_in_header else "text/plain"

    def content(self) -> Iterator[bytes]:
        """Yield the bytes of the download."""
        chunks = _encoded(self._lines(), self.style.encoding)
        if self.style.gzip:
            chunks = _compressed(chunks)
        return _cut(chunks) if self.style.truncated else chunks

    def _lines(self) -> Iterator[str]:
        style = self.style
        columns = [name for name in COLUMNS if name not in style.drop]
        if style.reordered:
            columns.reverse()
        names = [style.rename.get(name, name) for name in columns]
        yield "\t".join([*names, *style.extra]) + "\r\n"
        for line in style.bad_rows:
            yield f"{line}\r\n"
        for row in self.rows:
            values = cells(row)
            # The id is cut out once, as building every copy from its cells would take minutes.
            marked = {**values, "Amazon RMA ID": "\0"}
            line = "\t".join([*(marked[name] for name in columns), *style.extra.values()]) + "\r\n"
            for copy in range(style.repeat):
                rma = f"{row.rma}{copy:07d}" if copy else row.rma
                yield line.replace("\0", rma)


class Documents:
    """The documents of all sellers. The world's lock guards it; time is an argument.

    Attributes:
        next: The style of documents made from now on.
    """

    def __init__(self) -> None:
        self.next = DocumentStyle()
        self._documents: dict[str, Document] = {}
        self._secret = secrets.token_bytes(32)

    def add(self, seller: str, rows: Sequence[Return]) -> Document:
        """Keep a new document for a seller, by name."""
        document = Document(
            id=f"amzn1.spdoc.1.4.na.{secrets.token_hex(18)}",
            seller=seller,
            rows=tuple(rows),
            style=self.next,
        )
        self._documents[document.id] = document
        return document

    def get(self, document_id: str) -> Document | None:
        """Return a document."""
        return self._documents.get(document_id)

    def link(self, document: Document, origin: str, now: int) -> str:
        """Return a URL that is good for five minutes."""
        stamp = moment(now).strftime("%Y%m%dT%H%M%SZ")
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(LINK_SECONDS),
            "X-Amz-Signature": self._signature(document.id, stamp),
        }
        return f"{origin}/download/{document.id}?{urlencode(query)}"

    def refusal(self, document_id: str, query: Mapping[str, str], now: int) -> str:
        """Return S3's code for why a download is refused, empty where it is not.

        https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        """
        stamp = query.get("X-Amz-Date", "")
        right = self._signature(document_id, stamp)
        if not hmac.compare_digest(right, query.get("X-Amz-Signature", "")):
            return "SignatureDoesNotMatch"
        if moment(now - LINK_SECONDS).strftime("%Y%m%dT%H%M%SZ") >= stamp:
            return "AccessDenied"
        return "" if document_id in self._documents else "NoSuchKey"

    def _signature(self, document_id: str, stamp: str) -> str:
        return hmac.new(self._secret, f"{document_id}/{stamp}".encode(), sha256).hexdigest()


def _encoded(lines: Iterator[str], encoding: str) -> Iterator[bytes]:
    encoder = codecs.getincrementalencoder(encoding)("replace")
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield encoder.encode("".join(waiting))
            waiting.clear()
            size = 0
    yield encoder.encode("".join(waiting), True)


def _compressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        squeezed = squeeze.compress(chunk)
        if squeezed:
            yield squeezed
    yield squeeze.flush()


def _cut(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield all but the second half of the last chunk."""
    held = next(chunks, b"")
    for chunk in chunks:
        if chunk:
            yield held
            held = chunk
    yield held[: len(held) // 2]
