"""Titles that somebody labelled, from a file: a symbol and its tag on each line, an empty line after each title."""

import gzip
import zlib
from pathlib import Path

from assortment.core.errors import BadInput
from assortment.understand.tagger import OUTSIDE, Tagged

KINDS = {
    "brand": "brand", "hppx": "brand", "hpp": "brand",
    "model": "model", "xh": "model",
    "product": "product", "hccx": "product", "hc": "product",
    "colour": "colour", "color": "colour", "ys": "colour",
    "size": "size", "gg": "size",
    "material": "material", "cz": "material",
}  # fmt: skip
"""What labels are called out there -> the attribute they are of. Entities of other labels are learnt and not shown."""


def read_tagged(file: Path | str) -> list[Tagged]:
    """The labelled titles of a file, plain or gzipped, as CoNLL writes them; tags are `O`, `B-kind` and `I-kind`.

    Raises `BadInput`, with the line, for one without a tag, for a tag that is none, and for a file without titles.
    """
    file = Path(file)
    titles: list[Tagged] = []
    symbols: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*_text(file).split("\n"), ""], 1):
        if line.strip():
            symbol, tag = _parted(file, number, line.rstrip("\r"))
            symbols.append(symbol)
            tags.append(tag)
        elif symbols:
            titles.append(Tagged(tuple(symbols), tuple(tags)))
            symbols, tags = [], []
    if not titles:
        raise BadInput(f"{file} holds no labelled title")
    if all(set(title.tags) == {OUTSIDE} for title in titles):
        raise BadInput(f"{file} labels nothing: every tag is O")
    return titles


def _parted(file: Path, number: int, line: str) -> tuple[str, str]:
    """The symbol and its tag; a symbol that cannot be seen, such as a wide space, is one space."""
    symbol, space, tag = line.rstrip().replace("\t", " ").rpartition(" ")
    if not space:
        raise BadInput(f"{file}, line {number}: '{line.strip()[:40]}' is not a symbol and its tag, as in: mug B-product")
    if tag != OUTSIDE and (tag[:2] not in ("B-", "I-") or not tag[2:]):
        raise BadInput(f"{file}, line {number}: the tag '{tag[:40]}' is none of O, B-kind and I-kind")
    return (symbol.split() or [" "])[0], tag


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(f"the labelled titles {file} do not exist") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the labelled titles {file} are not UTF-8; save them as UTF-8") from error
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(f"the labelled titles {file} cannot be read: {error}") from error
