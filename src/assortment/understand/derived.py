"""The convention of what we derive: four columns for each thing, and never over what the shop has said.

`derived_<name>` what was found, None or NaN where nothing; `derived_<name>_confidence` in (0, 1], NaN where nothing;
`derived_<name>_source` what it was found by; and, where a part can abstain, `unsure_<name>` and `unsure_<name>_confidence`,
what it would have said.
"""

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Column, Scores, Strings, strings
from assortment.core.catalog import Catalog


def silent(catalog: Catalog, name: str) -> NDArray[np.bool_]:
    """Where the shop itself says nothing of an attribute."""
    given = catalog.columns.get(name, nothing(catalog))
    return np.array([value is None or value != value or value == "" for value in given], bool)


def derived(catalog: Catalog, name: str, found: Column, confidence: Scores, source: str | Strings) -> Catalog:
    """The catalog with what was found where the shop says nothing; as it is where the shop says it of all items.

    source: one for all, or one for each item.
    """
    wanted = silent(catalog, name)
    if len(catalog) and not wanted.any():
        return catalog
    there = wanted & ~np.isnan(confidence)
    sources = np.full(len(catalog), source, object) if isinstance(source, str) else source
    if found.dtype == object:
        ours: Column = strings(value if kept else None for value, kept in zip(found, there, strict=True))
    else:
        ours = np.where(there, found, np.nan).astype(np.float32)
    return (
        catalog.with_column(f"derived_{name}", ours)
        .with_column(f"derived_{name}_confidence", np.where(there, confidence, np.nan).astype(np.float32))
        .with_column(f"derived_{name}_source", strings(one if kept else None for one, kept in zip(sources, there, strict=True)))
    )


def guessed(catalog: Catalog, name: str, guess: Strings, confidence: Scores) -> Catalog:
    """The catalog with what would have been said where that is not certain; confidence is NaN where there is no guess."""
    there = ~np.isnan(confidence)
    ours = strings(value if kept else None for value, kept in zip(guess, there, strict=True))
    return catalog.with_column(f"unsure_{name}", ours).with_column(f"unsure_{name}_confidence", confidence)


def nothing(catalog: Catalog) -> Strings:
    """A column that holds nothing."""
    return strings([None] * len(catalog))
