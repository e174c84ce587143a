"""Category, colour, material and price band, read from titles and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from assortment.core.arrays import Scores, Strings, Vectors, strings
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.understand.words import Things, Words, read_things, read_words

TEMPERATURE = 0.05
ENOUGH = 30
"""Prices that a category needs to have bands of its own."""

CHUNK = 4_096


@dataclass(frozen=True)
class Attributes:
    """The columns `derived_category`, `derived_colour`, `derived_material` and `derived_price_band`, each with its confidence,
    as in `derived_colour_confidence`, in (0, 1].

    What the shop gave is never touched, and nothing is derived for an item where the shop has said it; a column that the shop
    filled for all items is not derived. None, and NaN, where we cannot tell. The words are English.

    encoder: which model reads the titles for their category; certain: 0 always name the likeliest category … 1 only where there
    is no doubt.
    """

    encoder: str = "auto"
    certain: float = 0.5

    def __post_init__(self) -> None:
        within("certain", self.certain, 0, 1)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Attributed":
        encoder = cached(encoder_for(self.encoder, dataset.catalog))
        things = read_things()
        categorised = Categorised(encoder, things, encoder.encode(things.names), self.certain)
        words = {name: read_words(name) for name in ("colour", "material")}
        return Attributed(categorised, words, _price_edges(categorised(dataset.catalog)))


@dataclass(frozen=True, eq=False)
class Attributed:
    """words: the lexicon of each attribute; edges: the prices between the bands of each category, and under "" of the shop."""

    categorised: "Categorised"
    words: Mapping[str, Words]
    edges: Mapping[str, Sequence[float]]

    def __call__(self, catalog: Catalog) -> Catalog:
        known = self.categorised(catalog)
        for name, words in self.words.items():
            known = _worded(known, name, words)
        return _banded(known, self.edges)


@dataclass(frozen=True, eq=False)
class Categorised:
    """The category of the thing whose name is nearest in meaning to the title (zero-shot).

    vectors [m, d] of the names of things. Confidence: the softmax over categories of the cosine to each one's nearest thing;
    below `certain` none is named.
    """

    encoder: Encoder
    things: Things
    vectors: Vectors
    certain: float

    def __call__(self, catalog: Catalog) -> Catalog:
        silent = _silent(catalog, "category")
        texts = [title or "" for title in _titles(catalog)[silent]]
        found, confidence = _nothing(catalog), np.full(len(catalog), np.nan, np.float32)
        if texts:
            found[silent], confidence[silent] = self._read(self.encoder.encode(texts))
        return _derived(catalog, "category", found, confidence)

    def _read(self, titles: Vectors) -> tuple[Strings, Scores]:
        names, starts = np.unique(self.things.categories, return_index=True)
        order = np.argsort(starts)
        found, confidence = strings([None] * len(titles)), np.full(len(titles), np.nan, np.float32)
        for start in range(0, len(titles), CHUNK):
            some = titles[start : start + CHUNK]
            nearest = np.maximum.reduceat(some @ self.vectors.T, starts[order], axis=1)
            likely = softmax(nearest / TEMPERATURE, axis=1)
            sure = some.any(axis=1) & (likely.max(1) >= self.certain)
            rows = start + np.flatnonzero(sure)
            found[rows] = names[order][likely[sure].argmax(1)]
            confidence[rows] = likely[sure].max(1)
        return found, confidence


def _worded(catalog: Catalog, name: str, words: Words) -> Catalog:
    said = [words(title or "") for title in _titles(catalog)]
    return _derived(catalog, name, strings(label for label, _ in said), np.array([sure for _, sure in said], np.float32))


def _price_edges(catalog: Catalog) -> Mapping[str, Sequence[float]]:
    """The prices at a third and at two thirds of those of a category, where it has enough, and of the whole shop, under ""."""
    prices, categories = _prices(catalog), _category(catalog)[0]
    priced = {name: prices[(categories == name) & np.isfinite(prices)] for name in sorted(set(categories))}
    of_shop = prices[np.isfinite(prices)]
    enough = {"": of_shop} if len(of_shop) else {}
    enough |= {name: some for name, some in priced.items() if name and len(some) >= ENOUGH}
    return {name: tuple(np.quantile(some, (1 / 3, 2 / 3)).tolist()) for name, some in enough.items()}


def _banded(catalog: Catalog, edges: Mapping[str, Sequence[float]]) -> Catalog:
    """Budget below the lower third of the prices of its category, premium above the upper, mid between and on the edge."""
    if "price" not in catalog:
        return catalog
    categories, sure = _category(catalog)
    compared = [name if name in edges else "" for name in categories]
    bands = [_band(price, *edges.get(name, ())) for price, name in zip(_prices(catalog), compared, strict=True)]
    confidence = [
        np.nan if band is None else certainty if name else 1.0
        for band, name, certainty in zip(bands, compared, sure, strict=True)
    ]
    return _derived(catalog, "price_band", strings(bands), np.array(confidence, np.float32))


def _band(price: float, low: float = np.nan, high: float = np.nan) -> str | None:
    if not np.isfinite(price) or np.isnan(low):
        return None
    return "budget" if price < low else "premium" if price > high else "mid"


def _category(catalog: Catalog) -> tuple[Strings, Scores]:
    """The first category of each item, given or derived, "" where there is none; and how sure it is."""
    given = labels(catalog.columns.get("category", _nothing(catalog)))
    names = np.array([*given.names, ""], object)[given.first()]
    derived = catalog.columns.get("derived_category", _nothing(catalog))
    sure = catalog.columns.get("derived_category_confidence", np.ones(len(catalog), np.float32))
    found = np.array([value is not None for value in derived], bool)
    return np.where(found, derived, names), np.where(found, sure, 1)


def _derived(catalog: Catalog, name: str, found: Strings, confidence: Scores) -> Catalog:
    """The catalog with what was found where the shop says nothing; as it is where the shop says it of all items."""
    silent = _silent(catalog, name)
    if len(catalog) and not silent.any():
        return catalog
    ours = strings(value if wanted else None for value, wanted in zip(found, silent, strict=True))
    sure = np.where(silent, confidence, np.nan).astype(np.float32)
    return catalog.with_column(f"derived_{name}", ours).with_column(f"derived_{name}_confidence", sure)


def _silent(catalog: Catalog, name: str) -> NDArray[np.bool_]:
    """Where the shop itself says nothing of an attribute."""
    given = catalog.columns.get(name, _nothing(catalog))
    return np.array([value is None or value != value or value == "" for value in given], bool)


def _titles(catalog: Catalog) -> Strings:
    return catalog.columns.get("title", _nothing(catalog))


def _prices(catalog: Catalog) -> NDArray[np.float64]:
    return np.asarray(catalog.columns.get("price", np.full(len(catalog), np.nan)), np.float64)


def _nothing(catalog: Catalog) -> Strings:
    return strings([None] * len(catalog))
