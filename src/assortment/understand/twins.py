"""The same thing twice: goods whose texts say nearly the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Ids, Rows, Strings, Vectors, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.language.verbalise import verbalise

CELLS = 16_000_000
"""The most cosines held at a time."""


@dataclass(frozen=True)
class Twins:
    """The column `twin`: a label that goods share which are the same thing twice; None for goods that are alone.

    Twins are goods of equal text, and goods whose texts have a cosine of `near` or more, as `leaders` groups them. On the
    encoder's own vectors, not on the column `vector`: once whitened, sizes of one thing are as far apart as two things. The
    label names the first of the group, as in `like 85123A`. For a hard cap in front of every method: `at_most = {twin = 1}`.

    encoder: a spec, as `open_encoder` reads it, or `auto`; near: 0 all are twins … 1 only goods of equal text. With
    `pkg:minilm`, at 0.97 it is another size, number or pack of one thing; at 0.95 also another colour; at 0.93 two things are
    among the twins of a shop with long titles.
    """

    encoder: str = "auto"
    near: float = 0.97

    def __post_init__(self) -> None:
        within("near", self.near, 0, 1)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Twinned":
        return Twinned(cached(encoder_for(self.encoder, dataset.catalog)), self.near)


@dataclass(frozen=True, eq=False)
class Twinned:
    """The encoder and how near twins are. Nothing is learnt of the goods: those of each catalog are compared with one another.

    Goods at the end of a catalog never change who shares a label among those before them.
    """

    encoder: Encoder
    near: float

    def __call__(self, catalog: Catalog) -> Catalog:
        texts = verbalise(catalog)
        first: dict[str, int] = {}
        same = np.array([first.setdefault(text, row) for row, text in enumerate(texts)], np.int64)
        different = np.array(list(first.values()), np.int64)
        vectors = self.encoder.encode(list(first))
        said = vectors.any(axis=1)
        leader, silent = np.arange(len(texts)), np.zeros(len(texts), bool)
        leader[different[said]] = different[said][leaders(vectors[said], self.near)]
        silent[different[~said]] = True
        leader = leader[same]
        shared = (np.bincount(leader, minlength=len(texts))[leader] > 1) & ~silent[same]
        return catalog.with_column("twin", _labels(catalog.ids, leader, shared))


def leaders(vectors: Vectors, near: float) -> Rows:
    """The leader of each of n unit rows [n, d]; one that leads is its own (Hartigan, 1975, the leader algorithm).

    In order: a row joins the nearest earlier leader whose cosine is `near` or more, and leads where there is none. So a member
    is never farther than `near` from its leader, however long the chain of likes is that it stands in, and no two leaders are
    twins. O(n d leaders) time, memory for `CELLS` cosines.

    >>> chain = np.array([[np.cos(a), np.sin(a)] for a in (0.0, 0.2, 0.4, 0.6)], np.float32)
    >>> leaders(chain, near=0.97)
    array([0, 0, 2, 2])
    """
    n = len(vectors)
    leader, leading, found = np.arange(n), np.empty_like(vectors), np.empty(0, np.int64)
    step = max(1, CELLS // max(1, n))
    for start in range(0, n, step):
        block = vectors[start : start + step]
        known = block @ leading[: len(found)].T
        rows = np.arange(len(block))
        new = _new_leaders(block, rows[known.max(1, initial=-1) < near], near)
        fresh = np.where(new < rows[:, None], block @ block[new].T, -1)
        cosines = np.concatenate([known, fresh], axis=1)
        leading[len(found) : len(found) + len(new)] = block[new]
        found = np.concatenate([found, start + new])
        joins = cosines.max(1, initial=-1) >= near
        leader[start + rows[joins]] = found[cosines[joins].argmax(1)]
    return leader


def _new_leaders(block: Vectors, rows: Rows, near: float) -> Rows:
    """Those of `rows` that no earlier one of them which leads is near to."""
    cosines = block[rows] @ block[rows].T
    closed = np.zeros(len(rows), bool)
    for place in range(len(rows)):
        if not closed[place]:
            closed[place + 1 :] |= cosines[place, place + 1 :] >= near
    return rows[~closed]


def _labels(ids: Ids, leader: Rows, shared: NDArray[np.bool_]) -> Strings:
    return strings(
        f"like {ids.names[first].replace('%', '%25').replace('|', '%7C')}" if several else None
        for first, several in zip(leader.tolist(), shared.tolist(), strict=True)
    )
