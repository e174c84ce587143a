"""The rows of a file: found, named, parted into those that are kept and those that are not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from assortment.core.errors import BadInput
from assortment.ingest.files import Opened, Table, open_file
from assortment.ingest.formats import choose_format
from assortment.ingest.names import find_columns, nearest_column
from assortment.ingest.report import FileReport, Rejected


def read_table(file: Path | str, format: str | None) -> tuple[Table, str]:
    """The rows of a file under names that are known, and the name of its format."""
    return tidied(open_file(Path(file)), format)


def tidied(opened: Opened, format: str | None) -> tuple[Table, str]:
    """The same of what is open already."""
    form = choose_format(opened, format)
    return form.tidy(opened), form.name


_LISTS = ("title", "brand", "category", "image", "description")
"""The columns that may be lists."""


def find(table: Table, wanted: Mapping[str, tuple[str, ...]], required: Sequence[str]) -> dict[str, str]:
    """Our names of the file's columns; raises `BadInput` with the way out where a required one is missing."""
    found = find_columns(table.frame.columns, wanted)
    for ours in required:
        if ours not in found:
            near = nearest_column([name for name in table.frame.columns if name not in found.values()], wanted[ours])
            way_out = (
                f"did you mean '{near[1]}' by '{near[0]}'?" if near else f"call it {', '.join(wanted[ours][1:5])} or the like."
            )
            has = ", ".join(table.frame.columns[:20]) or "no columns"
            raise BadInput(f"{table.file}, line 1: no column for the {ours}; {way_out} It has: {has}")
    for ours, theirs in found.items():
        if table.frame[theirs].dtype.is_nested() and ours not in _LISTS:
            raise BadInput(f"{table.file}: column '{theirs}' holds lists or objects; the {ours} must be one value")
    return found


def first_reason(reasons: Mapping[str, pl.Series]) -> pl.Series:
    """The first reason that holds for each row, null where none does."""
    frame = pl.DataFrame(reasons)
    return frame.select(pl.coalesce(pl.when(pl.col(reason)).then(pl.lit(reason)) for reason in reasons)).to_series()


def part(table: Table, reason: pl.Series) -> tuple[Table, Rejected]:
    """The rows without a reason, and those with one."""
    bad = reason.is_not_null()
    kept, gone = (replace(table, frame=table.frame.filter(rows), lines=table.lines[rows.to_numpy()]) for rows in (~bad, bad))
    return kept, Rejected(((gone, reason.filter(bad)),))


def file_report(
    table: Table,
    form: str,
    kept: int,
    rejected: Rejected,
    cleaned: Counter[str],
    found: Mapping[str, str],
    unread: Sequence[str],
    notes: Sequence[str],
) -> FileReport:
    """What became of the rows of a table, of which `kept` were kept."""
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
