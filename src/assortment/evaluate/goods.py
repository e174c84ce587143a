"""What measures must know of the goods themselves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Vectors
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Goods:
    """What is known of n goods when they are judged.

    people [n]: how many people liked each in the past; everyone: how many people there were; vectors [n, d] unit rows and
    labels [n, c], above 0 where an item bears one, or None where the catalog has none: measures that need them are left out.
    """

    people: NDArray[np.int64]
    everyone: int
    vectors: Vectors | None = None
    labels: sparse.csr_matrix | None = None

    def __len__(self) -> int:
        return len(self.people)

    @staticmethod
    def of(catalog: Catalog, past: Dataset) -> "Goods":
        """From a catalog and what was known when the pipeline was fitted.

        Vectors are its column `vector`; labels the shop's own `category`, or else `cluster`, or else our `derived_category`.
        """
        liked = past.matrix()
        column = next((name for name in ("category", "cluster", "derived_category") if name in catalog), None)
        return Goods(
            people=np.bincount(liked.indices, minlength=len(catalog)),
            everyone=int((np.diff(liked.indptr) > 0).sum()),
            vectors=catalog.column("vector") if "vector" in catalog else None,
            labels=labels(catalog.column(column)).member if column else None,
        )
