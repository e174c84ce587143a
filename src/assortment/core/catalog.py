"""The goods: their ids and everything known about them, one column each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from assortment.core.arrays import Column, Ids, Items
from assortment.core.errors import BadInput, did_you_mean


@dataclass(frozen=True, eq=False)
class Catalog:
    """n items. A column has one row per item: str or None, float (NaN where missing), bool, or vectors [n, d].

    Several labels of one item are one string with `|` between them, as in `"Gifts|Kitchen"`.
    """

    ids: Ids
    columns: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in self.columns.items():
            if len(values) != len(self.ids):
                raise BadInput(f"column '{name}' has {len(values)} rows for {len(self.ids)} items")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def column(self, name: str) -> Column:
        """A column by name; raises `UnknownName` with the nearest name."""
        if name not in self.columns:
            raise did_you_mean("column", name, self.columns)
        return self.columns[name]

    def known(self, name: str) -> Column:
        """What is known under a name: the shop's own column or, where it gave none, the one we derived (`derived_<name>`)."""
        for known in (name, f"derived_{name}"):
            if known in self.columns:
                return self.columns[known]
        raise did_you_mean("column", name, (known.removeprefix("derived_") for known in self.columns))

    @property
    def kinds(self) -> str | None:
        """The column whose labels say what kind of thing an item is: the shop's own `category`, or else `cluster`, or else our
        `derived_category`; None where there is none of these."""
        return next((name for name in ("category", "cluster", "derived_category") if name in self.columns), None)

    def with_column(self, name: str, values: Column) -> "Catalog":
        return Catalog(self.ids, {**self.columns, name: values})

    def numbers(self, ids: Iterable[str]) -> Items:
        """Item numbers, -1 where unknown."""
        return self.ids.numbers(ids)


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of labels as numbers: `member` [n, labels] holds 1 where an item bears a label, `names` their names."""

    names: tuple[str, ...]
    member: sparse.csr_matrix

    def first(self) -> Items:
        """The first label of each item, -1 where it has none."""
        counts = np.diff(self.member.indptr)
        first = np.full(self.member.shape[0], -1, np.int32)
        first[counts > 0] = self.member.indices[self.member.indptr[:-1][counts > 0]]
        return first


def labels(column: Column) -> Labels:
    """Read a column of labels (`"a|b"`; None or NaN where missing); numbers become their text.

    >>> labels(np.array(["a|b", None, "b"], dtype=object)).member.toarray()
    array([[1., 1.],
           [0., 0.],
           [0., 1.]], dtype=float32)
    """
    split = [[] if _missing(value) else list(dict.fromkeys(p for p in str(value).split("|") if p)) for value in column]
    names = tuple(sorted({label for row in split for label in row}))
    number = {name: j for j, name in enumerate(names)}
    indices = np.fromiter((number[label] for row in split for label in row), np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in split])]).astype(np.int32)
    ones = np.ones(len(indices), np.float32)
    return Labels(names, sparse.csr_matrix((ones, indices, indptr), shape=(len(split), len(names))))


def _missing(value: object) -> bool:
    return value is None or value != value
