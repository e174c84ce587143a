"""What a title says, less what hides it: marks that cannot be seen, HTML, and a word said over and over."""

import html
import re
import unicodedata

from assortment.core.arrays import Strings, strings
from assortment.core.catalog import Catalog

DESCRIPTION = 200
"""Characters of a description that are read."""

LONGEST = 600
"""Characters of a title that are read."""

_TAG = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[a-zA-Z][^<>]*>", re.DOTALL | re.IGNORECASE)
_MARKS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.{2,20}?)\1{2,}")


def readable(value: object, longest: int = LONGEST) -> str:
    """A text as a person sees it, in Unicode NFKC: no tags, no zero-width and no bidirectional marks; the first `longest`
    characters; "" for what is no text.

    >>> readable("<b>Red\\u200b mug</b> &amp; \\u202ecup")
    'Red mug & cup'
    """
    if not isinstance(value, str):
        return ""
    seen = _TAG.sub(" ", html.unescape(value[: 20 * longest]))
    kept = "".join(mark for mark in unicodedata.normalize("NFKC", seen) if not _hidden(mark))
    return " ".join(kept.split())[:longest].strip()


def _hidden(mark: str) -> bool:
    """Controls, formats (zero width, bidirectional) and halves of surrogates; space stays."""
    return unicodedata.category(mark) in ("Cc", "Cf", "Cs") and not mark.isspace()


def unstuffed(title: str) -> str:
    """A title that says each word once, so that saying it more often says it no louder.

    >>> unstuffed("mug mug MUG red mug"), unstuffed("手机壳手机壳手机壳手机壳 红色")
    ('mug red', '手机壳 红色')
    """
    title = _REPEATED.sub(r"\1", title)
    seen: set[str] = set()
    kept: list[str] = []
    for word in title.split():
        bare = _MARKS.sub("", word).casefold()
        if len(bare) < 2 or not bare.isalpha() or bare not in seen:
            kept.append(word)
        seen.add(bare)
    return " ".join(kept)


def titles(catalog: Catalog) -> list[str]:
    """The title of each item as it can be read, "" where it has none."""
    return [readable(value) for value in _column(catalog, "title")]


def told(catalog: Catalog) -> list[str]:
    """One text for each item, for its category to be read from: `title | brand | start of the description`."""
    columns = (titles(catalog), _column(catalog, "brand"), _column(catalog, "description"))
    return [
        " | ".join(part for part in (unstuffed(title), readable(brand), unstuffed(readable(described, DESCRIPTION))) if part)
        for title, brand, described in zip(*columns, strict=True)
    ]


def _column(catalog: Catalog, name: str) -> Strings:
    return catalog.columns.get(name, strings([None] * len(catalog)))
