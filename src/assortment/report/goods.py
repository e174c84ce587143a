"""The catalogue as it was understood: kinds of goods, what was derived, and a map."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Rows, Vectors
from assortment.core.catalog import Catalog, Labels, labels
from assortment.report.plots import Axis, Dot, Plot, Word, apart
from assortment.report.words import share

ATTRIBUTES = {
    "category": "Categories",
    "brand": "Brands",
    "colour": "Colours",
    "material": "Materials",
    "price_band": "Price bands",
}
MOST_KINDS = 20
MOST_LABELS = 12
ENOUGH = 120
"""Goods that a map needs to be one of neighbourhoods."""

MAPPED = 1500
"""Goods on the map; more would run into one another."""

TINTED = 8
"""Kinds that the map has colours for."""


@dataclass(frozen=True)
class Bar:
    """A label, the goods that bear it, the share of the longest bar, and how sure we are, None where the shop said it."""

    name: str
    count: int
    share: float
    confidence: float | None


@dataclass(frozen=True)
class Bars:
    title: str
    said: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Goods:
    """kinds: the biggest; attributes: what the shop said or we derived; map: the goods by likeness, `mapped` of them; tints:
    the kinds that it colours."""

    kinds: Bars | None
    attributes: tuple[Bars, ...]
    map: Plot | None
    tints: tuple[str, ...]
    mapped: int


def goods(catalog: Catalog) -> Goods | None:
    """What there is to show of a catalog, None where nothing was understood."""
    kinds = _kinds(catalog)
    attributes = tuple(bars for name, title in ATTRIBUTES.items() if (bars := _attribute(catalog, name, title)) is not None)
    tints = tuple(bar.name for bar in kinds.bars[:TINTED]) if kinds else ()
    rows = _mapped(catalog)
    drawn = _map(catalog, rows, tints) if len(rows) > 2 else None
    return Goods(kinds, attributes, drawn, tints, len(rows)) if kinds or attributes or drawn else None


def _kinds(catalog: Catalog) -> Bars | None:
    if "cluster" not in catalog:
        return None
    bars = _bars(labels(catalog.column("cluster")), np.full(len(catalog), np.nan))
    if not bars:
        return None
    shown = sum(bar.count for bar in bars[:MOST_KINDS])
    said = f"{len(bars):,} kinds, found by what the titles mean and named by the words that tell them apart."
    more = f" The {MOST_KINDS} biggest hold {share(shown / len(catalog))} of the goods."
    return Bars("Kinds of goods", said + (more if len(bars) > MOST_KINDS else ""), bars[:MOST_KINDS])


def _attribute(catalog: Catalog, name: str, title: str) -> Bars | None:
    """What the shop says of an attribute and, where it is silent, what was derived."""
    silent = [None] * len(catalog)
    given = catalog.columns.get(name, silent)
    derived = catalog.columns.get(f"derived_{name}", silent)
    said = [_present(value) for value in given]
    known = np.array(
        [ours if told is None else told for told, ours in zip(said, map(_present, derived), strict=True)] or [], object
    )
    bars = _bars(labels(known), _confidence(catalog, f"derived_{name}"))
    if not bars or (name == "brand" and len(bars) == len(catalog)):
        return None
    theirs = sum(value is not None for value in said)
    found = sum(value is not None for value in known)
    told = [f"{theirs:,} said by the shop"] * (theirs > 0) + [f"{found - theirs:,} read from titles and prices"] * (
        found > theirs
    )
    unknown = f"; {len(catalog) - found:,} unknown" if found < len(catalog) else ""
    return Bars(title, f"{' and '.join(told)}{unknown}.", bars[:MOST_LABELS])


def _present(value: object) -> str | None:
    return None if value is None or value != value or value == "" else str(value)


def _confidence(catalog: Catalog, name: str) -> NDArray[np.float64]:
    return np.asarray(catalog.columns.get(f"{name}_confidence", np.full(len(catalog), np.nan)), np.float64)


def _bars(found: Labels, confidence: NDArray[np.float64]) -> tuple[Bar, ...]:
    """The labels, the most frequent first, each with its mean confidence where one is known."""
    counts = np.asarray(found.member.sum(0), np.int64).ravel()
    sure = np.isfinite(confidence)
    sums = found.member.T @ np.where(sure, confidence, 0)
    known = found.member.T @ sure.astype(np.float64)
    order = np.argsort(-counts, kind="stable")
    longest = max(1, int(counts.max(initial=0)))
    return tuple(
        Bar(found.names[j], int(counts[j]), counts[j] / longest, float(sums[j] / known[j]) if known[j] else None) for j in order
    )


def _mapped(catalog: Catalog) -> Rows:
    """Goods that have a vector, `MAPPED` of them at most, evenly drawn along the catalog."""
    if "vector" not in catalog:
        return np.empty(0, np.int64)
    said = np.flatnonzero(catalog.column("vector").any(axis=1))
    return said[np.linspace(0, len(said) - 1, min(len(said), MAPPED)).astype(np.int64)] if len(said) else said


def _map(catalog: Catalog, rows: Rows, tints: tuple[str, ...]) -> Plot:
    kinds = catalog.columns.get("cluster", np.full(len(catalog), None, object))[rows]
    tint = np.array([tints.index(kind) + 1 if kind in tints else 0 for kind in kinds])
    places = _places(catalog.column("vector")[rows], kinds)
    titles = catalog.columns.get("title", np.array(catalog.ids.names, object))[rows]
    order = np.argsort(tint > 0, kind="stable")
    dots = tuple(
        Dot(*_short(places[row]), 4 if tint[row] else 2.5, f"t{tint[row]}", _said(titles[row], kinds[row])) for row in order
    )
    low, high = places.min(0), places.max(0)
    room = np.maximum((high - low) * (0.09, 0.03), 1e-6)
    x, y = (Axis("", float(low[i] - room[i]), float(high[i] + room[i])) for i in (0, 1))
    words = _signs(places, kinds, tints)
    coloured = f"; the {len(tints)} biggest kinds are coloured" if tints else ""
    return Plot(
        f"Map of {len(rows):,} goods by the likeness of their titles{coloured}",
        x,
        y,
        height=500,
        dots=dots,
        words=apart(words, x, y, 1000, 500),
    )


def _signs(places: NDArray[np.float64], kinds: NDArray[np.object_], tints: tuple[str, ...]) -> list[Word]:
    """The names of kinds in the midst of their goods: the coloured first, then those that have most on the map."""
    counts = Counter(kind for kind in kinds if kind)
    others = [kind for kind, _ in counts.most_common() if kind not in tints]
    named = [(kind, "loud") for kind in tints if counts[kind]] + [(kind, "other") for kind in others]
    midst = {kind: np.median(places[kinds == kind], axis=0) for kind, _ in named}
    return [Word(*_short(midst[kind]), kind, 0, 4, "middle", loud) for kind, loud in named]


def _places(vectors: Vectors, kinds: NDArray[np.object_]) -> NDArray[np.float64]:
    """[n, 2] where the goods stand, those that are alike near one another (t-SNE; van der Maaten and Hinton, JMLR 2008).

    Vectors of goods are whitened: they spread alike in all directions, and no two of them, principal or not, show more than a
    few per cent. So goods are compared by what tells kinds apart, their likeness to the centre of each (Fisher, 1936), where
    there are kinds; and few goods stand by their first two principal components.
    """
    centres = [vectors[kinds == kind].mean(0) for kind in sorted({kind for kind in kinds if kind})]
    compared = vectors @ np.stack(centres).T if len(centres) > 2 else vectors
    if len(vectors) < ENOUGH:
        centred = compared - compared.mean(0)
        found = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
        return np.pad(found.astype(np.float64), ((0, 0), (0, 2 - found.shape[1])))
    with threadpool_limits(1):
        return np.asarray(TSNE(perplexity=30, max_iter=500, random_state=1).fit_transform(compared), np.float64)


def _short(place: NDArray[np.float64]) -> tuple[float, float]:
    return float(place[0]), float(place[1])


def _said(title: object, kind: object) -> str:
    text = str(title or "")
    cut = text if len(text) <= 70 else f"{text[:69]}…"
    return f"{cut} – {kind}" if kind else cut
