"""Weights from goods to goods: the fitted form of every method that says "who liked this will like that"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy import sparse

from assortment.core.answers import Added, added, slates
from assortment.core.arrays import widened
from assortment.core.catalog import Catalog
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.retrieve.question import asked, depths


@dataclass(frozen=True, eq=False)
class Related:
    """between [n, n]: row i holds what item i says for every item. An item's score is the sum over the rows of the goods in
    question, the older the less (`decay`). Silent where the request has words, or no goods."""

    between: sparse.csr_matrix
    decay: float
    depth: int

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def with_catalog(self, catalog: Catalog) -> "Related":
        return replace(self, between=widened(self.between, (len(catalog), len(catalog))))

    def ask(self, requests: Sequence[Request]) -> Added:
        return added(asked(requests, self.decay), self.between, depths(requests, self.depth))
