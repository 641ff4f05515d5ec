"""The sentence encoder: texts in, vectors out whose products tell how near their meanings are.

The weights are those of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), in eight bits, from
the package that the scrubber's model was trained from; `nlp/training/release.py` writes the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from nlp import shipped_model
from nlp.errors import ModelUnavailable
from nlp.shipped_model import TOKENIZER

ENCODER: Final = "sentence_encoder.onnx"
SIZE: Final = 384
"""Numbers in a vector."""
MOST_PIECES: Final = 128
"""Word pieces of a text that are read; the rest is left out."""

Vectors = npt.NDArray[np.float32]


class SentenceEncoder:
    """The encoder with its tokenizer. Safe for any number of threads.

    Attributes:
        digest: SHA-256 of the model, in hexadecimal: vectors of another model do not compare.

    Raises:
        ModelUnavailable: A file is missing or is not the one that the manifest names.
    """

    def __init__(self, folder: Path | None = None) -> None:
        _, content = shipped_model.read(folder or shipped_model.folder(), (ENCODER, TOKENIZER))
        self.digest: Final = sha256(content[ENCODER]).hexdigest()
        self._session = shipped_model.session(content[ENCODER])
        try:
            self._tokenizer = Tokenizer.from_str(content[TOKENIZER].decode())
        except Exception:  # tokenizers has errors of its own
            raise ModelUnavailable from None
        self._tokenizer.enable_truncation(MOST_PIECES)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 for each text, in order.

        They are read one at a time: eight bits are scaled to all that is read at once, so that
        a text's vector would depend on its neighbours, and an index on how it came about.
        """
        found = np.zeros((len(texts), SIZE), np.float32)
        for at, text in enumerate(texts):
            read = self._tokenizer.encode(text)
            ids, mask = np.array([read.ids], np.int64), np.array([read.attention_mask], np.int64)
            given = {"input_ids": ids, "token_type_ids": np.zeros_like(ids), "attention_mask": mask}
            found[at] = self._session.run(None, given)[0][0]
        return found


@lru_cache(maxsize=1)
def shared_encoder() -> SentenceEncoder:
    """Return the encoder, loaded once. Raises ModelUnavailable."""
    return SentenceEncoder()
