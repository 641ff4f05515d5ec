"""A network as a quantized ONNX file: fused for BERT, weights in eight bits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import torch
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import BertForTokenClassification, BertModel

OPSET: Final = 17


class _Scores(torch.nn.Module):  # type: ignore[misc]  # PyTorch is not installed where mypy runs
    """The network with probabilities as its output."""

    def __init__(self, network: BertForTokenClassification) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, token_type_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        logits = self.network(
            input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).logits
        return torch.softmax(logits, -1)


class _Sentences(torch.nn.Module):  # type: ignore[misc]  # see above
    """The base model with one vector for each text: the mean of its pieces', of length 1."""

    def __init__(self, network: BertModel) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, token_type_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        pieces = self.network(
            input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).last_hidden_state
        mask = attention_mask[..., None].to(pieces.dtype)
        return torch.nn.functional.normalize((pieces * mask).sum(1) / mask.sum(1), dim=-1)


def export(network: BertForTokenClassification, path: Path, *, quantized: bool = True) -> None:
    """Write the network as ONNX with inputs `input_ids`, `token_type_ids`, `attention_mask`."""
    axes = {0: "texts", 1: "pieces"}
    _export(_Scores(network), path, output=("scores", axes), quantized=quantized)


def export_sentences(network: BertModel, path: Path) -> None:
    """Write the sentence encoder as ONNX with the same inputs and a vector for each text."""
    _export(_Sentences(network), path, output=("vectors", {0: "texts"}), quantized=True)


def _export(
    network: torch.nn.Module, path: Path, *, output: tuple[str, dict[int, str]], quantized: bool
) -> None:
    network.eval()
    example = torch.ones((2, 9), dtype=torch.int64)
    axes = {0: "texts", 1: "pieces"}
    names = ("input_ids", "token_type_ids", "attention_mask")
    with tempfile.TemporaryDirectory() as folder:
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        torch.onnx.export(
            network,
            (example, torch.zeros_like(example), example),
            str(plain),
            input_names=list(names),
            output_names=[output[0]],
            dynamic_axes={**dict.fromkeys(names, axes), output[0]: output[1]},
            opset_version=OPSET,
            dynamo=False,
        )
        options = FusionOptions("bert")
        # The mask stays as it is given: one row of ones and zeros for each text.
        options.use_raw_attention_mask(True)
        model = optimizer.optimize_model(
            str(plain), model_type="bert", num_heads=12, hidden_size=384,
            optimization_options=options, opt_level=0,
        )  # fmt: skip
        if not quantized:
            model.save_model_to_file(str(path))
            return
        model.save_model_to_file(str(fused))
        # Seven of the eight bits, so that sums do not overflow on processors without VNNI: the
        # same text has the same names everywhere.
        quantize_dynamic(
            fused, path, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
            # Behind the fused operators nobody infers the type.
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )  # fmt: skip
