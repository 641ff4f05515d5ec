"""The search for residue finds what was planted, in every form that it claims."""

from __future__ import annotations

import base64
import gzip
import io
import json
import pickle
import quopri
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.residue import Bounds, SearchUnfinished, scan, search

NEEDLE = "Wilhelmina Quäckenbush 4821/Gooseberry?"
OTHER = "Bartholomew Östergaard 1977/Thistledown?"
AROUND = ("The parcel for ", " was left at the porch. ")


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _zlib(text: str, level: int, window: int = 15) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, window)
    return packer.compress(text.encode()) + packer.flush()


def _pickled(text: str, protocol: int) -> bytes:
    return pickle.dumps([text], protocol)


def _pickled_in_base64(text: str, protocol: int) -> bytes:
    return base64.b64encode(_pickled(text, protocol))


def _zip(data: bytes) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", data)
        return file.getvalue()


def _tar_gz(data: bytes) -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            member = tarfile.TarInfo("a.txt")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        return file.getvalue()


def _copied(text: str) -> bytes:
    """Escape as COPY does, with every byte that is not ASCII in octal, as bytea's text has it."""
    return b"".join(b"\\%03o" % byte if byte > 126 else bytes([byte]) for byte in text.encode())


PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

PLAIN: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-8, other casing": lambda text: text.upper().encode(),
    "utf-16-le, other casing": lambda text: text.lower().encode("utf-16-le"),
    "hex": lambda text: text.encode().hex().encode(),
    "hex, other casing": lambda text: text.encode().hex().upper().encode(),
    "pickle-0": lambda text: pickle.dumps({"a": text}, protocol=0),
}
"""By the name that the hit has."""

LARGE = "".join(f"{number} parcels came. " for number in range(400))
"""What makes a container larger than the search reads at first."""

WRAPPED: dict[str, Callable[[str], bytes]] = {
    "json": lambda text: json.dumps({"a": text}).encode(),
    "json in json": lambda text: json.dumps(json.dumps({"a": text})).encode(),
    "json with escaped slashes": lambda text: json.dumps(text).replace("/", "\\/").encode(),
    "repr of bytes": lambda text: repr(text.encode()).encode(),
    "copy with octal": _copied,
    "percent-encoding": lambda text: quote(text, safe="").encode(),
    "percent-encoding in lower case": lambda text: quote(text).lower().encode(),
    "query": lambda text: quote_plus(text).encode(),
    "form": lambda text: urlencode({"first": "a+b", "text": text}).encode(),
    "quoted-printable": lambda text: quopri.encodestring(("long " * 12 + text).encode()),
    "mime base64": lambda text: base64.encodebytes(("x" * 41 + text).encode()),
    **{f"pickle {number}": partial(_pickled, protocol=number) for number in PROTOCOLS},
    **{f"base64 of pickle {n}": partial(_pickled_in_base64, protocol=n) for n in PROTOCOLS},
    **{f"zlib {level}": partial(_zlib, level=level) for level in range(10)},
    "zlib with a small window": partial(_zlib, level=9, window=10),
    "zlib, cut off": lambda text: zlib.compress((LARGE + text * 3).encode())[:-20],
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip with a name": lambda text: _tar_gz(text.encode()),
    "raw deflate": lambda text: _deflate(text.encode()),
    "raw deflate with codes of its own": lambda text: _deflate((LARGE + text + LARGE).encode()),
    "zip": lambda text: _zip(text.encode()),
    "base64 of zlib": lambda text: base64.b64encode(zlib.compress(text.encode())),
    "base64url of gzip": lambda text: base64.urlsafe_b64encode(gzip.compress(text.encode())),
    "mime base64 of zlib": lambda text: base64.encodebytes(zlib.compress((LARGE + text).encode())),
    "hex of zlib": lambda text: b"\\x" + zlib.compress(text.encode()).hex().encode(),
    "zlib of zlib": lambda text: zlib.compress(zlib.compress(text.encode())),
    "gzip of json": lambda text: gzip.compress(json.dumps(text).encode()),
    "base64 of base64": lambda text: base64.b64encode(base64.b64encode(text.encode())),
    "zlib of utf-16": lambda text: zlib.compress(text.encode("utf-16-be")),
    "base64 of zlib of base64": lambda text: base64.b64encode(
        zlib.compress(base64.b64encode(text.encode()))
    ),
}


