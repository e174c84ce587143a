"""What measures must know of the goods themselves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Vectors
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.evaluate.distances import bought, shelves
from assortment.evaluate.fairness import sellers


@dataclass(frozen=True, eq=False)
class Goods:
    """What is known of n goods when they are judged; measures that need what is None are left out.

    people [n]: how many people liked each in the past; everyone: how many people there were; labels [n, c] above 0 where an
    item bears one; sellers [n, g] whose each is, rows that sum to 1. And the three ways in which goods are alike, as unit rows
    whose cosines count: vectors [n, d] of their words, shelves [n, any] of their labels, bought [n, people] of who took them.
    """

    people: NDArray[np.int64]
    everyone: int
    vectors: Vectors | None = None
    labels: sparse.csr_matrix | None = None
    shelves: sparse.csr_matrix | None = None
    bought: sparse.csr_matrix | None = None
    sellers: sparse.csr_matrix | None = None

    def __len__(self) -> int:
        return len(self.people)

    @staticmethod
    def of(catalog: Catalog, past: Dataset) -> "Goods":
        """From a catalog and what was known when the pipeline was fitted.

        Vectors are its column `vector`; labels the shop's own `category`, or else `cluster`, or else our `derived_category`;
        sellers the column `seller` or else `brand`.
        """
        liked = past.matrix()
        shelf = catalog.kinds
        seller = _first(catalog, "seller", "brand")
        borne = labels(catalog.column(shelf)) if shelf else None
        return Goods(
            people=np.bincount(liked.indices, minlength=len(catalog)),
            everyone=int((np.diff(liked.indptr) > 0).sum()),
            vectors=catalog.column("vector") if "vector" in catalog else None,
            labels=borne.member if borne else None,
            shelves=shelves(borne) if borne else None,
            bought=bought(liked),
            sellers=sellers(labels(catalog.column(seller))) if seller else None,
        )


def _first(catalog: Catalog, *names: str) -> str | None:
    return next((name for name in names if name in catalog), None)
