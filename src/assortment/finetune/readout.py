"""What goods are near to what people had: the readout by which an encoder is judged, that of the part `semantic`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Rows, Vectors
from assortment.evaluate.cases import Case
from assortment.language.vectors import unit
from assortment.language.whiten import Whitening, fit_whitening
from assortment.retrieve.question import weights

K = 10
"""How many goods are found for each person."""


@dataclass(frozen=True, eq=False)
class Questions:
    """People whose next things are known. asked [b, n]: what each had, weighted by age; owned [b, n]: what is not shown again;
    targets [b, n]: what came next."""

    asked: sparse.csr_matrix
    owned: sparse.csr_matrix
    targets: sparse.csr_matrix

    @staticmethod
    def of(cases: Sequence[Case], n: int, decay: float) -> "Questions":
        requests = [case.request for case in cases]
        owned = [request.profile.owned for request in requests]
        return Questions(weights(requests, n, decay), _ones(owned, n), _ones([case.targets for case in cases], n))

    def __len__(self) -> int:
        return self.asked.shape[0]

    def recall(self, vectors: Vectors) -> NDArray[np.float64]:
        """Recall@10 of each person, [b]: the share of their next things among the ten goods nearest to what they had."""
        found = np.zeros(len(self))
        for start in range(0, len(self), 512):
            rows = slice(start, start + 512)
            scores = unit(some(self.asked, rows) @ vectors) @ vectors.T
            scores[some(self.owned, rows).nonzero()] = -np.inf
            best = np.argpartition(-scores, min(K, scores.shape[1] - 1), axis=1)[:, :K]
            wanted = some(self.targets, rows).toarray()
            found[rows] = np.take_along_axis(wanted, best, 1).sum(1) / wanted.sum(1)
        return found


def whitened(vectors: Vectors, dims: int) -> tuple[Vectors, Whitening]:
    """The vectors of all goods as the part `embed` gives them, and its whitening."""
    whitening = fit_whitening(vectors, min(dims, vectors.shape[1]))
    return whitening(vectors), whitening


def some(matrix: Any, rows: slice | Rows) -> Any:
    """Rows of a sparse matrix."""
    return matrix[rows]


def _ones(rows: Sequence[NDArray[np.int32]], n: int) -> sparse.csr_matrix:
    bounds = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate([np.empty(0, np.int32), *rows])
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, bounds), shape=(len(rows), n))
