"""What ships in `nlp/model/`: read, held against the digests of its manifest, and made to run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

import onnxruntime

from nlp.errors import ModelUnavailable

MANIFEST: Final = "manifest.json"
TOKENIZER: Final = "tokenizer.json"
"""Both models read the same word pieces."""


def folder() -> Path:
    """Return where the shipped files are."""
    return Path(str(files("nlp") / "model"))


def read(chosen: Path, names: Sequence[str]) -> tuple[Mapping[str, object], dict[str, bytes]]:
    """Return the manifest and the content of files.

    Raises:
        ModelUnavailable: A file is missing or is not the one that the manifest names.
    """
    try:
        manifest = json.loads((chosen / MANIFEST).read_bytes())
        found = {name: (chosen / name).read_bytes() for name in names}
        digests = manifest["sha256"]
        is_right = all(sha256(found[name]).hexdigest() == digests[name] for name in names)
    except (OSError, ValueError, KeyError, TypeError):
        is_right = False
    if not is_right:
        raise ModelUnavailable
    return manifest, found


def session(model: bytes, *, threads: int = 1) -> onnxruntime.InferenceSession:
    """Return what runs a model. Many texts side by side are faster than one on many cores.

    Raises:
        ModelUnavailable: It does not run here.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception:  # onnxruntime has errors of its own
        raise ModelUnavailable from None
