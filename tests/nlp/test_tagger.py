"""The trained model at work, from the files that are shipped."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest

from nlp.answers.encoder import ENCODER
from nlp.detection.deadline import time_limit
from nlp.detection.tagging.tagger import MODEL, OVERLAP, WINDOW, Tagger
from nlp.errors import ModelUnavailable, ScrubbingTookTooLong
from nlp.shipped_model import MANIFEST, TOKENIZER

SHIPPED = Path(str(files("nlp") / "model"))
FILLER = "the box came late again and nobody at the carrier could say why. "


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The model."""
    return Tagger()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the model's folder, to be damaged."""
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    return folder


def test_finds_name_and_street(tagger: Tagger) -> None:
    """A name and a street line come back with label, place and a probability."""
    text = "Please ship it to Ngozi Adeyemi, 14 Larkspur Lane, Reno, NV 89501"
    found = [(text[span.start : span.end], span.label) for span in tagger.tag(text)]
    assert found == [("Ngozi Adeyemi", "PERSON"), ("14 Larkspur Lane", "STREET_ADDRESS")]
    assert all(0.5 <= span.score <= 1 for span in tagger.tag(text))


@pytest.mark.parametrize("text", ["", " ", "\n\t", "…", "👍👍", "\x00"])
def test_nothing_in_nothing(tagger: Tagger, text: str) -> None:
    """A text without words has no names."""
    assert tagger.tag(text) == []


def test_case_goes_in(tagger: Tagger) -> None:
    """The model reads lower case as well as capitals."""
    for text in ("my name is Okwudili Nwankwo", "my name is okwudili nwankwo"):
        assert [text[s.start : s.end].lower() for s in tagger.tag(text)] == ["okwudili nwankwo"]


@pytest.mark.parametrize("before", range(0, 12, 3))
def test_a_long_text_is_read_to_its_end(tagger: Tagger, before: int) -> None:
    """A name is found wherever it stands against the edges of the windows."""
    text = FILLER * before + "The customer is called Ngozi Adeyemi. " + FILLER * 20
    assert "Ngozi Adeyemi" in [text[s.start : s.end] for s in tagger.tag(text)]


def test_windows_overlap() -> None:
    """What stands at a window's edge stands well inside another."""
    assert 0 < OVERLAP < WINDOW // 2


def test_threads_share_it(tagger: Tagger) -> None:
    """Eight threads at once find what one finds."""
    texts = [f"{FILLER * (n % 3)}order of Ngozi Adeyemi number {n}" for n in range(40)]
    alone = [tagger.tag(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: tagger.tag(text), texts)) == alone


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, MANIFEST])
def test_a_missing_file_is_told(copied: Path, name: str) -> None:
    """Without one of its files there is no model."""
    (copied / name).unlink()
    with pytest.raises(ModelUnavailable):
        Tagger(copied)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_a_changed_file_is_told(copied: Path, name: str) -> None:
    """A file that is not the one that was measured is not run: its digest is another."""
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(ModelUnavailable):
        Tagger(copied)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", json.dumps({"labels": ["O"], "sha256": {}})])
def test_a_broken_manifest_is_told(copied: Path, manifest: str) -> None:
    """A manifest that says nothing of the files is damage."""
    (copied / MANIFEST).write_text(manifest)
    with pytest.raises(ModelUnavailable):
        Tagger(copied)


def test_time_runs_out(tagger: Tagger) -> None:
    """Past its time limit a text is given up."""
    with pytest.raises(ScrubbingTookTooLong), time_limit(0.0):
        tagger.tag(FILLER * 50)


def test_what_is_shipped_is_small() -> None:
    """The shipped files take at most 25 MB together, the sentence encoder another 25 MB."""
    sizes = {path.name: path.stat().st_size for path in SHIPPED.iterdir()}

    assert sizes.pop(ENCODER) <= 25_000_000
    assert sum(sizes.values()) <= 25_000_000
