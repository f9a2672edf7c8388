"""From fitted weights to the artefact: ONNX, 8-bit weights, with its tokenizer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from planner.language.runtime import NETWORK, VOCABULARY


def export(net: Any, tokenizer: Any, folder: Path) -> None:
    """Write `reader.onnx` (8-bit integers where the weights are) and `tokenizer.json` into `folder`."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    net.eval()
    net.encoder.config._attn_implementation = "eager"  # plain products: no branch on the mask is frozen into the graph
    sample = torch.ones((2, 9), dtype=torch.long)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            net, (sample, sample), str(whole), dynamo=False, opset_version=17,
            input_names=["ids", "mask"], output_names=["tags", "owners", "actions", "topics", "doubt"],
            dynamic_axes={
                "ids": {0: "batch", 1: "pieces"}, "mask": {0: "batch", 1: "pieces"},
                "tags": {0: "batch", 1: "pieces"}, "owners": {0: "batch", 1: "pieces"},
                "actions": {0: "batch"}, "topics": {0: "batch"}, "doubt": {0: "batch"},
            },
        )  # fmt: skip
        quantize_dynamic(
            str(whole), str(folder / NETWORK), weight_type=QuantType.QInt8, per_channel=True,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        )  # fmt: skip
    tokenizer.save(str(folder / VOCABULARY), pretty=False)
