"""The search for residue finds what was planted, in every form that it claims."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.residue import scan, variants

NEEDLE = "Wilhelmina Quäckenbush 4821/Gooseberry?"

FORMS: list[tuple[str, Callable[[str], bytes]]] = [
    ("utf-8", lambda text: text.encode()),
    ("utf-16-le", lambda text: text.encode("utf-16-le")),
    ("utf-16-be", lambda text: text.encode("utf-16-be")),
    ("hex", lambda text: text.encode().hex().encode()),
    ("HEX", lambda text: text.encode().hex().upper().encode()),
    ("json", lambda text: json.dumps({"a": text}).encode()),
]


@pytest.mark.parametrize(("variant", "write"), FORMS, ids=[form[0] for form in FORMS])
def test_each_form_is_found(tmp_path: Path, variant: str, write: Callable[[str], bytes]) -> None:
    """A copy in this form among other bytes is found, once, under its name."""
    path = tmp_path / "file"
    path.write_bytes(b"\x00before" + write(NEEDLE) + b"after\xff")
    [hit] = scan([path], [b"something else", NEEDLE.encode()])
    assert (hit.path, hit.needle, hit.variant, hit.count) == (path, 1, variant, 1)


@settings(max_examples=50)
@given(st.binary(max_size=7), st.binary(max_size=7), st.text(min_size=5))
def test_base64_is_found_at_any_alignment(before: bytes, after: bytes, text: str) -> None:
    """Whatever stands around the needle, its base64 holds one of the forms."""
    needle = text.encode("utf-8", "replace")
    forms = variants(needle).values()
    standard = base64.b64encode(before + needle + after)
    url_safe = base64.urlsafe_b64encode(before + needle + after)
    assert any(form in standard for form in forms)
    assert any(form in url_safe for form in forms)


def test_a_copy_across_two_pieces_is_found_once(
    tmp_path: Path,
) -> None:
    """Reading a large file in pieces neither loses nor doubles a copy at the seam."""
    needle = b"0123456789"
    for place in range(40, 140):
        path = tmp_path / "file"
        path.write_bytes(b"." * place + needle + b"." * 80)
        [hit] = scan([path], [needle], piece=64)
        assert hit.count == 1


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
    assert "Wilhelmina" not in repr(scan([path], [b"Wilhelmina"]))
