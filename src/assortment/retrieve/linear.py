"""One linear model from goods to goods, solved in closed form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import get_lapack_funcs

from assortment.core.arrays import Rows, Scores, Vectors
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.retrieve.heirs import Inherited, Legacy, inherited, nearest, vectors_of, without_itself
from assortment.retrieve.related import Related
from assortment.retrieve.rows import strongest
from assortment.retrieve.visits import Visits, visits

BLOCK = 1024
SOLVED_AT_ONCE = 64  # columns that stay in the cache of the processor while the sparse factor passes over them


@dataclass(frozen=True)
class Linear:
    """EASE (Steck, WWW 2019) that knows the order of visits and what the goods are.

    B = P C - P diag(c), with P = (K + regularization I)^-1 and c such that no item speaks for itself (B_jj = 0).
    K_ij counts the people who touched both i and j, weighing near^(visits between). C_ij counts those who came to j after i,
    weighing after^(visits between - 1), plus `backward` times those who came to i after j, plus `text` times the cosine of the
    columns `vector` where j is among the `alike` goods nearest to i (after L3AE, Moon, Park and Lee, CIKM 2025); 0 where the
    catalog has no vectors. With near = after = backward = 1 and text = heirs = 0 it is EASE.

    Goods that nobody has touched inherit from the `alike` goods nearest to them in words: see `Inherited`. heirs: what is said
    of them beside what is said of those, 0 nothing … 1 as much; itself: what one of those is taken to say of itself.

    near, after: 0 (only the same or the next visit) … 1 (all visits alike); backward: 0 (only the order counts) … 1 (order is
    nothing); decay: of the profile with each newer visit, 0 (only the latest counts) … 1 (all alike); rows: entries kept per
    row of B; depth: items found per request. K is dense: only the `dense_up_to` goods that most people touched enter it, and
    each other item is solved alone, as if nobody had touched it together with anything else.
    """

    regularization: float = 100.0
    near: float = 0.8
    after: float = 0.9
    backward: float = 0.25
    text: float = 3.0
    alike: int = 20
    heirs: float = 0.75
    itself: float = 0.1
    decay: float = 0.6
    rows: int = 200
    depth: int = 100
    dense_up_to: int = 20_000

    def __post_init__(self) -> None:
        within("regularization", self.regularization, 1e-6, float("inf"))
        for name in ("near", "after", "backward", "decay"):
            within(name, getattr(self, name), 0, 1)
        within("text", self.text, 0, float("inf"))
        within("heirs", self.heirs, 0, 1)
        within("itself", self.itself, 0, 10)
        within("alike", self.alike, 1, 1000)
        within("rows", self.rows, 1, 100_000)
        within("depth", self.depth, 1, 10_000)
        within("dense_up_to", self.dense_up_to, 1, 50_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> Inherited:
        seen = visits(dataset)
        met = self._met(seen)
        people = met.diagonal()
        vectors = vectors_of(dataset.catalog)
        towards = self._towards(seen, np.where(people[:, None] > 0, vectors, 0))
        dense = np.sort(np.argsort(-people, kind="stable")[: min(self.dense_up_to, np.count_nonzero(people))])
        alone = np.setdiff1d(np.arange(len(people)), dense)
        inverse = _inverse(sparse.csr_matrix(sparse.csr_matrix(met[dense])[:, dense]), self.regularization)
        solved = _solve(inverse, sparse.csr_matrix(towards[dense]), dense, self.rows)
        rest = sparse.csr_matrix(sparse.diags(1 / (people[alone] + self.regularization)) @ towards[alone])
        rows = sparse.csr_matrix(sparse.vstack([solved, strongest(rest, self.rows)], format="csr"), dtype=np.float32)
        related = Related(sparse.csr_matrix(rows[np.argsort(np.concatenate([dense, alone]))]), self.decay, self.depth)
        return inherited(related, people > 0, vectors, Legacy(self.alike, self.heirs, self.itself, self.rows))

    def _met(self, seen: Visits) -> sparse.csr_matrix:
        later = seen.earlier(self.near)
        return sparse.csr_matrix(seen.together() + self.near * (later + later.T))

    def _towards(self, seen: Visits, vectors: Vectors) -> sparse.csr_matrix:
        followed = seen.followed(self.after)
        towards = followed + self.backward * followed.T
        if self.text:
            towards = towards + self.text * alike(vectors, self.alike)
        return towards.tocsr().astype(np.float32)


def alike(vectors: Vectors, most: int) -> sparse.csr_matrix:
    """[n, n]: the cosine, where above 0, of each item with the `most` others nearest to it; vectors [n, d] unit rows."""
    return strongest(without_itself(nearest(vectors, vectors, most + 1)), most)


def _inverse(gram: sparse.csr_matrix, ridge: float) -> NDArray[np.float32]:
    """(gram + ridge I)^-1 in float32, in place: one dense matrix and no more."""
    matrix = gram.toarray(order="F").astype(np.float32, copy=False)
    matrix[np.diag_indices_from(matrix)] += ridge
    if not len(matrix):
        return matrix
    factorise, invert = get_lapack_funcs(("potrf", "potri"), (matrix,))
    matrix, failed = factorise(matrix, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise BadSetting(
            f"regularization is {ridge}; too little for this log in 32-bit numbers: raise it, 100 suits most shops"
        )
    matrix, _ = invert(matrix, lower=1, overwrite_c=1)
    for start in range(0, len(matrix), BLOCK):
        end = start + BLOCK
        corner = np.tril(matrix[start:end, start:end])
        matrix[start:end, start:end] = corner + np.tril(corner, -1).T
        matrix[start:end, end:] = matrix[end:, start:end].T
    return matrix


def _solve(inverse: NDArray[np.float32], towards: sparse.csr_matrix, dense: Rows, keep: int) -> sparse.csr_matrix:
    """The rows of B for the goods in `dense`, each with its `keep` strongest entries."""
    n = towards.shape[1]
    inner = sparse.coo_matrix(towards[:, dense])
    own = np.bincount(inner.col, inner.data * inverse[inner.col, inner.row], len(dense))
    c = (own / np.diag(inverse)).astype(np.float32)
    target = towards.T.tocsr()
    pieces = [sparse.csr_matrix((0, n), dtype=np.float32)]
    for start in range(0, len(dense), SOLVED_AT_ONCE):
        rows = np.ascontiguousarray(inverse[:, start : start + SOLVED_AT_ONCE])
        block = np.ascontiguousarray((target @ rows).T)
        block[:, dense] -= rows.T * c
        block[np.arange(len(block)), dense[start : start + SOLVED_AT_ONCE]] = 0
        pieces.append(_pruned(block, keep))
    return sparse.csr_matrix(sparse.vstack(pieces, format="csr"))


def _pruned(block: Scores, keep: int) -> sparse.csr_matrix:
    if keep >= block.shape[1]:
        return sparse.csr_matrix(block)
    columns = np.sort(np.argpartition(np.abs(block), block.shape[1] - keep, axis=1)[:, -keep:], axis=1)
    bounds = np.arange(len(block) + 1) * keep
    pruned = sparse.csr_matrix((np.take_along_axis(block, columns, 1).ravel(), columns.ravel(), bounds), shape=block.shape)
    pruned.eliminate_zeros()
    return pruned
