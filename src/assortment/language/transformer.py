"""Any sentence-transformers model, by name or folder. Needs the `train` extra."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assortment.core.arrays import Vectors
from assortment.language.vectors import MOST_TOKENS, EncoderError, fingerprint_of, same_model, sha256, unit, worded

READ = ("*.json", "*.txt", "*.model", "*.safetensors")
"""The files of a model that are fetched and make its fingerprint; weights that could run code of their own are not."""


@dataclass(frozen=True)
class TransformerEncoder:
    """A sentence-transformers model on the CPU.

    spec: `hf:<folder>` or `hf:<owner/name>`, which is fetched on first use; fingerprint: of the model's files. Serving needs
    no torch where the model was exported to a folder for `onnx:`.
    """

    spec: str
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = [row for row, text in enumerate(texts) if worded(text)]
        vectors = np.zeros((len(texts), self._model.get_embedding_dimension()), np.float32)
        if rows:
            vectors[rows] = self._model.encode([texts[row] for row in rows], convert_to_numpy=True, show_progress_bar=False)
        return unit(vectors)

    @cached_property
    def _model(self) -> Any:
        folder = folder_of(self.spec)
        same_model(self.spec, _fingerprint(folder), self.fingerprint)
        model = import_module("sentence_transformers").SentenceTransformer(str(folder), device="cpu")
        model.max_seq_length = min(model.max_seq_length or MOST_TOKENS, MOST_TOKENS)
        return model


def open_transformer(spec: str) -> TransformerEncoder:
    """The encoder behind `hf:<name or folder>`; raises `EncoderError` without the `train` extra or such a model."""
    return TransformerEncoder(spec, _fingerprint(folder_of(spec)))


def folder_of(spec: str) -> Path:
    """Where the files of `hf:<name or folder>` lie; they are fetched where the name is of no folder."""
    if find_spec("sentence_transformers") is None:
        raise EncoderError(f"'{spec}' needs torch; pip install 'assortment[train]'")
    name = spec.partition(":")[2]
    return Path(name) if Path(name).is_dir() else _fetched(name)


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(READ)))
    except (OSError, ValueError) as error:
        raise EncoderError(f"'{name}' is no folder, and no model of this name could be fetched: {error}") from error


def _fingerprint(folder: Path) -> str:
    files = sorted(file for pattern in READ for file in folder.rglob(pattern))
    if not any(file.suffix == ".safetensors" for file in files):
        raise EncoderError(f"{folder} holds no model: there is no .safetensors file in it")
    return fingerprint_of(*(f"{file.relative_to(folder)} {sha256(file)}" for file in files))
