"""What the templates may say and draw."""

from collections.abc import Mapping
from typing import Any

from assortment.serve.storefront import portrait
from assortment.serve.storefront.slates import capital, count, in_path, loud, percent, plainly
from assortment.serve.storefront.tiles import hue, tile

WORDS: Mapping[str, Any] = {
    "capital": capital,
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
