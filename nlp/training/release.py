"""From trained weights to the folder that is shipped: both models, tokenizer, manifest.

python -m nlp.training.release build/model nlp/model

"""

from __future__ import annotations

import argparse
import json
from hashlib import sha256
from pathlib import Path
from typing import Final

from safetensors.torch import load_file

from nlp.answers.encoder import ENCODER
from nlp.detection.tagging.tagger import MODEL
from nlp.shipped_model import MANIFEST, TOKENIZER
from nlp.training.export import export, export_sentences
from nlp.training.network import LABELS, network, sentence_network
from nlp.training.train import WEIGHTS

MOST_BYTES: Final = 25_000_000
"""What either model may take, with the tokenizer that both share."""


class TooLarge(RuntimeError):
    """An exported model is larger than what may be shipped. Look whether it was quantized."""


def release(trained: Path, folder: Path) -> None:
    """Write the files that the program runs. Raises TooLarge."""
    model = network("eager")
    model.load_state_dict(load_file(trained / WEIGHTS))
    folder.mkdir(parents=True, exist_ok=True)
    export(model, folder / MODEL)
    (folder / TOKENIZER).write_bytes((trained / TOKENIZER).read_bytes())
    export_sentences(sentence_network(), folder / ENCODER)
    contents = {name: (folder / name).read_bytes() for name in (MODEL, TOKENIZER, ENCODER)}
    for network_of in (MODEL, ENCODER):
        if len(contents[network_of]) + len(contents[TOKENIZER]) > MOST_BYTES:
            raise TooLarge(TooLarge.__doc__)
    manifest = {
        "labels": LABELS,
        "sha256": {name: sha256(content).hexdigest() for name, content in contents.items()},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m nlp.training.release", description="Export and quantize a trained model."
    )
    parser.add_argument("trained", type=Path, help="the folder that training wrote")
    parser.add_argument("folder", type=Path, help="where the shipped files go")
    options = parser.parse_args()
    release(options.trained, options.folder)


if __name__ == "__main__":
    main()
