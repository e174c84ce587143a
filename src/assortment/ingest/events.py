"""A file of events -> a log."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.events import KINDS, Events
from assortment.ingest.clean import UNUSABLE, ids, numbers, unusable
from assortment.ingest.files import Table
from assortment.ingest.names import EVENT_COLUMNS, kind_of, squash
from assortment.ingest.report import FileReport, Rejected
from assortment.ingest.rows import file_report, find, first_reason, part, read_table
from assortment.ingest.times import DAY, EARLIEST, times


@dataclass(frozen=True, eq=False)
class EventsRead:
    """A log as a file gave it, and what became of the file's rows."""

    events: Events
    rejected: Rejected
    report: FileReport


def read_events(file: Path | str, catalog: Catalog, format: str | None = None, *, now: int | None = None) -> EventsRead:
    """Read what people did with the goods of `catalog`, in order of time; events of one moment stay in the order of the file.

    Where the file has no column for the kind of event, all are ratings if it has one for ratings, and purchases if not.
    """
    table, form = read_table(file, format)
    found = find(table, EVENT_COLUMNS, ("user", "item", "time"))
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
    _, rejected = part(table, reason)
    unread = (*table.unread, *(name for name in table.frame.columns if name not in found.values()))
    report = file_report(table, form, len(events), rejected, cleaned, found, unread, notes)
    return EventsRead(events, rejected, report)


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
        kind = pl.repeat(KINDS.index(otherwise), rows, dtype=pl.Int8, eager=True)
        return kind, [f"no column for the kind: all are {otherwise}s"]
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
    return first_reason(
        {
            "no user id": frame["user"].is_null(),
            "no item id": frame["item"].is_null(),
            UNUSABLE: unusable(frame["user"]) | unusable(frame["item"]) | unusable(frame["slate"]),
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
        time=frame["time"].to_numpy(writable=True),
        user=frame["user number"].to_numpy(writable=True),
        item=frame["item number"].to_numpy(writable=True),
        kind=frame["kind"].to_numpy(writable=True),
        value=frame["value"].fill_null(float("nan")).to_numpy(writable=True),
        slate=_slates(frame["slate"]),
    )


def _slates(column: pl.Series) -> np.ndarray:
    return np.full(len(column), None, dtype=object) if column.null_count() == len(column) else strings(column)
