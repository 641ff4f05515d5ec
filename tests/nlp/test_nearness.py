"""How near a question is to each section."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.answers.encoder import SIZE
from nlp.answers.nearness import Meant, Nearness


def test_leaving_a_text_out_is_as_if_it_were_not_there() -> None:
    """The closed form gives what building the index without the text gives."""
    chance = np.random.default_rng(7)
    vectors = chance.normal(size=(60, SIZE)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = sorted([*range(6)] * 10)
    whole = Nearness(vectors, owners, dict.fromkeys(range(50), ()))

    for number in (0, 13, 49):
        rest = [at for at in range(60) if at != number]
        without = Nearness(vectors[rest], [owners[at] for at in rest], dict.fromkeys(range(49), ()))
        wanted, found = without.near(Meant(vectors[number], ())), whole.without(number)
        np.testing.assert_allclose(found.nearest, wanted.nearest, atol=1e-4)
        np.testing.assert_allclose(found.regressed, wanted.regressed, atol=1e-3)


def test_words_tell_apart_what_means_nearly_the_same() -> None:
    """Of two owners with the same vectors the one with the word comes first."""
    vector = np.eye(SIZE, dtype=np.float32)[0]
    words = {0: ("few",), 1: ("few",), 2: ("many",), 3: ("many",)}

    near = Nearness(np.array([vector] * 4), [0, 0, 1, 1], words).near(Meant(vector, ("many",)))

    assert near.total[1] > near.total[0]


def test_of_many_texts_the_nearest_is_still_found() -> None:
    """A rough comparison chooses which are compared whole; the nearest come out exactly."""
    chance = np.random.default_rng(7)
    middles = chance.normal(size=(300, SIZE))
    vectors = np.repeat(middles, 20, axis=0) + 0.7 * chance.normal(size=(6_000, SIZE))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    owners = sorted([*range(300)] * 20)
    near = Nearness(vectors, owners, dict.fromkeys(range(40), ()))

    for owner in (0, 150, 299):
        asked = middles[owner] + 0.7 * chance.normal(size=SIZE)
        asked = (asked / np.linalg.norm(asked)).astype(np.float32)
        found = near.near(Meant(asked, ())).nearest
        assert int(found.argmax()) == owner
        assert found[owner] == pytest.approx(float((vectors @ asked).max()), abs=1e-5)