@pytest.mark.parametrize("variant", PLAIN)
def test_each_form_is_found(tmp_path: Path, variant: str) -> None:
    """A copy in this form among other bytes is found, once, under its name."""
    path = tmp_path / "file"
    path.write_bytes(b"\x00before" + PLAIN[variant](NEEDLE) + b"after\xff")

    found = search([path], [b"something else", NEEDLE.encode()], bounds=Bounds(depth=0))

    [hit] = found.hits
    assert (hit.path, hit.needle, hit.variant, hit.count) == (path, 1, variant, 1)


@pytest.mark.parametrize("variant", WRAPPED)
def test_what_is_wrapped_is_found(tmp_path: Path, variant: str) -> None:
    """A copy that was escaped, encoded or packed is found in the middle of a file."""
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) + WRAPPED[variant](NEEDLE.join(AROUND)) + b"\xffafter" * 99)

    assert {hit.needle for hit in scan([path], [OTHER.encode(), NEEDLE.encode()])} == {1}


@pytest.mark.parametrize("variant", [*PLAIN, *WRAPPED])
def test_another_value_is_not_taken_for_it(tmp_path: Path, variant: str) -> None:
    """A file that holds another value in this form gives no hit."""
    path = tmp_path / "file"
    write = {**PLAIN, **WRAPPED}[variant]
    path.write_bytes(b"\x00before " + write(OTHER.join(AROUND)) + b"\xffafter")

    assert scan([path], [NEEDLE.encode()]) == ()


def test_a_hit_tells_its_containers(tmp_path: Path) -> None:
    """The variant names what was opened, from the outside to the inside."""
    path = tmp_path / "file"
    path.write_bytes(base64.b64encode(zlib.compress(NEEDLE.encode() * 9)))

    assert "base64 > zlib > utf-8" in {hit.variant for hit in scan([path], [NEEDLE.encode()])}


def test_bytes_are_found_as_they_are_alone(tmp_path: Path) -> None:
    """A key, which is no text, has no casings: its bytes with one bit changed are not the key."""
    key = bytes(range(0x41, 0x5B)) + b"\xff\xfe"
    same, other = tmp_path / "same", tmp_path / "other"
    for path, write in ((same, key), (other, key.lower())):
        path.write_bytes(
            b"." + write + b"." + base64.b64encode(b"12" + write) + pickle.dumps(write, 2)
        )

    assert {(hit.path, hit.variant) for hit in scan([same, other], [key])} >= {
        (same, "bytes"),
        (same, "base64+2"),
        (same, "latin-1 in utf-8"),
    }
    assert scan([other], [key]) == ()


@settings(max_examples=50)
@given(st.binary(max_size=7), st.binary(max_size=7), st.text(min_size=7))
def test_base64_is_found_at_any_alignment(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes, text: str
) -> None:
    """Whatever stands around the needle, a search without unpacking finds its base64."""
    needle = text.encode("utf-8", "replace")
    path = tmp_path_factory.mktemp("base64") / "file"
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        path.write_bytes(b"=" + encode(before + needle + after))
        assert search([path], [needle], bounds=Bounds(depth=0)).hits != ()


def test_a_copy_across_two_pieces_is_found_once(tmp_path: Path) -> None:
    """Reading a large file in pieces neither loses nor doubles a copy at the seam."""
    needle = b"0123456789"
    path = tmp_path / "file"
    for place in range(8180, 8200):
        path.write_bytes(b"." * place + needle + b"." * 30_000)
        [hit] = search([path], [needle], bounds=Bounds(depth=0), piece=64).hits
        assert hit.count == 1


@pytest.mark.parametrize("place", [8_185, 16_380, 30_000])
def test_a_stream_across_pieces_is_found(tmp_path: Path, place: int) -> None:
    """What is packed into more than a piece is unpacked to its end."""
    path = tmp_path / "file"
    large = bytes(byte ^ 0x5A for byte in LARGE.encode()) * 3 + NEEDLE.encode()
    path.write_bytes(b"." * place + zlib.compress(large, 1) + b"." * 20_000)

    hits = scan([path], [NEEDLE.encode()], piece=256, bounds=Bounds(anywhere=0))

    assert {hit.variant for hit in hits} == {"zlib > utf-8"}


