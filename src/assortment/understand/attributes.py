"""Category, brand, model, size, colour, material and price band, read from titles and prices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from assortment.core.arrays import Scores, Strings, Vectors, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import within
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.understand.bands import banded, price_edges
from assortment.understand.derived import derived, guessed, nothing, silent
from assortment.understand.extract import Found, models, sizes
from assortment.understand.labelled import KINDS, read_tagged
from assortment.understand.lexicon import Lexicon, fit_lexicon
from assortment.understand.tagger import Tagger, fit_tagger
from assortment.understand.titles import titles, unstuffed
from assortment.understand.words import Things, Words, read_things, read_words

TEMPERATURE = 0.05
CHUNK = 4_096
TAGGED = ("brand", "model", "product", "colour", "size", "material")
"""What labelled titles may teach."""


@dataclass(frozen=True)
class Attributes:
    """The columns `derived_category`, `_brand`, `_model`, `_size`, `_colour`, `_material` and `_price_band`, each with its
    confidence, as in `derived_colour_confidence`, in (0, 1], and its source, as in `derived_colour_source`.

    What the shop gave is never touched, and nothing is derived for an item where the shop has said it; a column that the shop
    filled for all items is not derived. None, and NaN, where we cannot tell. Words and patterns are English and Chinese, the
    categories English; where `classify` has put goods into categories of the shop's own, these stay. Brands are those that the
    shop says of other goods, or what labelled titles teach.

    encoder: which model reads the titles for their category; certain: 0 always name the likeliest … 1 only where there is no
    doubt, for category and brand, and for what labelled titles teach; tagged: a file of labelled titles, as `read_tagged` reads
    it, from which a tagger learns brand, model, product and more.
    """

    encoder: str = "auto"
    certain: float = 0.5
    tagged: str | None = None

    def __post_init__(self) -> None:
        within("certain", self.certain, 0, 1)

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Attributed":
        catalog = dataset.catalog
        encoder = cached(encoder_for(self.encoder, catalog))
        tagger = fit_tagger(read_tagged(self.tagged)) if self.tagged else None
        things = read_things()
        categorised = Categorised(encoder, things, encoder.encode(things.names), self.certain)
        words = {name: read_words(name) for name in ("colour", "material")}
        brands = fit_lexicon(titles(catalog), catalog.columns.get("brand", nothing(catalog)), self.certain)
        return Attributed(categorised, words, brands, tagger, self.certain, price_edges(categorised(catalog)))


class _Reading(NamedTuple):
    """What one way of reading found: [n] values, None where nothing, and the confidence in each."""

    source: str
    found: Strings
    sure: Scores


@dataclass(frozen=True, eq=False)
class Attributed:
    """words: the lexicon of colours and of materials; brands: that of the shop's; tagger: what labelled titles taught, if there
    were any; edges: the prices between the bands of each category, and under "" of the shop."""

    categorised: "Categorised"
    words: Mapping[str, Words]
    brands: Lexicon
    tagger: Tagger | None
    certain: float
    edges: Mapping[str, Sequence[float]]

    def __call__(self, catalog: Catalog) -> Catalog:
        said = titles(catalog)
        tagged = _tagged(self.tagger, said, self.certain) if self.tagger else {}
        readings = {
            "brand": [_read("brands", self.brands, said), *tagged.get("brand", ())],
            "model": [*tagged.get("model", ()), _read("patterns", _pattern(models), said)],
            "product": tagged.get("product", ()),
            "size": [_read("patterns", _pattern(sizes), said), *tagged.get("size", ())],
            **{name: [_read("words", words, said), *tagged.get(name, ())] for name, words in self.words.items()},
        }
        known = self.categorised(catalog)
        for name, ways in readings.items():
            found, sure, sources = _first_found(len(catalog), ways)
            if name in self.words or not np.isnan(sure).all():
                known = derived(known, name, found, sure, sources)
        return banded(known, self.edges)


@dataclass(frozen=True, eq=False)
class Categorised:
    """The category of the thing whose name is nearest in meaning to the title (zero-shot).

    vectors [m, d] of the names of things. Confidence: the softmax over categories of the cosine to each one's nearest thing;
    below `certain` it is but a guess, `unsure_category`. Where a part before has derived categories, they stay.
    """

    encoder: Encoder
    things: Things
    vectors: Vectors
    certain: float

    def __call__(self, catalog: Catalog) -> Catalog:
        if "things" not in catalog.columns.get("derived_category_source", ["things"]) and "derived_category" in catalog:
            return catalog
        wanted = silent(catalog, "category")
        texts = [unstuffed(title) for title, ours in zip(titles(catalog), wanted, strict=True) if ours]
        likeliest, chance = nothing(catalog), np.full(len(catalog), np.nan, np.float32)
        if texts:
            likeliest[wanted], chance[wanted] = self._read(self.encoder.encode(texts))
        sure, unsure = (np.where(kept, chance, np.nan) for kept in (chance >= self.certain, chance < self.certain))
        known = derived(catalog, "category", likeliest, sure.astype(np.float32), "things")
        return known if known is catalog else guessed(known, "category", likeliest, unsure.astype(np.float32))

    def _read(self, titles: Vectors) -> tuple[Strings, Scores]:
        """The likeliest category of each title and its chance; None and NaN where the title has no word."""
        names, starts = np.unique(self.things.categories, return_index=True)
        order = np.argsort(starts)
        found, chance = strings([None] * len(titles)), np.full(len(titles), np.nan, np.float32)
        for start in range(0, len(titles), CHUNK):
            some = titles[start : start + CHUNK]
            nearest = np.maximum.reduceat(some @ self.vectors.T, starts[order], axis=1)
            likely = softmax(nearest / TEMPERATURE, axis=1)
            said = some.any(axis=1)
            rows = start + np.flatnonzero(said)
            found[rows] = names[order][likely[said].argmax(1)]
            chance[rows] = likely[said].max(1)
        return found, chance


def _read(source: str, way: Callable[[str], tuple[str | None, float]], said: Sequence[str]) -> _Reading:
    found = [way(title) for title in said]
    return _Reading(source, strings(value for value, _ in found), np.array([sure for _, sure in found], np.float32))


def _pattern(way: Callable[[str], Found | None]) -> Callable[[str], tuple[str | None, float]]:
    return lambda title: way(title) or (None, float("nan"))


def _tagged(tagger: Tagger, said: Sequence[str], certain: float) -> Mapping[str, Sequence[_Reading]]:
    """What the tagger finds of each attribute: in each title the entity that it is surest of, where it is certain."""
    best: dict[str, dict[int, tuple[str, float]]] = {}
    for row, entities in enumerate(tagger.read(said)):
        for text, kind, sure in entities:
            name = KINDS.get(kind.lower())
            if name in TAGGED and sure >= certain and sure > best.setdefault(name, {}).get(row, ("", 0.0))[1]:
                best[name][row] = (text, sure)
    return {name: [_Reading("tagger", *_columns(found, len(said)))] for name, found in best.items()}


def _columns(found: Mapping[int, tuple[str, float]], n: int) -> tuple[Strings, Scores]:
    values, sure = strings([None] * n), np.full(n, np.nan, np.float32)
    for row, (value, certainty) in found.items():
        values[row], sure[row] = value, certainty
    return values, sure


def _first_found(n: int, ways: Sequence[_Reading]) -> tuple[Strings, Scores, Strings]:
    """For each item what the first way of reading that found anything found, how sure that is, and the way."""
    found, sources = strings([None] * n), strings([None] * n)
    sure = np.full(n, np.nan, np.float32)
    for way in ways:
        new = np.isnan(sure) & ~np.isnan(way.sure)
        found[new], sure[new], sources[new] = way.found[new], way.sure[new], way.source
    return found, sure, sources
