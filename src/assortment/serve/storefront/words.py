"""What the templates may say and draw."""

from collections.abc import Mapping, Sequence
from typing import Any

from assortment.serve.storefront import portrait
from assortment.serve.storefront.slates import capital, count, in_path, loud, percent, plainly
from assortment.serve.storefront.tiles import hue, tile


def columns_of_notes(names: Sequence[str], before: str) -> list[str]:
    """Of the notes of a stage, those that begin so or, where `before` is empty, those that belong to no part.

    >>> columns_of_notes(["from", "z:Popular", "score:Popular"], "z:"), columns_of_notes(["from", "z:Popular"], "")
    (['z:Popular'], ['from'])
    """
    return [name for name in names if (name.startswith(before) if before else ":" not in name)]


WORDS: Mapping[str, Any] = {
    "capital": capital,
    "columns_of_notes": columns_of_notes,
    "console": False,
    "count": count,
    "hue": hue,
    "in_path": in_path,
    "loud": loud,
    "percent": percent,
    "plainly": plainly,
    "portrait": portrait,
    "tile": tile,
}
"""By the name that a template calls it."""
