"""From the files of a shop to a catalog and a log. Rows that cannot be used are kept apart, each with its reason."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from assortment.core.arrays import Column, Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import KINDS, Events
from assortment.ingest.clean import ids, joined, numbers, stock, text
from assortment.ingest.files import Table, open_file
from assortment.ingest.formats import choose_format
from assortment.ingest.names import CATALOG_COLUMNS, EVENT_COLUMNS, find_columns, kind_of, nearest_column, squash
from assortment.ingest.prices import prices
from assortment.ingest.report import FileReport, Rejected, Report
from assortment.ingest.times import DAY, EARLIEST, times


@dataclass(frozen=True, eq=False)
class CatalogRead:
    """A catalog as a file gave it, and what became of the file's rows."""

    catalog: Catalog
    rejected: Rejected
    report: FileReport


@dataclass(frozen=True, eq=False)
class EventsRead:
    """A log as a file gave it, and what became of the file's rows."""

    events: Events
    rejected: Rejected
    report: FileReport


@dataclass(frozen=True, eq=False)
class Ingested:
    """A shop as its two files gave it, and what became of their rows."""

    catalog: Catalog
    events: Events
    rejected: Rejected
    report: Report

    @property
    def dataset(self) -> Dataset:
        return Dataset(self.catalog, self.events)


def ingest(catalog_file: Path | str, events_file: Path | str, format: str | None = None, *, now: int | None = None) -> Ingested:
    """Read the goods and the events of a shop.

    format: a name out of `FORMATS` for both files; where it is None each file is recognised by what it holds. now:
    milliseconds since 1970 UTC, the clock's where None; events later than a day after it are impossible.
    """
    goods = read_catalog(catalog_file, format)
    happened = read_events(events_file, goods.catalog, format, now=now)
    report = Report(goods.report, happened.report)
    return Ingested(goods.catalog, happened.events, goods.rejected + happened.rejected, report)


def bundled_shop() -> Ingested:
    """UCI Online Retail (Chen, 2015; CC BY 4.0): 3,659 goods with English titles and prices in GBP, 4,334 customers, and what
    they bought from 2010-12 to 2011-12; the value of a purchase is its quantity."""
    folder = Path(__file__).parent / "uci"
    return ingest(folder / "items.csv.gz", folder / "events.parquet", "uci")


def read_catalog(file: Path | str, format: str | None = None) -> CatalogRead:
    """Read the goods. Of several rows with one id the first is kept.

    Columns: those of `CATALOG_COLUMNS` under our names, cleaned; all others under their own, as floats where every value is a
    number and as text otherwise.
    """
    table, form = _read(file, format)
    found = _found(table, CATALOG_COLUMNS, ("item",))
    item, trimmed = ids(table.frame[found["item"]])
    reason = _first_reason({"no item id": item.is_null(), "item id stands twice": ~item.is_first_distinct()})
    kept, rejected = _parted(table, reason)
    columns, cleaned, notes = _catalog_columns(kept, {ours: theirs for ours, theirs in found.items() if ours != "item"})
    others, touched, unread = _other_columns(kept, set(found.values()))
    catalog = Catalog(Ids(tuple(item.filter(reason.is_null()))), {**columns, **others})
    report = _report(table, form, len(catalog), rejected, trimmed + cleaned + touched, found, (*table.unread, *unread), notes)
    return CatalogRead(catalog, rejected, report)


def read_events(file: Path | str, catalog: Catalog, format: str | None = None, *, now: int | None = None) -> EventsRead:
    """Read what people did with the goods of `catalog`, in order of time; events of one moment stay in the order of the file.

    Where the file has no column for the kind of event, all are ratings if it has one for ratings, and purchases if not.
    """
    table, form = _read(file, format)
    found = _found(table, EVENT_COLUMNS, ("user", "item", "time"))
    frame, cleaned, notes = _event_columns(table, found)
    latest = (int(time.time() * 1000) if now is None else now) + DAY
    frame = frame.join(_numbered("item", catalog.ids.names), on="item", how="left", maintain_order="left")
    reason = _event_reasons(frame, latest)
    fine = frame.with_row_index("row").filter(reason.is_null())
    people = tuple(fine["user"].unique(maintain_order=True))
    fine = fine.join(_numbered("user", people), on="user", how="left", maintain_order="left")
    again = fine.filter(~fine.select(pl.struct(_EVENT_KEY).is_first_distinct()).to_series())
    reason = reason.scatter(again["row"], "stands twice")
    events = _events(fine.filter(~pl.col("row").is_in(again["row"].implode())), people)
    _, rejected = _parted(table, reason)
    unread = (*table.unread, *(name for name in table.frame.columns if name not in found.values()))
    report = _report(table, form, len(events), rejected, cleaned, found, unread, notes)
    return EventsRead(events, rejected, report)


