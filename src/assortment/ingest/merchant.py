"""Product feeds of Google Merchant Center: RSS 2.0 and Atom, or text with tabs. They are read with no document type, so that a
feed cannot have its reader open files or grow without end."""

from dataclasses import dataclass, field, replace
from typing import Any
from xml.parsers import expat

import numpy as np
import polars as pl

from assortment.core.errors import BadInput
from assortment.ingest.files import DELIMITED, XML, Opened, Table, delimited
from assortment.ingest.names import squash

_ROWS = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "feed", "RDF"})
_OURS = ("product_type", "google_product_category")
"""What a category is called, the shop's own first."""


def is_merchant(opened: Opened) -> bool:
    """Whether a file is a feed: XML that begins as one, or a table with an id and both links."""
    if opened.layout == XML:
        return opened.first[:1] != () and opened.first[0] in _ROOTS
    names = {squash(name) for name in opened.first}
    return opened.layout == DELIMITED and {"id", "title", "link", "imagelink"} <= names


def merchant(opened: Opened) -> Table:
    """The goods of a feed. The shop's own `product_type` is the category, or else Google's; `a > b` in it are labels."""
    if not is_merchant(opened):
        raise BadInput(
            f"{opened.file} is no product feed: it must be RSS, Atom, or a table with id, title, link and image_link"
        )
    table = _from_xml(opened) if opened.layout == XML else delimited(opened)
    names = {name: name.strip().lower().replace(" ", "_") for name in table.frame.columns}
    frame = table.frame.rename(names)
    given = [name for name in _OURS if name in frame.columns]
    category = [pl.col(name).str.replace_all(r"\s*>\s*", "|").str.strip_chars(" |") for name in given]
    filled = [pl.when(path != "").then(path) for path in category]
    if filled:
        frame = frame.with_columns(pl.coalesce(filled).alias("category")).drop(given)
    return replace(table, frame=frame, words=frozenset({"gtin", "mpn", "item_group_id"}))


def _from_xml(opened: Opened) -> Table:
    reader = _Reader(opened.file)
    rows = reader.read(opened.data)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [_joined(row.get(name)) for row in rows] for name in names}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    return Table(opened.file, frame, np.array(reader.lines, np.int64), unread=tuple(reader.nested))


def _joined(values: list[str] | None) -> str | None:
    return "|".join(value for value in values if value) or None if values else None


@dataclass
class _Reader:
    """Reads the items of a feed, each field of each as the texts that it was given. lines: where each item begins; nested:
    fields that hold others, such as `shipping`, which have no place in a catalog."""

    file: str
    rows: list[dict[str, list[str]]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    nested: dict[str, None] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def read(self, data: bytes) -> list[dict[str, list[str]]]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = lambda name, attributes: self._opens(name, attributes, parser.CurrentLineNumber)
        parser.EndElementHandler = self._closes
        parser.CharacterDataHandler = self.text.append
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            where = f"{self.file}, line {error.lineno}, column {error.offset + 1}"
            raise BadInput(f"{where}: broken XML: {expat.ErrorString(error.code)}") from error
        if not self.rows:
            raise BadInput(f"{self.file} is a feed without an item")
        return self.rows

    def _refuse(self, *_: Any) -> None:
        raise BadInput(f"{self.file} has a document type (<!DOCTYPE …>); a product feed needs none, remove it")

    def _opens(self, name: str, attributes: dict[str, str], line: int) -> None:
        inside = self._inside()
        local = name.rpartition(" ")[2]
        self.path.append(local)
        if inside is None and local in _ROWS:
            self.rows.append({})
            self.lines.append(line)
        elif inside == 0:
            self.text.clear()
            if "href" in attributes:
                self.text.append(attributes["href"])
        elif inside == 1:
            self.nested[self.path[-2]] = None

    def _closes(self, _: str) -> None:
        name = self.path.pop()
        if self._inside() == 0 and name not in self.nested:
            self.rows[-1].setdefault(name, []).append("".join(self.text).strip())

    def _inside(self) -> int | None:
        """How deep within an item we stand: 0 directly in it, None where in none."""
        places = [place for place, name in enumerate(self.path) if name in _ROWS]
        return len(self.path) - 1 - places[0] if places else None
