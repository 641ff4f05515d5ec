"""The index as a file: `index.npz` beside the articles, written by `jetpack-care kb index`.

It saves the start its time and changes nothing else. What was calibrated is used only where its
key fits, a hash of all that it was made of; vectors are used for the very texts that they are of.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from nlp.answers.encoder import SIZE, Vectors
from nlp.answers.gate import Gate

FILE: Final = "index.npz"
FORM: Final = "5"
"""Counted up where what is stored changes, or how it is made, constants included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What takes long to make.

    Attributes:
        key: Hash of all that the gate was made of.
        names: For each vector, the hash of the encoder and the text that it is of.
        vectors: A row for each text.
        gate: What was calibrated.
    """

    key: str
    names: Sequence[str]
    vectors: Vectors
    gate: Gate


def key(parts: Iterable[str]) -> str:
    """Return the hash of what an index is made of."""
    digest = sha256(FORM.encode())
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def save(path: Path, saved: Saved) -> None:
    """Write an index."""
    gate = saved.gate
    np.savez_compressed(
        path,
        key=np.array(saved.key),
        names=np.array(saved.names, "U64"),
        vectors=saved.vectors.astype(np.float16),
        mean=gate.mean,
        scale=gate.scale,
        weights=gate.weights,
        enough=np.array(gate.enough),
    )


def load(path: Path) -> Saved | None:
    """Read an index; None where there is none, or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            saved = Saved(
                key=str(found["key"]),
                names=[str(name) for name in found["names"]],
                vectors=found["vectors"].astype(np.float32),
                gate=Gate(found["mean"], found["scale"], found["weights"], float(found["enough"])),
            )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return saved if saved.vectors.shape == (len(saved.names), SIZE) else None
