"""Groups of goods that mean alike, with names that a person can read."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Items, Strings, Vectors, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.language.verbalise import verbalise

MOST_CLUSTERS = 200
SAMPLE = 20_000
"""Items that the centres are fitted on; all are then assigned."""

SAYING_NOTHING = frozenset(
    ["a", "an", "and", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "without", "set", "pack", "pcs", "new"]
)
"""Words that no name is made of."""


@dataclass(frozen=True)
class Clusters:
    """The columns `cluster`, a name, and `cluster_confidence`, by k-means on the encoder's vectors.

    On those, not on the column `vector`: once whitened, all directions weigh alike, and large groups come apart.

    encoder: a spec, as `open_encoder` reads it, or `auto`; count: clusters, 1 … 1000; None for the square root of the number of
    items, so that there are as many clusters as items in each, but no more than 200, which a shopkeeper can still read through.
    Items without words get None.
    """

    encoder: str = "auto"
    count: int | None = None

    def __post_init__(self) -> None:
        if self.count is not None:
            within("count", self.count, 1, 1000)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Clustered":
        catalog = dataset.catalog
        encoder = cached(encoder_for(self.encoder, dataset.catalog))
        vectors = encoder.encode(verbalise(catalog))
        said = np.flatnonzero(vectors.any(axis=1))
        count = self.count or min(round(math.sqrt(len(said))), MOST_CLUSTERS)
        centres = _centres(vectors[said], count, rng)
        titles = catalog.columns.get("title", strings([None] * len(catalog)))[said]
        nearest = _distances(vectors[said], centres).argmin(1) if len(said) else np.empty(0, int)
        return Clustered(encoder, centres, _names(titles, nearest.astype(np.int32), len(centres)))


@dataclass(frozen=True, eq=False)
class Clustered:
    """The encoder, centres [clusters, d] and their names.

    Confidence: 0 on the border to another cluster … 1 at the centre, the simplified silhouette (Hruschka et al., 2004): the
    distance to the nearest other centre less that to its own, over the former.
    """

    encoder: Encoder
    centres: Vectors
    names: tuple[str, ...]

    def __call__(self, catalog: Catalog) -> Catalog:
        vectors = self.encoder.encode(verbalise(catalog))
        names, confidence = strings([None] * len(catalog)), np.full(len(catalog), np.nan, np.float32)
        said = np.flatnonzero(vectors.any(axis=1)) if self.names else np.empty(0, int)
        if len(said):
            distances = _distances(vectors[said], self.centres)
            names[said] = np.array(self.names, object)[distances.argmin(1)]
            confidence[said] = _confidence(distances)
        return catalog.with_column("cluster", names).with_column("cluster_confidence", confidence)


def _centres(vectors: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    sample = vectors if len(vectors) <= SAMPLE else rng.choice(vectors, SAMPLE, replace=False)
    different = len(np.unique(np.round(sample, 4), axis=0))
    if not different:
        return np.empty((0, vectors.shape[1]), np.float32)
    from sklearn.cluster import KMeans

    means = KMeans(min(count, different), n_init=3, random_state=int(rng.integers(2**31)))
    with threadpool_limits(1):
        return means.fit(sample).cluster_centers_.astype(np.float32)


def _distances(vectors: Vectors, centres: Vectors) -> Vectors:
    """[n, clusters] Euclidean."""
    squares = (vectors**2).sum(1)[:, None] - 2 * vectors @ centres.T + (centres**2).sum(1)
    return np.sqrt(np.maximum(squares, 0))


def _confidence(distances: Vectors) -> Vectors:
    if distances.shape[1] == 1:
        return np.ones(len(distances), np.float32)
    own, other = np.partition(distances, 1, axis=1)[:, :2].T
    return (other - own) / np.maximum(other, 1e-12)


def _names(titles: Strings, nearest: Items, clusters: int) -> tuple[str, ...]:
    """A name for each cluster, no two alike: the two terms of its titles that tell it best from the rest.

    Class-based TF-IDF (Grootendorst, 2022): the titles of the cluster that hold a term, times log(1 + n / all that hold it).
    """
    terms = [set(_terms(title or "")) for title in titles]
    everywhere = Counter(term for held in terms for term in held)
    names: dict[str, None] = {}
    for cluster in range(clusters):
        members = [terms[row] for row in np.flatnonzero(nearest == cluster)]
        here = Counter(term for held in members for term in held)
        weight = {term: n * _pull(term) * math.log(1 + len(terms) / everywhere[term]) for term, n in here.items()}
        names[_unused(sorted(weight, key=lambda term: (-weight[term], term)), names)] = None
    return tuple(names)


def _terms(title: str) -> Iterator[str]:
    """The words of a title that say something, and the pairs of such that follow one another."""
    words = re.findall(r"[^\W\d_]{2,}", title.lower())
    said = [word for word in words if word not in SAYING_NOTHING]
    pairs = (f"{one} {two}" for one, two in pairwise(words) if not {one, two} & SAYING_NOTHING)
    return chain(said, pairs)


def _pull(term: str) -> float:
    """Two words that stand together say more than one, where they do so more often than not."""
    return 1.5 if " " in term else 1.0


def _unused(terms: Sequence[str], names: Collection[str]) -> str:
    """`First, second` of the best terms that share no word, in a form that is not among the names yet."""
    first = terms[0] if terms else "other"
    others = [term for term in terms[1:20] if not _akin(first, term)]
    numbered = (f"{first} {number}" for number in count(2))
    forms = chain((f"{first}, {other}" for other in others), [] if others else [first], numbered)
    return next(form for form in map(_capital, forms) if form not in names)


def _akin(one: str, other: str) -> bool:
    """True where two terms share a word or the beginning of one (candle, candles)."""
    return any(a.startswith(b[:4]) or b.startswith(a[:4]) for a in one.split() for b in other.split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
