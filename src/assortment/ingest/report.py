"""What became of the rows of a file: the counts, and the rejected rows themselves."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from assortment.ingest.files import Table


class RejectedRow(NamedTuple):
    """A row that was not kept: its file, its line (in Parquet its row), counted from 1, why, and what stood there."""

    file: str
    line: int
    reason: str
    row: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Rejected:
    """The rows that were not kept, file by file, in the order of their lines; an iterable of `RejectedRow`, made one by one."""

    parts: tuple[tuple[Table, pl.Series], ...]

    def __len__(self) -> int:
        return sum(len(reasons) for _, reasons in self.parts)

    def __iter__(self) -> Iterator[RejectedRow]:
        for table, reasons in self.parts:
            told = zip(table.lines.tolist(), reasons, table.frame.iter_rows(named=True), strict=True)
            yield from (RejectedRow(table.file, line, reason, row) for line, reason, row in told)

    def __add__(self, other: "Rejected") -> "Rejected":
        return Rejected(self.parts + other.parts)

    def counts(self) -> dict[str, int]:
        """Reason -> rows, the most frequent first."""
        return dict(Counter(reason for _, reasons in self.parts for reason in reasons).most_common())


def write_rejected(rejected: Iterable[RejectedRow], file: Path) -> int:
    """Write rejected rows as JSON lines, one after the other; how many there were."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for row in rejected:
            out.write(json.dumps(row._asdict(), ensure_ascii=False, default=str) + "\n")
            count += 1
    return count


@dataclass(frozen=True)
class FileReport:
    """What became of one file. read = kept + the sum of rejected.

    rejected: reason -> rows; cleaned: what was done -> values; columns: our name -> the file's; unread: columns left out.
    """

    file: str
    format: str
    read: int
    kept: int
    rejected: Mapping[str, int]
    cleaned: Mapping[str, int]
    columns: Mapping[str, str]
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def rows(self) -> list[tuple[str, int]]:
        """The counts, a name and a number each."""
        rejected = [(f"rejected: {reason}", count) for reason, count in self.rejected.items()]
        cleaned = [(f"cleaned: {what}", count) for what, count in self.cleaned.items()]
        return [("rows read", self.read), ("rows kept", self.kept), *rejected, *cleaned]

    def as_dict(self) -> dict[str, Any]:
        """The same as values that JSON can hold."""
        return asdict(self)

    def __str__(self) -> str:
        counts = [f"  {count:>12,}  {name}" for name, count in self.rows()]
        columns = ", ".join(f"{ours} from '{theirs}'" for ours, theirs in self.columns.items())
        unread = [f"  not read: {', '.join(self.unread)}"] if self.unread else []
        return "\n".join(
            [f"{self.file} ({self.format})", *counts, f"  {columns}", *unread, *(f"  {note}" for note in self.notes)]
        )


@dataclass(frozen=True)
class Report:
    """What became of the two files of a shop."""

    catalog: FileReport
    events: FileReport

    def rows(self) -> list[tuple[str, str, int]]:
        """The counts of both, each row with its file before it."""
        return [(part.file, name, count) for part in (self.catalog, self.events) for name, count in part.rows()]

    def as_dict(self) -> dict[str, Any]:
        return {"catalog": self.catalog.as_dict(), "events": self.events.as_dict()}

    def __str__(self) -> str:
        return f"{self.catalog}\n{self.events}"
