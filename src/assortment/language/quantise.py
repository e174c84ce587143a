"""Weights of an ONNX model in 8 bits. Needs the package `onnx`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assortment.language.vectors import EncoderError


def to_int8(model: Any, out: Path) -> None:
    """Write a model of ONNX, which is used up, as one whose matrices are whole numbers with a scale for each output, and whose
    inputs become such as they come (dynamic quantisation; Jacob et al., 2018).

    Weights take 7 bits of the 8: on processors without VNNI the sums of two products overflow otherwise, in silence.
    """
    if find_spec("onnx") is None:
        raise EncoderError("weights in 8 bits need the package onnx; pip install 'assortment[models]'")
    from onnxruntime.quantization import QuantType, quantize_dynamic

    entry = model.metadata_props.add()
    entry.key, entry.value = "onnx.quant.pre_process", "onnxruntime.quant"
    quantize_dynamic(
        model,
        str(out),
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )
