"""The steps that make an encoder smaller, and what each learns from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from assortment.core.arrays import Vectors
from assortment.core.catalog import Catalog
from assortment.core.errors import BadSetting, within
from assortment.core.stage import Encoder
from assortment.language.bert import Bert, Turn
from assortment.language.cache import cached
from assortment.language.folders import Exported
from assortment.language.onnx import OnnxEncoder
from assortment.language.vectors import fingerprint_of
from assortment.language.verbalise import verbalise
from assortment.language.whiten import fit_whitening

if TYPE_CHECKING:
    from assortment.language.student import Lessons

DIMS = 256
"""Directions in which goods are compared, as `embed` has it."""

ENOUGH = 16_000
"""Texts to learn from; where a shop has fewer, parts of them are read too."""

DISTIL_RATE, PRUNE_RATE = 4e-4, 2e-4


@dataclass(frozen=True)
class Steps:
    """Which steps to try, in this order.

    distil: layers of the student, 1 … those of the encoder; prune: the share of heads and of neurons to take out of each layer,
    above 0 … below 1; dims: of its vectors, 1 … those it has; int8: weights in 8 bits. None, or False: not tried. minutes: of
    wall time for all the training that distilling and pruning ask for, above 0.
    """

    distil: int | None = None
    prune: float | None = None
    dims: int | None = None
    int8: bool = False
    minutes: float = 10.0

    def __post_init__(self) -> None:
        if not self.names:
            raise BadSetting("there is no step to try; name some of: --distil 3-layers, --prune 0.3, --dims 128, --int8")
        for name, value in (("distil", self.distil), ("dims", self.dims)):
            if value is not None:
                within(name, value, 1, 100_000)
        if self.prune is not None and not 0 < self.prune < 1:
            raise BadSetting(f"prune is {self.prune}; it goes from above 0, nothing goes, to below 1, nearly all")
        if not self.minutes > 0:
            raise BadSetting(f"minutes is {self.minutes}; it must be above 0")

    @property
    def names(self) -> tuple[str, ...]:
        named = {
            f"distil to {self.distil} layers": self.distil,
            f"prune {100 * (self.prune or 0):g} %": self.prune,
            f"{self.dims} dims": self.dims,
            "int8": self.int8 or None,
        }
        return tuple(name for name, value in named.items() if value is not None)


Step: TypeAlias = Callable[[Exported, Encoder], Exported]
"""From an encoder, and the same opened, to a smaller one."""


@dataclass(frozen=True, eq=False)
class Words:
    """What the steps learn from: the texts of the catalog, `more` parts of them, the vectors that the shop's encoder gives to
    all of these [n, d], and the whitening matrix by which the shop compares them, scaled so that their mean length is 1."""

    texts: Sequence[str]
    more: Sequence[str]
    vectors: Vectors
    matrix: Vectors

    @staticmethod
    def of(catalog: Catalog, encoder: Encoder, seed: int) -> "Words":
        reads = cached(encoder)
        said = sorted({text for text in verbalise(catalog) if text})
        texts = [text for text, vector in zip(said, reads.encode(said), strict=True) if vector.any()]
        more = [crop for crop, vector in _read(reads, _crops(texts, ENOUGH - len(texts), seed)) if vector.any()]
        vectors = reads.encode(texts)
        whitening = fit_whitening(vectors, min(DIMS, vectors.shape[1]))
        long = np.linalg.norm((vectors - whitening.mean) @ whitening.matrix, axis=1).mean() if len(texts) else 1.0
        return Words(texts, more, reads.encode([*texts, *more]), whitening.matrix / np.float32(max(long, 1e-9)))


def _read(encoder: Encoder, texts: Sequence[str]) -> Iterator[tuple[str, Vectors]]:
    return zip(texts, encoder.encode(texts), strict=True)


def _crops(texts: Sequence[str], most: int, seed: int) -> list[str]:
    """Parts of texts, from one word to another, at least two words long; none where no text has three."""
    rng = np.random.default_rng(seed)
    long = [words for words in (text.split() for text in texts) if len(words) > 2]
    crops = []
    for _ in range(max(0, most) if long else 0):
        words = long[rng.integers(len(long))]
        start = int(rng.integers(0, len(words) - 1))
        crops.append(" ".join(words[start : int(rng.integers(start + 2, len(words) + 1))]))
    return sorted(set(crops))


def steps(wanted: Steps, words: Words, start: OnnxEncoder, folder: Path, seed: int) -> list[tuple[str, Step]]:
    """Each step by its name, in order. start: what tells the tokens of texts; folder: where training is kept as it goes, so
    that it goes on where it was stopped."""
    trained = sum(value is not None for value in (wanted.distil, wanted.prune)) or 1
    teaching = Teaching(words, start, wanted.minutes / trained, folder, seed)
    made: list[Step] = []
    if wanted.distil is not None:
        layers = wanted.distil
        made.append(lambda exported, _: teaching.distilled(exported, layers))
    if wanted.prune is not None:
        share = wanted.prune
        made.append(lambda exported, _: teaching.pruned(exported, share))
    if wanted.dims is not None:
        dims = wanted.dims
        made.append(lambda exported, encoder: flattened(exported, encoder.encode(words.texts), dims))
    if wanted.int8:
        made.append(lambda exported, _: replace(exported, int8=True))
    return list(zip(wanted.names, made, strict=True))


@dataclass(frozen=True, eq=False)
class Teaching:
    """The steps that train: minutes of wall time for each."""

    words: Words
    start: OnnxEncoder
    minutes: float
    folder: Path
    seed: int

    def distilled(self, exported: Exported, layers: int) -> Exported:
        from assortment.language.student import fewer_layers

        if layers > exported.bert.layers:
            raise BadSetting(f"distil is {layers} layers; the encoder has {exported.bert.layers}")
        return self._taught(exported, fewer_layers(exported.bert, layers), "distil", DISTIL_RATE)

    def pruned(self, exported: Exported, share: float) -> Exported:
        from assortment.language.student import pruned

        return self._taught(exported, pruned(exported.bert, self._lessons(), share, self.seed), "prune", PRUNE_RATE)

    def _taught(self, exported: Exported, bert: Bert, name: str, rate: float) -> Exported:
        from assortment.language.student import taught
        from assortment.learn.loop import Schedule

        run = fingerprint_of(name, f"{bert.layers} {self.minutes:g} {self.seed}", self.start.fingerprint, *self.words.texts)
        schedule = Schedule(minutes=self.minutes, rate=rate, every=50, patience=1_000, seed=self.seed)
        file = self.folder / f"{name}-{run}.run"
        student, _ = taught(bert, self._lessons(), schedule, exported.turns, file=file, about=run)
        return replace(exported, bert=student)

    def _lessons(self) -> "Lessons":
        from assortment.language.student import Lessons

        tokens = [self.start.tokens(text) for text in [*self.words.texts, *self.words.more]]
        return Lessons(tokens, self.words.vectors, self.words.matrix)


def flattened(exported: Exported, vectors: Vectors, dims: int) -> Exported:
    """With vectors in the `dims` directions in which those of the shop's texts [n, d] differ most: principal components, the
    mean taken off, not whitened (whoever compares goods does that). Needs no training."""
    if dims > vectors.shape[1]:
        raise BadSetting(f"dims is {dims}; the encoder has {vectors.shape[1]}")
    mean = vectors.mean(0)
    _, _, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    if len(directions) < dims:
        raise BadSetting(f"dims is {dims}; {len(vectors)} texts span only {len(directions)} directions")
    matrix = np.ascontiguousarray(directions[:dims].T, np.float32)
    return replace(exported, turns=(*exported.turns, Turn(mean.astype(np.float32), matrix)))
