"""Goods that nobody has touched yet inherit from those whose words are nearest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.answers import Added
from assortment.core.arrays import Vectors, lengthened, widened
from assortment.core.catalog import Catalog
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.index import index
from assortment.retrieve.related import Related
from assortment.retrieve.rows import strongest

BLOCK = 1024


@dataclass(frozen=True)
class Legacy:
    """How goods inherit: from so many `alike` ones each; what is said of them is `heirs` times what is said of those, 0 … 1;
    and one is told of those themselves as if they said `itself` of their own; rows: entries kept per heir."""

    alike: int
    heirs: float
    itself: float
    rows: int


@dataclass(frozen=True, eq=False)
class Inherited:
    """Weights from goods to goods in which an heir, one that nobody has touched, is a mixture of the goods most like it.

    With A the shares of its elders, which rise with the square of their cosine and sum to 1, and S the weights between goods
    that were learnt from people: an heir says A (S + itself I), and S + itself I says `heirs` times its product with Aᵀ of it.
    learnt [n]: which goods are none. New goods are heirs as soon as their vectors are known.
    """

    related: Related
    learnt: NDArray[np.bool_]
    legacy: Legacy

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return self.related(requests, given)

    def ask(self, requests: Sequence[Request]) -> Added:
        return self.related.ask(requests)

    def with_catalog(self, catalog: Catalog) -> "Inherited":
        n = len(catalog)
        kept = sparse.diags(self.learnt.astype(np.float32))
        learnt = widened(sparse.csr_matrix(kept @ self.related.between @ kept), (n, n))
        related = replace(self.related, between=learnt)
        return inherited(related, lengthened(self.learnt, n, False), vectors_of(catalog), self.legacy)


def vectors_of(catalog: Catalog) -> Vectors:
    """The column `vector`; rows of zeros, which are like nothing, where there is none."""
    return catalog.column("vector") if "vector" in catalog else np.zeros((len(catalog), 1), np.float32)


def inherited(related: Related, learnt: NDArray[np.bool_], vectors: Vectors, legacy: Legacy) -> Inherited:
    """related: weights [n, n] between the goods that are learnt [n], nothing for the others; vectors [n, d]: unit rows."""
    heirs, n = np.flatnonzero(~learnt), len(learnt)
    if not legacy.heirs or not len(heirs) or not vectors.any():
        return Inherited(related, learnt, legacy)
    mixture = mixed(learnt, vectors, legacy.alike)
    own = sparse.diags(np.where(learnt, np.float32(legacy.itself), np.float32(0)))
    spread = sparse.csr_matrix(related.between + own)
    said_of = strongest(sparse.csr_matrix(legacy.heirs * (mixture @ spread.T)), legacy.rows)
    columns = _placed(said_of, heirs, n).T.tocsr()
    says = _placed(strongest(sparse.csr_matrix(mixture @ (spread + columns)), legacy.rows), heirs, n)
    between = without_itself(sparse.csr_matrix(related.between + columns + says, dtype=np.float32))
    return Inherited(replace(related, between=between), learnt, legacy)


def mixed(learnt: NDArray[np.bool_], vectors: Vectors, alike: int) -> sparse.csr_matrix:
    """[heirs, n]: the shares of the `alike` goods nearest to each good that is not learnt [n]; rows sum to 1, or to 0 where
    nothing is near."""
    elders = np.flatnonzero(learnt)
    near = nearest(vectors[~learnt], vectors[elders], alike).power(2)
    whole = np.maximum(np.asarray(near.sum(1)).ravel(), 1e-9)
    shares = sparse.csr_matrix(sparse.diags((1 / whole).astype(np.float32)) @ near)
    return sparse.csr_matrix((shares.data, elders[shares.indices], shares.indptr), shape=(near.shape[0], len(learnt)))


def nearest(queries: Vectors, vectors: Vectors, most: int) -> sparse.csr_matrix:
    """[queries, n]: the cosine, where above 0, of each query with the `most` rows nearest to it; all are unit rows."""
    search = index(vectors, "")
    pieces = [sparse.csr_matrix((0, len(vectors)), dtype=np.float32)]
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        answers = search.ask(block, np.full(len(block), most), "")
        found = answers.found()
        rows, items = np.repeat(np.arange(len(block)), [len(near) for near in found]), np.concatenate(found)
        near = sparse.csr_matrix((answers.of(rows, items), (rows, items)), shape=(len(block), len(vectors)))
        pieces.append(strongest(near, most))
    return sparse.csr_matrix(sparse.vstack(pieces, format="csr"))


def without_itself(between: sparse.csr_matrix) -> sparse.csr_matrix:
    """Weights between goods, none of which says anything of itself."""
    others = sparse.csr_matrix(between - sparse.diags(between.diagonal()), dtype=np.float32)
    others.eliminate_zeros()
    return others


def _placed(rows: sparse.csr_matrix, places: NDArray[np.int64], n: int) -> sparse.csr_matrix:
    """[n, n]: rows at their places, the others empty."""
    counts = np.zeros(n, np.int64)
    counts[places] = np.diff(rows.indptr)
    return sparse.csr_matrix((rows.data, rows.indices, np.concatenate([[0], np.cumsum(counts)])), shape=(n, n))
