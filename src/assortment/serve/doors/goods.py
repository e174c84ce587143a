"""Goods as rows of cells: what comes in over HTTP, made into columns."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from assortment.core.arrays import Column, Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput

Cell: TypeAlias = str | float | bool | None
Row: TypeAlias = Mapping[str, Cell]


def catalog_of(rows: Mapping[str, Row]) -> Catalog:
    """The goods of some rows by id. A column holds text, numbers or truths; raises `BadInput` that names the cell that does not
    agree with the others.

    >>> catalog_of({"cup": {"price": 3.5}, "pot": {"title": "Tea pot"}}).column("title").tolist()
    [None, 'Tea pot']
    """
    names = dict.fromkeys(name for row in rows.values() for name, cell in row.items() if cell is not None)
    return Catalog(Ids(tuple(rows)), {name: _column(name, rows) for name in names})


def _column(name: str, rows: Mapping[str, Row]) -> Column:
    cells = [row.get(name) for row in rows.values()]
    kinds = {_kind(cell): item for cell, item in zip(cells, rows, strict=True) if cell is not None}
    if len(kinds) > 1:
        (one, of), (other, and_of), *_ = kinds.items()
        raise BadInput(f"{name} is {one} for '{of}' and {other} for '{and_of}'; a column holds one kind")
    if "a number" in kinds:
        return np.array([math.nan if cell is None else cell for cell in cells], np.float64)
    return np.array(cells, bool) if "true or false" in kinds and None not in cells else _objects(cells)


def _kind(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true or false"
    return "text" if isinstance(cell, str) else "a number"


def _objects(cells: Sequence[Cell]) -> Column:
    column = strings([None] * len(cells))
    column[:] = cells
    return column
