"""What people come to next."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.retrieve.heirs import Inherited, Legacy, inherited, vectors_of
from assortment.retrieve.related import Related
from assortment.retrieve.rows import strongest
from assortment.retrieve.visits import visits


@dataclass(frozen=True)
class Transitions:
    """A Markov chain whose steps may skip visits: s(i, j) = F_ij / (Σ_j F_ij + doubt).

    F_ij counts those who came to j after i, weighing after^(visits between - 1): after: 0 (only the very next visit) … 1 (all
    later ones alike). doubt: 0 (none) … the larger, the less is thought of what was seen seldom; alike, heirs: how goods that
    nobody has touched inherit, as in `Linear`, 0 nothing … 1 as much; rows: entries kept per item; decay: of the profile with
    each newer visit, 0 (only the latest counts) … 1 (all alike); depth: items found per request.
    """

    after: float = 0.8
    doubt: float = 10.0
    alike: int = 20
    heirs: float = 0.75
    rows: int = 300
    decay: float = 0.5
    depth: int = 50

    def __post_init__(self) -> None:
        within("after", self.after, 0, 1)
        within("doubt", self.doubt, 0, float("inf"))
        within("alike", self.alike, 1, 1000)
        within("heirs", self.heirs, 0, 1)
        within("rows", self.rows, 1, 100_000)
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> Inherited:
        followed = visits(dataset).followed(self.after)
        total = np.asarray(followed.sum(1)).ravel() + self.doubt
        share = sparse.diags(np.divide(1, total, out=np.zeros_like(total), where=total > 0)) @ followed
        related = Related(strongest(share.tocsr().astype(np.float32), self.rows), self.decay, self.depth)
        touched = np.bincount(dataset.matrix().indices, minlength=len(dataset.catalog)) > 0
        return inherited(related, touched, vectors_of(dataset.catalog), Legacy(self.alike, self.heirs, 0.0, self.rows))
