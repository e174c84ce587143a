"""Opening files: what lies in them, and their rows, each with its line."""

import ast
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assortment.core.errors import BadInput

DELIMITED, JSONL, PARQUET, XML = "text with separators", "JSON lines", "Parquet", "XML"
"""The layouts that are read."""

SEPARATORS = ("::", "\t", ",", ";", "|")


@dataclass(frozen=True, eq=False)
class Opened:
    """The bytes of a file, unpacked, and what its beginning says of it.

    first: the fields of the first line, the keys of the first object, or the names of the columns.
    """

    file: str
    layout: str
    data: bytes
    first: tuple[str, ...]
    separator: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of a file. Text files give every value as text, missing ones as null; Parquet gives its own types.

    lines [m]: the line on which a row begins, counted from 1; in Parquet, which has no lines, the row, counted from 1.
    nested: lists and objects stand in the text as JSON. words: columns that hold names even where these look like numbers.
    unread: columns that a format leaves out. notes: what the user ought to know of the file.
    """

    file: str
    frame: pl.DataFrame
    lines: NDArray[np.int64]
    nested: bool = False
    words: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def without(self, names: Sequence[str]) -> "Table":
        """The same rows less some columns, which are noted as unread."""
        gone = tuple(name for name in self.frame.columns if name in set(names))
        return replace(self, frame=self.frame.drop(gone), unread=self.unread + gone)


def open_file(file: Path) -> Opened:
    """Read and unpack a file and see what it is; raises `BadInput` where it cannot be any of the layouts."""
    return open_bytes(str(file), _bytes(file))


def open_bytes(file: str, data: bytes) -> Opened:
    """The same of bytes that came otherwise; file: what errors call them."""
    data = _unpacked(file, data)
    if not data[:1024].strip() and not data.strip():
        raise BadInput(f"{file} is empty")
    if data[:2] == b"PK":
        raise BadInput(f"{file} is a ZIP archive or a workbook; unpack it, or save the sheet as CSV")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput(f"{file} is UTF-16; save it as UTF-8")
    if data[:4] == b"PAR1":
        return Opened(file, PARQUET, data, _parquet_columns(file, data))
    data = data.removeprefix(b"\xef\xbb\xbf")
    start = data[:1024].lstrip()[:1]
    if start == b"{":
        return Opened(file, JSONL, data, _first_keys(data))
    if start == b"[":
        raise BadInput(f"{file} is one JSON list; write one JSON object per line (JSON lines)")
    if start == b"<" and (root := _root(data)):
        return Opened(file, XML, data, (root,))
    return _opened_text(file, data)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(f"{file} does not exist") from error
    except IsADirectoryError as error:
        raise BadInput(f"{file} is a folder; name a file in it") from error
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error


def _unpacked(file: str, data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"{file} is a truncated or damaged gzip file; fetch it again") from error


def _parquet_columns(file: str, data: bytes) -> tuple[str, ...]:
    if data[-4:] != b"PAR1":
        raise BadInput(f"{file} is a truncated Parquet file: its end is missing; fetch it again")
    try:
        return tuple(pl.read_parquet_schema(io.BytesIO(data)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise BadInput(f"{file} is a damaged Parquet file: {error}") from error


def _root(data: bytes) -> str:
    """The name of the outermost element of XML, less its prefix; "" where there is none in sight."""
    found = re.search(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)", re.sub(rb"<!--.*?-->", b"", data[:65536], flags=re.DOTALL))
    return found[1].decode() if found else ""


def _first_keys(data: bytes) -> tuple[str, ...]:
    """The keys of the first object; none where it is broken, which reading it will tell."""
    line = data.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    try:
        found = json.loads(line)
    except json.JSONDecodeError:
        found = _literal(line)
    return tuple(found) if isinstance(found, dict) else ()


def _literal(line: str) -> object:
    """A Python literal, as the Amazon metadata of 2014 is written; None where it is none."""
    try:
        return ast.literal_eval(line.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _opened_text(file: str, data: bytes) -> Opened:
    line = data.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "replace")
    if "\r" in line:
        raise BadInput(f"{file}, line 1: a carriage return stands within the line; end lines with a line feed")
    separator = _separator(line)
    return Opened(file, DELIMITED, data, tuple(_fields(line, separator)), separator)


def _separator(line: str) -> str:
    if "::" in line:
        return "::"
    counts = {separator: len(_fields(line, separator)) for separator in SEPARATORS[1:]}
    return "\t" if counts["\t"] > 1 else max((",", ";", "|"), key=lambda separator: counts[separator])


def _fields(line: str, separator: str) -> list[str]:
    return line.split(separator) if len(separator) > 1 else next(csv.reader([line], delimiter=separator), [])


def parquet(opened: Opened) -> Table:
    """All columns of a Parquet file."""
    try:
        frame = pl.read_parquet(io.BytesIO(opened.data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise BadInput(f"{opened.file} is a damaged Parquet file: {error}") from error
    as_text = pl.col(pl.Categorical, pl.Enum, pl.Null).cast(pl.String)
    frame = frame.with_columns(as_text, pl.selectors.decimal().cast(pl.Float64))
    words = frozenset(name for name, kind in frame.schema.items() if kind == pl.String)
    return Table(opened.file, frame, np.arange(1, len(frame) + 1), words=words)


def json_lines(opened: Opened, literals: bool = False) -> Table:
    """Every key of every object as a column of text; lists and objects within stay JSON.

    literals: the lines are Python literals, not JSON.
    """
    lines = _text(opened.file, opened.data).split("\n")
    if literals:
        lines = [json.dumps(_literal(line), default=str) if line.strip() else "" for line in lines]
    numbers, keys = [], dict[str, None]()
    for number, line in enumerate(lines, 1):
        if line and not line.isspace():
            keys.update(dict.fromkeys(_object(opened.file, number, line)))
            numbers.append(number)
    return Table(opened.file, _json_frame(opened.file, lines, tuple(keys)), np.array(numbers, np.int64), nested=True)


def _object(file: str, number: int, line: str) -> dict[str, object]:
    try:
        found = json.loads(line, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        raise BadInput(f"{file}, line {number}, column {error.colno}: broken JSON: {error.msg}") from error
    except _NotJson as error:
        column = line.find(str(error)) + 1
        raise BadInput(f"{file}, line {number}, column {column}: {error} is not JSON; write null") from error
    if not isinstance(found, dict):
        raise BadInput(f"{file}, line {number}, column 1: expected a JSON object, found {line.strip()[:40]}")
    return found


class _NotJson(ValueError):
    pass


def _not_json(constant: str) -> object:
    raise _NotJson(constant)


def _json_frame(file: str, lines: Sequence[str], keys: Sequence[str]) -> pl.DataFrame:
    written = "\n".join(line for line in lines if line and not line.isspace()).encode("utf-8", "replace")
    if not keys:
        raise BadInput(f"{file}, line 1: its objects are empty")
    try:
        return pl.read_ndjson(io.BytesIO(written), schema=dict.fromkeys(keys, pl.String))
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"{file}: broken JSON: {error}") from error


def _text(file: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise BadInput(
            f"{file}, line {line}, column {column}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from error


def delimited(opened: Opened, names: Sequence[str] = (), *, quotes: bool = True, latin: bool = False) -> Table:
    """The rows of a CSV or the like. names: of its columns, where it has no header; quotes: fields may stand in quotes;
    latin: read it as Latin-1 where it is not UTF-8."""
    data, notes = _utf8(opened, latin)
    separator, header = opened.separator, 0 if names else 1
    if header:
        names = _header(opened)
        data = data.partition(b"\n")[2]
    if separator == "::":
        data, separator = data.replace(b"::", b"\x1f"), "\x1f"
    quotes = quotes and b'"' in data
    if quotes and separator == "\t" and _stray_quote(np.frombuffer(data, np.uint8), separator) is not None:
        quotes = False  # tab-separated files often hold bare quotes
    sheet = _Sheet(opened.file, data, separator, quotes, len(names), header)
    frame, lines = sheet.read(names)
    return Table(opened.file, frame, lines, notes=notes)


def _utf8(opened: Opened, latin: bool) -> tuple[bytes, tuple[str, ...]]:
    if opened.data.isascii():
        return opened.data, ()
    try:
        _text(opened.file, opened.data)
    except BadInput:
        if not latin:
            raise
        return opened.data.decode("latin-1").encode(), ("read as Latin-1, for it is not UTF-8",)
    return opened.data, ()


def _header(opened: Opened) -> tuple[str, ...]:
    names = tuple(name.strip() or f"column {number}" for number, name in enumerate(opened.first, 1))
    for number, name in enumerate(names):
        if name in names[:number]:
            raise BadInput(f"{opened.file}, line 1: column '{name}' stands twice; rename one of them")
    return names


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The rows of a text file below its header."""

    file: str
    data: bytes
    separator: str
    quotes: bool
    width: int
    header: int

    def read(self, names: Sequence[str]) -> tuple[pl.DataFrame, NDArray[np.int64]]:
        data, lines = (self.data, self._plain_lines()) if self._plain() else self._checked()
        if not len(lines):
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String)), lines
        try:
            frame = self._parsed(data, names)
        except pl.exceptions.PolarsError as error:
            self._checked()
            raise BadInput(f"{self.file}: {str(error).splitlines()[0]}") from error
        if len(frame) != len(lines):
            raise BadInput(f"{self.file}: {len(frame)} rows stand on {len(lines)} lines; put fields with quotes in quotes")
        return frame, lines

    def _parsed(self, data: bytes, names: Sequence[str]) -> pl.DataFrame:
        return pl.read_csv(
            io.BytesIO(data),
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=self.separator,
            quote_char='"' if self.quotes else None,
        )

    def _plain_lines(self) -> NDArray[np.int64]:
        count = self.data.count(b"\n") + (bool(self.data) and not self.data.endswith(b"\n"))
        return np.arange(1, count + 1, dtype=np.int64) + self.header

    def _plain(self) -> bool:
        """No quotes, no blank lines, and as many separators as the lines should have: the quick way is safe."""
        data = self.data
        if self.quotes or b"\n\n" in data or b"\n\r\n" in data or data[:1] in (b"\n", b"\r"):
            return False
        return data.count(self.separator.encode()) == len(self._plain_lines()) * (self.width - 1)

    def _checked(self) -> tuple[bytes, NDArray[np.int64]]:
        """The data less its blank lines, and the line of each row; raises `BadInput` where a row is ragged."""
        data = np.frombuffer(self.data, np.uint8)
        inside = _inside_quotes(data) if self.quotes else np.zeros(len(data), bool)
        self._check_quotes(data, inside)
        newlines = np.flatnonzero(data == 10)
        ends = newlines[~inside[newlines]]
        if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
            ends = np.append(ends, len(data))
        starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)[: len(ends)]
        lines = np.searchsorted(newlines, starts).astype(np.int64) + 1 + self.header
        filled = ends - starts - (data[np.maximum(ends - 1, 0)] == 13) > 0
        separators = np.flatnonzero((data == ord(self.separator)) & ~inside)
        fields = np.searchsorted(separators, ends) - np.searchsorted(separators, starts) + 1
        for row in np.flatnonzero(filled & (fields != self.width))[:1]:
            raise BadInput(f"{self.file}, line {lines[row]}: {fields[row]} fields; there should be {self.width}")
        kept = self.data if filled.all() else b"\n".join(self._pieces(starts[filled], ends[filled]))
        return kept, lines[filled]

    def _pieces(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[bytes]:
        return (self.data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))

    def _check_quotes(self, data: NDArray[np.uint8], inside: NDArray[np.bool_]) -> None:
        if not self.quotes:
            return
        stray = _stray_quote(data, self.separator)
        if stray is None and not inside[-1]:
            return
        place = int(np.flatnonzero(data == 34)[-1]) if stray is None else stray
        line = self.data.count(b"\n", 0, place) + 1 + self.header
        column = place - self.data.rfind(b"\n", 0, place)
        what = "a quote opens and never closes" if stray is None else "a quote within a field"
        way_out = 'put the whole field in quotes and write the quote twice (""), or remove it'
        raise BadInput(f"{self.file}, line {line}, column {column}: {what}; {way_out}")


def _inside_quotes(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """[bytes] True from an opening quote up to the closing one."""
    return np.bitwise_xor.accumulate((data == 34).view(np.uint8)).view(bool)


def _stray_quote(data: NDArray[np.uint8], separator: str) -> int | None:
    """The place of the first quote that neither begins a field nor ends one."""
    places = np.flatnonzero(data == 34)
    opens = _inside_quotes(data)[places]
    padded = np.concatenate([[10], data, [10]])
    neighbour = np.where(opens, padded[places], padded[places + 2])
    stray = places[~np.isin(neighbour, [ord(separator), 10, 13, 34])]
    return int(stray[0]) if len(stray) else None