def _read(file: Path | str, format: str | None) -> tuple[Table, str]:
    opened = open_file(Path(file))
    form = choose_format(opened, format)
    return form.tidy(opened), form.name


_LISTS = ("title", "brand", "category", "image", "description")
"""The columns that may be lists."""


def _found(table: Table, wanted: Mapping[str, tuple[str, ...]], required: Sequence[str]) -> dict[str, str]:
    """Our names of the file's columns; raises `BadInput` with the way out where a required one is missing."""
    found = find_columns(table.frame.columns, wanted)
    for ours in required:
        if ours not in found:
            near = nearest_column([name for name in table.frame.columns if name not in found.values()], wanted[ours])
            way_out = (
                f"did you mean '{near[1]}' by '{near[0]}'?" if near else f"call it {', '.join(wanted[ours][1:5])} or the like"
            )
            has = ", ".join(table.frame.columns[:20]) or "no columns"
            raise BadInput(f"{table.file}, line 1: no column for the {ours}; {way_out} It has: {has}")
    for ours, theirs in found.items():
        if table.frame[theirs].dtype.is_nested() and ours not in _LISTS:
            raise BadInput(f"{table.file}: column '{theirs}' holds lists or objects; the {ours} must be one value")
    return found


def _first_reason(reasons: Mapping[str, pl.Series]) -> pl.Series:
    """The first reason that holds for each row, null where none does."""
    frame = pl.DataFrame(reasons)
    return frame.select(pl.coalesce(pl.when(pl.col(reason)).then(pl.lit(reason)) for reason in reasons)).to_series()


def _parted(table: Table, reason: pl.Series) -> tuple[Table, Rejected]:
    """The rows without a reason, and those with one."""
    bad = reason.is_not_null()
    kept, gone = (replace(table, frame=table.frame.filter(rows), lines=table.lines[rows.to_numpy()]) for rows in (~bad, bad))
    return kept, Rejected(((gone, reason.filter(bad)),))


def _report(
    table: Table,
    form: str,
    kept: int,
    rejected: Rejected,
    cleaned: Counter[str],
    found: Mapping[str, str],
    unread: Sequence[str],
    notes: Sequence[str],
) -> FileReport:
    return FileReport(
        file=table.file,
        format=form,
        read=len(table.frame),
        kept=kept,
        rejected=rejected.counts(),
        cleaned=dict(cleaned),
        columns=found,
        unread=tuple(unread),
        notes=(*table.notes, *notes),
    )


def _catalog_columns(table: Table, found: Mapping[str, str]) -> tuple[dict[str, Column], Counter[str], list[str]]:
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
            value, counts = _words(given, ours, table.nested)
            columns[ours] = strings(value)
            counts = _of(ours, counts)
        cleaned += counts
    return columns, cleaned, notes


def _of(name: str, counts: Counter[str]) -> Counter[str]:
    """Counts under the name of their column."""
    return Counter({f"{name}: {what}": count for what, count in counts.items()})


def _words(column: pl.Series, ours: str, nested: bool) -> tuple[pl.Series, Counter[str]]:
    """A column of text: labels with `|` between them, the first address of an image, or prose."""
    if ours == "image":
        listed = joined(column, "\n", nested)
        return (column.clear(len(column)) if listed is None else listed.str.extract(r"^\s*([^\n]*\S)")), Counter()
    flat = joined(column, "|" if ours == "category" else " ", nested and ours != "title")
    if flat is None:
        raise BadInput(f"column '{column.name}' holds objects; the {ours} must be text, or a list of texts")
    return text(flat)


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
        return column.to_numpy()
    if column.dtype.is_numeric():
        return _floats(column)
    written = column.cast(pl.String)
    if as_text or written.str.contains(r"^[-+]?0\d|\d{16}").any():
        return strings(written)
    value, unreadable = numbers(written, "value")
    return strings(written) if unreadable or value.null_count() > written.null_count() else _floats(value)


