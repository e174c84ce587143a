"""What people come to next from one kind of goods to another: proposals of kinds that a person has nothing of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.answers import Everywhere, slates
from assortment.core.arrays import Scores, Vectors, lengthened
from assortment.core.catalog import Catalog, Labels, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.language.vectors import unit
from assortment.retrieve.heirs import vectors_of
from assortment.retrieve.question import depths, weights
from assortment.retrieve.visits import visits


@dataclass(frozen=True)
class Crossing:
    """A Markov chain between kinds of goods, whose steps lead out of the kinds that a person has.

    With c, c' the labels of the column of kinds (`Catalog.kinds`), an item of several spreading evenly over them:
    T(c, c') = (F_cc' + doubt q_c') / (Σ F_c + doubt), F counting those who came to c' after c as in `Transitions`, q the share
    of c' in all of it. An item's score is T from the kinds of the goods in question to its own, times
    log(1 + people) over that of its kind's favourite, times exp(words · cosine with those goods); 0 for an item that bears a
    label that they bear. What nobody has touched counts as if half a person had.

    after: 0 (only the very next visit) … 1 (all later ones alike); doubt: 0 (none) … the larger, the nearer to what everybody
    takes; words: 0 (the same for all who have the same kinds) … the larger, the nearer in words; decay: of the profile with
    each newer visit, 0 (only the latest counts) … 1 (all alike); depth: items found per request.
    """

    after: float = 0.8
    doubt: float = 20.0
    words: float = 6.0
    decay: float = 0.8
    depth: int = 30

    def __post_init__(self) -> None:
        within("after", self.after, 0, 1)
        within("doubt", self.doubt, 0, float("inf"))
        within("words", self.words, 0, 50)
        within("decay", self.decay, 0, 1)
        within("depth", self.depth, 1, 10_000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Crossed":
        catalog = dataset.catalog
        borne = _kinds(catalog)
        share = _even(borne.member)
        followed = (share.T @ visits(dataset).followed(self.after) @ share).toarray()
        usual = followed.sum(0) / max(1e-9, followed.sum())
        steps = (followed + self.doubt * usual) / np.maximum(followed.sum(1, keepdims=True) + self.doubt, 1e-9)
        people = np.bincount(dataset.matrix().indices, minlength=len(catalog))
        return Crossed(borne.names, steps.astype(np.float32), people, borne.member, vectors_of(catalog), self)


@dataclass(frozen=True, eq=False)
class Crossed:
    """kinds: their names; steps [kinds, kinds]; people [n]; member [n, kinds]; vectors [n, d]. Silent where the request has
    words or no goods, or the goods no kinds. A kind that is new to the shop has no steps."""

    kinds: tuple[str, ...]
    steps: Scores
    people: NDArray[np.int64]
    member: sparse.csr_matrix
    vectors: Vectors
    setting: Crossing

    def __call__(self, requests: Sequence[Request], given: Sequence[Slate]) -> list[Slate]:
        return slates(self.ask(requests), given)

    def ask(self, requests: Sequence[Request]) -> Everywhere:
        asked = weights(requests, len(self.people), self.setting.decay)
        share = _even(self.member)
        wanted = ((asked @ share) @ self.steps).astype(np.float32)
        reached = (share @ wanted.T).T
        alike = unit(asked @ self.vectors) @ self.vectors.T
        had = (asked @ self.member @ self.member.T).toarray() > 0
        scores = reached * self._liked() * np.exp(self.setting.words * alike)
        return Everywhere(np.where(had, 0, scores).astype(np.float32), depths(requests, self.setting.depth))

    def _liked(self) -> Scores:
        """[n] how well an item is liked beside the favourite of its kind, or of the best of its kinds."""
        liked = np.log1p(np.maximum(self.people, 0.5)).astype(np.float32)
        if not all(self.member.shape):
            return liked
        most = np.asarray(self.member.multiply(liked[:, None]).tocsc().max(0).todense()).ravel()
        favourite = np.asarray(self.member.multiply(most[None, :]).tocsr().max(1).todense()).ravel()
        return (liked / np.maximum(favourite, 1e-9)).astype(np.float32)

    def with_catalog(self, catalog: Catalog) -> "Crossed":
        known = labels(catalog.column(catalog.kinds)) if catalog.kinds else Labels((), self.member)
        number = {name: place for place, name in enumerate(self.kinds)}
        place = np.array([number.get(name, -1) for name in known.names], np.int64)
        entries = known.member.tocoo()
        kept = place[entries.col] >= 0
        shape = (len(catalog), self.member.shape[1])
        member = sparse.csr_matrix((entries.data[kept], (entries.row[kept], place[entries.col[kept]])), shape=shape)
        people = lengthened(self.people, len(catalog), 0)
        return replace(self, people=people, member=member, vectors=vectors_of(catalog))


def _kinds(catalog: Catalog) -> Labels:
    """The kinds of goods; none where the shop knows of none."""
    if catalog.kinds:
        return labels(catalog.column(catalog.kinds))
    return Labels((), sparse.csr_matrix((len(catalog), 0), dtype=np.float32))


def _even(member: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows that sum to 1, or to 0 where an item bears no label."""
    counts = np.maximum(np.diff(member.indptr), 1)
    return sparse.csr_matrix(sparse.diags((1 / counts).astype(np.float32)) @ member)
