"""The words of files, whole or not at all; damaged and disguised ones are unreadable."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from bot.file_text import PIECE, PIECES, FileKind, FileUnreadable, kind_of, pieces_of
from nlp.text import RawText


def words(content: bytes, kind: FileKind) -> str:
    """Return all words of a file, for a test to look at."""
    return "".join(piece.reveal() for piece in pieces_of(content, kind))


def pdf(stream: bytes, *, pages: int = 1) -> bytes:
    """Return a PDF whose pages have that content stream, packed."""
    packed = zlib.compress(stream)
    kids = " ".join(f"{3 + 2 * page} 0 R" for page in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
    ]
    font = 3 + 2 * pages
    for page in range(pages):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents {4 + 2 * page} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>".encode(),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
            + packed + b"\nendstream",
        ]  # fmt: skip
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
              % (len(objects) + 1, start))  # fmt: skip
    return out.getvalue()


@pytest.mark.parametrize(
    ("filetype", "mimetype", "kind"),
    [
        ("csv", "text/csv", FileKind.TEXT), ("", "text/x-python", FileKind.TEXT),
        ("json", "application/json", FileKind.TEXT), ("eml", "", FileKind.MAIL),
        ("", "message/rfc822", FileKind.MAIL), ("pdf", "", FileKind.PDF),
        ("png", "image/png", FileKind.OTHER), ("zip", "application/zip", FileKind.OTHER),
        ("", "", FileKind.OTHER),
    ],
)  # fmt: skip
def test_the_kind_is_what_slack_says(filetype: str, mimetype: str, kind: FileKind) -> None:
    """Text, mail and PDF are read; pictures, archives and the unknown are not."""
    assert kind_of(filetype, mimetype) is kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    """A name with an accent is the same name however it is encoded."""
    text = "name;street\nZoë Vexholm;12 Undertow Lane\n"

    assert words(text.encode(encoding), FileKind.TEXT) == text


def test_a_mail_is_read_with_its_heads_and_parts() -> None:
    """Sender, subject and each text part have words; an attached picture has none."""
    mail = (
        b"From: Peregrine Wainscott <p@example.com>\r\nSubject: Order\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"Y2FsbCA0MTUtNTU1LTAxOTk=\r\n--b\r\nContent-Type: image/png\r\n\r\nPNGDATA\r\n--b--\r\n"
    )

    found = words(mail, FileKind.MAIL)

    assert "Peregrine Wainscott" in found
    assert "call 415-555-0199" in found
    assert "PNGDATA" not in found


def test_a_pdf_is_read() -> None:
    """The text of each page has words."""
    content = pdf(b"BT /F1 12 Tf 20 200 Td (Ship to Odalys Fennimore) Tj ET", pages=2)

    assert words(content, FileKind.PDF).count("Odalys Fennimore") == 2


def _encrypted() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FileKind.TEXT),
        (b"no pdf at all", FileKind.PDF),
        (pdf(b"BT ET")[:200], FileKind.PDF),
        (pdf(b"BT ET", pages=101), FileKind.PDF),
        (pdf(b"BT /F1 12 Tf (" + b"A" * 3_000_000 + b") Tj ET"), FileKind.PDF),
        (_encrypted(), FileKind.PDF),
        (b"x" * (PIECE * PIECES + PIECE), FileKind.TEXT),
        (b"anything", FileKind.OTHER),
    ],
    ids=["picture", "no pdf", "cut", "pages", "bomb", "encrypted", "large", "other"],
)
def test_what_cannot_be_read_says_so(content: bytes, kind: FileKind) -> None:
    """Disguised, damaged, locked, too long: unreadable, and the error holds nothing of it."""
    with pytest.raises(FileUnreadable) as refused:
        pieces_of(content, kind)
    assert str(refused.value) == ""


@given(st.text("ab\n ", max_size=40_000))
def test_pieces_are_the_text(text: str) -> None:
    """All pieces together are the words; none is longer than can be scrubbed at once."""
    pieces = pieces_of(text.encode(), FileKind.TEXT)

    assert "".join(piece.reveal() for piece in pieces).split() == text.split()
    assert all(len(piece) <= PIECE for piece in pieces)
    assert all(isinstance(piece, RawText) for piece in pieces)