def _floats(column: pl.Series) -> Column:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _event_columns(table: Table, found: Mapping[str, str]) -> tuple[pl.DataFrame, Counter[str], list[str]]:
    """user, item, time, kind, value, slate; null where missing or unreadable."""
    given = {ours: table.frame[theirs] for ours, theirs in found.items()}
    time_read, how = times(given["time"])
    kind, notes = _kinds(given.get("kind"), len(table.frame), "rating" if "rating" in given else "purchase")
    value, cleaned = _values(kind, given)
    (user, users), (item, items) = ids(given["user"]), ids(given["item"])
    frame = pl.DataFrame(
        {
            "user": user,
            "item": item,
            "time": time_read,
            "kind": kind,
            "value": value,
            "slate": ids(given["slate"])[0] if "slate" in given else pl.repeat(None, len(kind), dtype=pl.String, eager=True),
        }
    )
    return frame, users + items + cleaned, [f"times read as {how}", *notes] if how else notes


def _kinds(given: pl.Series | None, rows: int, otherwise: str) -> tuple[pl.Series, list[str]]:
    """Positions in `KINDS`, null where a kind is not known; the names that are not known are noted."""
    if given is None:
        return pl.repeat(KINDS.index(otherwise), rows, dtype=pl.Int8, eager=True), [
            f"no column for the kind: all are {otherwise}s"
        ]
    known = kind_of()
    names = given.cast(pl.String)
    number = {name: KINDS.index(known[squash(name)]) for name in names.unique() if name and squash(name) in known}
    kind = names.replace_strict(number, default=None, return_dtype=pl.Int8)
    unknown = names.filter(kind.is_null()).fill_null("(none)").value_counts(sort=True).head(8)
    told = ", ".join(f"{name} {count:,}" for name, count in unknown.iter_rows())
    return kind, [f"kinds not known: {told}"] if told else []


def _values(kind: pl.Series, given: Mapping[str, pl.Series]) -> tuple[pl.Series, Counter[str]]:
    """The rating of a rating, or else the quantity; the quantity of any other event."""
    nothing = pl.repeat(None, len(kind), dtype=pl.Float64, eager=True)
    rating, bad_ratings = numbers(given["rating"], "rating") if "rating" in given else (nothing, Counter[str]())
    quantity, bad_quantities = numbers(given["quantity"], "quantity") if "quantity" in given else (nothing, Counter[str]())
    of_rating = rating.zip_with(rating.is_not_null(), quantity)
    is_rating = (kind == KINDS.index("rating")).fill_null(False)
    return of_rating.zip_with(is_rating, quantity).cast(pl.Float32), bad_ratings + bad_quantities


_EVENT_KEY = ("user number", "item number", "kind", "time", "value")


def _numbered(name: str, names: Sequence[str]) -> pl.DataFrame:
    """The number of each name, to join by."""
    return pl.DataFrame(
        {name: pl.Series(names, dtype=pl.String), f"{name} number": pl.arange(len(names), dtype=pl.Int32, eager=True)}
    )


def _event_reasons(frame: pl.DataFrame, latest: int) -> pl.Series:
    refused = (frame["kind"] == KINDS.index("purchase")) & (frame["value"] < 0)
    return _first_reason(
        {
            "no user id": frame["user"].is_null(),
            "no item id": frame["item"].is_null(),
            "no time, or one that cannot be read": frame["time"].is_null(),
            "impossible time": ~frame["time"].is_between(EARLIEST, latest),
            "unknown kind of event": frame["kind"].is_null(),
            "purchase of less than nothing": refused,
            "unknown item": frame["item number"].is_null(),
        }
    )


def _events(frame: pl.DataFrame, people: Sequence[str]) -> Events:
    frame = frame.sort("time", maintain_order=True)
    return Events(
        people=Ids(people),
        time=frame["time"].to_numpy(),
        user=frame["user number"].to_numpy(),
        item=frame["item number"].to_numpy(),
        kind=frame["kind"].to_numpy(),
        value=frame["value"].fill_null(float("nan")).to_numpy(),
        slate=_slates(frame["slate"]),
    )


def _slates(column: pl.Series) -> np.ndarray:
    return np.full(len(column), None, dtype=object) if column.null_count() == len(column) else strings(column)
