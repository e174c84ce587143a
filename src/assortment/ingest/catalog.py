"""A file of goods -> a catalog."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assortment.core.arrays import Column, Ids, strings
from assortment.core.catalog import Catalog
from assortment.ingest.clean import UNUSABLE, ids, joined, numbers, stock, text, unusable
from assortment.ingest.files import Table, open_bytes
from assortment.ingest.names import CATALOG_COLUMNS
from assortment.ingest.prices import prices
from assortment.ingest.report import FileReport, Rejected
from assortment.ingest.rows import file_report, find, first_reason, part, read_table, tidied


@dataclass(frozen=True, eq=False)
class CatalogRead:
    """A catalog as a file gave it, and what became of the file's rows."""

    catalog: Catalog
    rejected: Rejected
    report: FileReport


def read_catalog(file: Path | str, format: str | None = None) -> CatalogRead:
    """Read the goods. Of several rows with one id the first is kept.

    Columns: those of `CATALOG_COLUMNS` under our names, cleaned; all others under their own, as floats where every value is a
    number and as text otherwise.
    """
    return goods_of(*read_table(file, format))


def read_goods(name: str, data: bytes, format: str | None = None) -> CatalogRead:
    """The same of the bytes of a file; name: what errors call it."""
    return goods_of(*tidied(open_bytes(name, data), format))


def goods_of(table: Table, form: str) -> CatalogRead:
    """The goods of a table; form: the name of its format."""
    found = find(table, CATALOG_COLUMNS, ("item",))
    item, trimmed = ids(table.frame[found["item"]])
    reason = first_reason(
        {"no item id": item.is_null(), UNUSABLE: unusable(item), "item id stands twice": ~item.is_first_distinct()}
    )
    kept, rejected = part(table, reason)
    columns, cleaned, notes = _known_columns(kept, {ours: theirs for ours, theirs in found.items() if ours != "item"})
    others, touched, unread = _other_columns(kept, set(found.values()))
    used = {ours: theirs for ours, theirs in found.items() if ours == "item" or ours in columns}
    left = (*table.unread, *unread, *(found[ours] for ours in found.keys() - used.keys()))
    catalog = Catalog(Ids(tuple(item.filter(reason.is_null()))), {**columns, **others})
    report = file_report(table, form, len(catalog), rejected, trimmed + cleaned + touched, used, left, notes)
    return CatalogRead(catalog, rejected, report)


def _known_columns(table: Table, found: Mapping[str, str]) -> tuple[dict[str, Column], Counter[str], list[str]]:
    """The columns that have a meaning to us, cleaned; how many values that touched; what to know of them."""
    columns: dict[str, Column] = {}
    cleaned, notes = Counter[str](), list[str]()
    for ours, theirs in found.items():
        given = table.frame[theirs]
        if ours == "price":
            value, counts, currencies = prices(given)
            notes += [f"currencies: {', '.join(f'{sign} {n:,}' for sign, n in currencies.most_common())}"] if currencies else []
            columns[ours] = _floats(value)
        elif ours == "stock":
            value, counts = stock(given)
            columns[ours] = _floats(value)
        else:
            flat = _flat(given, ours, table.nested)
            if flat is None:
                continue
            value, counts = (flat, Counter[str]()) if ours == "image" else text(flat)
            columns[ours] = strings(value)
            counts = _of(ours, counts)
        cleaned += counts
    return columns, cleaned, notes


def _of(name: str, counts: Counter[str]) -> Counter[str]:
    """Counts under the name of their column."""
    return Counter({f"{name}: {what}": count for what, count in counts.items()})


def _flat(column: pl.Series, ours: str, nested: bool) -> pl.Series | None:
    """A column of text: labels with `|` between them, the first address of an image, or prose; None where it holds objects."""
    if ours == "image":
        listed = joined(column, "\n", nested)
        return None if listed is None else listed.str.extract(r"^\s*([^\n]*\S)")
    return joined(column, "|" if ours == "category" else " ", nested and ours != "title")


def _other_columns(table: Table, used: set[str]) -> tuple[dict[str, Column], Counter[str], list[str]]:
    """All further columns, and the names of those that hold nothing or nothing that a catalog can hold."""
    columns: dict[str, Column] = {}
    cleaned, unread = Counter[str](), list[str]()
    for column in table.frame.select(pl.exclude(used)):
        flat, counts = joined(column, "|", table.nested), Counter[str]()
        if flat is not None and flat.dtype == pl.String:
            flat, counts = text(flat)
        if flat is None or flat.null_count() == len(flat):
            unread.append(column.name)
        else:
            columns[column.name] = _other(flat, as_text=column.name in table.words)
            cleaned += _of(column.name, counts)
    return columns, cleaned, unread


def _other(column: pl.Series, *, as_text: bool) -> Column:
    """Numbers as floats, facts as booleans where none is missing, all else as text; a number that begins with 0 is a name."""
    if column.dtype == pl.Boolean and not column.null_count():
        return column.to_numpy(writable=True)
    if column.dtype.is_numeric():
        return _floats(column)
    written = column.cast(pl.String)
    if as_text or written.str.contains(r"^[-+]?0\d|\d{16}").any():
        return strings(written)
    value, unreadable = numbers(written, "value")
    return strings(written) if unreadable or value.null_count() > written.null_count() else _floats(value)


def _floats(column: pl.Series) -> Column:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy(writable=True)
