"""Goods put into the shop's own categories, or those of a taxonomy; into none where it is not certain."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows, Scores, Strings, Vectors, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, within
from assortment.core.progress import tell
from assortment.core.stage import Encoder
from assortment.language.cache import cached
from assortment.language.encode import encoder_for
from assortment.understand.derived import derived, guessed, silent
from assortment.understand.head import CELLS, Head, fit_head
from assortment.understand.places import by_likeness, deepest, first_step, spoken, summed
from assortment.understand.taxonomy import STEP, Taxonomy, grown, read_taxonomy, tidy
from assortment.understand.titles import told

ENOUGH = 2
"""Goods that a label of the shop's is on, for it to be one that others are given."""

FEW = 30
"""Goods by which a catalog has to be larger for its mean to be known."""

CHUNK = 1_024

_none = np.empty((1, 0), np.float32)


@dataclass(frozen=True)
class Classify:
    """The columns `derived_<column>`, `_confidence` in (0, 1] and `_source`, for goods of which the shop says nothing there.

    Where the shop has labelled some goods, the others are given its labels by what their texts mean (source `learnt`): a ridge
    regression on the encoder's vectors that starts from the words of the labels, so that two goods of a label are a help and
    many override the words, with a confidence that is true on goods left out. Where it has labelled none and names a taxonomy,
    the words of its paths alone decide (source `words`). In both cases a good goes as far down its path as is certain; where
    not even the first step is, it gets nothing, and `unsure_<column>` has its likeliest first step, for a person to decide.

    column: which; taxonomy: a file, as `read_taxonomy` reads it, none for the labels that the shop has used alone; encoder: a
    spec, as `open_encoder` reads it; certain: 0 always the likeliest … 1 only where there is no doubt. A shop that has neither
    labels nor a taxonomy gets no such column.
    """

    column: str = "category"
    taxonomy: str | None = None
    encoder: str = "auto"
    certain: float = 0.5

    def __post_init__(self) -> None:
        within("certain", self.certain, 0, 1)
        if not self.column or self.column in ("title", "price", "stock", "image", "description"):
            raise BadSetting(f"column is '{self.column}'; it should be one of labels, as category is")

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Classified":
        catalog, encoder = dataset.catalog, cached(encoder_for(self.encoder, dataset.catalog))
        given = read_taxonomy(self.taxonomy).paths if self.taxonomy else ()
        nothing_to_do = len(catalog) > 0 and not silent(catalog, self.column).any()
        said = np.array([] if nothing_to_do else _labels(catalog, self.column), object)
        names, counts = np.unique(said[said != ""].astype(str), return_counts=True)
        learnable = names[counts >= ENOUGH]
        tree = grown((*given, *learnable.tolist()))
        if nothing_to_do or not len(tree):
            return Classified(self.column, encoder, Taxonomy(()), _none, _none[0], None, self.certain)
        words = encoder.encode(spoken(tree))
        vectors = encoder.encode(told(catalog))
        mean = vectors[vectors.any(axis=1)].sum(0) / (vectors.any(axis=1).sum() + FEW)
        head = _learnt(tree, words, vectors, said, rng) if len(learnable) > 1 else None
        return Classified(
            self.column, encoder, tree, words, mean.astype(np.float32), head, self.certain, _step(catalog, self.column)
        )


@dataclass(frozen=True, eq=False)
class Classified:
    """The tree, the vectors of the words of its paths [m, d], the mean of the goods [d], the head where one was learnt, and
    what the shop writes between the steps of a path."""

    column: str
    encoder: Encoder
    tree: Taxonomy
    words: Vectors
    mean: Vectors
    head: Head | None
    certain: float
    step: str = STEP

    def __call__(self, catalog: Catalog) -> Catalog:
        if not len(self.tree):
            return catalog
        wanted = np.flatnonzero(silent(catalog, self.column))
        texts = told(catalog)
        vectors = self.encoder.encode([texts[row] for row in wanted])
        spoken_of = np.flatnonzero(vectors.any(axis=1))
        found, guess = strings([None] * len(catalog)), strings([None] * len(catalog))
        sure, unsure = np.full((2, len(catalog)), np.nan, np.float32)
        paths = np.array([path.replace(STEP, self.step) for path in self.tree.paths], object)
        for start in range(0, len(spoken_of), CHUNK):
            some = spoken_of[start : start + CHUNK]
            chance = self.chances(vectors[some])
            placed, likely = deepest(self.tree, chance, self.certain), first_step(self.tree, chance)
            yes, no = placed >= 0, placed < 0
            found[wanted[some[yes]]], sure[wanted[some[yes]]] = paths[placed[yes]], chance[yes, placed[yes]]
            guess[wanted[some[no]]], unsure[wanted[some[no]]] = paths[likely[no]], chance[no, likely[no]]
            tell("classify", min(start + CHUNK, len(spoken_of)), len(spoken_of))
        catalog = derived(catalog, self.column, found, sure, "words" if self.head is None else "learnt")
        return guessed(catalog, self.column, guess, unsure)

    def chances(self, vectors: Vectors) -> Scores:
        """[n, m] the chance that each of the goods with these vectors [n, d] belongs at or under each path."""
        if self.head is None:
            return by_likeness(self.tree, np.asarray((vectors - self.mean) @ self.words.T, np.float32))
        row = {path: number for number, path in enumerate(self.tree.paths)}
        exactly = np.zeros((len(vectors), len(self.tree)), np.float32)
        exactly[:, [row[name] for name in self.head.names]] = self.head(vectors)
        return np.minimum(summed(self.tree, exactly), 1)


def _labels(catalog: Catalog, column: str) -> list[str]:
    """The first label of each item as a path, "" where the shop says nothing."""
    given = catalog.columns.get(column, strings([None] * len(catalog)))
    said = ~silent(catalog, column)
    return [tidy(str(value).partition("|")[0]) if there else "" for value, there in zip(given, said, strict=True)]


def _step(catalog: Catalog, column: str) -> str:
    """What stands between the steps of the shop's own paths, ` > ` where it has none."""
    paths = [value for value in catalog.columns.get(column, ()) if isinstance(value, str) and ">" in value]
    found = re.search(r"\s*>\s*", paths[0]) if paths else None
    return found[0] if found else STEP


def _learnt(tree: Taxonomy, words: Vectors, vectors: Vectors, said: Strings, rng: np.random.Generator) -> Head:
    """The head over the lowest paths, and those that goods are labelled with, from the goods that are labelled."""
    row = {path: number for number, path in enumerate(tree.paths)}
    known = np.array([row.get(path, -1) for path in said], np.int64)
    rows = _different(vectors, np.flatnonzero((known >= 0) & vectors.any(axis=1)), known)
    classes = np.union1d(tree.leaves, known[rows])
    most = max(CELLS // len(classes), 1)
    if len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    names = [tree.paths[number] for number in classes]
    prior = words[classes] - words[classes].mean(0)
    return fit_head(vectors[rows], np.searchsorted(classes, known[rows]), names, prior.T)


def _different(vectors: Vectors, rows: Rows, known: NDArray[np.int64]) -> Rows:
    """Rows less those that say the same as one before them of the same label."""
    seen = {(vectors[row].tobytes(), int(known[row])): row for row in rows[::-1]}
    return np.array(sorted(seen.values()), np.int64)
