"""The index as a file: `index.npz` beside the articles, written by `jetpack-care kb index`.

It saves the start its time and changes nothing else: its key is a hash of all that it was made of,
and one that does not fit is not used.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from nlp.answers.encoder import Vectors
from nlp.answers.gate import Gate

FILE: Final = "index.npz"
FORM: Final = "2"
"""Counted up where what is stored changes, or how it is made, constants included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What takes long to make: the vectors of the texts, and the gate that was fitted on them."""

    vectors: Vectors
    gate: Gate


def key(parts: Iterable[str]) -> str:
    """Return the hash of what an index is made of."""
    digest = sha256(FORM.encode())
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def save(path: Path, wanted: str, saved: Saved) -> None:
    """Write an index under its key."""
    gate = saved.gate
    np.savez_compressed(
        path,
        key=np.array(wanted),
        vectors=saved.vectors.astype(np.float16),
        mean=gate.mean,
        scale=gate.scale,
        weights=gate.weights,
        enough=np.array(gate.enough),
    )


def load(path: Path, wanted: str) -> Saved | None:
    """Read the index with this key; None where there is none, or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            if str(found["key"]) != wanted:
                return None
            gate = Gate(found["mean"], found["scale"], found["weights"], float(found["enough"]))
            return Saved(vectors=found["vectors"].astype(np.float32), gate=gate)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
