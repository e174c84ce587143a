"""The catalogue as it was understood: kinds of goods, what was derived, and a map."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Rows, Vectors
from assortment.core.catalog import Catalog, Labels, labels
from assortment.report.plots import Axis, Dot, Plot
from assortment.report.words import share

ATTRIBUTES = {"category": "Categories", "brand": "Brands", "colour": "Colours", "material": "Materials", "price_band": "Price bands"}
MOST_KINDS = 20
MOST_LABELS = 12
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
    """kinds: the biggest; attributes: what the shop said or we derived; map: the goods by likeness; tints: the kinds it colours."""

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
    bars = _bars(labels(catalog.column("cluster")), _confidence(catalog, "cluster"))
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
    known = np.array([ours if told is None else told for told, ours in zip(said, map(_present, derived), strict=True)] or [], object)
    bars = _bars(labels(known), _confidence(catalog, f"derived_{name}"))
    if not bars or (name == "brand" and len(bars) == len(catalog)):
        return None
    theirs = sum(value is not None for value in said)
    found = sum(value is not None for value in known)
    told = [f"{theirs:,} said by the shop"] * (theirs > 0) + [f"{found - theirs:,} read from titles and prices"] * (found > theirs)
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
    places = _places(catalog.column("vector")[rows], tint)
    titles = catalog.columns.get("title", np.array(catalog.ids.names, object))[rows]
    order = np.argsort(tint > 0, kind="stable")
    dots = tuple(
        Dot(*_short(places[row]), 4 if tint[row] else 2.5, f"t{tint[row]}", _said(titles[row], kinds[row])) for row in order
    )
    low, high = places.min(0), places.max(0)
    x, y = (Axis("", float(low[i]), float(max(high[i], low[i] + 1e-6))) for i in (0, 1))
    coloured = f"; the {len(tints)} biggest kinds are coloured" if tints else ""
    return Plot(f"Map of {len(rows):,} goods by the likeness of their titles{coloured}", x, y, height=460, dots=dots)


def _places(vectors: Vectors, tint: NDArray[np.int64]) -> NDArray[np.float64]:
    """[n, 2] where the goods stand. The vectors are whitened, so that they spread alike in all directions; the two directions
    that show most are those in which the centres of the coloured kinds lie farthest apart (Fisher, 1936). Without three kinds,
    the first two principal components."""
    groups = [number for number in np.unique(tint) if number]
    spread = np.stack([vectors[tint == number].mean(0) for number in groups]) if len(groups) > 2 else vectors
    directions = np.linalg.svd(spread - spread.mean(0), full_matrices=False)[2][:2]
    found = (vectors - vectors.mean(0)) @ directions.T
    return np.pad(found.astype(np.float64), ((0, 0), (0, 2 - found.shape[1])))


def _short(place: NDArray[np.float64]) -> tuple[float, float]:
    return float(place[0]), float(place[1])


def _said(title: object, kind: object) -> str:
    text = str(title or "")
    cut = text if len(text) <= 70 else f"{text[:69]}…"
    return f"{cut} – {kind}" if kind else cut
