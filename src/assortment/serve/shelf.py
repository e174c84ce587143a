"""The catalog as people see it."""

import math
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from assortment.core.arrays import Column, Ids, Items
from assortment.core.catalog import Catalog
from assortment.core.errors import UnknownName

Value: TypeAlias = str | float | bool | None
"""A value of a column as JSON knows it."""


KEPT = 10_000
"""How many products are kept as pages know them, those shown last."""


class UnknownItem(UnknownName):
    """An item that the shop does not have."""


@dataclass(frozen=True)
class Item:
    """A product as a page knows it. price: None where unknown."""

    item: str
    title: str
    price: float | None
    category: str | None
    image: str | None


class Shelf:
    """The catalog as people see it: items by the shop's own id, values that any page can show."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._named = {name: _known(catalog, name) for name in ("title", "price", "category", "image")}
        rest = (name for name in catalog.columns if name not in self._named and catalog.columns[name].ndim == 1)
        self._rest = {name: catalog.columns[name] for name in rest}
        named = (name for name, column in catalog.columns.items() if not _aside(name) and _groups(column))
        self.item = lru_cache(KEPT)(self._item)
        self.groups = tuple(name.removeprefix("derived_") for name in named)

    def number(self, item: str) -> int:
        """The number of an item; raises `UnknownItem` with the nearest id."""
        number = self._catalog.ids.number(item)
        if number < 0:
            raise UnknownItem(f"no item '{item}'; {_nearest(item, self._catalog.ids)}")
        return number

    def _item(self, number: int) -> Item:
        title, price, category, image = (None if c is None else plain(c[number]) for c in self._named.values())
        return Item(
            item=self._catalog.ids.names[number],
            title=str(title or self._catalog.ids.names[number]),
            price=price if isinstance(price, float) else None,
            category=None if category is None else str(category),
            image=None if image is None else str(image),
        )

    def items(self, numbers: Items) -> tuple[Item, ...]:
        return tuple(self.item(number) for number in numbers.tolist())

    def facts(self, number: int) -> dict[str, Value]:
        return {name: plain(column[number]) for name, column in self._rest.items()}


def plain(value: Any) -> Value:
    """A value of a column as JSON knows it: NaN and infinities are None.

    >>> plain(np.float32("nan")), plain(np.float64(2.5)), plain("red"), plain(np.True_)
    (None, 2.5, 'red', True)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _groups(column: Column) -> bool:
    """Whether a column holds words that several goods share."""
    if column.ndim > 1 or column.dtype != object:
        return False
    words = [value for value in column if value is not None]
    return 1 < len(set(words)) <= len(words) / 2


def _aside(name: str) -> bool:
    """Whether a column tells of another: what it was derived by, or what is not certain enough to be said."""
    return name.startswith("unsure_") or (name.startswith("derived_") and name.endswith("_source"))


def _known(catalog: Catalog, name: str) -> Any:
    return catalog.known(name) if name in catalog or f"derived_{name}" in catalog else None


def _nearest(item: str, ids: Ids) -> str:
    """The way out for a misspelt item. Only ids that begin alike are compared: a shop may have a million."""
    start = item[:2].casefold()
    alike = list(islice((name for name in ids.names if name[:2].casefold() == start), 2000))
    folded = {name.casefold(): name for name in alike}
    near = get_close_matches(item.casefold(), folded, n=1)
    if near:
        return f"did you mean '{folded[near[0]]}'?"
    return f"the shop has {len(ids)} items" + (f", such as '{ids.names[0]}'" if len(ids) else "")
