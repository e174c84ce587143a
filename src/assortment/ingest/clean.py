"""Cleaning: columns as files hold them -> columns as we hold them, and how many values each step touched."""

import html
import json
import re
from collections import Counter
from html.entities import html5

import polars as pl

from assortment.core.events import ID_BYTES
from assortment.ingest.names import IN_STOCK, OUT_OF_STOCK, squash

MISSING = ("", "nan", "none", "null", "na", "n/a", "nat", "-", "—", "\\n")
"""Words that programs write for nothing where a number should be."""

MOST = 3.4e38
"""The largest number of 32 bits."""

UNUSABLE = f"an id longer than {ID_BYTES:,} bytes, or with the character NUL"
"""Why a row is rejected whose id no log can hold."""

_INVISIBLE = r"[[\p{Cc}--\s]\u{ad}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}]"
_ENTITY = r"&(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);"


def ids(column: pl.Series) -> tuple[pl.Series, Counter[str]]:
    """The shop's own ids as text, less the space around them; null where there is nothing.

    Nothing else is changed, for an id must be the one that the shop knows. Whole numbers kept as floats lose their `.0`.
    """
    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = column.cast(pl.Int64, strict=False)
        column = whole if (whole == column).all() and whole.null_count() == column.null_count() else column
    given = column.cast(pl.String)
    trimmed = given.str.strip_chars()
    return trimmed.replace("", None), +Counter({"ids trimmed": int((given != trimmed).sum())})


def unusable(id: pl.Series) -> pl.Series:
    """Whether an id is none that a log can hold: longer than `ID_BYTES`, or with the character NUL."""
    return (id.str.len_bytes() > ID_BYTES) | id.str.contains("\0", literal=True)


def text(column: pl.Series) -> tuple[pl.Series, Counter[str]]:
    """Text in Unicode NFKC, its entities decoded, its control and zero-width characters gone, each run of space one space.

    Joiners stay: emoji and several scripts need them. Cleaning what is clean changes nothing.
    """
    before = column.cast(pl.String)
    after, counts = _cleaned_once(before)
    while not after.equals(before):
        before = after
        after, more = _cleaned_once(before)
        counts += more
    return after, counts


def _cleaned_once(column: pl.Series) -> tuple[pl.Series, Counter[str]]:
    decoded = _decoded(column)
    seen = decoded.str.replace_all(_INVISIBLE, "")
    normal = seen.str.normalize("NFKC")
    spaced = normal.str.replace_all(r"\s+", " ").str.strip_chars()
    counts = Counter[str]()
    counts["HTML entities decoded"] = int((column != decoded).sum())
    counts["invisible characters removed"] = int((decoded != seen).sum())
    counts["characters put in Unicode NFKC"] = int((seen != normal).sum())
    counts["spaces trimmed"] = int((normal != spaced).sum())
    return spaced.replace("", None), +counts


def _decoded(column: pl.Series) -> pl.Series:
    rows = column.str.contains(_ENTITY).fill_null(False).arg_true()
    if not len(rows):
        return column
    return column.clone().scatter(rows, pl.Series([re.sub(_ENTITY, _entity, value) for value in column.gather(rows)]))


def _entity(found: re.Match[str]) -> str:
    """One entity decoded; what only looks like one stays."""
    return html.unescape(found[0]) if found[1].startswith("#") else html5.get(f"{found[1]};", found[0])


def numbers(column: pl.Series, name: str) -> tuple[pl.Series, Counter[str]]:
    """Numbers as floats, null where missing or unreadable, which those beyond `MOST` are."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        given = found = column.cast(pl.Float64).fill_nan(None)
    else:
        given = column.cast(pl.String).str.strip_chars()
        given = given.set(given.str.to_lowercase().is_in(MISSING).fill_null(False), None)
        found = given.cast(pl.Float64, strict=False).fill_nan(None)
    found = found.set((found.abs() > MOST).fill_null(False), None)
    return found, +Counter({f"{name} unreadable, so missing": int((given.is_not_null() & found.is_null()).sum())})


def stock(column: pl.Series) -> tuple[pl.Series, Counter[str]]:
    """Pieces in stock as floats; of words such as `in stock` and `OutOfStock`, 1 where it can be had and 0 where not."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return numbers(column, "stock")
    said = {squash(word): "1" for word in IN_STOCK} | {squash(word): "0" for word in OUT_OF_STOCK}
    word = column.cast(pl.String).str.to_lowercase().str.replace(r"^https?://schema\.org/", "").str.replace_all(r"[\s_-]", "")
    is_word = word.is_in(list(said)).fill_null(False)
    if not is_word.any():
        return numbers(column, "stock")
    return numbers(column.cast(pl.String).zip_with(~is_word, word.replace(said)), "stock")


def joined(column: pl.Series, joiner: str, nested: bool) -> pl.Series | None:
    """A column of lists, or of JSON lists where `nested`, as text with `joiner` between the entries, each but once.

    Other columns stay as they are; None where it holds objects, which have no place in a catalog.
    """
    if isinstance(column.dtype, pl.List | pl.Array):
        values = column.to_list()
    elif nested and column.dtype == pl.String:
        if not column.str.contains(r"^\s*[\[{]").any():
            return column
        values = [_from_json(value) for value in column]
    else:
        return None if isinstance(column.dtype, pl.Struct | pl.Object | pl.Binary) else column
    if any(isinstance(value, dict) or _holds_objects(value) for value in values):
        return None
    bars = "/" if joiner == "|" else "|"
    entries = [
        [entry.replace("|", bars) for entry in _entries(value)] if isinstance(value, list) else value for value in values
    ]
    texts = [joiner.join(dict.fromkeys(value)) or None if isinstance(value, list) else value for value in entries]
    return pl.Series(column.name, texts, pl.String)


def _from_json(value: str | None) -> object:
    """A JSON list or object; text that only begins like one stays text."""
    if value is None or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _holds_objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(entry, dict) or _holds_objects(entry) for entry in value)


def _entries(value: object) -> list[str]:
    """The entries of a list and of the lists in it."""
    if isinstance(value, list):
        return [entry for part in value for entry in _entries(part)]
    return [] if value is None or value == "" else [str(value)]