def test_short_and_many_needles_are_told_apart(tmp_path: Path) -> None:
    """Needles of every length, hundreds at once, each gets its own hits."""
    needles = ["ab", "Zoe", "Öz", *(f"buyer{n:03}@example.com" for n in range(300))]
    planted = {1: "Zoe", 2: "Öz", 7: needles[7], 250: needles[250].upper()}
    path = tmp_path / "file"
    path.write_bytes("\0".join(planted.values()).encode())

    assert {hit.needle for hit in scan([path], [n.encode() for n in needles])} == set(planted)


def test_copies_are_counted_in_each_file(tmp_path: Path) -> None:
    """Each file is told with its own count; a file that is gone holds nothing."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"needle needle")
    second.write_bytes(b"needle")

    hits = scan([first, second, tmp_path / "gone"], [b"needle"])

    assert [(hit.path, hit.count) for hit in hits] == [(first, 2), (second, 1)]


def test_clean_files_give_nothing(tmp_path: Path) -> None:
    """Without a copy there is no hit, and nothing to search for finds nothing."""
    (tmp_path / "file").write_bytes(b"hay" * 1000)
    assert scan([tmp_path / "file"], [b"needle"]) == ()
    assert scan([tmp_path / "file"], []) == ()


def test_an_empty_needle_is_refused(tmp_path: Path) -> None:
    """An empty needle would be everywhere."""
    with pytest.raises(ValueError, match="empty"):
        scan([tmp_path / "file"], [b""])


def test_a_hit_does_not_repeat_the_needle(tmp_path: Path) -> None:
    """What is told of a hit holds nothing of what was searched for."""
    path = tmp_path / "file"
    path.write_bytes(b"Wilhelmina")
    assert "Wilhelmina" not in repr(search([path], [b"Wilhelmina"]))


def test_no_bytes_break_the_search(tmp_path: Path) -> None:
    """Files of every small size, whatever is in them, are searched to their end."""
    random = Random(17)
    heads = [b"", b"x\x9c", b"\x1f\x8b\x08", b"PK\x03\x04", b"PGDMP", b"%4", b"\\u00", b"=\n"]
    for size in range(60):
        path = tmp_path / f"{size}"
        path.write_bytes(random.choice(heads) + random.randbytes(size))
    assert scan(tmp_path.iterdir(), [b"Wilhelmina Quackenbush"]) == ()


def test_what_lies_deeper_is_not_opened(tmp_path: Path) -> None:
    """Two containers deep and no deeper, so that the search ends."""
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(base64.b64encode(gzip.compress((LARGE + NEEDLE).encode()))))
    assert scan([path], [NEEDLE.encode()]) == ()
    assert scan([path], [NEEDLE.encode()], bounds=Bounds(depth=3)) != ()


def test_a_bomb_ends_the_search_and_is_told(tmp_path: Path) -> None:
    """A small file that unpacks to a lot is left, and "nothing found" is no answer then."""
    path = tmp_path / "file"
    path.write_bytes(zlib.compress(zlib.compress(bytes(1 << 26))))
    bounds = Bounds(container=1 << 20, unpacked=1 << 21)

    assert search([path], [b"needle"], bounds=bounds).unfinished == (path,)
    with pytest.raises(SearchUnfinished):
        scan([path], [b"needle"], bounds=bounds)


def test_what_was_found_before_the_bomb_is_told(tmp_path: Path) -> None:
    """A hit is a hit, also where a bound was reached."""
    path = tmp_path / "file"
    path.write_bytes(b"needle" + zlib.compress(bytes(1 << 24)))

    [hit] = scan([path], [b"needle"], bounds=Bounds(container=1 << 20))

    assert hit.variant == "utf-8"


def test_time_that_is_up_is_told(tmp_path: Path) -> None:
    """A search without time left has searched nothing."""
    path = tmp_path / "file"
    path.write_bytes(b"hay")
    with pytest.raises(SearchUnfinished):
        scan([path], [b"needle"], bounds=Bounds(seconds=0.0))
