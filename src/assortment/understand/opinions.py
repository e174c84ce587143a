"""What reviews say of goods: sentiment overall and by aspect."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Ids, Scores
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.understand.derived import derived
from assortment.understand.head import Head, fit_head
from assortment.understand.titles import readable
from assortment.understand.words import Words, phrase

LONGEST = 500
"""Characters of a review that are read."""

LEAST = 16
"""Good reviews, and bad ones, that sentiment is learnt from at the least."""

DOUBT = 3.0
"""Reviews of the shop's mean sentiment that stand beside those of each item: few reviews say little."""

CLAUSES = 6
"""Clauses of a review that are looked at for aspects."""

_CLAUSE = re.compile(r"[.!?;。！？；…~～]+|[，,](?=\s?(?:but|and|however|although|但|不过|可是|就是|只是|而且))|\n")


@dataclass(frozen=True)
class Opinions:
    """The columns `derived_sentiment`, 0 bad … 1 good, and `derived_sentiment_<aspect>` such as `_quality`, each with its
    confidence in (0, 1] and its source, for goods that have reviews.

    A ridge regression on the frozen vectors of the reviews learns good and bad from those that say so themselves, by a rating
    or a recommendation, and reads all. An item's sentiment is the mean over its reviews and over `DOUBT` reviews of the mean of
    all; its confidence is the share of its own in that. An aspect's is that of the clauses that speak of it, English and
    Chinese.

    reviews: a file, as `read_reviews` reads it; where none is named, no column is made. encoder: a spec, as `open_encoder`
    reads it; `auto` takes a multilingual one where titles are not English.
    """

    reviews: str | None = None
    encoder: str = "auto"

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Opined":
        if not self.reviews:
            return Opined(Ids(()), {}, {})
        from assortment.ingest.reviews import read_reviews

        reviews = read_reviews(self.reviews)
        encoder = cached(encoder_for(self.encoder, dataset.catalog))
        texts = [readable(said, LONGEST) for said in reviews.texts]
        vectors = encoder.encode(texts)
        head = sentiment_head(vectors, reviews.liked)
        catalog = dataset.catalog
        item = catalog.ids.numbers(reviews.items)
        known = np.flatnonzero((item >= 0) & vectors.any(axis=1))
        good = head(vectors[known])[:, 1] if len(known) else np.empty(0, np.float32)
        found = {"sentiment": _mean(item[known], good, len(catalog))}
        found |= _by_aspect([texts[row] for row in known], item[known], encoder, head, len(catalog))
        rows = np.flatnonzero(np.bincount(item[known], minlength=len(catalog)))
        names = Ids(tuple(catalog.ids.names[row] for row in rows.tolist()))
        return Opined(
            names, {name: one[0][rows] for name, one in found.items()}, {name: one[1][rows] for name, one in found.items()}
        )


@dataclass(frozen=True, eq=False)
class Opined:
    """The goods that have reviews; by column, sentiment [n] and confidence [n], NaN where nothing is said."""

    ids: Ids
    sentiment: Mapping[str, Scores]
    confidence: Mapping[str, Scores]

    def __call__(self, catalog: Catalog) -> Catalog:
        number = self.ids.numbers(catalog.ids.names)
        for name, values in self.sentiment.items():
            found, sure = np.full((2, len(catalog)), np.nan, np.float32)
            there = number >= 0
            found[there], sure[there] = values[number[there]], self.confidence[name][number[there]]
            catalog = derived(catalog, name, found, sure, "reviews")
        return catalog


def sentiment_head(vectors: NDArray[np.float32], liked: Scores) -> Head:
    """The head that tells good reviews from bad by their vectors [m, d]; liked [m] is 1, 0, or NaN where that is not said."""
    rows = np.flatnonzero(~np.isnan(liked) & vectors.any(axis=1))
    good, bad = int((liked[rows] == 1).sum()), int((liked[rows] == 0).sum())
    if min(good, bad) < LEAST:
        raise BadInput(
            f"of the reviews {good} say that they are good and {bad} that they are bad; {LEAST} of each are needed to learn "
            "sentiment from: a column 'rating' (4 and more, 2 and less), or 'recommended' of 1 and 0"
        )
    return fit_head(vectors[rows], liked[rows].astype(np.int64), ("bad", "good"))


def clauses(review: str) -> list[str]:
    """The clauses of a review, parted at the ends of sentences and before a word such as but; the first `CLAUSES` of them.

    >>> clauses("Love the colour, but it runs small. 质量很好。")
    ['Love the colour', 'but it runs small', '质量很好']
    """
    return [part.strip() for part in _CLAUSE.split(review) if part.strip()][:CLAUSES]


def read_aspects() -> Words:
    """What reviews speak of, by the words that they use for it."""
    file = tomllib.loads((files("assortment.understand") / "aspects.toml").read_text(encoding="utf-8"))
    return Words({phrase(said): name for name, said_of in file.items() for said in said_of})


def _by_aspect(
    texts: Sequence[str], item: NDArray[np.int32], encoder: Encoder, head: Head, n: int
) -> dict[str, tuple[Scores, Scores]]:
    """For each aspect that some review speaks of, the sentiment of items and the confidence in it."""
    aspects = read_aspects()
    spoken = [
        (row, part, name)
        for row, text in enumerate(texts)
        for part in clauses(text)
        for name in (aspects(part)[0] or "").split("|")
        if name
    ]
    if not spoken:
        return {}
    vectors = encoder.encode([part for _, part, _ in spoken])
    good, owner = head(vectors)[:, 1], item[[row for row, _, _ in spoken]]
    names = np.array([name for _, _, name in spoken], object)
    said = vectors.any(axis=1)
    return {
        f"sentiment_{name}": _mean(owner[(names == name) & said], good[(names == name) & said], n)
        for name in sorted(set(names))
    }


def _mean(item: NDArray[np.int32], good: Scores, n: int) -> tuple[Scores, Scores]:
    """The sentiment of each of n items, shrunk towards the mean of all, and the confidence in it; NaN where nothing is said."""
    count, total = np.bincount(item, minlength=n), np.bincount(item, good, n)
    overall = float(good.mean()) if len(good) else 0.5
    there = count > 0
    value = np.where(there, (total + DOUBT * overall) / (count + DOUBT), np.nan)
    return value.astype(np.float32), np.where(there, count / (count + DOUBT), np.nan).astype(np.float32)
