"""The network: BERT for token classification, started from the base model's weights."""

from __future__ import annotations

from typing import Final

import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForTokenClassification, BertModel

from nlp.detection.tagging.word_pieces import CASES
from nlp.training.base import WEIGHTS, base_file

LABELS: Final = ("O", "PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION")
"""What a word piece can be. The last two are not taken out; they teach the difference."""


def network(attention: str = "sdpa") -> BertForTokenClassification:
    """Return the network before training. Raises BaseMissing."""
    config = BertConfig(
        vocab_size=30_522,
        hidden_size=384,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=1536,
        type_vocab_size=CASES,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
        attn_implementation=attention,
    )
    model = BertForTokenClassification(config)
    weights = load_file(base_file(*WEIGHTS))
    kept = {
        f"bert.{name}": tensor for name, tensor in weights.items() if not name.startswith("pooler")
    }
    # Each casing starts as the one token type that the base model was trained with.
    types = "bert.embeddings.token_type_embeddings.weight"
    kept[types] = kept[types][:1].repeat(CASES, 1)
    kept.pop("bert.embeddings.position_ids", None)
    missing, unexpected = model.load_state_dict(kept, strict=False)
    if unexpected or any(not name.startswith("classifier") for name in missing):
        raise ValueError("The base model's weights do not fit the network.")
    # The words that training saw must not move away from the many that it did not see.
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    return model


def halved() -> torch.autocast:
    """Return a context in which products are of 16 bits, where the processor has AMX for them.

    It nearly doubles the speed there; elsewhere it would cost speed, and all is of 32 bits.
    """
    fast = bool(torch.cpu.get_capabilities().get("amx_bf16"))
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast)


def on_all_cores(threads: int) -> None:
    """Use this many cores and tiny numbers as zero, which are slow on many processors."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def sentence_network() -> BertModel:
    """Return the base model as it is, which encodes sentences. Raises BaseMissing."""
    weights = base_file(*WEIGHTS)
    model: BertModel = BertModel.from_pretrained(weights.parent, add_pooling_layer=False)
    return model
