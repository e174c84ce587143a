"""What is known of the goods and by what: counted, sampled, and what is left for a person to decide."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Column, scatter
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.understand.derived import silent

BINS = 10
"""Bars of the histogram of confidence, from 0 to 1."""

SAMPLES, COMMON = 6, 8


@dataclass(frozen=True)
class Sample:
    """One item, what was found of it and how sure that is."""

    item: str
    title: str
    value: str
    confidence: float
    source: str


@dataclass(frozen=True)
class Account:
    """One attribute over n goods: of how many the shop says it, of how many it was found, of how many there is a guess that is
    not certain, and the rest, of which nothing is known.

    sources: goods by what it was found by; histogram: goods found, by confidence, `BINS` bars from 0 to 1; common: the most
    frequent values and their goods; found and guessed: samples.
    """

    name: str
    goods: int
    said: int
    derived: int
    unsure: int
    sources: Mapping[str, int]
    histogram: Sequence[int]
    common: Sequence[tuple[str, int]]
    found: Sequence[Sample]
    guessed: Sequence[Sample]

    @property
    def unknown(self) -> int:
        return self.goods - self.said - self.derived - self.unsure


@dataclass(frozen=True)
class Doubt:
    """One line of the review list: an item whose attribute is for a person to decide; people: how many liked it."""

    item: str
    title: str
    attribute: str
    guess: str
    confidence: float
    people: int


def accounts(catalog: Catalog) -> tuple[Account, ...]:
    """An account of each attribute that was derived, in the order of the columns."""
    names = [
        name.removeprefix("derived_").removesuffix("_source")
        for name in catalog.columns
        if name.startswith("derived_") and name.endswith("_source")
    ]
    return tuple(_account(catalog, name) for name in names)


def doubts(dataset: Dataset) -> tuple[Doubt, ...]:
    """All that is for a person to decide: what most people like first, and of equals the surest guess."""
    return doubts_of(dataset.catalog, np.asarray(dataset.matrix().sum(0), np.int64).ravel())


def doubts_of(catalog: Catalog, people: NDArray[np.int64]) -> tuple[Doubt, ...]:
    """The same where it is known how many people [n] like each."""
    found: list[Doubt] = []
    for column in catalog.columns:
        name = column.removeprefix("unsure_")
        if name == column or f"{column}_confidence" not in catalog:
            continue
        sure = catalog.column(f"{column}_confidence")
        for row in np.flatnonzero(~np.isnan(sure)).tolist():
            title = _text(catalog.columns.get("title", catalog.column(column))[row])
            found.append(
                Doubt(catalog.ids.names[row], title, name, catalog.column(column)[row], float(sure[row]), int(people[row]))
            )
    return tuple(sorted(found, key=lambda one: (-one.people, -one.confidence, one.item)))


def _account(catalog: Catalog, name: str) -> Account:
    values, sure = catalog.column(f"derived_{name}"), np.asarray(catalog.column(f"derived_{name}_confidence"), np.float64)
    sources = catalog.column(f"derived_{name}_source")
    guesses = catalog.columns.get(f"unsure_{name}", np.full(len(catalog), None, object))
    unsure = np.asarray(catalog.columns.get(f"unsure_{name}_confidence", np.full(len(catalog), np.nan)), np.float64)
    rows, doubted = np.flatnonzero(~np.isnan(sure)), np.flatnonzero(~np.isnan(unsure))
    histogram, _ = np.histogram(sure[rows], BINS, (0, 1))
    common = (
        Counter(label for row in rows for label in _text(values[row]).split("|")) if values.dtype == object else Counter[str]()
    )
    return Account(
        name,
        len(catalog),
        int((~silent(catalog, name)).sum()) if name in catalog else 0,
        len(rows),
        len(doubted),
        dict(Counter(str(sources[row]) for row in rows).most_common()),
        tuple(int(count) for count in histogram),
        tuple(common.most_common(COMMON)),
        _samples(catalog, rows, values, sure, sources),
        _samples(catalog, doubted, guesses, unsure, np.full(len(catalog), "", object)),
    )


def _samples(
    catalog: Catalog, rows: NDArray[np.int64], values: Column, sure: NDArray[np.float64], sources: Column
) -> tuple[Sample, ...]:
    """Some of the rows, the same ones every time and spread over the catalog, the surest first."""
    some = rows[np.argsort(scatter(rows), kind="stable")][:SAMPLES]
    titles = catalog.columns.get("title", np.array(catalog.ids.names, object))
    return tuple(
        Sample(catalog.ids.names[row], _text(titles[row]), _text(values[row]), float(sure[row]), str(sources[row]))
        for row in some[np.argsort(-sure[some], kind="stable")].tolist()
    )


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{float(value):.2f}"  # type: ignore[arg-type]
