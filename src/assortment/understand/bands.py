"""The price band of goods among those of their category."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Scores, Strings, strings
from assortment.core.catalog import Catalog, labels
from assortment.understand.derived import derived, nothing

ENOUGH = 30
"""Prices that a category needs to have bands of its own."""


def price_edges(catalog: Catalog) -> Mapping[str, Sequence[float]]:
    """The prices at a third and at two thirds of those of a category, where it has enough, and of the whole shop, under ""."""
    prices, categories = _prices(catalog), _category(catalog)[0]
    priced = {name: prices[(categories == name) & np.isfinite(prices)] for name in sorted(set(categories))}
    of_shop = prices[np.isfinite(prices)]
    enough = {"": of_shop} if len(of_shop) else {}
    enough |= {name: some for name, some in priced.items() if name and len(some) >= ENOUGH}
    return {name: tuple(np.quantile(some, (1 / 3, 2 / 3)).tolist()) for name, some in enough.items()}


def banded(catalog: Catalog, edges: Mapping[str, Sequence[float]]) -> Catalog:
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
    return derived(catalog, "price_band", strings(bands), np.array(confidence, np.float32), "prices")


def _band(price: float, low: float = np.nan, high: float = np.nan) -> str | None:
    if not np.isfinite(price) or np.isnan(low):
        return None
    return "budget" if price < low else "premium" if price > high else "mid"


def _category(catalog: Catalog) -> tuple[Strings, Scores]:
    """The first category of each item, given or derived, "" where there is none; and how sure it is."""
    given = labels(catalog.columns.get("category", nothing(catalog)))
    names = np.array([*given.names, ""], object)[given.first()]
    ours = catalog.columns.get("derived_category", nothing(catalog))
    sure = catalog.columns.get("derived_category_confidence", np.ones(len(catalog), np.float32))
    found = np.array([value is not None for value in ours], bool)
    return np.where(found, ours, names), np.where(found, sure, 1)


def _prices(catalog: Catalog) -> NDArray[np.float64]:
    return np.asarray(catalog.columns.get("price", np.full(len(catalog), np.nan)), np.float64)
