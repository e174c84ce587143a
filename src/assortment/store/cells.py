"""The columns of a catalog as cells of JSON, and back."""

from typing import Any, TypeAlias

import numpy as np

from assortment.core.arrays import Column, Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput
from assortment.store.checks import checked_id, checked_text

Cell: TypeAlias = str | float | bool | None


def kinds(catalog: Catalog) -> dict[str, str]:
    """What each column holds: text, numbers or truths. Raises `BadInput` for anything else."""
    return {checked_id("the name of a column", name): _kind(name, values) for name, values in catalog.columns.items()}


def _kind(name: str, values: Column) -> str:
    if values.ndim != 1:
        raise BadInput(f"column '{name}' holds vectors, which belong to the fitted model; put the catalog without it")
    if values.dtype.kind == "b":
        return "truths"
    if values.dtype.kind in "iuf":
        return "numbers"
    if values.dtype.kind in "OU":
        return "truths" if isinstance(next((value for value in values if value is not None), None), bool) else "text"
    raise BadInput(f"column '{name}' holds {values.dtype}; a store holds text, numbers and truths")


def known(catalog: Catalog) -> list[dict[str, Cell]]:
    """What is known of each item, by column, None where missing. Raises `BadInput` for a cell that cannot be held."""
    names = tuple(kinds(catalog))
    columns = [_cells(name, values, catalog.ids) for name, values in catalog.columns.items()]
    return [dict(zip(names, (column[row] for column in columns), strict=True)) for row in range(len(catalog))]


def _cells(name: str, values: Column, ids: Ids) -> list[Cell]:
    kind = _kind(name, values)
    if kind == "text":
        return [_text(name, value, item) for value, item in zip(values.tolist(), ids.names, strict=True)]
    if kind == "truths":
        return [_truth(name, value, item) for value, item in zip(values.tolist(), ids.names, strict=True)]
    return [_number(name, value, item) for value, item in zip(values.astype(np.float64).tolist(), ids.names, strict=True)]


def _text(name: str, value: Any, item: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadInput(
            f"column '{name}' holds {value!r} for '{item}'; a column is all text, None where missing, or all numbers"
        )
    return checked_text(f"'{name}' of '{item}'", value)


def _truth(name: str, value: Any, item: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise BadInput(
            f"column '{name}' holds {value!r} for '{item}'; a column of truths is true, false, or None where missing"
        )
    return value


def _number(name: str, value: float, item: str) -> float | None:
    if abs(value) == float("inf"):
        raise BadInput(f"column '{name}' is infinite for '{item}'; a missing number is NaN")
    return None if value != value else value


def column(kind: str, cells: list[Cell]) -> Column:
    """The column of some cells. Truths that are missing here and there come as 1, 0 and NaN."""
    if kind == "text":
        return strings(cells)  # type: ignore[arg-type]
    return np.array(cells, bool if kind == "truths" and None not in cells else np.float64)
