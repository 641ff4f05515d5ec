"""Seal and open."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import RawText
from storage.errors import KeyDestroyed, SealBroken
from storage.ids import Owner
from storage.keyring import FileKeyring
from storage.sealing import FINGERPRINT_BYTES, DataKey, SealedText, Sealing, disclose, joined

OWNER = Owner("ticket:1")
NAME = RawText("Wilhelmina Quackenbush")
KEYRING = FileKeyring("0" * 32, 1, {1: bytes(range(32))})
SEALING = Sealing(KEYRING)
KEY, WRAPPED = SEALING.new_key(OWNER)


@given(st.text(st.characters(exclude_categories=())))
def test_what_was_sealed_opens(text: str) -> None:
    """Any text comes back, lone surrogates and NUL too, and its seal is plain ASCII."""
    sealed = SEALING.seal(KEY, OWNER, "phone", RawText(text))
    assert sealed.startswith("v1.")
    assert sealed.isascii()
    assert SEALING.open_sealed(KEY, OWNER, "phone", sealed) == RawText(text)


def test_equal_values_have_different_seals() -> None:
    """A seal tells nothing, not even that two values are the same."""
    assert SEALING.seal(KEY, OWNER, "f", NAME) != SEALING.seal(KEY, OWNER, "f", NAME)


def test_a_seal_opens_in_its_place_alone() -> None:
    """Under another owner, field or key a value does not open."""
    sealed = SEALING.seal(KEY, OWNER, "phone", NAME)
    other_key, _ = SEALING.new_key(OWNER)
    for key, owner, field in (
        (KEY, Owner("ticket:2"), "phone"),
        (KEY, OWNER, "email"),
        (other_key, OWNER, "phone"),
    ):
        with pytest.raises(SealBroken):
            SEALING.open_sealed(key, owner, field, sealed)


@pytest.mark.parametrize("change", ["", "v1.", "v2.AAAA", "v1.%%%", "v1.AAAA", "Redacted"])
def test_what_is_no_seal_does_not_open(change: str) -> None:
    """Text of another form is a broken seal, never an opened value."""
    with pytest.raises(SealBroken):
        SEALING.open_sealed(KEY, OWNER, "phone", SealedText(change))


def test_a_changed_seal_does_not_open() -> None:
    """One other character anywhere in it breaks a seal."""
    sealed = SEALING.seal(KEY, OWNER, "phone", NAME)
    for place in range(3, len(sealed) - 1):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(SealBroken):
            SEALING.open_sealed(
                KEY, OWNER, "phone", SealedText(sealed[:place] + other + sealed[place + 1 :])
            )


def test_a_key_opens_for_its_owner_alone() -> None:
    """A wrapped key opens for whom it was made; one that is gone opens for nobody."""
    reopened = SEALING.open_key(OWNER, WRAPPED)
    assert reopened.material() == KEY.material()
    with pytest.raises(SealBroken):
        SEALING.open_key(Owner("ticket:2"), WRAPPED)
    with pytest.raises(KeyDestroyed):
        SEALING.open_key(OWNER, None)


def test_a_destroyed_epoch_destroys_its_keys(tmp_path: Path) -> None:
    """A key that an epoch wrapped does not open with a keyring that lacks the epoch."""
    later = Sealing(FileKeyring("0" * 32, 2, {2: bytes(32)}))
    with pytest.raises(KeyDestroyed):
        later.open_key(OWNER, WRAPPED)


def test_a_data_key_keeps_to_itself() -> None:
    """A data key neither prints nor pickles."""
    assert repr(KEY) == "DataKey(withheld)"
    assert repr(KEY.material()) not in f"{KEY} {KEY!r}"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        copy.copy(KEY)


def test_equal_keys_have_equal_fingerprints() -> None:
    """Each key has a fingerprint of its own, the same each time."""
    keys = (NAME, RawText("wilhelmina"), RawText("\ud800"), RawText(""))

    fingerprints = SEALING.fingerprints(KEY, "PERSON", keys)

    assert SEALING.fingerprints(KEY, "PERSON", keys) == fingerprints
    assert SEALING.fingerprints(KEY, "PERSON", keys[1:2]) == fingerprints[1:2]
    assert len(set(fingerprints)) == 4
    assert {len(each) for each in fingerprints} == {FINGERPRINT_BYTES}


def test_fingerprints_tell_nothing_beyond_their_key_and_kind() -> None:
    """The same value under another key or of another kind has another fingerprint."""
    other_key: DataKey = SEALING.new_key(OWNER)[0]
    fingerprints = {
        *SEALING.fingerprints(KEY, "PERSON", [NAME]),
        *SEALING.fingerprints(other_key, "PERSON", [NAME]),
        *SEALING.fingerprints(KEY, "STREET_ADDRESS", [NAME]),
    }
    assert len(fingerprints) == 3


def test_an_opened_value_is_shown_in_one_way() -> None:
    """`disclose` gives the characters; `joined` makes one raw text, still withheld."""
    name = joined([RawText("Wilhelmina"), RawText("Quackenbush")])
    assert disclose(name) == "Wilhelmina Quackenbush"
    assert "Wilhelmina" not in f"{name}"
