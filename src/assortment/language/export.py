"""A text encoder out of torch: an ONNX folder that `onnx:` reads, checked against the model it came from."""

import json
import logging
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from assortment.language.module import Sentences, Trainable
from assortment.language.onnx import open_onnx
from assortment.language.vectors import EncoderError

ALIKE = 0.9999
"""The least cosine of a vector with that of the model in torch."""


def export(trainable: Trainable, backbone: nn.Module, folder: Path, texts: Sequence[str]) -> None:
    """Write `model.onnx` (fp32), the tokenizer and how they are to be read into a new folder, in one step.

    backbone: in place of the trainable's, its adapters merged; texts: some with words, on which both must agree. Raises
    `EncoderError` where they do not, and then leaves no folder.
    """
    coming = folder.with_name(f"{folder.name}.coming")
    shutil.rmtree(coming, ignore_errors=True)
    (coming / "1_Pooling").mkdir(parents=True)
    module = Sentences(backbone, trainable.module.pooling).eval().cpu()
    _write(module, coming / "model.onnx")
    shutil.copyfile(trainable.folder / "tokenizer.json", coming / "tokenizer.json")
    reads = (trainable.tokenizer.truncation or {}).get("max_length")
    (coming / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": reads}))
    (coming / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": module.pooling}))
    _check(trainable, module, coming, texts)
    shutil.rmtree(folder, ignore_errors=True)
    coming.rename(folder)


def _write(module: Sentences, file: Path) -> None:
    """The module as one ONNX file, of batches and texts of any length."""
    ids = torch.ones(2, 5, dtype=torch.int64)
    sizes = {0: torch.export.Dim("batch", min=1, max=4096), 1: torch.export.Dim("tokens", min=2, max=512)}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (ids, torch.ones_like(ids)),
            str(file),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_shapes={"input_ids": sizes, "attention_mask": sizes},
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def _check(trainable: Trainable, module: Sentences, folder: Path, texts: Sequence[str]) -> None:
    tokens = trainable.tokens(texts)
    said = [row for row, numbers in enumerate(tokens) if numbers]
    copy = Trainable(trainable.folder, module, trainable.tokenizer, trainable.padding)
    with torch.no_grad():
        expected = copy([tokens[row] for row in said]).numpy()
    found = open_onnx(f"onnx:{folder}").encode([texts[row] for row in said])
    cosine = float((expected * found).sum(1).min()) if len(said) else float("nan")
    if not np.isfinite(cosine) or cosine < ALIKE:
        shutil.rmtree(folder)
        raise EncoderError(f"the exported model is another than the one in torch (cosine {cosine:.4f}); nothing is kept")
