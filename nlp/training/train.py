"""Training: generated texts in, trained networks and their mean out. Seeded, on the CPU.

python -m nlp.training.train --out build/model
"""

from __future__ import annotations

import argparse
import math
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from nlp.detection.tagging.tagger import WINDOW
from nlp.detection.tagging.word_pieces import PLAIN, WordPieces
from nlp.shipped_model import TOKENIZER
from nlp.training.base import tokenizer_json
from nlp.training.corpus import training_texts
from nlp.training.courses import COURSES, Course
from nlp.training.network import LABELS, halved, network, on_all_cores
from nlp.training.templates import Piece

WEIGHTS: Final = "weights.safetensors"
LONGEST: Final = WINDOW + 2
"""Word pieces of a text with the marks for its start and end. Longer texts are cut here."""
IN_A_BATCH: Final = 1_800
"""Word pieces of a batch with its padding."""
IN_A_POOL: Final = 2_048
"""Texts that are sorted by length together, so that little is padded."""
RATE: Final = 2.5e-4
WARM_UP: Final = 0.06
PAD: Final = 0
NOT_COUNTED: Final = -100


@dataclass(frozen=True, slots=True)
class Example:
    """A text as numbers: word pieces, casing and labels, with the marks for start and end."""

    ids: array[int]
    cases: array[int]
    labels: array[int]


def encode(pieces: Sequence[Piece], words: WordPieces) -> Example:
    """Return a labelled text as the network reads it."""
    text = "".join(piece.text for piece in pieces)
    by_character = bytearray()
    for piece in pieces:
        by_character += bytes([LABELS.index(piece.label or "O")]) * len(piece.text)
    read = words.read(text)
    size = LONGEST - 2
    labels = [by_character[start] for start, _ in read.offsets[:size]]
    return Example(
        ids=array("i", [words.start, *read.ids[:size], words.end]),
        cases=array("b", [PLAIN, *read.cases[:size], PLAIN]),
        labels=array("b", [NOT_COUNTED, *labels, NOT_COUNTED]),
    )


def batches(examples: Sequence[Example], rng: random.Random) -> Iterator[list[Example]]:
    """Yield batches of texts of like length, in random order."""
    order = list(range(len(examples)))
    rng.shuffle(order)
    for first in range(0, len(order), IN_A_POOL):
        pool = sorted(order[first : first + IN_A_POOL], key=lambda at: len(examples[at].ids))
        groups: list[list[Example]] = [[]]
        for at in pool:
            if (len(groups[-1]) + 1) * len(examples[at].ids) > IN_A_BATCH and groups[-1]:
                groups.append([])
            groups[-1].append(examples[at])
        rng.shuffle(groups)
        yield from groups


def tensors(batch: Sequence[Example]) -> dict[str, torch.Tensor]:
    """Return a batch, padded, as the network takes it."""
    width = max(len(example.ids) for example in batch)

    def padded(rows: Sequence[array[int]], filler: int) -> torch.Tensor:
        return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows])

    ids = padded([example.ids for example in batch], PAD)
    return {
        "input_ids": ids,
        "token_type_ids": padded([example.cases for example in batch], 0),
        "attention_mask": (ids != PAD).long(),
        "labels": padded([example.labels for example in batch], NOT_COUNTED),
    }


def train(course: Course, *, threads: int, out: Path) -> None:
    """Train one network and write its weights and the tokenizer to a folder."""
    torch.manual_seed(course.seed)
    on_all_cores(threads)
    tokenizer = tokenizer_json()
    words = WordPieces.from_json(tokenizer)
    generated = tqdm(training_texts(course), f"{course.name}: texts", course.texts, unit="text")
    examples = [encode(text, words) for text in generated]
    model = network()
    model.train()
    all_batches = list(batches(examples, random.Random(course.seed)))  # noqa: S311
    optimizer = torch.optim.AdamW(
        [weight for weight in model.parameters() if weight.requires_grad], RATE, weight_decay=0.01
    )
    total = len(all_batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(
            (step + 1) / (WARM_UP * total), 0.5 + 0.5 * math.cos(math.pi * step / total)
        ),
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / TOKENIZER).write_text(tokenizer, "utf-8")
    mean = 0.0
    with tqdm(
        total=len(examples), desc=f"{course.name}: training", unit="text", smoothing=0.02
    ) as progress:
        for step, batch in enumerate(all_batches):
            with halved():
                loss = model(**tensors(batch)).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            mean += (loss.item() - mean) / min(step + 1, 50)
            progress.update(len(batch))
            progress.set_postfix(loss=f"{mean:.4f}")
            if step % 200 == 199:
                save(model, out)
    save(model, out)


def save(model: torch.nn.Module, out: Path) -> None:
    """Write the weights."""
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()},
        out / WEIGHTS,
    )


def average(folders: Sequence[Path], out: Path) -> None:
    """Write the mean of the weights of several networks."""
    found = [load_file(folder / WEIGHTS) for folder in folders]
    mean = {
        name: torch.stack([weights[name].float() for weights in found]).mean(0) for name in found[0]
    }
    save_file(mean, out / WEIGHTS)
    (out / TOKENIZER).write_bytes((folders[0] / TOKENIZER).read_bytes())


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        prog="python -m nlp.training.train",
        description="Train the networks and write the mean of their weights.",
    )
    parser.add_argument(
        "--course", choices=[course.name for course in COURSES], help="only this, and no mean"
    )
    parser.add_argument("--threads", type=int, default=2, help="cores to use")
    parser.add_argument("--out", type=Path, default=Path("build/model"), help="where it goes")
    options = parser.parse_args()
    chosen = [course for course in COURSES if options.course in (None, course.name)]
    for course in chosen:
        train(course, threads=options.threads, out=options.out / course.name)
    if options.course is None:
        average([options.out / course.name for course in chosen], options.out)


if __name__ == "__main__":
    main()
