"""Vectors of the goods, and the search for those nearest to a query: exact in a small shop, approximate in a large one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assortment.core.answers import Answers, Everywhere
from assortment.core.arrays import TIE, Items, Rows, Scores, Vectors
from assortment.core.errors import BadInput

EXACT_UP_TO = 100_000
PROBES = 32


@dataclass(frozen=True, eq=False)
class Index:
    """vectors [n, d] float32, ordered by inner product with a query.

    fingerprint: what made the vectors, as in `Encoder.fingerprint`; a query made by anything else is refused. cells: the packed
    inverted lists (faiss IVF) where n is above the limit given to `index`, else empty.
    """

    vectors: Vectors
    fingerprint: str
    cells: NDArray[np.uint8]

    def ask(self, queries: Vectors, depth: NDArray[np.int64], fingerprint: str) -> Answers:
        """Search for the goods near each query [b, d]; a row of zeros finds nothing. depth [b]: how many to find for each.

        Raises `BadInput` where the queries were made otherwise than the vectors.
        """
        if fingerprint != self.fingerprint:
            raise BadInput(
                f"the catalogue's vectors were made by '{self.fingerprint}', the query by '{fingerprint}'; fit the shop again"
            )
        return Nearest(self, queries, depth) if len(self.cells) else Everywhere(queries @ self.columns, depth)

    @cached_property
    def columns(self) -> Vectors:
        """The vectors once more, [d, n]: a few queries are multiplied with these in two thirds of the time."""
        return np.ascontiguousarray(self.vectors.T)

    def with_vectors(self, vectors: Vectors) -> "Index":
        """The index of the goods with further ones behind them; where inverted lists are kept, the new ones join those that
        are there, unless vectors of the others have changed."""
        rows = np.ascontiguousarray(vectors, np.float32)
        known = len(self.vectors)
        if not len(self.cells) or not np.array_equal(rows[:known], self.vectors):
            return index(rows, self.fingerprint, len(rows) - 1 if len(self.cells) else len(rows))
        lists: Any = faiss.deserialize_index(self.cells)
        lists.add(rows[known:])
        return Index(rows, self.fingerprint, faiss.serialize_index(lists))

    @cached_property
    def lists(self) -> Any:
        """The approximate index, unpacked."""
        unpacked: Any = faiss.deserialize_index(self.cells)
        unpacked.nprobe = min(PROBES, unpacked.nlist)
        return unpacked


@dataclass(frozen=True, eq=False)
class Nearest:
    """Answers out of the approximate index: what was found is near the best, the scores are exact."""

    index: Index
    queries: Vectors
    depth: NDArray[np.int64]

    def found(self) -> list[Items]:
        faiss.omp_set_num_threads(1)
        return [self._nearest(query, int(depth)) for query, depth in zip(self.queries, self.depth, strict=True)]

    def _nearest(self, query: Vectors, depth: int) -> Items:
        scores, items = self.index.lists.search(query[None], min(depth, len(self.index.vectors)))
        return items[0][(items[0] >= 0) & (scores[0] > TIE)].astype(np.int32)

    def of(self, rows: Rows, items: Items) -> Scores:
        return np.einsum("md,md->m", self.queries[rows], self.index.vectors[items])


def index(vectors: Vectors, fingerprint: str, exact_up_to: int = EXACT_UP_TO) -> Index:
    """Build an index: a matrix product up to `exact_up_to` goods, inverted lists around 4√n centres above."""
    rows = np.ascontiguousarray(vectors, np.float32)
    return Index(rows, fingerprint, _cells(rows) if len(rows) > exact_up_to else np.empty(0, np.uint8))


def _cells(vectors: Vectors) -> NDArray[np.uint8]:
    n, d = vectors.shape
    faiss.omp_set_num_threads(1)
    lists = faiss.IndexIVFFlat(faiss.IndexFlatIP(d), d, max(1, min(n, round(4 * n**0.5))), faiss.METRIC_INNER_PRODUCT)
    lists.cp.min_points_per_centroid = 1
    lists.cp.max_points_per_centroid = 64
    lists.train(vectors)
    lists.add(vectors)
    return faiss.serialize_index(lists)
